from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerCompletenessField(models.Model):
    """A field of the customer that counts for "Complete %" (K6)."""

    _name = "customer.completeness.field"
    _description = "Field that a complete customer has filled"
    _order = "sequence, id"
    _rec_name = "field_id"

    sequence = fields.Integer(default=10)
    field_id = fields.Many2one(
        "ir.model.fields",
        required=True,
        ondelete="cascade",
        domain=lambda self: [
            ("model", "=", "res.partner"),
            ("name", "in", sorted(self.env["res.partner"]._get_completeness_candidates())),
        ],
    )

    _field_unique = models.UniqueIndex("(field_id)", "This field counts already.")

    @api.constrains("field_id")
    def _check_field_id(self):
        candidates = self.env["res.partner"]._get_completeness_candidates()
        for record in self:
            field = record.field_id
            if field.model != "res.partner" or field.name not in candidates:
                raise ValidationError(
                    self.env._(
                        "The field %(field)s cannot count for completeness. "
                        "Choose a field of the customer that people fill in.",
                        field=field.field_description,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._schedule_recompute()
        return records

    def write(self, vals):
        result = super().write(vals)
        if "field_id" in vals:
            self._schedule_recompute()
        return result

    def unlink(self):
        result = super().unlink()
        self._schedule_recompute()
        return result

    @api.model
    def _schedule_recompute(self):
        self.env.registry.clear_cache()
        self.env["res.partner"]._schedule_completeness_recompute()
