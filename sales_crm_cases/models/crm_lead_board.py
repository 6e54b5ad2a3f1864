from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmLead(models.Model):
    """The figures above the columns of the sales board (B2)."""

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    @api.model
    @api.readonly
    def get_board_sums(self, domain=()):
        """Number and values of the cases by status, in one query, as far as the user sees them.

        Amounts are in the currency of the current company, at today's rates; those of orders at
        the rate of the order. Lost cases are archived: they count with ``active_test`` off in
        the context, or a domain about ``active``.

        :param domain: the cases of the board
        :return: dict with ``currency_id`` and ``statuses``, a list of dicts in the order of the
            statuses: ``stage_id``, ``count``, ``projected`` (expected value), ``weighted``
            (by probability), ``actual`` (untaxed value of the confirmed orders of the cases that
            the user sees)
        """
        domain = Domain(domain or Domain.TRUE)
        currency = self.env.company.currency_id
        query = self._for_aggregates(domain)._search(domain)
        rows = [] if query.is_empty() else self.env.execute_query(self._get_board_query(query))
        return {
            "currency_id": currency.id,
            "statuses": [
                {
                    "stage_id": stage_id,
                    "count": count,
                    **{
                        name: currency.round(float(value or 0))
                        for name, value in zip(
                            ("projected", "weighted", "actual"), values, strict=True
                        )
                    },
                }
                for stage_id, count, *values in rows
            ],
        }

    @api.model
    def _get_board_query(self, query):
        """SQL of the figures by status.

        :param query: the cases
        """
        orders = self.env["sale.order"]
        orders_of_case = SQL("(SELECT NULL::int AS case_id, 0 AS amount WHERE FALSE)")
        if orders.has_access("read"):
            confirmed = Domain("state", "=", "sale") & Domain("opportunity_id", "in", query)
            orders_of_case = SQL(
                """
                (SELECT o.opportunity_id AS case_id,
                        SUM(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1) * %(rate)s) AS amount
                   FROM sale_order o WHERE o.id IN (%(ids)s) GROUP BY 1)
                """,
                rate=self._get_board_rate(SQL("o.company_id")),
                ids=orders._for_aggregates(confirmed)._search(confirmed).select(),
            )
        self.flush_model(["stage_id", "expected_revenue", "prorated_revenue", "company_id"])
        orders.flush_model(["amount_untaxed", "currency_rate", "company_id", "opportunity_id"])
        return SQL(
            """
            SELECT l.stage_id, COUNT(*), SUM(l.expected_revenue * %(rate)s),
                   SUM(l.prorated_revenue * %(rate)s), SUM(o.amount)
              FROM crm_lead l
              LEFT JOIN %(orders)s o ON o.case_id = l.id
              LEFT JOIN crm_stage s ON s.id = l.stage_id
             WHERE l.id IN (%(ids)s)
             GROUP BY l.stage_id, s.sequence, s.id ORDER BY s.sequence, s.id
            """,
            rate=self._get_board_rate(SQL("l.company_id")),
            orders=orders_of_case,
            ids=query.select(),
        )

    @api.model
    def _get_board_rate(self, company_column):
        """SQL of the rate from the currency of a company to that of the current one, of today;
        a case without company is in that of the current one."""
        company = self.env.company
        foreign = {
            other.id: other.currency_id._get_conversion_rate(
                other.currency_id, company.currency_id, company, fields.Date.today()
            )
            for other in self.env.companies
            if other.currency_id != company.currency_id
        }
        if not foreign:
            return SQL("1")
        whens = SQL(" ").join(
            SQL("WHEN %s THEN %s", company_id, rate) for company_id, rate in foreign.items()
        )
        return SQL("(CASE %s %s ELSE 1 END)", company_column, whens)
