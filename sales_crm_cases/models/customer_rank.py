from odoo import fields, models
from odoo.tools import SQL

from .customer_rank_call_mixin import RANK_CALL_FIELDS


class CustomerRank(models.Model):
    """Rank of a customer: how often he is called (K7)."""

    _name = "customer.rank"
    _description = "Customer rank"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    call_cycle_days = fields.Integer(
        string="Call cycle (days)",
        required=True,
        default=30,
        help="A customer of this rank is to be called every so many days.",
    )
    color = fields.Integer()
    active = fields.Boolean(default=True)

    _call_cycle_positive = models.Constraint(
        "CHECK (call_cycle_days > 0)", "The call cycle of a rank is at least one day."
    )
    # dates end somewhere
    _call_cycle_limited = models.Constraint(
        "CHECK (call_cycle_days <= 3650)", "The call cycle of a rank is at most 3650 days."
    )
    # of whatever translations
    _name_unique = models.UniqueIndex("((name->>'en_US'))", "There is a rank of this name already.")

    def write(self, vals):
        result = super().write(vals)
        if "call_cycle_days" in vals:
            self.env["res.partner"]._sync_rank_calls(rank_ids=self.ids)
        return result

    def unlink(self):
        """The database empties the rank of the customers, and knows nothing of their dates."""
        self.check_access("unlink")
        customers = self.env["res.partner"]
        customers.flush_model(["rank_id", *RANK_CALL_FIELDS])
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET rank_id = NULL, next_call_date = NULL WHERE rank_id = ANY(%s)",
                self.ids,
            )
        )
        customers.invalidate_model(["rank_id", *RANK_CALL_FIELDS], flush=False)
        return super().unlink()
