from odoo import fields, models


class SaleOrderCloneWizard(models.TransientModel):
    """Asks for the customer for whom a quote is cloned (C6)."""

    _name = "sale.order.clone.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Clone a quote to another customer"

    _dialog_records = {"order_id": "read"}

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        domain=[("is_visible_customer", "=", True)],
    )

    def action_clone(self):
        """Clone the quote, and open the clone."""
        self.ensure_one()
        clone = self.order_id._clone_for(self.partner_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": clone.id,
            "view_mode": "form",
        }
