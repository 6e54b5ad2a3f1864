from odoo import fields, models


class CustomerAnniversary(models.Model):
    """A date of a contact that comes back every year, besides his birthday (K10)."""

    _name = "customer.anniversary"
    _inherit = ["customer.document.mixin"]
    _description = "Anniversary of a contact"
    _order = "date, id"

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True

    name = fields.Char(required=True)
    date = fields.Date(required=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade", string="Contact"
    )
