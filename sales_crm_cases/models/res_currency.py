from odoo import fields, models
from odoo.tools import SQL


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _get_simple_currency_table(self, companies):
        """Rates for companies of several currencies, as a sub-query where nothing may be written:
        the temporary table that Odoo makes of them would send every report back to the primary."""
        if not self.env.cr.readonly or self._check_currency_table_monocurrency(companies):
            return super()._get_simple_currency_table(companies)
        main, today = self.env.company, fields.Date.today()
        domestic = companies.filtered(lambda company: company.currency_id == main.currency_id)
        factor = main.currency_id._get_rates(main, today)[main.currency_id.id]
        parts = [
            self._get_table_builder_current("period", main, companies - domestic, today, factor)
        ]
        if domestic:
            parts.append(self._get_table_builder_domestic_currency(domestic, False))
        return SQL(
            "(%s) AS account_currency_table"
            "(company_id, period_key, date_from, date_next, rate_type, rate)",
            SQL(" UNION ALL ").join(SQL("(%s)", part) for part in parts),
        )
