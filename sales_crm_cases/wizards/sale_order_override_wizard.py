from odoo import fields, models


class SaleOrderOverrideWizard(models.TransientModel):
    """Asks why an order is confirmed although its customer is not cleared (K4)."""

    _name = "sale.order.override.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Confirm an order with a reason"

    _dialog_records = {"order_id": "read"}

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    release_block = fields.Text(related="order_id.release_block")
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Confirm the order with the reason.

        :raise AccessError: without the override right
        """
        self.ensure_one()
        self.order_id.action_confirm_with_reason(self.reason)
        return {"type": "ir.actions.act_window_close"}
