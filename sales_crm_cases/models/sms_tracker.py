from odoo import fields, models

# what a state does not take the place of, as for Odoo's own notifications
LATER_STATES = {
    "outgoing": ("outgoing", "process", "pending", "sent"),
    "process": ("process", "pending", "sent"),
    "pending": ("pending", "sent"),
    "sent": ("sent",),
    "canceled": ("canceled", "process", "pending", "sent"),
    "error": (),
}


class SmsTracker(models.Model):
    """What the gateway says of an SMS, at once or in a later report, comes to the line of its
    batch (B4)."""

    _inherit = "sms.tracker"

    crm_sms_line_id = fields.Many2one(
        "crm.sms.batch.line", ondelete="cascade", index="btree_not_null"
    )

    def _action_update_from_provider_error(self, provider_error):
        result = super()._action_update_from_provider_error(provider_error)
        _status, failure_type, failure_reason = result
        self._update_batch_lines("error", failure_type, failure_reason)
        return result

    def _action_update_from_sms_state(self, sms_state, failure_type=False, failure_reason=False):
        result = super()._action_update_from_sms_state(
            sms_state, failure_type=failure_type, failure_reason=failure_reason
        )
        self._update_batch_lines(sms_state, failure_type, failure_reason)
        return result

    def _update_batch_lines(self, state, failure_type, failure_reason):
        lines = self.crm_sms_line_id.filtered(lambda line: line.state not in LATER_STATES[state])
        if lines:
            lines.write(
                {
                    "state": state,
                    "failure_type": failure_type,
                    "failure_reason": failure_reason,
                }
            )
