from odoo import fields, models


class SupportTicket(models.Model):
    _name = "support.ticket"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Ticket"

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users", default=lambda self: self.env.user)
    description = fields.Html()
    is_closed = fields.Boolean()
