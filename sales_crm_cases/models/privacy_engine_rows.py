from odoo import api, models
from odoo.tools import SQL


class PrivacyEngine(models.AbstractModel):
    """Whose rows: what in the database is a person's, and what of that the law keeps (G3, G5)."""

    _inherit = "privacy.engine"

    # ------------------------------------------------------------------
    # Whom
    # ------------------------------------------------------------------

    @api.model
    def _get_subjects(self, partner_ids):
        """Ids of the people with all their contacts and addresses, archived ones included."""
        return sorted({id_ for _person_id, id_ in self._get_families(partner_ids)})

    @api.model
    def _get_families(self, partner_ids):
        """:return: list of pairs: the id of a person, and of himself, a contact or address"""
        return self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE family AS (
                    SELECT id AS person_id, id FROM res_partner WHERE id = ANY(%s)
                     UNION
                    SELECT f.person_id, p.id FROM res_partner p JOIN family f ON p.parent_id = f.id
                )
                SELECT person_id, id FROM family
                """,
                list(partner_ids),
            )
        )

    @api.model
    def _get_user_ids(self, subject_ids):
        return [
            row[0]
            for row in self.env.execute_query(
                SQL("SELECT id FROM res_users WHERE partner_id = ANY(%s)", subject_ids)
            )
        ]

    # ------------------------------------------------------------------
    # Whose rows
    # ------------------------------------------------------------------

    @api.model
    def _find_rows(self, subject_ids, identity, ignore_law=False):
        """:return: ``({model: ids that go}, {model: ids that the law keeps})``"""
        rows, kept = {"res.partner": set(subject_ids)}, {}
        user_ids = self._get_user_ids(subject_ids)
        for declared in self.env["privacy.registry"]._get_installed():
            if declared.model == "res.partner":
                continue
            conditions = self._get_conditions(declared, subject_ids, user_ids, identity, rows, kept)
            if not conditions:
                continue
            found = self._fetch_rows(declared, conditions, subject_ids, kept, ignore_law)
            rows[declared.model] = {id_ for id_, by_law in found if not by_law}
            kept[declared.model] = {id_ for id_, by_law in found if by_law}
        kept["res.partner"] = self._find_legal_partners(subject_ids, kept)
        return rows, kept

    @api.model
    def _fetch_rows(self, declared, conditions, subject_ids, kept, ignore_law):
        only = declared.only(subject_ids) if callable(declared.only) else declared.only
        if declared.model == "ir.attachment":
            only = self._get_kept_exception(kept)
        law = None if ignore_law else declared.legal_condition
        return self.env.execute_query(
            SQL(
                "SELECT t.id, COALESCE((%s), FALSE) FROM %s t WHERE (%s) AND (%s)",
                law or SQL("FALSE"),
                SQL.identifier(self.env[declared.model]._table),
                SQL(" OR ").join(conditions),
                only or SQL("TRUE"),
            )
        )

    @api.model
    def _get_conditions(self, declared, subject_ids, user_ids, identity, rows, kept):
        """SQL conditions on the alias ``t``; a row of one of them is a person's."""
        Model = self.env[declared.model]
        registry = self.env["privacy.registry"]
        conditions = [
            self._get_link_condition(Model._fields[name], subject_ids)
            for name in registry._get_people_fields(declared)
        ]
        if user_ids:
            conditions += [
                SQL("t.%s = ANY(%s)", SQL.identifier(name), user_ids)
                for name in declared.users
                if name in Model._fields
            ]
        if declared.also:
            conditions.append(SQL("(%s)", declared.also(subject_ids)))
        if declared.document:
            conditions += self._get_document_conditions(declared, rows, kept)
        conditions += self._get_part_conditions(declared, rows, kept)
        conditions += self._get_contact_conditions(declared, identity)
        return conditions

    @api.model
    def _get_part_conditions(self, declared, rows, kept):
        """Parts go with the whole. Those of what the law keeps are found as well: the law says
        which of them it keeps."""
        fields_ = self.env[declared.model]._fields
        conditions = []
        for name in declared.part_of:
            comodel = fields_[name].comodel_name if name in fields_ else None
            ids = rows.get(comodel, set()) | kept.get(comodel, set())
            if ids:
                conditions.append(SQL("t.%s = ANY(%s)", SQL.identifier(name), list(ids)))
        for table, (own, other, comodel) in declared.tables.items():
            if rows.get(comodel):
                conditions.append(
                    SQL(
                        "t.id IN (SELECT r.%s FROM %s r WHERE r.%s = ANY(%s))",
                        SQL.identifier(own),
                        SQL.identifier(table),
                        SQL.identifier(other),
                        list(rows[comodel]),
                    )
                )
        return conditions

    @api.model
    def _get_contact_conditions(self, declared, identity):
        """Rows without a link, by their e-mail address or phone number."""
        fields_ = self.env[declared.model]._fields
        conditions = []
        for name, kind in declared.contacts.items():
            values = identity.get_exact(kind)
            if not values or name not in fields_:
                continue
            # bare, or as in "Name" <address>
            condition = SQL(
                "COALESCE(substring(lower(t.%(name)s) from '<([^<>]+)>'), lower(t.%(name)s))"
                " = ANY(%(values)s)",
                name=SQL.identifier(name),
                values=values,
            )
            if "partner_id" in fields_:
                # with a link it is whose it says
                condition = SQL("(t.partner_id IS NULL AND %s)", condition)
            conditions.append(condition)
        return conditions

    @api.model
    def _get_kept_exception(self, kept):
        """No attachment of a document that the law keeps."""
        exceptions = [
            SQL("(t.res_model = %s AND t.res_id = ANY(%s))", model, list(ids))
            for model, ids in kept.items()
            if ids
        ]
        if not exceptions:
            return SQL("TRUE")
        return SQL("NOT COALESCE((%s), FALSE)", SQL(" OR ").join(exceptions))

    @api.model
    def _get_document_conditions(self, declared, rows, kept):
        model_column, id_column = map(SQL.identifier, declared.document)
        conditions = []
        for model_name, ids in rows.items():
            if model_name == declared.model:
                continue
            wanted = set(ids)
            if declared.model != "ir.attachment":
                # messages and activities on an invoice are none of it
                wanted |= kept.get(model_name, set())
            if wanted:
                conditions.append(
                    SQL(
                        "(t.%s = %s AND t.%s = ANY(%s))",
                        model_column,
                        model_name,
                        id_column,
                        list(wanted),
                    )
                )
        return conditions

    @api.model
    def _get_link_condition(self, field, partner_ids):
        if field.type == "many2one":
            return SQL("t.%s = ANY(%s)", SQL.identifier(field.name), partner_ids)
        return SQL(
            "t.id IN (SELECT r.%s FROM %s r WHERE r.%s = ANY(%s))",
            SQL.identifier(field.column1),
            SQL.identifier(field.relation),
            SQL.identifier(field.column2),
            partner_ids,
        )

    @api.model
    def _find_legal_partners(self, subject_ids, kept):
        """Those of the people whom a document that the law keeps names."""
        found = set()
        for declared in self.env["privacy.registry"]._get_installed():
            ids = kept.get(declared.model)
            if not ids:
                continue
            for name, field in self.env[declared.model]._fields.items():
                if field.store and field.type == "many2one" and field.comodel_name == "res.partner":
                    found.update(
                        row[0]
                        for row in self.env.execute_query(
                            SQL(
                                "SELECT DISTINCT %(field)s FROM %(table)s"
                                " WHERE id = ANY(%(ids)s) AND %(field)s = ANY(%(partners)s)",
                                field=SQL.identifier(name),
                                table=SQL.identifier(self.env[declared.model]._table),
                                ids=list(ids),
                                partners=subject_ids,
                            )
                        )
                    )
        return found
