from odoo import api, models
from odoo.tools import SQL

from odoo.addons.sales_crm_cases.recommendation_source import RecommendationSource


class SalesRecommendationKind(models.Model):
    _inherit = "sales.recommendation.kind"

    @api.model
    def _get_sources_new_customer(self, today):
        return [
            RecommendationSource(
                model="res.partner",
                tables=SQL("res_partner crm_customer"),
                subject=SQL("crm_customer.id"),
                customer=SQL("crm_customer.id"),
                due_date=SQL("crm_customer.create_date::date + 7"),
                period=SQL("'once'"),
                condition=SQL("crm_customer.approval_status = 'new'"),
                reads={"res.partner": ["approval_status", "create_date"]},
            )
        ]

    @api.model
    def _get_reasons_new_customer(self, recommendations):
        return {
            each: self.env._("%(customer)s is new", customer=each.customer_id.name)
            for each in recommendations
        }
