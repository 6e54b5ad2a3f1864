from odoo import api, fields, models

# what is counted in money, in the currency of the salesman's company
AMOUNT_KINDS = ("quotes", "orders", "invoices")


class SalesTarget(models.Model):
    """What a salesman is to reach in a month (H7): a number of cases or of activities of a type,
    or an amount of quotes, orders, invoices.

    A salesman sees his own, a manager those of the team that he shows. They are set by CRM
    administrators, and by managers for whom they may edit.
    """

    _name = "sales.target"
    _description = "Target of a salesman"
    _order = "month DESC, employee_id, kind, id"
    _rec_name = "employee_id"

    employee_id = fields.Many2one(
        "hr.employee",
        string="Salesman",
        required=True,
        ondelete="cascade",
        domain=[("is_salesman", "=", True)],
    )
    month = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="The first day of the month.",
    )
    kind = fields.Selection(
        [
            ("cases", "Cases"),
            ("quotes", "Quotes"),
            ("orders", "Orders"),
            ("invoices", "Invoices"),
            ("activities", "Activities"),
        ],
        required=True,
    )
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="cascade")
    value = fields.Float(required=True, aggregator="sum")
    company_id = fields.Many2one(related="employee_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_amount = fields.Boolean(compute="_compute_is_amount")

    _target_unique = models.UniqueIndex(
        "(employee_id, month, kind, COALESCE(activity_type_id, 0))",
        "The salesman has a target of this kind for the month already.",
    )
    _month_idx = models.Index("(month, employee_id)")

    @api.depends("kind")
    def _compute_is_amount(self):
        for target in self:
            target.is_amount = target.kind in AMOUNT_KINDS
