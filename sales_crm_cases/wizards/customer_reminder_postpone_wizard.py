from datetime import timedelta

from odoo import api, fields, models


class CustomerReminderPostponeWizard(models.TransientModel):
    """Asks for the day to which reminders are postponed (R5)."""

    _name = "customer.reminder.postpone.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Postpone reminders"

    _dialog_records = {"reminder_ids": "write"}

    reminder_ids = fields.Many2many("customer.reminder", required=True, readonly=True)
    reminder_names = fields.Char(compute="_compute_reminder_names")
    date = fields.Date(string="New day", required=True, default=lambda self: self._default_date())

    @api.model
    def _default_date(self):
        return self.env["customer.reminder"]._get_today() + timedelta(days=1)

    @api.depends("reminder_ids")
    def _compute_reminder_names(self):
        for wizard in self:
            wizard.reminder_names = ", ".join(wizard.reminder_ids.mapped("display_name"))

    def action_postpone(self):
        self.ensure_one()
        self.reminder_ids.action_postpone(self.date)
        return {"type": "ir.actions.act_window_close"}
