from odoo import api, fields, models
from odoo.exceptions import ValidationError

# what is counted in money, in the currency of the salesman's company
AMOUNT_KINDS = ("quotes", "orders", "invoices")
MAX_VALUE = 10**12


class SalesTargetKindMixin(models.AbstractModel):
    """What is to be reached (H7): a number of cases, or of activities of a type, or an amount of
    quotes, orders or invoices."""

    _name = "sales.target.kind.mixin"
    _description = "Kind and value of a target"

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
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="restrict")
    value = fields.Float(
        string="Target",
        required=True,
        digits=(16, 2),
        help="A number of cases or activities; an amount, untaxed, of quotes, orders or invoices.",
    )
    is_amount = fields.Boolean(compute="_compute_is_amount", export_string_translation=False)

    @api.depends("kind")
    def _compute_is_amount(self):
        for record in self:
            record.is_amount = record.kind in AMOUNT_KINDS

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind != "activities":
            self.activity_type_id = False

    @api.constrains("value")
    def _check_value(self):
        for record in self:
            if not self._is_value(record.value):
                raise ValidationError(self._get_value_message(record.display_name, record.value))

    @api.constrains("kind", "activity_type_id")
    def _check_activity_type(self):
        for record in self:
            if record.kind == "activities" and not record.activity_type_id:
                raise ValidationError(
                    self.env._(
                        "A target of activities is for one type. Choose the activity type of "
                        "“%(target)s”.",
                        target=record.display_name,
                    )
                )
            if record.kind != "activities" and record.activity_type_id:
                raise ValidationError(
                    self.env._(
                        "Only a target of activities has an activity type. Remove the type of "
                        "“%(target)s”, or choose the kind “Activities”.",
                        target=record.display_name,
                    )
                )

    @api.model
    def _is_value(self, value):
        """Whether something is a value of a target: no text, no NaN."""
        return (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and 0 <= value <= MAX_VALUE
        )

    @api.model
    def _get_value_message(self, name, value):
        return self.env._(
            "The target “%(target)s” cannot be %(value)s. Give a number that is not negative.",
            target=name,
            value=value,
        )

    @api.model
    def _get_kind_labels(self):
        return dict(self._fields["kind"]._description_selection(self.env))

    def _get_kind_label(self):
        """The type of the activities, else the kind."""
        self.ensure_one()
        return self.activity_type_id.name or self._get_kind_labels().get(self.kind, "")
