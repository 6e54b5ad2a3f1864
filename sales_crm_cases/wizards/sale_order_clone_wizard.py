from odoo import api, fields, models


class SaleOrderCloneWizard(models.TransientModel):
    """Asks for the customer for whom a quote is cloned (C6)."""

    _name = "sale.order.clone.wizard"
    _description = "Clone a quote to another customer"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        domain=[("is_visible_customer", "=", True)],
    )

    @api.constrains("order_id")
    def _check_order_id(self):
        # the dialog names its record, also to who made it up by RPC; constraints run as superuser
        self.order_id.sudo(False).check_access("read")

    def action_clone(self):
        self.ensure_one()
        clone = self.order_id._clone_for(self.partner_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": clone.id,
            "view_mode": "form",
        }
