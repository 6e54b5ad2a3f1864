from odoo import api, fields, models
from odoo.tools import SQL, ormcache


class ResCompany(models.Model):
    _inherit = "res.company"

    managers_edit_team = fields.Boolean(string="Managers edit their team's records", default=True)
    exclusive_salesman = fields.Boolean(string="One salesman per customer")
    approval_four_eyes = fields.Boolean(string="Four eyes on approval", default=True)
    unique_customer_email = fields.Boolean(string="Refuse an e-mail address twice", default=True)
    one_open_activity_per_case = fields.Boolean(string="One open activity per case")
    lock_accepted_quotes = fields.Boolean(string="Lock accepted quotes", default=True)
    home_activity_days = fields.Integer(string="Activities of the last days", default=30)
    home_performance_months = fields.Integer(string="Performance of the last months", default=1)
    home_pipeline_months = fields.Integer(string="Pipeline of the next months", default=4)
    recommendation_digest = fields.Boolean(string="Daily digest of recommendations", default=True)
    third_party_expiring_days = fields.Integer(
        string="Contracts expire within (days)", required=True, default=90
    )

    _home_periods_check = models.Constraint(
        "CHECK (home_activity_days BETWEEN 1 AND 366 AND home_performance_months BETWEEN 1 AND 24 "
        "AND home_pipeline_months BETWEEN 1 AND 24)",
        "The periods of the home page are 1 to 366 days and 1 to 24 months.",
    )
    _third_party_expiring_days_check = models.Constraint(
        "CHECK (third_party_expiring_days BETWEEN 0 AND 3650)",
        "Give the days before the end of a contract as a number from 0 to 3650.",
    )

    @api.model
    @ormcache()
    def _get_all_ids(self):
        """Ids of all companies, archived ones too; a new company clears the cache."""
        return tuple(id_ for [id_] in self.env.execute_query(SQL("SELECT id FROM res_company")))

    def _get_rates_to_current(self):
        """Today's rates from the companies' currencies to that of the current company.

        :return: dict ``{company: rate}``; from one query, or none if all have one currency
        """
        own = self.env.company
        # sudo: the currency of a company
        currencies = (self | own).sudo().currency_id
        if currencies == own.currency_id:
            return dict.fromkeys(self, 1.0)
        rates = currencies._get_rates(own, fields.Date.context_today(self))
        return {
            company: rates[own.currency_id.id] / rates[company.sudo().currency_id.id]
            for company in self
        }

    @api.model
    def _get_rate_sql(self, rates, company_column):
        """SQL of the rate of a record to the currency of the current company; a record without
        company is in that one.

        :param rates: what :meth:`_get_rates_to_current` returns
        :param company_column: SQL of the record's company
        """
        foreign = {company.id: rate for company, rate in rates.items() if rate != 1}
        if not foreign:
            return SQL("1")
        whens = SQL(" ").join(
            SQL("WHEN %s THEN %s", company_id, rate) for company_id, rate in foreign.items()
        )
        return SQL("(CASE %s %s ELSE 1 END)", company_column, whens)

    def write(self, vals):
        result = super().write(vals)
        if "managers_edit_team" in vals:
            self.env["sales.visibility"]._refresh_all()
        return result
