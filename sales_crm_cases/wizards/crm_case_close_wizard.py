from odoo import api, fields, models


class CrmCaseCloseWizard(models.TransientModel):
    """Asks how a case ended (C3)."""

    _name = "crm.case.close.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Close a case"

    _dialog_records = {"case_id": "write"}

    case_id = fields.Many2one("crm.lead", required=True, readonly=True)
    outcome = fields.Selection([("won", "Won"), ("lost", "Lost")], required=True, default="won")
    lost_reason_id = fields.Many2one("crm.lost.reason", string="Why lost")
    reason = fields.Text(string="Comment")
    open_activity_count = fields.Integer(compute="_compute_open_activity_count", compute_sudo=True)

    @api.depends("case_id")
    def _compute_open_activity_count(self):
        for wizard in self:
            wizard.open_activity_count = self.env["mail.activity"].search_count(
                [("case_id", "=", wizard.case_id.id)]
            )

    def action_close_case(self):
        """Close the case, and its open activities with it.

        :raise UserError: closed already, or no reason for a loss
        """
        self.ensure_one()
        self.case_id._close_case(self.outcome, (self.reason or "").strip(), self.lost_reason_id)
        return self.env["ir.actions.client"]._get_notification(
            self.env._("“%(case)s” is closed.", case=self.case_id.name)
        )
