import json
import re

from odoo import api, models
from odoo.tools import SQL

from ..personal_data import ANONYMISED
from ..personal_identity import Finder, PersonalIdentity, Replacer, get_digits
from ..uploaded_file import read_upload
from .customer_note import REDACTION_SENTINEL

# fields of a person, and the kind of what they hold
PARTNER_FIELDS = {
    "name": "name",
    "email": "email",
    "phone": "number",
    "phone_sanitized": "number",
    "vat": "text",
    "street": "text",
}
# the same in what is a person's by a link
DOCUMENT_FIELDS = {
    "crm.lead": {
        "contact_name": "name",
        "partner_name": "name",
        "email_from": "email",
        "phone": "number",
        "phone_sanitized": "number",
        "street": "text",
    },
    "calendar.attendee": {"common_name": "name"},
    "res.users": {"login": "email"},
    "res.partner.bank": {"acc_number": "text", "sanitized_acc_number": "text"},
    "sms.sms": {"number": "number"},
}
# rows that are thrown away by themselves after a while: they go when they name a person
LOGS = ("ir_logging", "ir_profile", "mail_push", "privacy_lookup_wizard")
# files that users are about to import: in the table itself, and not as text
UPLOADS = ("base_import_import", ("file", "file_name"))
# texts that are read before they are searched: some may hold a whole book
ROWS_AT_ONCE = 200
# what the code of the modules says, written anew by each upgrade; and hashes
DEFINITIONS = (
    "privacy_block",
    "ir_model",
    "ir_model_constraint",
    "ir_model_fields",
    "ir_model_fields_selection",
    "ir_model_relation",
    "ir_module_module",
    "res_country_state",
)
# what belongs to the system: it is searched and never rewritten
SYSTEM = re.compile(
    r"ir_(act|asset|config|cron|embedded|exports|mail|model|module|rule|sequence|ui)|res_(company|"
    r"country|currency|groups|lang|role)|hr_|resource_|iap_|mail_alias|mail_template|report_|uom_|"
    r"onboarding_|web_tour|account_(account|tax|report|group|journal|fiscal|incoterms)|privacy_(field|request)|"
    r"l10n|product_category|crm_(stage|team|tag|process|lost)|spreadsheet"
)
# the own names of others; and what was read from a file, which names the person still
UNTOUCHED = {
    "res_partner": {"name", "complete_name", "commercial_company_name"},
    "res_users": {"login"},
    "ir_attachment": {"index_content"},
}


