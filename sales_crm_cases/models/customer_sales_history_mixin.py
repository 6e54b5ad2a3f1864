from itertools import pairwise

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..visibility_scope import FEW_RECORDS, SIGHT_PURPOSE

MAX_MONTHS = 60


class CustomerSalesHistoryMixin(models.AbstractModel):
    """Revenue and margin of a customer by month (K14).

    The figures are the measures of Odoo's own reports, ``account.invoice.report`` and
    ``sale.report``, over the documents that the user may read. Salesmen have no access to the
    first one, which also knows vendor bills: it is asked as superuser for invoices of theirs.
    """

    _name = "customer.sales.history.mixin"
    _description = "Sale history of a customer"

    @api.readonly
    def get_sales_history(self, months=12):
        """Revenue and margin of the commercial entity, contacts included, by month (K14).

        Posted customer invoices less credit notes by invoice date, confirmed orders by order
        date, in the currency of the current company, over the companies that are switched on.

        :param int months: how many, the current one included
        :return: dict with ``currency_id``, ``months`` (list of ``{"key": "2026-03", "label"}``, the
            oldest first), ``is_empty`` and ``series``: list of ``{"key", "label", "figures",
            "total"}`` with one figure per month. Keys are ``invoiced``, ``invoiced_margin``,
            ``ordered`` and, with Odoo's margins of orders installed, ``ordered_margin``; what the
            user may not read is left out. A figure is a dict with ``value``, ``count``,
            ``res_model``, ``domain`` and ``context``: the documents of which it is the sum, and
            how many they are.
        :raise AccessError: the customer is hidden from the user
        """
        self.ensure_one()
        self.check_access("read")
        days = self._get_history_days(months)
        # sudo: only the id of the entity, which every contact shows
        entity = self.sudo().commercial_partner_id
        series = [
            *self._get_invoice_series(entity.id, days),
            *self._get_order_series(entity.id, days),
        ]
        return {
            "currency_id": self.env.company.currency_id.id,
            "months": [
                {
                    "key": day.strftime("%Y-%m"),
                    "label": format_date(self.env, day, date_format="LLL yyyy"),
                }
                for day in days[:-1]
            ],
            "series": series,
            "is_empty": not any(figure["count"] for serie in series for figure in serie["figures"]),
        }

    @api.model
    def _get_history_days(self, months):
        """First days of the months, and of the one after the last."""
        number = min(max(int(months), 1), MAX_MONTHS)
        first = fields.Date.context_today(self).replace(day=1)
        return [first + relativedelta(months=n - number + 1) for n in range(number + 1)]

    @api.model
    def _get_invoice_series(self, entity_id, days):
        invoices = self.env["account.move"].with_context(**{SIGHT_PURPOSE: FEW_RECORDS})
        if not invoices.has_access("read"):
            return []
        domain = Domain(
            [
                ("commercial_partner_id", "=", entity_id),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
            ]
        )

        def get_period(start, end):
            return Domain("invoice_date", ">=", start) & Domain("invoice_date", "<", end)

        readable = invoices._search(domain & get_period(days[0], days[-1]))
        # sudo: of the invoices that the user may read
        rows = (
            self.env["account.invoice.report"]
            .sudo()
            ._read_group(
                Domain("move_id", "in", readable.select()),
                ["invoice_date:month"],
                ["move_id:count_distinct", "price_subtotal:sum", "price_margin:sum"],
            )
        )
        labels = {
            "invoiced": self.env._("Invoiced"),
            "invoiced_margin": self.env._("Margin on invoices"),
        }
        return self._make_series(
            labels,
            rows,
            days,
            lambda start, end: {
                "res_model": "account.move",
                "domain": list(domain & get_period(start, end)),
                "context": {"default_move_type": "out_invoice", "create": False},
            },
        )

    @api.model
    def _get_order_series(self, entity_id, days):
        report = self.env["sale.report"].with_context(tz=self.env.tz.zone)
        if not report.has_access("read"):
            return []
        states = Domain("state", "in", report._get_done_states())
        get_moment = self.env["sales.home"]._get_moment

        def get_period(field_name, start, end):
            return Domain(field_name, ">=", get_moment(start)) & Domain(
                field_name, "<", get_moment(end)
            )

        labels = {"ordered": self.env._("Ordered")}
        measures = ["order_reference:count_distinct", "price_subtotal:sum"]
        if "margin" in report._fields:  # of the addon sale_margin
            labels["ordered_margin"] = self.env._("Margin on orders")
            measures.append("margin:sum")
        rows = report._read_group(
            Domain("commercial_partner_id", "=", entity_id)
            & states
            & get_period("date", days[0], days[-1]),
            ["date:month"],
            measures,
        )
        orders = Domain("partner_id.commercial_partner_id", "=", entity_id) & states
        return self._make_series(
            labels,
            rows,
            days,
            lambda start, end: {
                "res_model": "sale.order",
                "domain": list(orders & get_period("date_order", start, end)),
                "context": {"create": False},
            },
        )

    @api.model
    def _make_series(self, labels, rows, days, get_documents):
        """The series of one report.

        :param labels: dict ``{key: label}``, in the order of the rows' measures
        :param rows: ``(first of the month, number of documents, measure, …)``
        :param get_documents: what a figure opens, from its first day and the day after its last
        """
        values = {(month.year, month.month): (count, measures) for month, count, *measures in rows}
        currency = self.env.company.currency_id
        series = []
        for index, (key, label) in enumerate(labels.items()):
            figures, count_in_all, total = [], 0, 0.0
            for start, end in pairwise(days):
                count, measures = values.get((start.year, start.month), (0, ()))
                amount = (measures[index] if count else 0.0) or 0.0
                count_in_all, total = count_in_all + count, total + amount
                figures.append(
                    {
                        "value": currency.round(amount),
                        "count": count,
                        **get_documents(start, end),
                    }
                )
            in_all = {
                "value": currency.round(total),
                "count": count_in_all,
                **get_documents(days[0], days[-1]),
            }
            series.append({"key": key, "label": label, "figures": figures, "total": in_all})
        return series
