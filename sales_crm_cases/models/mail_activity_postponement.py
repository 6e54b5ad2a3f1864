from odoo import fields, models


class MailActivityPostponement(models.Model):
    """One new date of an activity, and why (C3). Written by the server alone."""

    _name = "mail.activity.postponement"
    _inherit = ["customer.document.mixin"]
    _description = "Postponement of an activity"
    _order = "id desc"
    _rec_name = "date_to"

    _customer_path = "activity_id.customer_id"

    activity_id = fields.Many2one("mail.activity", required=True, index=True, ondelete="cascade")
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    reason = fields.Char()
    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="restrict")
