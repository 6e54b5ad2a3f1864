from odoo import api, models
from odoo.tools import SQL

from ..personal_data import (
    CLEAR,
    DELETE,
    DETACH,
    EMPTY,
    LAW,
    NONE,
    NOT_PERSONAL,
    PERSON,
    PERSONAL_MODELS,
    TEXT_TYPES,
    Constant,
)

MAGIC_FIELDS = {*models.MAGIC_COLUMNS, "parent_path"}


class PrivacyRegistry(models.AbstractModel):
    """What of the installed models is a person's: ``personal_data.py`` says how to add to it."""

    _name = "privacy.registry"
    _description = "Registry of personal data"

    @api.model
    def _get_personal_models(self):
        """:return: list of :class:`PersonalModel`, also of addons that are not installed"""
        return list(PERSONAL_MODELS)

    @api.model
    def _get_not_personal_models(self):
        """:return: dict ``{model: why it holds nothing of a person}``"""
        return dict(NOT_PERSONAL)

    @api.model
    def _get_installed(self):
        """The declarations of the models that are installed and have a table."""
        tables = self._get_tables()
        return [
            declared
            for declared in self._get_personal_models()
            if declared.model in self.env and self.env[declared.model]._table in tables
        ]

    @api.model
    def _get_law(self, model_name):
        """:return: SQL condition on the alias ``t``: what the law keeps of a model"""
        return next(d.law for d in self._get_personal_models() if d.model == model_name)

    @api.model
    def _get_tables(self):
        """Names of the tables: some models without ``_auto`` have one, others are views."""
        return {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT table_name FROM information_schema.tables"
                    " WHERE table_schema = current_schema AND table_type = 'BASE TABLE'"
                )
            )
        }

    @api.model
    def _get_people_fields(self, declared):
        """Names of the stored relations to res.partner by which a row is a person's."""
        fields = self.env[declared.model]._fields
        if declared.people is not None:
            return [name for name in declared.people if name in fields]
        return [
            name
            for name, field in fields.items()
            if field.store and field.type == "many2one" and field.comodel_name == "res.partner"
        ]

    @api.model
    def _get_treatments(self, declared):
        """:return: dict ``{field: EMPTY, UNIQUE, NONE, PERSON or a Constant}`` of the stored
        fields that have something to tell; others hold no personal data, or that of others"""
        Model = self.env[declared.model]
        treatments = {}
        for name, field in Model._fields.items():
            if not field.store or field.inherited or name in MAGIC_FIELDS:
                continue
            if name in declared.fields:
                treatments[name] = declared.fields[name]
            elif field.type in TEXT_TYPES and declared.rows != DETACH:
                treatments[name] = EMPTY
        return treatments

    @api.model
    def _get_column_treatments(self, declared):
        """As :meth:`_get_treatments`, of what has a column and changes."""
        Model = self.env[declared.model]
        return {
            name: treatment
            for name, treatment in self._get_treatments(declared).items()
            if treatment != NONE and Model._fields[name].column_type
        }

    @api.model
    def _forget_answers(self):
        """Whether anybody is restricted or blocked at all may be another answer now."""
        self.env.registry.clear_cache()
        # whoever has asked meanwhile saw what was before the commit
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    # ------------------------------------------------------------------
    # Coverage
    # ------------------------------------------------------------------

    @api.model
    def _find_unclassified(self):
        """What of the installed models reaches a person and is declared by nobody.

        :return: list of ``(model, field or None, what is missing)``
        """
        declared_by_name = {declared.model: declared for declared in self._get_installed()}
        exempt = self._get_not_personal_models()
        tables = self._get_tables()
        found = []
        for model_name in sorted(self.env.registry):
            Model = self.env[model_name]
            if Model._abstract or Model._transient or Model._table not in tables:
                # dialogs are deleted or searched as a whole
                continue
            declared = declared_by_name.get(model_name)
            if declared is not None:
                found += self._find_unclassified_fields(declared)
            elif model_name not in exempt:
                found += [
                    (model_name, name, "reaches a person, and nobody says what becomes of it")
                    for name in self._get_ways_to_person(Model, declared_by_name)
                ]
        return found

    @api.model
    def _find_unclassified_fields(self, declared):
        Model = self.env[declared.model]
        found = []
        treatments = self._get_treatments(declared)
        if declared.rows in (CLEAR, DETACH):
            found += [
                (declared.model, name, "may not be empty: it takes a constant")
                for name, treatment in treatments.items()
                if treatment == EMPTY
                and Model._fields[name].required
                and Model._fields[name].column_type
            ]
        if declared.is_strict:
            found += [
                (declared.model, name, "dates, numbers, choices and relations are classified here")
                for name, field in Model._fields.items()
                if field.store
                and not field.inherited
                and field.type != "one2many"
                and name not in MAGIC_FIELDS
                and name not in treatments
            ]
        return found

    @api.model
    def _get_ways_to_person(self, Model, declared_by_name):
        """Names of the stored fields by which rows of an undeclared model reach a person: a
        link to a partner, a reference by model and id, or being part of what is a person's."""
        ways = []
        for name, field in Model._fields.items():
            if not field.store or field.inherited:
                continue
            is_link = field.type in ("many2one", "many2many") and (
                field.comodel_name == "res.partner"
            )
            is_part = (
                field.type == "many2one"
                and field.ondelete == "cascade"
                and field.comodel_name in declared_by_name
                and declared_by_name[field.comodel_name].rows in (CLEAR, DELETE)
                and self._has_text(Model)
            )
            if is_link or is_part or field.type == "many2one_reference":
                ways.append(name)
        return ways

    @api.model
    def _has_text(self, Model):
        return any(
            field.store and field.type in TEXT_TYPES and not field.inherited
            for field in Model._fields.values()
        )

    @api.model
    def _describe(self):
        """:return: list of dicts ``{model, field, treatment}`` for the officer's list"""
        rows = []
        for declared in self._get_installed():
            if declared.rows != CLEAR:
                rows.append({"model": declared.model, "field": False, "treatment": declared.rows})
            if declared.rows in (DELETE, LAW):
                continue
            for name, treatment in self._get_treatments(declared).items():
                kind = "constant" if isinstance(treatment, Constant) else treatment
                kind = EMPTY if kind == PERSON else kind
                if kind != NONE:
                    rows.append({"model": declared.model, "field": name, "treatment": kind})
        return rows
