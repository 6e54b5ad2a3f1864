from odoo import api, fields, models


class MailActivityNextWizard(models.TransientModel):
    """Asks for the outcome of an activity and, if wanted, for the one that follows (C3)."""

    _name = "mail.activity.next.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Next action"

    _dialog_records = {"activity_id": "write"}

    activity_id = fields.Many2one("mail.activity", required=True, readonly=True)
    outcome = fields.Char(required=True)
    has_next = fields.Boolean(string="Plan the next one", default=True)
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Next activity",
        compute="_compute_activity_type_id",
        store=True,
        readonly=False,
        domain="['|', ('res_model', '=', False), ('res_model', '=', res_model)]",
    )
    res_model = fields.Char(related="activity_id.res_model")
    summary = fields.Char()
    date_deadline = fields.Date(
        string="Due on",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
    )
    note = fields.Html()

    @api.depends("activity_id")
    def _compute_activity_type_id(self):
        for wizard in self:
            done_type = wizard.activity_id.activity_type_id
            wizard.activity_type_id = (
                done_type.triggered_next_type_id
                or done_type.suggested_next_type_ids[:1]
                or done_type
            )

    @api.depends("activity_type_id")
    def _compute_date_deadline(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            activity_type = wizard.activity_type_id
            date = activity_type._get_date_deadline() if activity_type else today
            wizard.date_deadline = max(date, today)

    def action_next(self):
        """Close the activity, and plan the one that follows if it is wanted.

        :raise UserError: what is missing or wrong
        """
        self.ensure_one()
        if self.has_next:
            self.activity_id.action_next(
                {
                    "outcome": self.outcome,
                    "activity_type_id": self.activity_type_id.id,
                    "summary": self.summary,
                    "date_deadline": self.date_deadline,
                    "note": self.note,
                }
            )
        else:
            self.activity_id.action_finish(self.outcome)
        return {"type": "ir.actions.act_window_close"}
