from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .sales_target_kind_mixin import AMOUNT_KINDS

# shown in the table of activities also while there are none
TABLE_TYPES = (
    "mail.mail_activity_data_call",
    "mail.mail_activity_data_email",
    "mail.mail_activity_data_meeting",
    "sales_crm_cases.activity_type_inspection",
)
# of the companies, what the pages and their record rules ask for
COMPANY_FIELDS = (
    "parent_path",
    "currency_id",
    "home_activity_days",
    "home_performance_months",
    "home_pipeline_months",
)


class SalesHomeDashboardMixin(models.AbstractModel):
    """The dashboard of the home pages: activities, performance, pipeline (H1, H4, H5).

    All of it for everything that is the user's, or of one customer. Amounts are in the
    currency of the current company.
    """

    _name = "sales.home.dashboard.mixin"
    _inherit = ["sales.home.mixin"]
    _description = "Dashboard of the home pages"

    @api.model
    def _get_dashboard(self, queries, customer=None):
        """
        :param FigureQueries queries: of the page
        :param customer: one customer, or None for all that is the user's
        :return: dict with ``currency_id``, ``activities``, ``performance``, ``pipeline``; None
            for what the user has no right to read
        """
        # sudo: settings. The first to be asked for alone would bring all columns of the companies
        self.env.companies.sudo().fetch(COMPANY_FIELDS)
        rates = self.env.companies._get_rates_to_current()
        performance = self._prepare_performance(queries, rates, customer)
        pipeline = self._prepare_pipeline(queries, rates, customer)
        sums = self._read_sums([*performance["selects"], *pipeline["selects"]])
        return {
            "currency_id": self.env.company.currency_id.id,
            "activities": self._get_activity_table(queries, customer),
            "performance": self._get_performance(performance, sums, customer),
            "pipeline": self._get_pipeline(pipeline, sums),
        }

    @api.model
    def _read_sums(self, selects):
        """
        :param selects: list of SELECTs of a key, a number of records and an amount
        :return: dict ``{key: (number, amount)}``, from one query
        """
        rows = self.env.execute_query(SQL(" UNION ALL ").join(selects)) if selects else []
        return {key: (count, amount) for key, count, amount in rows}

    @api.model
    def _get_scope_domain(self, customer, customer_field="customer_id"):
        if customer is None:
            return Domain("is_of_team", "=", True)
        return Domain(customer_field, "=", customer.id)

    # ------------------------------------------------------------------
    # Activities: rows are types, columns new and existing customers
    # ------------------------------------------------------------------

    @api.model
    def _get_activity_table(self, queries, customer=None):
        """Finished activities of the last days, by type and by whether the customer had an
        order or invoice before.

        :return: dict ``days``, ``rows``: list of ``{"id", "label", "icon", "existing", "new",
            "total"}``, and ``total``, such a row for all; the three are figures
        """
        days = self.env.company.home_activity_days
        since = self._get_today() - timedelta(days - 1)
        domain = (
            Domain("is_customer_activity", "=", True)
            & Domain("date_done", ">=", since)
            & self._get_scope_domain(customer)
        )
        figure = self._make_figure("mail.activity", domain, active_test=False)
        query = queries.get(figure)
        if query is None:
            return None
        counts, types = self._count_by_type(query)

        def make_cell(type_domain, type_ids, flags):
            cell_domain = domain & type_domain
            if len(flags) == 1:
                cell_domain &= Domain("is_existing_customer", "=", flags[0])
            return {
                **self._make_figure("mail.activity", cell_domain, active_test=False),
                "count": sum(counts[type_id, flag] for type_id in type_ids for flag in flags),
            }

        def make_row(type_domain, type_ids):
            return {
                "existing": make_cell(type_domain, type_ids, [True]),
                "new": make_cell(type_domain, type_ids, [False]),
                "total": make_cell(type_domain, type_ids, [True, False]),
            }

        rows = [
            {
                "id": type_id,
                "label": label or self.env._("Without type"),
                "icon": icon or "fa-tasks",
                **make_row(Domain("activity_type_id", "=", type_id), [type_id]),
            }
            for type_id, (label, icon) in types.items()
        ]
        return {"days": days, "rows": rows, "total": make_row(Domain.TRUE, types)}

    @api.model
    def _count_by_type(self, query):
        """
        :return: dict ``{(type id, is existing): number}``, and dict ``{type id: (name, icon)}``
            of the types that the table shows, in order; False for activities without type
        """
        model_data = self.env["ir.model.data"]
        shown_ids = [
            model_data._xmlid_to_res_id(xmlid, raise_if_not_found=False) for xmlid in TABLE_TYPES
        ]
        table = SQL.identifier(query.table)
        self.env["res.partner"].flush_model(["first_business_date"])
        query.groupby = SQL("1, 2")
        counted = SQL("SELECT NULL::int, NULL::bool, 0 WHERE FALSE")
        if not query.is_empty():
            counted = query.select(
                SQL("%s.activity_type_id", table),
                SQL(
                    """
                    COALESCE((SELECT p.first_business_date < %(table)s.date_done
                                FROM res_partner p WHERE p.id = %(table)s.customer_id), FALSE)
                    """,
                    table=table,
                ),
                SQL("COUNT(*)"),
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(t.id, 0), COALESCE(t.name->>%(lang)s, t.name->>'en_US'), t.icon,
                       s.is_existing, s.count
                  FROM (%(counted)s) s(type_id, is_existing, count)
                  FULL JOIN (SELECT * FROM mail_activity_type) t ON t.id = s.type_id
                 WHERE s.count IS NOT NULL OR t.id = ANY(%(shown)s)
                 ORDER BY t.sequence, t.id
                """,
                lang=self.env.lang or "en_US",
                counted=counted,
                shown=[id_ for id_ in shown_ids if id_],
            )
        )
        counts, types = defaultdict(int), {}
        for type_id, name, icon, is_existing, count in rows:
            types[type_id or False] = (name, icon)
            if count:
                counts[type_id or False, is_existing] += count
        return counts, types

    # ------------------------------------------------------------------
    # Performance: what was reached, beside the targets
    # ------------------------------------------------------------------

    @api.model
    def _prepare_performance(self, queries, rates, customer=None):
        """
        :param rates: dict ``{company: rate}`` to the currency of the current company
        :return: dict ``figures``, without their sums, and ``selects`` of these and the targets
        """
        first, end = self._get_months(self.env.company.home_performance_months)
        figures, selects = [], []
        for kind, label, figure, amount in self._get_performance_parts(rates, customer, first, end):
            query = queries.get(figure)
            if query is None:
                continue
            figures.append(
                {"kind": kind, "label": label, "is_amount": amount is not None, **figure}
            )
            if not query.is_empty():
                value = SQL("NULL::numeric")
                if amount is not None:
                    value = SQL("COALESCE(SUM(%s), 0)", amount(SQL.identifier(query.table)))
                selects.append(query.select(SQL("%s", kind), SQL("COUNT(*)"), value))
        if figures and customer is None:
            selects += self._get_targets(queries, rates, first, end)
        return {"figures": figures, "selects": selects}

    @api.model
    def _get_performance(self, prepared, sums, customer=None):
        """Cases, quotes, orders and invoices of the last months, the current one included.

        :param prepared: what :meth:`_prepare_performance` returns
        :param sums: what :meth:`_read_sums` returns
        :return: dict ``months``, ``rows``: list of figures with ``kind``, ``label``, ``value``,
            ``is_amount`` and, of everything that is the user's, ``target``
        """
        for figure in prepared["figures"]:
            count, amount = sums.get(figure["kind"], (0, 0))
            figure["count"] = count
            figure["value"] = self._round(amount) if figure["is_amount"] else count
            if customer is None:
                _count, target = sums.get(f"target {figure['kind']}", (0, 0))
                figure["target"] = self._round(target) if figure["is_amount"] else float(target)
        months = self.env.company.home_performance_months
        first, _end = self._get_months(months)
        return {
            "months": months,
            "label": self._format_month(first, "LLLL yyyy"),
            "rows": prepared["figures"],
        }

    @api.model
    def _get_performance_parts(self, rates, customer, first, end):
        """``(kind, label, figure, SQL of the amount or None)``; in the period from ``first`` to
        before ``end``."""
        start_moment, end_moment = self._get_moment(first), self._get_moment(end)

        def during(name, start=start_moment, stop=end_moment):
            return Domain(name, ">=", start) & Domain(name, "<", stop)

        scope = self._get_scope_domain(customer)
        rate = self._get_rate_of_record(rates)
        orders = SQL("amount_untaxed")

        def order_amount(table):
            return SQL(
                "%(table)s.%(amount)s / COALESCE(NULLIF(%(table)s.currency_rate, 0), 1) * %(rate)s",
                table=table,
                amount=orders,
                rate=rate(table),
            )

        return [
            (
                "cases",
                self.env._("Cases"),
                self._make_figure(
                    "crm.lead",
                    Domain("type", "=", "opportunity") & during("create_date") & scope,
                    active_test=False,
                ),
                None,
            ),
            (
                "quotes",
                self.env._("Quotes"),
                self._make_figure(
                    "sale.order", Domain("state", "!=", "cancel") & during("create_date") & scope
                ),
                order_amount,
            ),
            (
                "orders",
                self.env._("Orders"),
                self._make_figure(
                    "sale.order", Domain("state", "=", "sale") & during("date_order") & scope
                ),
                order_amount,
            ),
            (
                "invoices",
                self.env._("Invoices"),
                self._make_figure(
                    "account.move",
                    Domain("move_type", "in", ("out_invoice", "out_refund"))
                    & Domain("state", "=", "posted")
                    & during("invoice_date", first, end)
                    & self._get_scope_domain(customer, "commercial_partner_id"),
                    create=False,
                ),
                lambda table: SQL("%s.amount_untaxed_signed * %s", table, rate(table)),
            ),
        ]

    @api.model
    def _get_targets(self, queries, rates, first, end):
        """Targets of the months, of the user or of all whose records he shows.

        :return: list of one SELECT of ``target <kind>``, their number and sum; empty for who may
            read none
        """
        during = Domain("month", ">=", first) & Domain("month", "<", end)
        query = queries.get(
            self._make_figure("sales.target", during & Domain("activity_type_id", "=", False))
        )
        if query is None or query.is_empty():
            return []
        table = SQL.identifier(query.table)
        query.groupby = SQL("1")
        value = SQL(
            "SUM(%(table)s.value * CASE WHEN %(table)s.kind IN %(amounts)s THEN %(rate)s ELSE 1 END)",
            table=table,
            amounts=tuple(AMOUNT_KINDS),
            rate=self._get_rate_of_record(rates)(table),
        )
        key = SQL("'target ' || %s.kind", table)
        return [query.select(key, SQL("COUNT(*)"), SQL("%s::numeric", value))]

    # ------------------------------------------------------------------
    # Pipeline: expected value by month of closing
    # ------------------------------------------------------------------

    @api.model
    def _prepare_pipeline(self, queries, rates, customer=None):
        """
        :param rates: as of :meth:`_prepare_performance`
        :return: dict ``domain`` of the cases, None if the user may read none, and ``selects``
        """
        domain = Domain(self.env["crm.lead"]._get_open_case_domain())
        domain &= self._get_scope_domain(customer)
        starts = self._get_pipeline_months()
        in_all = domain & Domain("date_deadline", ">=", starts[0])
        in_all &= Domain("date_deadline", "<", starts[-1])
        query = queries.get(self._make_figure("crm.lead", in_all))
        if query is None:
            return {"domain": None, "selects": []}
        if query.is_empty():
            return {"domain": domain, "selects": []}
        table = SQL.identifier(query.table)
        query.groupby = SQL("1")
        select = query.select(
            SQL("to_char(%s.date_deadline, 'YYYY-MM')", table),
            SQL("COUNT(*)"),
            SQL(
                "COALESCE(SUM(%s.expected_revenue * %s), 0)",
                table,
                self._get_rate_of_record(rates)(table),
            ),
        )
        return {"domain": domain, "selects": [select]}

    @api.model
    def _get_pipeline(self, prepared, sums):
        """Open cases by the month in which they are expected to close.

        :param prepared: what :meth:`_prepare_pipeline` returns
        :param sums: what :meth:`_read_sums` returns
        :return: dict ``rows``: list of figures with ``key`` (``2026-03``), ``label``, ``value``
        """
        domain = prepared["domain"]
        if domain is None:
            return None
        rows = []
        for start, end in pairwise(self._get_pipeline_months()):
            key = start.strftime("%Y-%m")
            count, value = sums.get(key, (0, 0))
            month = (
                domain & Domain("date_deadline", ">=", start) & Domain("date_deadline", "<", end)
            )
            rows.append(
                {
                    "key": key,
                    "label": self._format_month(start, "LLL yyyy"),
                    "count": count,
                    "value": self._round(value),
                    **self._make_figure("crm.lead", month),
                }
            )
        return {"rows": rows}

    @api.model
    def _get_pipeline_months(self):
        """The first days of the months of the pipeline, and of the one after them."""
        first, _end = self._get_months(1)
        number = self.env.company.home_pipeline_months
        return [first + relativedelta(months=n) for n in range(number + 1)]

    # ------------------------------------------------------------------
    # Months and money
    # ------------------------------------------------------------------

    @api.model
    def _get_months(self, number):
        """The first day of the period of so many months, the current one the last, and the day
        after its end."""
        this_month = self._get_today().replace(day=1)
        return this_month - relativedelta(months=number - 1), this_month + relativedelta(months=1)

    @api.model
    def _format_month(self, day, date_format):
        # without a language Odoo would ask for that of the company's partner
        return format_date(
            self.env, day, lang_code=self.env.lang or "en_US", date_format=date_format
        )

    @api.model
    def _get_rate_of_record(self, rates):
        """Function of a table: SQL of the rate from the currency of a record's company to that
        of the current one."""
        companies = self.env["res.company"]
        return lambda table: companies._get_rate_sql(rates, SQL("%s.company_id", table))

    @api.model
    def _round(self, value):
        currencies = self.env["res.currency"].get_all_currencies()
        digits = currencies[self.env.company.currency_id.id]["digits"]
        return round(float(value or 0), digits[1])
