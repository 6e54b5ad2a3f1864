import json
from collections import defaultdict
from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime, get_lang
from odoo.tools.mail import html2plaintext

from ..personal_identity import EMAIL

# besides the models of the registry: whoever is meant here is a number in the file
OTHER_PEOPLE = {"hr.employee", "hr.employee.public", "resource.resource"}
# columns with the e-mail addresses of whoever took part
ADDRESSES = {
    "email_cc",
    "email_from",
    "email_to",
    "failure_reason",
    "headers",
    "incoming_email_cc",
    "incoming_email_to",
    "mail_email_address",
    "outgoing_email_to",
    "reply_to",
}
# what went to somebody, by whom: a delivery to another person is not told
RECIPIENTS = {
    "mail.notification": "res_partner_id",
    "sms.sms": "partner_id",
    "snailmail.letter": "partner_id",
}
SECRETS = ("password", "token", "secret", "digest", "key")
TITLES = ("complete_name", "name", "subject", "summary", "display_name")
TECHNICAL = {*models.MAGIC_COLUMNS, "model", "res_model", "message_id", "store_fname", "checksum"}
TECHNICAL_TYPES = {"integer", "many2one_reference", "json", "reference"}
PDF_STATES = ("ok", "upgrade")
REPORT = "sales_crm_cases.privacy_subject_report"


def _to_text(value):
    return fields.Datetime.to_string(value) if isinstance(value, datetime) else str(value)