class PrivacySweep(models.AbstractModel):
    """Searches the text columns of all tables but those that hold what modules define for what
    names a person, replaces it but in what belongs to the system, and says what is left and
    where: the last step of anonymising, and its proof (G3)."""

    _name = "privacy.sweep"
    _description = "Search for people in all texts"

    # ------------------------------------------------------------------
    # What names them
    # ------------------------------------------------------------------

    @api.model
    def _collect_identity(self, subject_ids):
        """What named the people ever, and nobody else."""
        identity = PersonalIdentity()
        spared = self.env["privacy.field"]._get_spared("res.partner")
        names = [name for name in PARTNER_FIELDS if name not in spared]
        self._add_columns(
            identity,
            "res_partner",
            {n: PARTNER_FIELDS[n] for n in names},
            SQL("t.id = ANY(%s)", subject_ids),
        )
        for name, old, new in self.env.execute_query(
            SQL(
                """
                SELECT f.name, v.old_value_char, v.new_value_char
                  FROM mail_tracking_value v
                  JOIN mail_message m ON m.id = v.mail_message_id
                  JOIN ir_model_fields f ON f.id = v.field_id
                 WHERE m.model = 'res.partner' AND m.res_id = ANY(%s) AND f.name = ANY(%s)
                """,
                subject_ids,
                names,
            )
        ):
            for value in (old, new):
                identity.add(PARTNER_FIELDS[name], value)
        self._add_linked_documents(identity, subject_ids)
        self._discard_shared(identity, subject_ids)
        return identity

    @api.model
    def _add_linked_documents(self, identity, subject_ids):
        """What documents with a link call them, so that one search for namesakes does for all."""
        engine = self.env["privacy.engine"]
        registry = self.env["privacy.registry"]
        for declared in registry._get_installed():
            if declared.model in DOCUMENT_FIELDS:
                Model = self.env[declared.model]
                links = [
                    engine._get_link_condition(Model._fields[name], subject_ids)
                    for name in registry._get_people_fields(declared)
                ]
                self._add_columns(
                    identity, Model._table, DOCUMENT_FIELDS[declared.model], SQL(" OR ").join(links)
                )
        for [email_from] in self.env.execute_query(
            SQL(
                "SELECT DISTINCT email_from FROM mail_message"
                " WHERE author_id = ANY(%s) AND email_from IS NOT NULL",
                subject_ids,
            )
        ):
            identity.add_email(email_from)

    @api.model
    def _add_documents(self, identity, rows, subject_ids):
        """What documents without a link call them, besides."""
        for model_name, names in DOCUMENT_FIELDS.items():
            if model_name in self.env and rows.get(model_name):
                condition = SQL("t.id = ANY(%s)", list(rows[model_name]))
                self._add_columns(identity, self.env[model_name]._table, names, condition)
        self._discard_shared(identity, subject_ids)

    @api.model
    def _add_columns(self, identity, table, kinds, condition):
        for row in self.env.execute_query(
            SQL(
                "SELECT %s FROM %s t WHERE %s",
                SQL(", ").join(SQL.identifier(name) for name in kinds),
                SQL.identifier(table),
                condition,
            )
        ):
            for kind, value in zip(kinds.values(), row, strict=True):
                identity.add(kind, value)

    @api.model
    def _discard_shared(self, identity, subject_ids):
        """Leave what other people and own companies have, too. Reads all of them, so it asks for
        what was not asked for yet, if anything."""
        names, emails, numbers, texts = identity.take_unasked()
        if not (names or emails or numbers or texts):
            return
        texts = [text.lower() for text in texts]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lower(name), email_normalized, regexp_replace(phone_sanitized, '\\D', '', 'g'),
                       regexp_replace(phone, '\\D', '', 'g'), lower(vat), lower(street),
                       lower(split_part(street, ',', 1))
                  FROM res_partner
                 WHERE NOT id = ANY(%(subjects)s) AND privacy_state IS NULL
                   AND (lower(name) = ANY(%(names)s) OR email_normalized = ANY(%(emails)s)
                        OR phone_sanitized = ANY(%(numbers)s)
                        OR regexp_replace(phone, '\\D', '', 'g') = ANY(%(digits)s)
                        OR lower(vat) = ANY(%(texts)s) OR lower(street) = ANY(%(texts)s)
                        OR lower(split_part(street, ',', 1)) = ANY(%(texts)s))
                """,
                subjects=subject_ids,
                names=[name.lower() for name in names],
                emails=list(emails),
                numbers=list(numbers),
                digits=[get_digits(number) for number in numbers],
                texts=texts,
            )
        )
        accounts = self.env.execute_query(
            SQL(
                """
                SELECT lower(acc_number), lower(sanitized_acc_number) FROM res_partner_bank
                 WHERE NOT partner_id = ANY(%(subjects)s)
                   AND (lower(acc_number) = ANY(%(texts)s)
                        OR lower(sanitized_acc_number) = ANY(%(texts)s))
                """,
                subjects=subject_ids,
                texts=texts,
            )
        )
        identity.discard_shared(
            names={row[0] for row in rows if row[0]} | {ANONYMISED.lower()},
            emails={row[1] for row in rows if row[1]},
            digits={number for row in rows for number in row[2:4] if number},
            texts={text for row in rows for text in row[4:] if text}
            | {text for row in accounts for text in row if text},
        )

    # ------------------------------------------------------------------
    # Search
    # ------------------------------------------------------------------

    @api.model
    def _sweep(self, identity, kept):
        """Replace what names the people in all texts but those that the law keeps.

        :param kept: dict ``{model: ids}`` that the law keeps; what it keeps of others is added
        :return: dict ``{"tables", "columns": how many were searched, "replaced", "left",
            "kept": {table: how many rows}}``
        """
        result = {"tables": 0, "columns": 0, "replaced": {}, "left": {}, "kept": {}}
        pattern = identity.get_pattern()
        if not pattern:
            return result
        finder = Finder(identity)
        self._drop_uploads(identity)
        models_by_table = {
            self.env[name]._table: self.env[name]
            for name in self.env.registry
            if not self.env[name]._abstract
        }
        unique_columns = self._get_unique_columns()
        found = []
        for table, columns in self._get_text_columns():
            if table in DEFINITIONS:
                continue
            result["tables"] += 1
            result["columns"] += len(columns)
            if ids := self._find(table, columns, finder):
                found.append((table, columns, ids))
        # the pattern of many people takes a second to compile
        replacer = Replacer(pattern, ANONYMISED.lower()) if found else None
        # searching takes long: rows of others are locked no sooner than it is done
        for table, columns, named_ids in found:
            Model = models_by_table.get(table)
            ids, kept_count = self._split_kept(Model, named_ids, kept)
            if kept_count:
                result["kept"][table] = kept_count
            if ids:
                if not SYSTEM.match(table):
                    self._replace(table, columns, Model, ids, replacer, unique_columns)
                    result["replaced"][table] = len(ids)
                left = self._find(table, columns, finder, ids)
                if left:
                    result["left"][table] = len(left)
        # Python keeps the last 500 patterns; one of 250 people takes a megabyte
        re.purge()
        return result

    @api.model
    def _drop_uploads(self, identity):
        """Uploads that name the people. Those of others, who are importing just now, stay."""
        table, columns = UPLOADS
        ids = [
            id_
            for id_, file, name in self.env.execute_query(
                SQL("SELECT id, %s, %s FROM %s", *map(SQL.identifier, (*columns, table)))
            )
            if any(identity.is_named_in(text) for text in read_upload(bytes(file or b""), name))
        ]
        if ids:
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE id = ANY(%s)", SQL.identifier(table), ids)
            )

    @api.model
    def _get_text_columns(self):
        """:return: list of ``(table, {column: type})`` of all tables that have an id"""
        return self.env.execute_query(
            SQL(
                """
                SELECT c.table_name, jsonb_object_agg(c.column_name, c.udt_name)
                  FROM information_schema.columns c
                  JOIN information_schema.tables t USING (table_schema, table_name)
                 WHERE c.table_schema = current_schema AND t.table_type = 'BASE TABLE'
                   AND c.udt_name IN ('text', 'varchar', 'json', 'jsonb')
                   AND EXISTS (SELECT 1 FROM information_schema.columns i
                                WHERE i.table_schema = c.table_schema
                                  AND i.table_name = c.table_name AND i.column_name = 'id')
                 GROUP BY c.table_name ORDER BY c.table_name
                """
            )
        )

    @api.model
    def _get_unique_columns(self):
        """:return: set of ``(table, column)`` that are part of a unique index"""
        return set(
            self.env.execute_query(
                SQL(
                    """
                    SELECT c.relname, a.attname
                      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema
                      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
                     WHERE i.indisunique
                    """
                )
            )
        )

    @api.model
    def _find(self, table, columns, finder, ids=None):
        """Ids of the rows that name the people. PostgreSQL's patterns of many people take a
        millisecond a row; so the texts pass through here, some at a time."""
        cr = self.env.cr
        cr.execute(
            SQL(
                "DECLARE privacy_sweep NO SCROLL CURSOR FOR"
                " SELECT id, concat_ws(E'\n', %s) FROM %s WHERE %s AND %s",
                SQL(", ").join(SQL("%s::text", SQL.identifier(name)) for name in sorted(columns)),
                SQL.identifier(table),
                SQL("id = ANY(%s)", ids) if ids is not None else SQL("TRUE"),
                self._get_range(table),
            )
        )
        found = []
        while True:
            cr.execute(SQL("FETCH %s FROM privacy_sweep", ROWS_AT_ONCE))
            rows = cr.fetchall()
            if not rows:
                break
            found += [id_ for id_, text in rows if finder.matches(text)]
        cr.execute(SQL("CLOSE privacy_sweep"))
        return sorted(found)

    @api.model
    def _get_range(self, table):
        if table == "ir_model_data":
            # what modules bring is no person
            return SQL("module NOT IN (SELECT name FROM ir_module_module)")
        if table == "ir_attachment":
            # bundles of the web client
            return SQL("COALESCE(url, '') NOT LIKE '/web/assets/%%'")
        return SQL("TRUE")

    @api.model
    def _split_kept(self, Model, ids, kept):
        """:return: ``(ids that may be rewritten, how many the law keeps)``. An invoice of
        somebody else that names the person is kept, too."""
        if Model is None:
            return ids, 0
        by_law = set(kept.get(Model._name, ())) & set(ids)
        for declared in self.env["privacy.registry"]._get_installed():
            if declared.model == Model._name and declared.legal_condition:
                by_law.update(
                    row[0]
                    for row in self.env.execute_query(
                        SQL(
                            "SELECT t.id FROM %s t WHERE t.id = ANY(%s) AND %s",
                            SQL.identifier(Model._table),
                            ids,
                            declared.legal_condition,
                        )
                    )
                )
        if Model._name == "ir.attachment":
            exception = self.env["privacy.engine"]._get_kept_exception(kept)
            by_law.update(
                row[0]
                for row in self.env.execute_query(
                    SQL(
                        "SELECT t.id FROM ir_attachment t WHERE t.id = ANY(%s) AND NOT %s",
                        ids,
                        exception,
                    )
                )
            )
        return [id_ for id_ in ids if id_ not in by_law], len(by_law)

    # ------------------------------------------------------------------
    # Replace
    # ------------------------------------------------------------------

    @api.model
    def _replace(self, table, columns, Model, ids, replacer, unique_columns):
        if table in LOGS or (Model is not None and Model._transient):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE id = ANY(%s)", SQL.identifier(table), ids)
            )
            return
        if table == "customer_note":
            # sudo: the officer was asked for his right; whoever may read the notes
            self.env["customer.note"].sudo().browse(ids)._redact(REDACTION_SENTINEL)
            return
        for column, column_type in sorted(columns.items()):
            if column in UNTOUCHED.get(table, ()):
                continue
            self._replace_column(
                table, column, column_type, ids, replacer, (table, column) in unique_columns
            )

    @api.model
    def _replace_column(self, table, column, column_type, ids, replacer, is_unique):
        changed_ids, values = [], []
        for id_, value in self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                SQL.identifier(column),
                SQL.identifier(table),
                ids,
            )
        ):
            new = replacer.replace(value)
            if new == value:
                continue
            if is_unique and isinstance(new, str):
                new = f"{new}-{id_}"
            changed_ids.append(id_)
            values.append(json.dumps(new) if column_type in ("json", "jsonb") else new)
        if changed_ids:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE %s t SET %s = v.value::%s
                      FROM unnest(%s::int[], %s::text[]) AS v(id, value) WHERE t.id = v.id
                    """,
                    SQL.identifier(table),
                    SQL.identifier(column),
                    SQL.identifier(column_type),
                    changed_ids,
                    values,
                )
            )
