from odoo import fields, models


class CustomerApprovalWizard(models.TransientModel):
    """Asks for confirmation and comment of a step, then does it (K2)."""

    _name = "customer.approval.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Step of a customer's approval"

    _dialog_records = {"partner_ids": "read"}

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    transition = fields.Selection(
        [
            ("release", "Release Customer"),
            ("approve", "Approve"),
            ("decline", "Decline"),
            ("hold", "Put on hold"),
            ("unhold", "Release from hold"),
        ],
        required=True,
    )
    reason = fields.Text(string="Comment")

    def action_apply(self):
        """Do the step. The customers' own methods check rights and state."""
        self.ensure_one()
        customers, reason = self.partner_ids, self.reason
        match self.transition:
            case "release":
                customers.action_release()
            case "approve":
                customers.action_approve(reason)
            case "decline":
                customers.action_decline(reason)
            case "hold":
                customers.action_hold(reason)
            case "unhold":
                customers.action_unhold()
        return {"type": "ir.actions.act_window_close"}
