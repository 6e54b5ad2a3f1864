from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    managers_edit_team = fields.Boolean(related="company_id.managers_edit_team", readonly=False)
    exclusive_salesman = fields.Boolean(related="company_id.exclusive_salesman", readonly=False)
    approval_four_eyes = fields.Boolean(related="company_id.approval_four_eyes", readonly=False)
    unique_customer_email = fields.Boolean(
        related="company_id.unique_customer_email", readonly=False
    )
    one_open_activity_per_case = fields.Boolean(
        related="company_id.one_open_activity_per_case", readonly=False
    )
    third_party_expiring_days = fields.Integer(
        related="company_id.third_party_expiring_days", readonly=False
    )
    recommendation_digest = fields.Boolean(
        related="company_id.recommendation_digest", readonly=False
    )
    lock_accepted_quotes = fields.Boolean(related="company_id.lock_accepted_quotes", readonly=False)
    home_activity_days = fields.Integer(related="company_id.home_activity_days", readonly=False)
    home_performance_months = fields.Integer(
        related="company_id.home_performance_months", readonly=False
    )
    home_pipeline_months = fields.Integer(related="company_id.home_pipeline_months", readonly=False)
