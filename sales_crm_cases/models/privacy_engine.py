import logging

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from ..personal_data import (
    ANONYMISED,
    CLEAR,
    DELETE,
    DETACH,
    EMPTY,
    PERSON,
    UNIQUE,
    Constant,
)
from .customer_note import REDACTION_SENTINEL

_logger = logging.getLogger(__name__)

# years after the one of the last document that the law asks for
DEFAULT_YEARS = 10
YEARS_PARAMETER = "sales_crm_cases.privacy_invoice_years"
# documents whose date says until when, and the date
HELD = {"account.move": "date", "sale.order": "date_order"}


class PrivacyEngine(models.AbstractModel):
    """Anonymises people, a set at a time and in SQL (G3): who may, and whether it is wise, is
    asked by ``privacy.request``.

    1. *Whose rows*: from the people along the declarations of the registry, by id, each row
       either to go or kept by law (:meth:`_find_rows`, privacy_engine_rows.py).
    2. *What becomes of them* (:meth:`_clear_rows`): no ORM, which would track the old values,
       recompute and notify. Links of many2many fields go with them.
    3. *What has no link*: names, addresses and numbers in the text of others
       (``privacy.sweep``).
    """

    _name = "privacy.engine"
    _description = "Anonymising people"

    @api.model
    def _anonymize(self, partner_ids, ignore_law=False):
        """Anonymise people, all of them or, on an error, none. To be called in a savepoint.

        :param ignore_law: the time for which the law keeps their invoices has passed
        :return: dict, the report, without personal data
        """
        self.env.flush_all()
        subject_ids = self._get_subjects(partner_ids)
        # whoever writes one of them meanwhile comes before or after
        self.env.execute_query(
            SQL("SELECT id FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR UPDATE", subject_ids)
        )
        self._part_from_employees(subject_ids)
        identity = self.env["privacy.sweep"]._collect_identity(subject_ids)
        rows, kept = self._find_rows(subject_ids, identity, ignore_law)
        self.env["privacy.sweep"]._add_documents(identity, rows, subject_ids)
        self.env["privacy.block"]._add(identity)
        hold_until = self._get_hold_until(kept)
        files = self._get_files(rows.get("ir.attachment", ()))
        self._redact_notes(subject_ids)
        report = {"rows": {}, "kept": {m: sorted(ids) for m, ids in kept.items() if ids}}
        self._drop_tracked_names(subject_ids)
        for declared in reversed(self.env["privacy.registry"]._get_installed()):
            ids = rows.get(declared.model)
            if ids and declared.rows in (CLEAR, DELETE, DETACH):
                self._clear_rows(declared, ids, subject_ids, kept)
                report["rows"][declared.model] = {"treatment": declared.rows, "count": len(ids)}
        self._drop_dialogs(subject_ids)
        self._unlink_relations(subject_ids)
        self._close_portal_users(rows.get("res.users", ()))
        self._mark_people(subject_ids, kept["res.partner"], hold_until)
        self.env.invalidate_all(flush=False)
        report["search"] = self.env["privacy.sweep"]._sweep(identity, kept)
        self.env.invalidate_all(flush=False)
        self._drop_files(files)
        return report

    @api.model
    def _part_from_employees(self, subject_ids):
        """Give employees who are customers a work contact of their own: what they are as
        customers goes, and what Human Resources knows of them stays."""
        # sudo: employees, whoever may read them
        employees = (
            self.env["hr.employee"]
            .sudo()
            .with_context(active_test=False, tracking_disable=True)
            .search([("work_contact_id", "in", subject_ids)])
        )
        contacts = employees.work_contact_id.create(
            [
                {
                    "name": employee.name,
                    "email": employee.work_email,
                    "phone": employee.work_phone,
                    "image_1920": employee.image_1920,
                    "company_id": employee.company_id.id,
                }
                for employee in employees
            ]
        )
        for employee, contact in zip(employees, contacts, strict=True):
            # before the contact, for Odoo ceases to trust an account that follows it
            employee.bank_account_ids.partner_id = contact
            employee.work_contact_id = contact
        self.env.flush_all()

    @api.model
    def _redact_notes(self, subject_ids):
        # sudo: the notes of the people, whoever may read them
        self.env["customer.note"].sudo().search([("customer_id", "in", subject_ids)])._redact(
            REDACTION_SENTINEL
        )
        self.env.flush_all()

    @api.model
    def _drop_tracked_names(self, subject_ids):
        """Tracked values of other documents that named the person."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM mail_tracking_value v USING ir_model_fields f
                 WHERE f.id = v.field_id AND f.relation = 'res.partner'
                   AND (v.old_value_integer = ANY(%(ids)s) OR v.new_value_integer = ANY(%(ids)s))
                """,
                ids=subject_ids,
            )
        )

    @api.model
    def _clear_rows(self, declared, ids, subject_ids, kept):
        Model = self.env[declared.model]
        table = SQL.identifier(Model._table)
        if declared.rows == DELETE:
            self.env.cr.execute(SQL("DELETE FROM %s WHERE id = ANY(%s)", table, list(ids)))
            return
        if declared.model == "mail.activity":
            # nobody calls a person who is gone
            self.env.cr.execute(
                SQL("DELETE FROM mail_activity WHERE id = ANY(%s) AND active", list(ids))
            )
        treatments = self.env["privacy.registry"]._get_column_treatments(declared)
        treatments = self._leave_out_chosen(declared, treatments)
        if not treatments:
            return
        legal_ids = set(kept.get(declared.model, ())) & set(ids)
        self._update_rows(Model, set(ids) - legal_ids, treatments, subject_ids)
        if legal_ids:
            legal = {n: t for n, t in treatments.items() if n not in (declared.legal_fields or ())}
            if declared.model == "res.partner":
                legal = self._keep_printed_phones(Model, legal_ids, legal, subject_ids)
            self._update_rows(Model, legal_ids, legal, subject_ids)

    @api.model
    def _keep_printed_phones(self, Model, ids, treatments, subject_ids):
        """A reprint of an order shows the number of an address of its own. Of the others it
        goes here."""
        printed = {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT a.id FROM res_partner a JOIN sale_order t
                      ON a.id IN (t.partner_invoice_id, t.partner_shipping_id)
                     WHERE a.id = ANY(%s) AND %s
                       AND NOT (t.partner_invoice_id = t.partner_id
                                AND t.partner_shipping_id = t.partner_id)
                    """,
                    list(ids),
                    self.env["privacy.registry"]._get_law("sale.order"),
                )
            )
        }
        phones = {n: t for n, t in treatments.items() if n in ("phone", "phone_sanitized")}
        self._update_rows(Model, ids - printed, phones, subject_ids)
        return {n: t for n, t in treatments.items() if n not in phones}

    @api.model
    def _leave_out_chosen(self, declared, treatments):
        """Without the fields that the officer chose to leave as they are (G1)."""
        spared = self.env["privacy.field"]._get_spared(declared.model)
        return {name: t for name, t in treatments.items() if name not in spared}

    @api.model
    def _update_rows(self, Model, ids, treatments, subject_ids):
        if not ids or not treatments:
            return
        self.env.cr.execute(
            SQL(
                "UPDATE %s t SET %s WHERE t.id = ANY(%s)",
                SQL.identifier(Model._table),
                SQL(", ").join(
                    SQL(
                        "%s = %s",
                        SQL.identifier(name),
                        self._get_new_value(Model._fields[name], treatment, subject_ids),
                    )
                    for name, treatment in treatments.items()
                ),
                list(ids),
            )
        )

    @api.model
    def _get_new_value(self, field, treatment, subject_ids):
        if isinstance(treatment, Constant):
            if field.translate or field.company_dependent:
                return SQL("jsonb_build_object('en_US', %s::text)", treatment.value)
            return SQL("%s", treatment.value)
        if treatment == UNIQUE:
            return SQL("%s || '-' || t.id::text", ANONYMISED.lower())
        if treatment == PERSON:
            return SQL(
                "CASE WHEN t.%(field)s = ANY(%(ids)s) THEN NULL ELSE t.%(field)s END",
                field=SQL.identifier(field.name),
                ids=subject_ids,
            )
        assert treatment == EMPTY, treatment
        return SQL("NULL")

    @api.model
    def _drop_dialogs(self, subject_ids):
        """Open dialogs about the people, and what the bus told browsers of them: both are thrown
        away by themselves soon, and need not name anybody."""
        for Model in map(self.env.get, self.env.registry):
            links = [
                self._get_link_condition(field, subject_ids)
                for field in Model._fields.values()
                if Model._transient
                and field.store
                and field.type in ("many2one", "many2many")
                and field.comodel_name == "res.partner"
            ]
            if links:
                self.env.cr.execute(
                    SQL(
                        "DELETE FROM %s t WHERE %s",
                        SQL.identifier(Model._table),
                        SQL(" OR ").join(links),
                    )
                )
        self.env.cr.execute(SQL("DELETE FROM bus_bus"))

    @api.model
    def _unlink_relations(self, subject_ids):
        """The people's rows in all many2many tables: tags, recipients, participants."""
        tables = {
            (
                field.relation,
                field.column2 if field.comodel_name == "res.partner" else field.column1,
            )
            for Model in map(self.env.get, self.env.registry)
            if not Model._abstract
            for field in Model._fields.values()
            if field.type == "many2many"
            and field.store
            and (field.comodel_name == "res.partner" or Model._name == "res.partner")
        }
        for relation, column in sorted(tables):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE %s = ANY(%s)",
                    SQL.identifier(relation),
                    SQL.identifier(column),
                    subject_ids,
                )
            )

    @api.model
    def _close_portal_users(self, user_ids):
        if user_ids:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE res_users SET active = FALSE, password = NULL, totp_secret = NULL
                     WHERE id = ANY(%s)
                    """,
                    list(user_ids),
                )
            )

    @api.model
    def _mark_people(self, subject_ids, legal_ids, hold_until):
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner
                   SET active = FALSE, privacy_date = %(now)s, write_uid = %(uid)s, write_date = %(now)s,
                       touch_date = NULL, completeness = 0, has_call_contact = FALSE,
                       privacy_state = CASE WHEN id = ANY(%(legal)s) THEN 'restricted'
                                            ELSE 'anonymised' END,
                       privacy_hold_until = CASE WHEN id = ANY(%(legal)s) THEN %(until)s::date END
                 WHERE id = ANY(%(ids)s)
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                legal=list(legal_ids),
                until=hold_until,
                ids=subject_ids,
            )
        )
        self._update_holds(subject_ids)
        self.env["privacy.registry"]._forget_answers()

    @api.model
    def _get_hold_until(self, kept):
        """The last day on which the law asks for the last of the kept documents: the end of the
        year of the invoice or order, and some years."""
        dates = [
            row[0]
            for model_name, date in HELD.items()
            if kept.get(model_name)
            for row in self.env.execute_query(
                SQL(
                    "SELECT max(t.%s)::date FROM %s t WHERE t.id = ANY(%s)",
                    SQL.identifier(date),
                    SQL.identifier(self.env[model_name]._table),
                    list(kept[model_name]),
                )
            )
        ]
        last = max(filter(None, dates), default=fields.Date.today())
        return last.replace(month=12, day=31) + relativedelta(years=self._get_hold_years())

    @api.model
    def _get_hold_years(self):
        # sudo: a parameter
        years = self.env["ir.config_parameter"].sudo().get_param(YEARS_PARAMETER)
        return int(years) if str(years or "").isdigit() else DEFAULT_YEARS

    @api.model
    def _update_holds(self, partner_ids):
        """How long the law asks for the documents of each restricted person, also for those
        that came later: an order is invoiced afterwards."""
        days = [
            SQL(
                "SELECT t.partner_id, t.%s::date AS day FROM %s t"
                " WHERE t.partner_id = ANY(%s) AND %s",
                SQL.identifier(date),
                SQL.identifier(self.env[model_name]._table),
                partner_ids,
                self.env["privacy.registry"]._get_law(model_name),
            )
            for model_name, date in HELD.items()
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner p
                   SET privacy_hold_until =
                       make_date(EXTRACT(year FROM family.day)::int + %(years)s, 12, 31)
                  FROM (SELECT s.commercial_partner_id, max(d.day) AS day
                          FROM (%(days)s) d JOIN res_partner s ON s.id = d.partner_id
                         GROUP BY 1) family
                 WHERE p.id = ANY(%(ids)s) AND p.privacy_state = 'restricted'
                   AND p.commercial_partner_id = family.commercial_partner_id
                """,
                years=self._get_hold_years(),
                days=SQL(" UNION ALL ").join(days),
                ids=partner_ids,
            )
        )

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    @api.model
    def _get_files(self, attachment_ids):
        if not attachment_ids:
            return []
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT DISTINCT store_fname FROM ir_attachment"
                    " WHERE id = ANY(%s) AND store_fname IS NOT NULL",
                    list(attachment_ids),
                )
            )
        ]

    @api.model
    def _drop_files(self, files):
        """Odoo's own collection removes files of which no attachment knows, as soon as this
        transaction is through; else the daily one does."""
        Attachment = self.env["ir.attachment"]
        for name in files:
            Attachment._file_delete(name)
        if files:
            registry = self.env.registry
            self.env.cr.postcommit.add(lambda: _collect_files(registry))


def _collect_files(registry):
    try:
        with registry.cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})["ir.attachment"]._gc_file_store()
    except Exception:  # the people are anonymised already; the daily collection comes back
        _logger.exception("The files of anonymised people are left to the daily collection")
