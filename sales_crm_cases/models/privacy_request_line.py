from odoo import api, fields, models


class PrivacyRequestLine(models.Model):
    """One person of a request. Keeps numbers of records, never what they said."""

    _name = "privacy.request.line"
    _description = "Person of a privacy request"
    _order = "id"
    _rec_name = "number"

    request_id = fields.Many2one(
        "privacy.request", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        context={"active_test": False},
    )
    number = fields.Integer(
        string="Id", readonly=True, help="The database id of the person, who has no name any more."
    )
    rule_id = fields.Many2one(
        "privacy.rule",
        string="Retention rule",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    since = fields.Date(
        readonly=True, help="The last day of an activity, touch, order, invoice or loss."
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("done", "Anonymised"),
            ("restricted", "Anonymised, invoices kept"),
            ("skipped", "Was anonymised before"),
            ("kept", "Kept"),
            ("failed", "Failed, unchanged"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    date_done = fields.Datetime(string="Done on", readonly=True)
    error = fields.Char(readonly=True, help="The kind of error, without the data that caused it.")
    kept = fields.Json(readonly=True, help="Ids of what the law keeps, by model.")
    kept_text = fields.Char(string="Kept by law", compute="_compute_kept_text")

    _waiting_idx = models.Index("(request_id, id) WHERE state = 'waiting'")
    # nobody is proposed twice, whoever else does so at the same moment
    _proposed_unique = models.UniqueIndex(
        "(partner_id) WHERE rule_id IS NOT NULL AND state = 'waiting'"
    )

    @api.depends("kept")
    @api.depends_context("lang")
    def _compute_kept_text(self):
        for line in self:
            line.kept_text = ", ".join(
                f"{self.env['privacy.request']._get_model_label(model)}: {len(ids)}"
                for model, ids in (line.kept or {}).items()
            )

    def action_keep(self):
        """Take people off the list of a retention rule and touch them: their data is needed
        still (G4).

        :raise AccessError: no privacy officer
        :raise UserError: the list was decided upon
        """
        self.env["privacy.request"]._check_officer()
        self.check_access("read")
        for request in self.request_id:
            request._lock_proposal()
        # sudo: the log is the server's; the right is checked above
        lines = self.sudo()
        lines.invalidate_recordset(["state"])
        lines.filtered(lambda line: line.state == "waiting")._keep()
        return True

    def _keep(self):
        """``self`` is sudo, its lists are locked."""
        today = fields.Date.context_today(self)
        self.partner_id.with_context(tracking_disable=True).touch_date = today
        self._take_off()

    def _take_off(self):
        """Off the lists that wait for approval. ``self`` is sudo."""
        self._set_kept()
        for request, own in self.grouped("request_id").items():
            request._add_people(-len(own))

    def _set_kept(self):
        waiting = self.filtered(lambda line: line.state == "waiting")
        waiting.write({"state": "kept", "date_done": fields.Datetime.now()})
