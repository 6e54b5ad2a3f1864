from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

TEXT_TYPES = frozenset({"char", "text", "html", "many2one", "many2many", "one2many"})
DROPDOWN_TYPES = frozenset({"char", "selection", "many2one", "many2many", "boolean", "integer"})


class CrmSearchField(models.Model):
    """A field that administrators add to the users' search (B6): as a drop-down of the values
    that the user sees, or as free text. Who may not read the field does not find it there."""

    _name = "crm.search.field"
    _description = "Field of the users' search"
    _order = "model, sequence, id"
    _rec_name = "field_id"

    model = fields.Selection(
        [("res.partner", "Customers"), ("crm.lead", "Cases")],
        string="Search of",
        required=True,
        default="res.partner",
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        required=True,
        ondelete="cascade",
        domain="[('model', '=', model), ('ttype', 'in', ('char', 'text', 'html', 'selection',"
        " 'boolean', 'integer', 'many2one', 'many2many', 'one2many'))]",
    )
    display = fields.Selection(
        [("dropdown", "Drop-down of its values"), ("text", "Free text")],
        string="Offered as",
        required=True,
        default="dropdown",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _field_unique = models.UniqueIndex(
        "(field_id, display)", "The search offers this field in this way already."
    )

    @api.constrains("model", "field_id", "display")
    def _check_field_id(self):
        for record in self.sudo():
            field = record.field_id
            if field.model != record.model:
                raise ValidationError(
                    self.env._(
                        "%(field)s is no field of “%(model)s”. Choose one of its fields.",
                        field=field.field_description,
                        model=dict(self._fields["model"]._description_selection(self.env))[
                            record.model
                        ],
                    )
                )
            if not record._is_searchable():
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be offered like this: a drop-down needs a field with "
                        "values to choose, free text a field with text. Choose another field, or "
                        "offer it in the other way.",
                        field=field.field_description,
                    )
                )

    def _is_searchable(self):
        field = self.env[self.model]._fields.get(self.field_id.name)
        if field is None or not field._description_searchable:
            return False
        if self.display == "text":
            return field.type in TEXT_TYPES
        return field.type in DROPDOWN_TYPES and (
            field.type in ("selection", "boolean") or bool(field._description_groupable)
        )

    # ------------------------------------------------------------------
    # CRUD: the search of everybody is another one
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache("model_name")
    def _get_offered(self, model_name):
        """Tuples ``(id, name of the field, display)`` of the search of a model, in order."""
        # sudo: a configuration that everybody's search obeys
        records = self.sudo().search([("model", "=", model_name)])
        return tuple((record.id, record.field_id.name, record.display) for record in records)
