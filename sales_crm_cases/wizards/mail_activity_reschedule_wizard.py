from odoo import api, fields, models


class MailActivityRescheduleWizard(models.TransientModel):
    """Asks for the new date of activities, and why (C3)."""

    _name = "mail.activity.reschedule.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Reschedule activities"

    _dialog_records = {"activity_ids": "write"}

    activity_ids = fields.Many2many("mail.activity", required=True, readonly=True)
    activity_names = fields.Char(compute="_compute_activity_names")
    date = fields.Date(string="New date", required=True)
    reason = fields.Char(required=True)

    @api.depends("activity_ids")
    def _compute_activity_names(self):
        for wizard in self:
            wizard.activity_names = ", ".join(wizard.activity_ids.mapped("display_name"))

    def action_reschedule(self):
        """Move the activities, all or none.

        :raise UserError: a date in the past, or one of them is done
        """
        self.ensure_one()
        self.activity_ids.action_reschedule(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
