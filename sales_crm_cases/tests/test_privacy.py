import io
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from openpyxl import Workbook

from odoo.addons.sales_crm_cases.models.privacy_engine import PrivacyEngine

from .privacy_common import MARK, MARKER, PrivacyCommon, find_marker


@tagged("post_install", "-at_install")
class TestPrivacyAnonymize(PrivacyCommon):
    """After anonymising nothing of a person is found anywhere (G3)."""

    def test_no_trace_is_left_of_a_person_without_invoices(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        quote = self._make_quote(person)
        self._make_invoice(person, post=False)
        markers = self.MARKERS
        found = str(find_marker(self.env.cr, *markers)).lower()
        self.assertGreaterEqual(
            sum(mark.lower() in found for mark in MARK.used), 60, "the traces are there"
        )
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
        found = self._find_marker(*self.MARKERS)
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

    def test_confirmed_orders_are_kept_like_invoices(self):
        """They are contracts, invoiced or not; quotes are none."""
        person = self._make_person_of_interest()
        quote = self._make_quote(person)
        order = self._make_quote(person)
        order.action_confirm()
        order.date_order = "2025-03-04 10:00:00"
        self.env.flush_all()
        printed = self._print(order)
        before = self._dump(order, order.order_line)
        request = self._anonymize(person)
        self.assertEqual(self._dump(order, order.order_line), before)
        self.assertEqual(self._print(order), printed)
        self.assertEqual(request.line_ids.state, "restricted")
        self.assertEqual(request.line_ids.kept["sale.order"], order.ids)
        self.assertEqual(person.privacy_hold_until, fields.Date.to_date("2035-12-31"))
        self.assertFalse(quote.client_order_ref or quote.note)
        found = self._find_marker(MARKER)
        self.assertLessEqual(
            {name.split(".")[0] for name in found}, {"sale_order", "sale_order_line", "res_partner"}
        )

    def test_what_is_invoiced_later_is_kept_as_long_as_the_law_asks(self):
        person = self._make_person_of_interest()
        order = self._make_quote(person)
        order.action_confirm()
        order.date_order = "2015-03-04 10:00:00"
        self._anonymize(person)
        self.assertEqual(person.privacy_hold_until, fields.Date.to_date("2025-12-31"))
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-11-20"
        invoice.action_post()
        self._work_off()
        self.assertEqual(person.privacy_state, "restricted")
        self.assertEqual(person.privacy_hold_until, fields.Date.to_date("2036-12-31"))
        self.assertIn(MARKER, order.client_order_ref)

    def test_each_is_held_as_long_as_his_own_documents(self):
        people = self._make_person_of_interest()
        people |= self._make_customer("Brass Foundry", self.bert)
        for person, date in zip(people, ("2020-05-05", "2024-05-05"), strict=True):
            self._make_invoice(person, invoice_date=date)
        self._anonymize(people)
        self.assertEqual([day.year for day in people.mapped("privacy_hold_until")], [2030, 2034])

    def test_the_log_names_what_is_kept_of_each(self):
        company = self._make_customer("Brass Foundry", self.bert)
        contact = self.env["res.partner"].create({"name": self.NAME, "parent_id": company.id})
        other = self._make_customer("Marla Patient", self.bert, is_company=False)
        people = company | contact | other
        invoices = [self._make_invoice(person).id for person in people]
        request = self._anonymize(people)
        kept = {line.partner_id: line.kept for line in request.line_ids}
        self.assertEqual(kept[company]["account.move"], invoices[:2], "with those of his contacts")
        self.assertEqual(kept[company]["res.partner"], (company | contact).ids)
        for person, invoice in ((contact, invoices[1]), (other, invoices[2])):
            expected = {"res.partner": person.ids, "account.move": [invoice]}
            self.assertEqual(kept[person], expected)
        line = request.line_ids[2]
        self.assertIn("Journal Entry: 1", line.kept_text)
        line.kept = False
        self.assertFalse(line.kept_text)
        # as many queries for many
        counts = []
        for some in (other, people):
            before = self.cr.sql_log_count
            request._get_kept_by_person(some, {"account.move": invoices})
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_only_accounts_read_what_is_kept(self):
        """Not even by a copy of the name, the text of a line or a reference (G3)."""
        person = self._make_person_of_interest()
        order = self._make_quote(person)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.ref = f"{MARKER} ref"
        invoice.action_post()
        other_order = self._make_quote(self.customer_anna)
        documents = [*invoice, *invoice.line_ids, *order, *order.order_line]
        for document in documents:
            self.assertSees(self.crm_admin, document)
        self.assertSees(self.anna, order)
        self._anonymize(person)
        for user in (self.anna, self.boss, self.crm_admin, self.officer):
            for document in documents:
                self.assertFalse(document.with_user(user).has_access("read"))
                name = document.with_user(user).sudo().display_name
                self.assertEqual(name, "Restricted document")
        for user in (self.anna, self.crm_admin):
            self.assertSees(user, other_order)
            for document in documents:
                found = document.with_user(user).search([("id", "in", document.ids)])
                self.assertFalse(found)
                self.assertFalse(
                    document.with_user(user).search_count([("id", "in", document.ids)])
                )
            # totals go on counting them
            report = self.env["sale.report"].with_user(self.crm_admin)
            self.assertTrue(
                report.search_count([("order_reference", "=", f"sale.order,{order.id}")])
            )
        for document in documents:
            self.assertSees(self.accounts, document)
        self.assertIn(MARKER, invoice.with_user(self.accounts).display_name)

    def test_the_copy_of_the_name_is_for_accounts(self):
        """An invoice of a company stays visible when its contact is anonymised, without him."""
        contact = self.env["res.partner"].create(
            {"name": self.NAME, "parent_id": self.customer_anna.id}
        )
        invoice = self._make_invoice(contact)
        self.assertIn(MARKER, invoice.invoice_partner_display_name)
        self._anonymize(contact)
        field = "invoice_partner_display_name"
        self.crm_admin.group_ids |= self.env.ref("base.group_allow_export")
        for user in (self.anna, self.crm_admin, self.officer):
            moves = self.env["account.move"].with_user(user)
            for use in (
                lambda moves: moves.browse(invoice.id).read([field]),
                lambda moves: moves.search([(field, "ilike", MARKER)]),
                lambda moves: moves.search([], order=field),
                lambda moves: moves.formatted_read_group([], [field], ["__count"]),
                lambda moves: moves.browse(invoice.id).export_data([field]),
            ):
                with self.assertRaises(UserError):  # export needs a right besides
                    use(moves)
        self.assertSees(self.anna, invoice)
        self.assertEqual(invoice.with_user(self.anna).partner_id.display_name, "Restricted person")
        view = (
            self.env["account.move"]
            .with_user(self.anna)
            .get_view(self.env.ref("account.view_out_invoice_tree").id, "list")
        )
        self.assertNotIn(field, view["arch"])
        self.assertIn('name="partner_id"', view["arch"])
        self.assertIn(MARKER, invoice.with_user(self.accounts)[field])

    def test_the_hold_ends_by_itself(self):
        person = self._make_person_of_interest()
        invoice = self._make_invoice(person)
        self._anonymize(person)
        self.assertEqual(person.privacy_state, "restricted")
        self.env["privacy.request"]._begin_final_requests()
        self.assertFalse(self.env["privacy.request"].search([("kind", "=", "final")]))
        person.privacy_hold_until = fields.Date.subtract(fields.Date.today(), days=1)
        # as if the invoice was of that time
        self.env.cr.execute(
            "UPDATE account_move SET date = '2015-11-20' WHERE id = %s", [invoice.id]
        )
        self._work_off()
        self.assertEqual(person.privacy_state, "anonymised")
        self.assertEqual(self._find_marker(MARKER, "Quillfeather"), {})
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_untaxed, 50)

    def test_imports_of_others_survive(self):
        person = self._make_person_of_interest()
        others = f"name,city\n{self.NAME} Shipyard,Ghent\nZyx Orana Quill,Bruges\n".replace(
            f"{self.NAME} S", "Somebody Else of S"
        )
        rows = [["first name", "last name", "mail"], *map(str.split, ("A B a@b.example",))]
        uploads = {
            "others.csv": others.encode(),
            "others.xlsx": self._make_workbook(rows),
            "broken.xlsx": b"PK\x03\x04 broken",
            "name.csv": f"name\n{self.NAME}\n".encode("utf-16"),
            "cells.csv": f'mail;"{self.NAME.replace(" ", chr(34) + ";" + chr(34))}"'.encode(),
            "mail.csv": f"x,<{self.EMAIL.upper()}>".encode("cp1252"),
            "phone.csv": b"x;+49 (30) 769-1834",
            "workbook.xlsx": self._make_workbook([*rows, self.NAME.split()]),
        }
        dialogs = self.env["base_import.import"].create(
            [
                {"res_model": "res.partner", "file": content, "file_name": name}
                for name, content in uploads.items()
            ]
        )
        self._anonymize(person)
        self.assertEqual(
            dialogs.exists().mapped("file_name"), ["others.csv", "others.xlsx", "broken.xlsx"]
        )

    @staticmethod
    def _make_workbook(rows):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    def test_a_step_reads_all_people_once(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        statements = []
        execute = type(self.env.cr).execute

        def note(cursor, query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", note):
            self._anonymize(person)
        scans = [text for text in statements if "regexp_replace(phone_sanitized" in text]
        self.assertEqual(len(scans), 1)

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
            self.assertLogs(
                "odoo.addons.sales_crm_cases.models.privacy_request_run", "ERROR"
            ) as logs,
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

    def test_a_worker_whose_time_is_up_blames_nobody(self):
        people = self._make_person_of_interest() | self._make_customer("Marla Patient", self.anna)

        def exceed(engine, *args):
            raise Exception("CPU time limit exceeded.")

        with (
            patch.object(PrivacyEngine, "_mark_people", exceed),
            self.assertRaisesRegex(Exception, "CPU time limit"),
            self.env.cr.savepoint(),
        ):
            self._anonymize(people)
        self.env.invalidate_all()
        self.assertFalse(self.env["privacy.request.line"].search([("state", "=", "failed")]))
        self.assertEqual(people[1].name, "Marla Patient")

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

    def test_an_address_that_others_have_too_is_left(self):
        address = {"street": "Gerbergasse 14", "vat": "BE0477472701"}
        company = self._make_customer("Brass Foundry", self.bert, is_company=True, **address)
        person = self.env["res.partner"].create(
            {"name": self.NAME, "parent_id": company.id, "type": "contact"}
        )
        self.assertEqual((person.street, person.vat), tuple(address.values()))
        flat = self._make_customer(
            "Upstairs Neighbour", self.bert, street="gerbergasse 14, 2nd floor"
        )
        other = self._make_customer("Other Town", self.bert, street="Some Square 9")
        account = self.env["res.partner.bank"].create(
            {"acc_number": "BE68 5390 0754 7034", "partner_id": other.id}
        )
        self.env["res.partner.bank"].create(
            {"acc_number": "BE68 5390 0754 7034", "partner_id": person.id}
        )
        case = self.env["crm.lead"].create(
            {
                "name": "Delivered to Gerbergasse 14",
                "street": "Gerbergasse 14",
                "partner_id": flat.id,
            }
        )
        self._anonymize(person)
        self.env.invalidate_all()
        self.assertEqual(company.street, "Gerbergasse 14")
        self.assertEqual(company.vat, "BE0477472701")
        self.assertEqual(flat.street, "gerbergasse 14, 2nd floor")
        self.assertEqual(account.acc_number, "BE68 5390 0754 7034")
        self.assertEqual(case.name, "Delivered to Gerbergasse 14")
        self.assertFalse(person.street)

    def test_an_address_of_his_own_goes_from_the_texts_of_others(self):
        person = self._make_customer(self.NAME, self.anna, street="Gerbergasse 14")
        suffix = self._make_customer("Next Door", self.bert, street="Gerbergasse 14 b")
        further = self._make_customer("Further Down", self.bert, street="Gerbergasse 14-18")
        case = self.env["crm.lead"].create(
            {"name": "Delivered to Gerbergasse 14 again", "partner_id": suffix.id}
        )
        self._anonymize(person)
        self.env.invalidate_all()
        self.assertEqual(case.name, "Delivered to anonymised again")
        self.assertEqual(suffix.street, "Gerbergasse 14 b")
        self.assertEqual(further.street, "Gerbergasse 14-18")

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

    def test_traces_of_a_contact_go_and_his_company_stays(self):
        company = self.customer_anna
        company.write({"comment": "Brews", "phone": "+32 14 112233", "email": "a@hopfner.example"})
        contact = self.env["res.partner"].create(
            {
                "name": self.NAME,
                "parent_id": company.id,
                "email": self.EMAIL,
                "phone": self.PHONE,
                "function": f"{MARK} Brewer",
            }
        )
        self.env.flush_all()
        self._leave_traces(contact)
        invoice = self._make_invoice(contact)
        before = self._dump(company)
        found = str(find_marker(self.env.cr, *self.MARKERS)).lower()
        self.assertGreaterEqual(sum(mark.lower() in found for mark in MARK.used), 40)
        request = self._anonymize(contact)
        self.assertEqual(request.state, "done", request.line_ids.mapped("error"))
        found = self._find_marker(*self.MARKERS)
        tables = {name.split(".")[0] for name in found}
        self.assertEqual(tables, {"account_move", "account_move_line", "res_partner"})
        self.assertEqual(found["res_partner.name"], {contact.id})
        self.maxDiff = None
        self.assertEqual(self._dump(company)[0][0][0].split(", "), before[0][0][0].split(", "))
        self.assertSees(self.anna, company)
        self.assertSees(self.anna, invoice)

    def test_an_employee_is_forgotten_as_a_customer(self):
        person = self._make_person_of_interest()
        account = self.env["res.partner.bank"].create(
            {"partner_id": person.id, "acc_number": "BE71096123456769", "allow_out_payment": True}
        )
        employee = self.env["hr.employee"].create(
            {
                "name": self.NAME,
                "work_contact_id": person.id,
                "bank_account_ids": [fields.Command.set(account.ids)],
            }
        )
        self.env.flush_all()
        self._leave_traces(person)
        self.assertEqual(employee.work_email, self.EMAIL)
        start = len(self._find_marker(MARKER))
        preview = self.env["privacy.request"].with_user(self.officer).get_preview(person.ids)
        self.assertIn("Employees: 1", " ".join(preview["warnings"]))
        request = self._anonymize(person)
        self.assertEqual(request.state, "done", request.line_ids.mapped("error"))
        self.assertEqual(person.name, "Anonymised")
        # what Human Resources keeps
        contact = employee.work_contact_id
        self.assertNotEqual(contact, person)
        self.assertEqual(
            (employee.name, employee.work_email, employee.work_phone),
            (self.NAME, self.EMAIL, self.PHONE),
        )
        self.assertEqual((contact.name, contact.email), (self.NAME, self.EMAIL))
        self.assertEqual(account.partner_id, contact)
        self.assertEqual(account.acc_number, "BE71096123456769")
        self.assertTrue(account.allow_out_payment)
        self.assertFalse(contact.street or contact.birthday or contact.vat or contact.is_customer)
        # nothing of the customer, whose texts have numbers
        found = self._find_marker(f"{MARKER}___x")
        self.assertGreater(start, 50)
        # the name and the work address are a colleague's, wherever they stand without a link
        self.assertEqual(found, {"crm_lead.name": {self.unlinked_lead.id}})
        self.assertIn(self.NAME, self.foreign_case.name)

    def test_traces_in_two_companies_and_two_languages(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["res.lang"]._activate_lang("fr_FR")
        self.officer.company_ids |= company
        self.officer.lang = "fr_FR"
        person = self._make_person_of_interest(lang="fr_FR")
        self._leave_traces(person)
        abroad = person.with_company(company)
        person.barcode, abroad.barcode = f"{MARK}", f"{MARK}"
        self.env["crm.lead"].create(
            {"name": f"{MARK} abroad", "partner_id": person.id, "company_id": company.id}
        )
        self._make_quote(person, company_id=company.id)
        self.product.with_context(lang="fr_FR").name = f"Bouilloire de {self.NAME}"
        self.product.with_context(lang="fr_FR").description_sale = f"Comme {self.EMAIL}"
        request = self._anonymize(person)
        self.assertEqual(request.state, "done", request.line_ids.mapped("error"))
        self.assertEqual(self._find_marker(*self.MARKERS), {})
        self.assertEqual(self._find_in_files(MARKER), [])
        self.assertEqual(self.product.name, "Kettle")
        self.assertEqual(self.product.with_context(lang="fr_FR").name, "Bouilloire de anonymised")

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
