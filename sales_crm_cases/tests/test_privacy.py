from dataclasses import replace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.sales_crm_cases.models.privacy_engine import PrivacyEngine
from odoo.addons.sales_crm_cases.models.privacy_registry import PrivacyRegistry
from odoo.addons.sales_crm_cases.personal_data import PERSONAL_MODELS

from .privacy_common import MARKER, PrivacyCommon


@tagged("post_install", "-at_install")
class TestPrivacyRegistry(PrivacyCommon):
    """Every field that reaches a person is classified."""

    def test_nothing_of_the_installed_apps_is_unclassified(self):
        found = self.env["privacy.registry"]._find_unclassified()
        self.assertEqual(found, [])

    def _find_without(self, model_name, change=None):
        """What is unclassified if the declaration of a model is missing, or changed."""
        declared = PrivacyRegistry._get_personal_models(self.env["privacy.registry"])
        less = [
            replace(one, **change) if one.model == model_name else one
            for one in declared
            if change or one.model != model_name
        ]
        with patch.object(PrivacyRegistry, "_get_personal_models", lambda registry: less):
            return [row[:2] for row in self.env["privacy.registry"]._find_unclassified()]

    def test_a_model_that_nobody_declared_is_found(self):
        for model_name, ways in {
            "customer.reminder": ["owner_id", "customer_id", "contact_id"],  # many2one
            "calendar.event": ["partner_ids", "res_id"],  # many2many, reference
            "ir.attachment": ["res_id"],
            "mail.message.translation": ["message_id"],  # part of what is a person's
        }.items():
            found = self._find_without(model_name)
            self.assertEqual(set(found), {(model_name, way) for way in ways})

    def test_a_field_that_nobody_classified_is_found(self):
        # neither choices of a person nor texts that may not be empty follow from their type
        found = self._find_without("sale.order.line", {"fields": {}})
        self.assertIn(("sale.order.line", "name"), found)
        partner = PERSONAL_MODELS[0]
        less = {name: t for name, t in partner.fields.items() if name != "birthday"}
        found = self._find_without("res.partner", {"fields": less})
        self.assertEqual(found, [("res.partner", "birthday")])

    def test_the_officer_spares_a_field_but_never_the_name(self):
        fields_list = self.env["privacy.field"].with_user(self.officer)
        fields_list.action_open()
        spared = fields_list.search([("model", "=", "res.partner"), ("name", "=", "function")])
        spared.anonymise = False
        name = fields_list.search([("model", "=", "res.partner"), ("name", "=", "name")])
        with self.assertRaises(ValidationError):
            name.anonymise = False
        spared.write({"treatment": "law"})
        self.assertEqual(spared.treatment, "empty", "only the choice is the officer's")
        person = self._make_person_of_interest()
        self._anonymize(person)
        self.assertEqual(person.function, f"{MARKER} Officer")
        self.assertFalse(person.email)


