from odoo import api, fields, models
from odoo.exceptions import ValidationError

ALWAYS = {"name", "complete_name"}


class PrivacyField(models.Model):
    """What anonymising does to each field: the registry of personal data as a list, in which
    the officer spares fields of customers and contacts that say nothing of a person (G1)."""

    _name = "privacy.field"
    _description = "Field with personal data"
    _order = "model, name"
    _rec_name = "name"

    model = fields.Char(required=True, readonly=True, index=True)
    model_label = fields.Char(string="Kind of record", compute="_compute_labels")
    name = fields.Char(readonly=True, help="Empty: the whole record.")
    label = fields.Char(string="Field", compute="_compute_labels")
    treatment = fields.Selection(
        [
            ("empty", "Emptied"),
            ("constant", "Replaced by a constant"),
            ("unique", "Replaced by a number"),
            ("delete", "Deleted"),
            ("detach", "Link removed"),
            ("law", "Kept by law"),
        ],
        required=True,
        readonly=True,
    )
    anonymise = fields.Boolean(
        default=True,
        help="Off: the field of customers and contacts stays as it is. The name always goes.",
    )
    can_choose = fields.Boolean(compute="_compute_can_choose")

    _model_name_unique = models.UniqueIndex("(model, COALESCE(name, ''))")

    @api.depends("model", "name")
    @api.depends_context("lang")
    def _compute_labels(self):
        for field in self:
            Model = self.env.get(field.model)
            known = Model is not None and field.name in Model._fields
            field.model_label = (
                # sudo: the names of models
                self.env["ir.model"].sudo()._get(field.model).name if Model is not None else ""
            )
            field.label = (
                Model._fields[field.name].get_description(self.env, ["string"])["string"]
                if known
                else False
            )

    @api.depends("model", "name")
    def _compute_can_choose(self):
        for field in self:
            field.can_choose = field._is_free()

    def _is_free(self):
        return self.model == "res.partner" and bool(self.name) and self.name not in ALWAYS

    @api.constrains("anonymise")
    def _check_anonymise(self):
        for field in self:
            if not field.anonymise and not field._is_free():
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be spared. Only fields of customers and contacts can, "
                        "and never the name.",
                        field=field.label or field.model_label,
                    )
                )

    def write(self, vals):
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name == "anonymise"}
        return super().write(vals)

    @api.model
    def _get_spared(self, model_name):
        """:return: set of the names of the fields that the officer chose to leave"""
        # sudo: the choice holds for whoever asks
        return set(
            self.sudo()
            .search([("model", "=", model_name), ("anonymise", "=", False)])
            .mapped("name")
        )

    @api.model
    def _sync(self):
        """Bring the list up to what is installed; what was chosen stays chosen."""
        # sudo: the list is the server's
        known = self.sudo()
        # all of it, some hundred rows, is compared
        present = {(field.model, field.name): field for field in known.search([])}  # pylint: disable=no-search-all
        wanted = {
            (row["model"], row["field"]): row["treatment"]
            for row in self.env["privacy.registry"]._describe()
        }
        known.union(*(field for key, field in present.items() if key not in wanted)).unlink()
        for key, field in present.items():
            if key in wanted and field.treatment != wanted[key]:
                field.treatment = wanted[key]
        known.create(
            [
                {"model": model, "name": name, "treatment": treatment}
                for (model, name), treatment in wanted.items()
                if (model, name) not in present
            ]
        )

    def action_reset(self):
        """Anonymise all fields again, as at first, whatever is selected (G1).

        :raise AccessError: no privacy officer
        """
        self.check_access("write")
        self.search([("anonymise", "=", False)]).anonymise = True
        return True

    @api.model
    def action_open(self):
        """List the registry as it is now (G1).

        :raise AccessError: no privacy officer
        """
        self.check_access("write")
        self._sync()
        return self.env["ir.actions.act_window"]._for_xml_id("sales_crm_cases.privacy_field_action")
