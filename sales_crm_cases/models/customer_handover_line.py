from odoo import fields, models


class CustomerHandoverLine(models.Model):
    """One customer of a hand-over: whether it was moved, and if not, why."""

    _name = "customer.handover.line"
    _inherit = ["customer.document.mixin"]
    _description = "Customer of a hand-over"
    _order = "id"
    _rec_name = "customer_id"
    # thousands at once; who and when is in the hand-over
    _log_access = False

    handover_id = fields.Many2one(
        "customer.handover", required=True, readonly=True, ondelete="cascade"
    )
    customer_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade", index=True
    )
    state = fields.Selection(
        [("todo", "To do"), ("done", "Handed over"), ("failed", "Failed")],
        required=True,
        default="todo",
        readonly=True,
    )
    error = fields.Text(string="Reason", readonly=True)

    _handover_state_idx = models.Index("(handover_id, state, id)")

    def _fail(self, reason):
        self.write({"state": "failed", "error": reason})