@tagged("post_install", "-at_install")
class TestPrivacyAnonymize(PrivacyCommon):
    """After anonymising nothing of a person is found anywhere (G3)."""

    def test_no_trace_is_left_of_a_person_without_invoices(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        quote = self._make_quote(person)
        self._make_invoice(person, post=False)
        markers = (MARKER, "Quillfeather", "7691834", "0412345614")
        self.assertGreater(len(self._find_marker(*markers)), 60, "the traces are there")
        self.assertTrue(self._find_in_files(MARKER))
        request = self._anonymize(person)
        self.assertEqual(request.state, "done", request.line_ids.mapped("error"))
        self.assertEqual(self._find_marker(*markers), {})
        self.assertEqual(self._find_in_files(MARKER), [])
        self.assertEqual(request.report["search"]["left"], {})
        self.assertEqual(request.line_ids.state, "done")
        self.assertFalse(request.line_ids.kept)
        # what is no one's data stays
        self.assertTrue(quote.exists())
        self.assertEqual(quote.order_line.product_id, self.product)
        self.assertTrue(self.activity.exists())
        self.assertEqual(self.activity.date_done, fields.Date.today())
        self.assertEqual(self.foreign_case.partner_id, self.customer_bert)
        self.assertIn("Kindler asks about", self.foreign_case.name)
        self.assertIn("and others", self.fair.description)
        self.assertFalse(person.active)
        self.assertFalse(self.portal_user.active)
        self.assertFalse(self.child.active)

    def test_notes_are_redacted_and_their_chain_stays_valid(self):
        person = self._make_person_of_interest()
        self._trace_crm(person)
        self._anonymize(person)
        self.assertTrue(self.note.redacted_date)
        chains = self.env["customer.note.chain"].search(
            [("customer_id", "in", (person | self.customer_bert).ids)]
        )
        self.assertEqual(len(chains), 2)
        self.assertEqual(chains._find_problems(), {})

    def test_invoices_and_the_orders_behind_them_stay_byte_for_byte(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        order = self._make_quote(person)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.ref = f"{MARKER} ref"
        invoice.action_post()
        pdf = self.env["ir.attachment"].create(
            {
                "name": f"{MARKER}.pdf",
                "raw": f"%PDF-1.4 invoice of {MARKER}".encode(),
                "res_model": "account.move",
                "res_id": invoice.id,
            }
        )
        invoice.message_post(body=f"{MARKER} has the invoice", attachment_ids=pdf.ids)
        self.env.flush_all()
        # a hint for whoever signs in to the portal is none of the order
        self.portal_user.active = False
        # printing makes the tokens of the portal
        printed = self._print(invoice), self._print(order)
        before = self._dump(invoice, invoice.line_ids, order, order.order_line, pdf)
        request = self._anonymize(person)
        self.assertEqual(request.state, "done", request.line_ids.mapped("error"))
        self.assertEqual(
            self._dump(invoice, invoice.line_ids, order, order.order_line, pdf), before
        )
        self.assertEqual((self._print(invoice), self._print(order)), printed)
        self.assertEqual(request.line_ids.state, "restricted")
        self.assertEqual(request.line_ids.kept["account.move"], invoice.ids)
        self.assertEqual(request.line_ids.kept["sale.order"], order.ids)
        self.assertEqual(person.privacy_hold_until.year, 2036)
        found = self._find_marker(MARKER, "Quillfeather", "7691834", "0412345614")
        tables = {name.split(".")[0] for name in found}
        self.assertLessEqual(
            tables,
            {
                "account_move",
                "account_move_line",
                "sale_order",
                "sale_order_line",
                "res_partner",
                "ir_attachment",
            },
            found,
        )
        self.assertFalse(person.email or person.function or person.comment or person.birthday)
        columns = {name for name in found if name.startswith("res_partner.")}
        self.assertLessEqual(
            columns,
            {
                f"res_partner.{name}"
                for name in self.env["privacy.registry"]._get_personal_models()[0].legal_fields
            },
        )
        self.assertEqual(found["ir_attachment.name"], {pdf.id})
        self.assertEqual(len(self._find_in_files(MARKER)), 1)
        # only accounts read who it was
        self.assertEqual(person.with_user(self.accounts).display_name, self.NAME)
        for user in (self.officer, self.crm_admin, self.anna, self.boss):
            self.assertSeesNot(user, person)
        self.assertNotIn(MARKER, order.with_user(self.crm_admin).partner_id.display_name)

    def test_the_hold_ends_by_itself(self):
        person = self._make_person_of_interest()
        invoice = self._make_invoice(person)
        self._anonymize(person)
        self.assertEqual(person.privacy_state, "restricted")
        self.env["privacy.request"]._begin_final_requests()
        self.assertFalse(self.env["privacy.request"].search([("kind", "=", "final")]))
        person.privacy_hold_until = fields.Date.subtract(fields.Date.today(), days=1)
        with self.enter_registry_test_mode():
            self.env.ref("sales_crm_cases.ir_cron_privacy").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(person.privacy_state, "anonymised")
        self.assertEqual(self._find_marker(MARKER, "Quillfeather"), {})
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_untaxed, 50)

    def test_a_second_run_changes_nothing(self):
        person = self._make_person_of_interest()
        self._trace_cases(person)
        self._make_invoice(person)
        self._anonymize(person)
        self.env.flush_all()
        before = self._dump(person, self.case, self.case.message_ids)
        request = self._anonymize(person)
        self.assertEqual(request.line_ids.state, "skipped")
        self.assertEqual(self._dump(person, self.case, self.case.message_ids), before)

    def test_a_failure_in_the_middle_leaves_people_whole(self):
        people = self._make_person_of_interest() | self._make_customer("Marla Poison", self.anna)
        poison = people[1]
        original = PrivacyEngine._mark_people

        def fail(engine, subject_ids, *args):
            original(engine, subject_ids, *args)
            if poison.id in subject_ids:
                raise ValueError("Marla Poison may not be in the log")

        with (
            patch.object(PrivacyEngine, "_mark_people", fail),
            self.assertLogs("odoo.addons.sales_crm_cases.models.privacy_request", "ERROR") as logs,
        ):
            request = self._anonymize(people)
        self.env.invalidate_all()
        self.assertEqual(request.state, "failed")
        self.assertEqual(request.line_ids.mapped("state"), ["done", "failed"])
        self.assertEqual(poison.name, "Marla Poison")
        self.assertTrue(poison.active)
        self.assertTrue(poison.salesman_link_ids)
        self.assertFalse(poison.privacy_state)
        self.assertNotIn("Marla", str(request.line_ids.mapped("error")) + str(logs.output))

    def test_what_others_have_too_is_left(self):
        person = self._make_person_of_interest()
        company = self._make_customer("Brass Foundry", self.bert, phone=self.PHONE)
        namesake = self.env["res.partner"].create({"name": self.NAME})
        other_case = self.env["crm.lead"].create(
            {"name": f"Call {self.PHONE} of {self.NAME}", "partner_id": company.id}
        )
        self._anonymize(person)
        self.assertEqual(company.phone, self.PHONE)
        self.assertEqual(namesake.name, self.NAME)
        self.assertEqual(other_case.name, f"Call {self.PHONE} of {self.NAME}")

    def test_a_contact_goes_and_its_company_stays(self):
        contact = self.env["res.partner"].create(
            {
                "name": self.NAME,
                "parent_id": self.customer_bert.id,
                "email": self.EMAIL,
                "phone": self.PHONE,
            }
        )
        case = self.env["crm.lead"].create(
            {"name": f"For {self.NAME}", "partner_id": contact.id, "type": "opportunity"}
        )
        shared = self.env["crm.lead"].create(
            {
                "name": f"Boiler, as {self.NAME} said",
                "partner_id": self.customer_bert.id,
                "type": "opportunity",
                "contact_ids": [fields.Command.link(contact.id)],
            }
        )
        note = self.env["customer.note"].create(
            {"customer_id": self.customer_bert.id, "body": "Pays early"}
        )
        self._anonymize(contact)
        self.assertEqual(self._find_marker(MARKER, "7691834"), {})
        self.assertEqual(self.customer_bert.name, "Kindler Toys")
        self.assertEqual(
            self.customer_bert.salesman_link_ids.employee_id, self.employees[self.bert]
        )
        self.assertEqual(case.customer_id, self.customer_bert)
        self.assertEqual(shared.name, "Boiler, as anonymised said")
        self.assertFalse(shared.contact_ids)
        self.assertEqual(note.body, "Pays early")

    def _dump(self, *recordsets):
        """The rows as they are in the database."""
        self.env.flush_all()
        rows = []
        for records in recordsets:
            self.env.cr.execute(
                f"SELECT to_jsonb(t)::text FROM {records._table} t WHERE id = ANY(%s) ORDER BY id",
                [records.ids],
            )
            rows.append(self.env.cr.fetchall())
        return rows

    def _print(self, record):
        report = {
            "account.move": "account.report_invoice",
            "sale.order": "sale.report_saleorder",
        }[record._name]
        self.env.invalidate_all()
        return (
            self.env["ir.actions.report"]
            .with_user(self.accounts)
            .sudo()
            ._render_qweb_html(report, record.ids)[0]
        )


@tagged("post_install", "-at_install")
class TestPrivacyRights(PrivacyCommon):
    """Only officers, four eyes for many, and a log without data (G2)."""

    def test_nobody_but_an_officer_may(self):
        person = self._make_person_of_interest()
        Request = self.env["privacy.request"]
        for user in (self.anna, self.boss, self.accounts, self.crm_admin, self.clerk):
            for method in ("anonymize", "get_preview"):
                with self.assertRaises(AccessError):
                    getattr(Request.with_user(user), method)(person.ids)
            with self.assertRaises(AccessError):
                Request.with_user(user).export_subject(person.id)
            with self.assertRaises(AccessError):
                Request.with_user(user).search([]).read()
            with self.assertRaises(AccessError):
                self.env["privacy.field"].with_user(user).search([]).read()
        with self.assertRaises(AccessError):
            person.with_user(self.accounts).action_touch()
        self.assertEqual(person.name, self.NAME)

    def test_own_company_users_and_employees_are_refused(self):
        user = self.anna.partner_id
        for partner in (
            self.env.company.partner_id,
            user,
            self.env.ref("base.public_partner"),
            self.env.ref("base.template_portal_user_id").partner_id,
        ):
            with self.assertRaises(UserError) as error:
                self._anonymize(partner)
            self.assertNotIn(partner.name, str(error.exception))
        archived = self.bert.partner_id
        self.bert.active = False
        with self.assertRaises(UserError):
            self._anonymize(archived)
        # one of them stops all
        person = self._make_person_of_interest()
        with self.assertRaises(UserError):
            self._anonymize(person | user)
        self.assertEqual(person.name, self.NAME)
        self.assertFalse(self.env["privacy.request"].search([]))

    def test_bad_ids_are_refused(self):
        Request = self.env["privacy.request"].with_user(self.officer)
        for ids in ([], [0], [-1], "1", ["1"], None, [True], [10**9]):
            with self.assertRaises(UserError):
                Request.anonymize(ids)

    def test_people_of_another_company_are_refused(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        partner = self.env["res.partner"].create({"name": "Far Away", "company_id": company.id})
        with self.assertRaises(AccessError) as error:
            self._anonymize(partner)
        self.assertNotIn("Far", str(error.exception))

    def test_the_preview_warns_and_writes_nothing(self):
        person = self._make_person_of_interest()
        self._trace_cases(person)
        self._trace_crm(person)
        self._make_invoice(person)
        preview = self.env["privacy.request"].with_user(self.officer).get_preview(person.ids)
        self.assertEqual(preview["people"], 2)
        self.assertEqual(len(preview["warnings"]), 3, preview["warnings"])
        stays = {row["model"]: row["count"] for row in preview["stays"]}
        self.assertEqual(stays["account.move"], 1)
        goes = {row["model"]: row["count"] for row in preview["goes"]}
        self.assertGreaterEqual(goes["crm.lead"], 2)
        self.assertEqual(person.name, self.NAME)

    def test_the_dialog_asks(self):
        person = self._make_person_of_interest()
        action = person.with_user(self.officer).action_open_anonymize()
        wizard = (
            self.env["privacy.anonymize.wizard"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn("Attachment", wizard.goes)
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.is_sure = True
        action = wizard.action_confirm()
        request = self.env["privacy.request"].with_user(self.officer).browse(action["res_id"])
        self.assertEqual(request.state, "done")
        self.assertTrue(request.report_text)
        self.assertEqual(person.name, "Anonymised")

    def test_more_than_a_hundred_take_a_second_officer(self):
        people = self.env["res.partner"].create([{"name": f"Crowd Member {n}"} for n in range(101)])
        request = self._anonymize(people)
        self.assertEqual(request.state, "approval")
        self.assertEqual(people[0].name, "Crowd Member 0")
        with self.assertRaises(AccessError):
            request.with_user(self.officer).action_approve()
        with self.assertRaises(AccessError):
            request.with_user(self.crm_admin).action_approve()
        request.with_user(self.officer2).action_approve()
        with self.assertRaises(UserError):
            request.with_user(self.officer2).action_approve()
        with self.enter_registry_test_mode():
            self.env.ref("sales_crm_cases.ir_cron_privacy").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(request.state, "done")
        self.assertEqual(set(people.mapped("name")), {"Anonymised"})
        self.assertEqual(request.approver_id, self.officer2)

    def test_nobody_writes_the_log_or_the_state(self):
        person = self._make_person_of_interest()
        request = self._anonymize(person)
        with self.assertRaises(AccessError):
            request.with_user(self.officer).write({"state": "rejected"})
        with self.assertRaises(AccessError):
            request.with_user(self.officer).unlink()
        other = self.customer_anna.with_user(self.crm_admin)
        other.write({"privacy_state": "restricted"})
        self.assertFalse(other.sudo().privacy_state)

    def test_touch_sets_the_age_to_zero(self):
        person = self._make_person_of_interest()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = create_date - interval '400 days' WHERE id = %s",
            [person.id],
        )
        self.env.invalidate_all()
        old = person.with_user(self.officer)
        people = self.env["res.partner"].with_user(self.officer)
        self.assertEqual(old.privacy_age, 400)
        self.assertIn(person.id, people.search([("privacy_age", ">", 365)]).ids)
        self.assertIn(person.id, people.search([("privacy_age", ">=", 400)]).ids)
        self.assertNotIn(person.id, people.search([("privacy_age", ">", 400)]).ids)
        old.action_touch()
        self.env.invalidate_all()
        self.assertEqual(old.privacy_age, 0)
        self.assertNotIn(person.id, people.search([("privacy_age", ">", 365)]).ids)
        with self.assertRaises(AccessError):
            person.with_user(self.anna).read(["privacy_age"])

    def test_subject_access_finds_what_anonymising_would(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        invoice = self._make_invoice(person)
        data = self.env["privacy.request"].with_user(self.officer).export_subject(person.id)
        records = data["records"]
        self.assertEqual(records["res.partner"][0]["name"], self.NAME)
        self.assertIn(self.case.id, [row["id"] for row in records["crm.lead"]])
        self.assertIn(invoice.id, [row["id"] for row in records["account.move"]])
        self.assertTrue(any("has a dog" in row["body"] for row in records["customer.note"]))
        self.assertNotIn("password", str(records))
        log = self.env["privacy.request"].search([("kind", "=", "export")])
        self.assertEqual(log.user_id, self.officer)
        self.assertNotIn(MARKER, str(log.read()) + str(log.line_ids.kept))
