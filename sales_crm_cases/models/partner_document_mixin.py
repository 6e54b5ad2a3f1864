from odoo import fields, models
from odoo.exceptions import UserError


class PartnerDocumentMixin(models.AbstractModel):
    """Documents made out to a contact: they store its customer, and their activities follow."""

    _name = "partner.document.mixin"
    _inherit = ["customer.document.mixin", "customer.activity.mixin"]
    _description = "Document made out to a contact"

    _owner_field = "user_id"

    partner_id = fields.Many2one("res.partner")
    customer_id = fields.Many2one(
        "res.partner",
        string="CRM customer",
        related="partner_id.customer_id",
        store=True,
        index="btree_not_null",
        precompute=True,
    )

    def write(self, vals):
        if "customer_id" in vals and not self.env.su:
            raise UserError(
                self.env._("The CRM customer follows from the contact. Change the contact instead.")
            )
        return super().write(vals)
