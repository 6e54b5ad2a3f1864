from odoo import fields, models
from odoo.fields import Domain


class CustomerRecommendationMixin(models.AbstractModel):
    """The recommendations of a customer, and what of it and its contacts they depend on (R1)."""

    _name = "customer.recommendation.mixin"
    _inherit = ["recommendation.subject.mixin"]
    _description = "Recommendations of a customer"

    _recommendation_fields = frozenset(
        {
            "active",
            "birthday",
            "customer_id",
            "has_call_contact",
            "last_contact_date",
            "main_salesman_id",
            "next_call_date",
            "planned_call_date",
            "rank_id",
        }
    )

    # whose birthday comes, in whatever year he was born
    _birthday_of_year_idx = models.Index(
        """
        (COALESCE((EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday))::int, 0))
        WHERE birthday IS NOT NULL
        """
    )

    recommendation_count = fields.Integer(
        string="Open recommendations",
        compute="_compute_recommendation_count",
        groups="sales_team.group_sale_salesman",
    )

    def _compute_recommendation_count(self):
        domain = Domain("state", "=", "open")
        self._count_records("recommendation_count", "sales.recommendation", domain)

    def action_view_recommendations(self):
        """List the customer's recommendations, the open ones first shown (R1)."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self.env["ir.actions.act_window"]._get_named(
            "sales_recommendation_action",
            self.env._("Recommendations for %(customer)s", customer=customer.display_name),
            domain=[("customer_id", "=", customer.id)],
            context={"search_default_filter_open": 1},
        )
