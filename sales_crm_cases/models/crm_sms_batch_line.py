from odoo import api, fields, models
from odoo.fields import Domain

# what the scheduled action still has to do with
WAITING_STATES = ("outgoing", "sending")


class CrmSmsBatchLine(models.Model):
    """One customer of an SMS batch: whether it was sent, and if not, why.

    It stays when Odoo deletes the SMS, which it does soon after sending.
    """

    _name = "crm.sms.batch.line"
    _inherit = ["customer.document.mixin"]
    _description = "Customer of an SMS batch"
    _order = "id"
    _rec_name = "customer_id"
    # thousands at once; who and when is in the batch
    _log_access = False

    batch_id = fields.Many2one("crm.sms.batch", required=True, readonly=True, ondelete="cascade")
    customer_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade", index=True
    )
    # those of sms.sms, and one before them
    state = fields.Selection(
        [
            ("outgoing", "In queue"),
            ("sending", "With the gateway"),
            ("process", "Processing"),
            ("pending", "Sent"),
            ("sent", "Delivered"),
            ("error", "Failed"),
            ("canceled", "Not sent"),
        ],
        required=True,
        default="outgoing",
        readonly=True,
    )
    failure_type = fields.Selection("_selection_failure_type", string="Reason", readonly=True)
    failure_reason = fields.Char(string="Answer of the gateway", readonly=True)
    attempt_count = fields.Integer(string="Attempts", readonly=True)

    _batch_state_idx = models.Index("(batch_id, state, failure_type)")
    _waiting_idx = models.Index("(batch_id, state, id) WHERE state IN ('outgoing', 'sending')")

    @api.model
    def _selection_failure_type(self):
        """Whatever Odoo and its gateways say, and what only a batch knows."""
        known = {}
        for model_name in ("mail.notification", "sms.sms"):
            field = self.env[model_name]._fields["failure_type"]
            known.update(field._description_selection(self.env))
        return [
            *known.items(),
            ("hidden", self.env._("No customer of the sender any more")),
            ("stopped", self.env._("Stopped")),
            (
                "unanswered",
                self.env._("The server stopped meanwhile: not known whether it was sent"),
            ),
        ]

    # ------------------------------------------------------------------
    # Sight
    # ------------------------------------------------------------------

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        """Those of visible customers, in visible batches."""
        return super()._get_sight_domain(scope, purpose) & Domain(
            "batch_id", "any!", scope.get_owner_domain("user_id")
        )

    @api.model
    def _get_sight_dependencies(self):
        return ["customer_id", "batch_id"]

    # ------------------------------------------------------------------
    # State
    # ------------------------------------------------------------------

    def _refuse(self, reason, text=False):
        self.write({"state": "canceled", "failure_type": reason, "failure_reason": text})

    def _get_sms(self):
        """The SMS of the lines that Odoo has not deleted yet, and their trackers."""
        trackers = self.env["sms.tracker"].search([("crm_sms_line_id", "in", self.ids)])
        uuids = trackers.mapped("sms_uuid")
        return self.env["sms.sms"].search([("uuid", "in", uuids)]), trackers

    def _forget_sms(self):
        """Let Odoo delete the SMS of the lines; late reports about them find nobody."""
        sms, trackers = self._get_sms()
        sms.to_delete = True
        trackers.unlink()

    @api.model
    def _close_unanswered(self):
        """Name the SMS that were with the gateway when the server stopped. The scheduled action
        runs once at a time, so when it begins none is rightly there."""
        lines = self.search([("state", "=", "sending")]).try_lock_for_update(allow_referencing=True)
        if lines:
            sms, _trackers = lines._get_sms()
            sms._update_sms_state_and_trackers("error", failure_type="unknown")
            lines.write({"state": "error", "failure_type": "unanswered"})
