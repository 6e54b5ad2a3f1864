from odoo import api, fields, models

SNOOZE_DAYS = 7


class SalesRecommendationWizard(models.TransientModel):
    """Asks until when to snooze recommendations, or why to dismiss them (R3)."""

    _name = "sales.recommendation.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Snooze or dismiss recommendations"

    _dialog_records = {"recommendation_ids": "write"}

    mode = fields.Selection(
        [("snooze", "Snooze"), ("dismiss", "Dismiss")], required=True, readonly=True
    )
    recommendation_ids = fields.Many2many("sales.recommendation", required=True, readonly=True)
    names = fields.Text(string="Recommendations", compute="_compute_names")
    date = fields.Date(string="Until", default=lambda self: self._default_date())
    reason = fields.Char(string="Why")

    @api.model
    def _default_date(self):
        return fields.Date.add(fields.Date.context_today(self), days=SNOOZE_DAYS)

    @api.depends("recommendation_ids")
    def _compute_names(self):
        for wizard in self:
            wizard.names = "\n".join(
                f"{each.customer_id.name}: {each.reason}" for each in wizard.recommendation_ids
            )

    def action_save(self):
        """Snooze or dismiss them all, or none.

        :raise UserError: what is missing, or one of them was decided meanwhile
        """
        self.ensure_one()
        if self.mode == "snooze":
            self.recommendation_ids.action_snooze(self.date)
        else:
            self.recommendation_ids.action_dismiss(self.reason)
        return {"type": "ir.actions.act_window_close"}
