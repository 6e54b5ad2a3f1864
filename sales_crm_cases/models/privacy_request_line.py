from odoo import fields, models


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
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("done", "Anonymised"),
            ("restricted", "Anonymised, invoices kept"),
            ("skipped", "Was anonymised before"),
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

    def _compute_kept_text(self):
        for line in self:
            line.kept_text = ", ".join(
                f"{self.env['privacy.request']._get_model_label(model)}: {len(ids)}"
                for model, ids in (line.kept or {}).items()
            )
