from odoo import api, fields, models


class SaleOrderOverrideWizard(models.TransientModel):
    """Asks why an order is confirmed although its customer is not cleared (K4)."""

    _name = "sale.order.override.wizard"
    _description = "Confirm an order with a reason"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    release_block = fields.Text(related="order_id.release_block")
    reason = fields.Text(required=True)

    @api.constrains("order_id")
    def _check_order_id(self):
        # the dialog names its record, also to who made it up by RPC; constraints run as superuser
        self.order_id.sudo(False).check_access("read")

    def action_confirm(self):
        self.ensure_one()
        self.order_id.action_confirm_with_reason(self.reason)
        return {"type": "ir.actions.act_window_close"}
