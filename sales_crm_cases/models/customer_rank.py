from odoo import fields, models


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
    _name_unique = models.UniqueIndex("(name)", "There is a rank of this name already.")