class PrivacySubjectAccess(models.AbstractModel):
    """All that is kept of a person, once for machines and once for people (G5): the second is
    made of the first, so that both say the same.

    It is handed to the person, so it says nothing of others: they are numbers, their addresses
    and what was sent to them are left out. Free text about the person is given as it stands.
    """

    _name = "privacy.subject.access"
    _description = "Subject access"

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    @api.model
    def _collect(self, partner_ids):
        """:return: dict ``{model: [{field: value}]}`` of what anonymising would find, values as
        they are stored, dates as text (UTC), without what is empty, secrets and others"""
        self.env.flush_all()
        # sudo: whoever calls has asked for the right of an officer
        env = self.sudo().env
        subject_ids = env["privacy.engine"]._get_subjects(partner_ids)
        identity = env["privacy.sweep"]._collect_identity(subject_ids)
        rows, kept = env["privacy.engine"]._find_rows(subject_ids, identity)
        records = {}
        for declared in env["privacy.registry"]._get_installed():
            ids = rows.get(declared.model, set()) | kept.get(declared.model, set())
            if ids:
                records[declared.model] = self._read(env[declared.model], sorted(ids))
        self._leave_out_others(records, subject_ids, identity)
        return {model: found for model, found in records.items() if found}

    @api.model
    def _read(self, Model, ids):
        names = [
            name
            for name, field in Model._fields.items()
            if field.store
            and field.column_type
            and field.type != "binary"
            and not field.inherited
            and field.groups != fields.NO_ACCESS
            and not any(secret in name for secret in SECRETS)
        ]
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM %s WHERE id = ANY(%s) ORDER BY id",
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL.identifier(Model._table),
                ids,
            )
        )
        # by JSON and back: dates become texts
        return json.loads(
            json.dumps(
                [
                    {name: value for name, value in row.items() if value not in (None, "", False)}
                    for row in rows
                ],
                default=_to_text,
            )
        )

    @api.model
    def _leave_out_others(self, records, subject_ids, identity):
        for model, name in RECIPIENTS.items():
            if model in records:
                records[model] = [
                    row
                    for row in records[model]
                    if row.get(name) is None or row[name] in subject_ids
                ]
        own = identity.emails | self._get_own_addresses(records, subject_ids)
        self._leave_out_mails(records, subject_ids, own)
        self._leave_out_notifications(records, subject_ids)
        for row in records.get("ir.attachment", ()):
            if row.get("mimetype") == "text/calendar":
                # an invitation names all who take part
                row.pop("index_content", None)
        for rows in records.values():
            for row in rows:
                for name in ADDRESSES & row.keys():
                    found = {address.lower() for address in EMAIL.findall(str(row[name]))}
                    if found - own:
                        del row[name]
        self._leave_out_tracked_names(records)

    @api.model
    def _leave_out_mails(self, records, subject_ids, own):
        """What was mailed to others, colleagues above all, about the person's documents: the
        message itself is told."""
        if "mail.mail" not in records:
            return
        # sudo: whoever calls has asked for the right of an officer
        mails = self.env["mail.mail"].sudo().browse(row["id"] for row in records["mail.mail"])
        kept = set()
        for mail in mails:
            addresses = {a.lower() for a in EMAIL.findall(f"{mail.email_to} {mail.email_cc}")}
            if (
                not (mail.recipient_ids or addresses)
                or addresses & own
                or set(mail.recipient_ids.ids) & set(subject_ids)
            ):
                kept.add(mail.id)
        records["mail.mail"] = [row for row in records["mail.mail"] if row["id"] in kept]

    @api.model
    def _leave_out_notifications(self, records, subject_ids):
        """What Odoo told others, colleagues above all, on the person's documents: that one of
        them was assigned, invited or mentioned."""
        rows = records.get("mail.message", ())
        # sudo: as above
        told = (
            self.env["mail.message"]
            .sudo()
            .browse(r["id"] for r in rows if r.get("message_type") == "user_notification")
        )
        others = {
            message.id for message in told if not set(message.partner_ids.ids) & set(subject_ids)
        }
        if others:
            records["mail.message"] = [row for row in rows if row["id"] not in others]

    @api.model
    def _get_own_addresses(self, records, subject_ids):
        """Addresses of the person, those that others have as well included."""
        texts = [row.get("email") for row in records.get("res.partner", ())]
        texts += [row.get("login") for row in records.get("res.users", ())]
        texts += [
            row.get("email_from")
            for row in records.get("mail.message", ())
            if row.get("author_id") in subject_ids
        ]
        return {address.lower() for text in texts for address in EMAIL.findall(text or "")}

    @api.model
    def _leave_out_tracked_names(self, records):
        """The history of changes has names of colleagues and others beside their numbers."""
        rows = records.get("mail.tracking.value", ())
        own, people = self._get_own_ids(records), self._get_people_models()
        # sudo: what kind of field was tracked
        tracked = (
            self.env["ir.model.fields"]
            .sudo()
            .browse({r["field_id"] for r in rows if "field_id" in r})
        )
        relations = {field.id: field.relation for field in tracked.exists()}
        for row in rows:
            relation = relations.get(row.get("field_id"))
            if relation not in people:
                continue
            for side in ("old", "new"):
                if row.get(f"{side}_value_integer") not in own.get(relation, ()):
                    row.pop(f"{side}_value_char", None)

    @api.model
    def _get_people_models(self):
        """Models whose records may be another person's."""
        declared = self.env["privacy.registry"]._get_installed()
        return OTHER_PEOPLE | {personal.model for personal in declared}

    @api.model
    def _get_own_ids(self, records):
        return {model: {row["id"] for row in rows} for model, rows in records.items()}

    # ------------------------------------------------------------------
    # For people to read
    # ------------------------------------------------------------------

    @api.model
    def _describe(self, records):
        """The same in words, in the language of the context.

        :param records: of :meth:`_collect`
        :return: list of dicts, a kind of record each: ``label`` and ``records``, a list of dicts
            ``title``, ``values`` (list of pairs of label and text) and ``details`` (text)
        """
        names = self._get_names(records)
        get_label = self.env["privacy.request"]._get_model_label
        return [
            {
                "label": get_label(model),
                "records": [self._describe_row(self.env[model], row, names) for row in rows],
            }
            for model, rows in records.items()
        ]

    @api.model
    def _describe_row(self, Model, row, names):
        values, details = [], []
        for name, value in row.items():
            field = Model._fields[name]
            label = field.get_description(self.env, ["string"])["string"]
            text = self._get_text(field, value, names)
            if self._is_technical(field, text):
                details.append(f"{label}: {text}")
            else:
                values.append((label, text))
        title = next((str(row[name]) for name in TITLES if isinstance(row.get(name), str)), "")
        return {"title": title, "values": values, "details": " · ".join(details)}

    @api.model
    def _is_technical(self, field, text):
        return (
            field.name in TECHNICAL
            or field.type in TECHNICAL_TYPES
            or (field.type == "many2one" and text.startswith("#"))
        )

    @api.model
    def _get_text(self, field, value, names):
        if isinstance(value, dict) and (field.translate or field.company_dependent):
            # a value per language or company
            texts = [self._get_text(field, each, names) for each in value.values()]
            return " / ".join(dict.fromkeys(texts))
        if field.type == "many2one":
            return names.get(field.comodel_name, {}).get(value) or f"#{value}"
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.type == "boolean":
            return self.env._("Yes")
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "datetime":
            return format_datetime(self.env, value, tz="UTC")
        if field.type in ("float", "monetary"):
            return self._get_number(value)
        if field.type == "html":
            return html2plaintext(value)
        if isinstance(value, (dict, list)):
            return json.dumps(value, ensure_ascii=False)
        return str(value)

    @api.model
    def _get_number(self, value):
        _whole, _point, decimals = f"{value:.10f}".rstrip("0").partition(".")
        # sudo: the language's signs
        language = self.env["res.lang"].sudo()._lang_get(get_lang(self.env).code)
        return language.format(f"%.{len(decimals)}f", value, grouping=True)

    @api.model
    def _get_names(self, records):
        """:return: dict ``{model: {id: name}}`` of what the records point to, but of others'"""
        wanted = defaultdict(set)
        for model, rows in records.items():
            for name, field in self.env[model]._fields.items():
                if field.type == "many2one" and field.store:
                    for row in rows:
                        value = row.get(name)
                        wanted[field.comodel_name].update(
                            value.values() if isinstance(value, dict) else [value]
                        )
        own, people = self._get_own_ids(records), self._get_people_models()
        names = {}
        for model, ids in wanted.items():
            told = ids & own.get(model, set()) if model in people else ids - {None}
            # sudo: the names of what is told to the person anyway
            known = self.env[model].sudo().with_context(active_test=False).browse(told)
            names[model] = {record.id: record.display_name for record in known.exists()}
        # whoever may not read a person whose invoices are kept answers for her all the same
        for row in records.get("res.partner", ()):
            if row["id"] in names.get("res.partner", ()):
                names["res.partner"][row["id"]] = row.get("complete_name") or row.get("name")
        return names

    # ------------------------------------------------------------------
    # File
    # ------------------------------------------------------------------

    @api.model
    def _render(self, partner):
        """The readable file, in the person's language.

        :return: ``(content, "pdf")``, or ``(content, "html")`` on a server that makes no PDF
        """
        language = get_lang(self.env, partner.lang).code
        Report = self.env["ir.actions.report"].with_context(lang=language)
        if Report.get_wkhtmltopdf_state() in PDF_STATES:
            return Report._render_qweb_pdf(REPORT, partner.ids)
        return Report._render_qweb_html(REPORT, partner.ids)
