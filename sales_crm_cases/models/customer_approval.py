from odoo import api, fields, models
from odoo.exceptions import UserError

# Only the transitions of the customer put this object into the context.
TRANSITION_SENTINEL = object()


class CustomerApproval(models.Model):
    """History of a customer's approval: who moved him, when and why (K2). Append-only."""

    _name = "customer.approval"
    _inherit = ["customer.document.mixin"]
    _description = "Step of a customer's approval"
    _order = "date DESC, id DESC"
    _rec_name = "transition"

    customer_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade", readonly=True
    )
    transition = fields.Selection(
        [
            ("release", "Released"),
            ("approve", "Approved"),
            ("decline", "Declined"),
            ("hold", "Put on hold"),
            ("unhold", "Released from hold"),
        ],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    reason = fields.Text(string="Comment", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("customer_transition") is not TRANSITION_SENTINEL:
            raise UserError(self._get_append_only_message())
        return super().create(vals_list)

    # what is always refused calls nothing
    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self._get_append_only_message())

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self._get_append_only_message())

    def _get_append_only_message(self):
        return self.env._(
            "The approval history of a customer is written by its steps alone and never changed. "
            "Use Release, Approve, Decline or On hold on the customer."
        )
