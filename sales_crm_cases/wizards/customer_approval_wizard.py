from odoo import api, fields, models


class CustomerApprovalWizard(models.TransientModel):
    """Asks for confirmation and comment of a step, then does it (K2)."""

    _name = "customer.approval.wizard"
    _description = "Step of a customer's approval"

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

    @api.constrains("partner_ids")
    def _check_partner_ids(self):
        # the dialog names its record, also to who made it up by RPC; constraints run as superuser
        self.partner_ids.sudo(False).check_access("read")

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
