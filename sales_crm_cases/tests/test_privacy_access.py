import io
import json
import re
from datetime import timedelta

from lxml import html
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import format_date, format_datetime
from odoo.tools.mail import html_to_inner_content
from odoo.tools.pdf import PdfFileReader

from ..models.privacy_subject_access import PDF_STATES
from .privacy_common import MARKER, PrivacyCommon


@tagged("post_install", "-at_install")
class TestSubjectAccess(PrivacyCommon, HttpCase):
    """All that is kept of a person, as JSON and to read, for officers alone (G5)."""

    def _export(self, person, user=None):
        return self.env["privacy.request"].with_user(user or self.officer).export_subject(person.id)

    def _print(self, person, user=None):
        """:return: the readable file, as a tree"""
        self.env.invalidate_all()
        content, kind = (
            self.env["privacy.subject.access"].with_user(user or self.officer)._render(person)
        )
        self.assertEqual(kind, "html", "Odoo makes no PDF in a test")
        return html.fromstring(content.decode())

    def _get_texts(self, tree):
        """:return: a list of texts of the records for each kind of record"""
        sections = []
        for node in tree.xpath("//div[@class='page']/*"):
            if node.tag == "h2":
                sections.append([])
            elif node.tag == "section":
                sections[-1].append(self._squeeze(node.text_content()))
        return sections

    def _squeeze(self, text):
        return "".join(text.split())

    # ------------------------------------------------------------------
    # Both say the same
    # ------------------------------------------------------------------

    def _make_full_person(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        order = self._make_quote(person)
        order.action_confirm()
        order._create_invoices().action_post()
        self._make_quote(person)
        return person

    def test_each_value_of_the_json_is_in_the_readable_file(self):
        person = self._make_full_person()
        tree = self._print(person)
        records = self._export(person)["records"]
        sections = self._get_texts(tree)
        self.assertEqual(
            [len(texts) for texts in sections], [len(rows) for rows in records.values()]
        )
        self.assertGreater(len(records), 25, "the traces are there")
        checked = 0
        for (model, rows), texts in zip(records.items(), sections, strict=True):
            for row, text in zip(rows, texts, strict=True):
                for name, value in row.items():
                    for expected in self._get_expected(self.env[model]._fields[name], value):
                        self.assertIn(self._squeeze(expected), text, f"{model}.{name}")
                        checked += 1
        self.assertGreater(checked, 800)

    def _get_expected(self, field, value):
        """What is to be read of a stored value, in English."""
        if field.type in ("json", "properties", "properties_definition"):
            return [json.dumps(value)]
        if isinstance(value, dict):
            return [text for each in value.values() for text in self._get_expected(field, each)]
        if field.type == "html":
            return html_to_inner_content(value).split()
        if field.type == "selection":
            return [str(dict(field._description_selection(self.env))[value])]
        if field.type == "boolean":
            return ["Yes"]
        if field.type == "date":
            return [format_date(self.env, value)]
        if field.type == "datetime":
            return [format_datetime(self.env, value, tz="UTC")]
        if field.type in ("float", "monetary"):
            return [f"{value:,}".removesuffix(".0")]
        if field.type == "many2one":
            # a name or a number: test_others_are_numbers says which
            return []
        return [str(value)]

    def test_attachments_are_listed_by_name(self):
        person = self._make_full_person()
        tree = self._print(person)
        titles = [title.text_content().strip() for title in tree.iter("h3")]
        for kind in ("pdf", "txt", "png"):
            own = [t for t in titles if t.startswith(MARKER) and t.endswith(f".{kind}")]
            self.assertEqual(len(own), 1, kind)
        self.assertIn(self.NAME, tree.find(".//h1").text_content())

    def test_the_file_is_a_pdf(self):
        person = self._make_person_of_interest()
        access = self.env["privacy.subject.access"].with_user(self.officer)
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() not in PDF_STATES:
            self.skipTest("wkhtmltopdf is not on this machine")
        content, kind = access.with_context(force_report_rendering=True)._render(person)
        self.assertEqual(kind, "pdf")
        pages = PdfFileReader(io.BytesIO(content), strict=False).pages
        text = " ".join("".join(page.extract_text() for page in pages).split())
        self.assertIn(self.NAME, text)
        self.assertIn(self.EMAIL, text)

    def test_what_is_stored_cannot_break_the_file(self):
        person = self._make_person_of_interest(ref="<script>alert(1)</script>")
        tree = self._print(person)
        self.assertFalse([s for s in tree.iter("script") if "alert(1)" in (s.text or "")])
        self.assertIn("<script>alert(1)</script>", tree.text_content())

    def test_it_speaks_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.model.fields"]._get("res.partner", "phone").with_context(
            lang="fr_FR"
        ).field_description = "Téléphone"
        person = self._make_person_of_interest(lang="fr_FR", credit_limit=1234.5)
        tree = self._print(person)
        text = tree.text_content()
        self.assertIn("Téléphone", text)
        self.assertIn("29/02/1980", text)
        self.assertEqual(tree.get("lang"), "fr-FR")
        self.assertEqual(tree.xpath("//div[contains(@class, 'article')]/@dir"), ["ltr"])

    def test_it_goes_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("ar_001")
        tree = self._print(self._make_person_of_interest(lang="ar_001"))
        self.assertEqual(tree.xpath("//div[contains(@class, 'article')]/@dir"), ["rtl"])

    def test_a_person_of_whom_little_is_known(self):
        person = self.env["res.partner"].create({"name": "Nobody Knows"})
        sections = self._get_texts(self._print(person))
        self.assertIn(self._squeeze("Nobody Knows"), sections[0][0])

    # ------------------------------------------------------------------
    # Others
    # ------------------------------------------------------------------

    def test_others_are_numbers(self):
        person = self._make_person_of_interest()
        self.tracked = self.env(context={**self.env.context, "tracking_disable": False})
        self._trace_chatter(person)
        self._trace_cases(person)
        self._trace_mails(person)
        self._trace_crm(person)
        colleague = self.anna.partner_id
        colleague.email = "anna.colleague@seller.example"
        message = self.case.with_user(self.anna).message_post(
            body="It rained", message_type="comment"
        )
        self.assertIn("anna.colleague", message.email_from)
        self.case.with_env(self.tracked).user_id = self.bert
        self.env.flush_all()
        self.env.cr.precommit.run()
        # a letter to a colleague about the person's case is no letter to her
        self.env["mail.notification"].create(
            {
                "mail_message_id": message.id,
                "res_partner_id": colleague.id,
                "notification_type": "email",
                "mail_email_address": colleague.email,
            }
        )
        exported = self._export(person)["records"]
        row = next(row for row in exported["mail.message"] if row["id"] == message.id)
        self.assertIn("It rained", row["body"])
        self.assertEqual(row["author_id"], colleague.id)
        for text in (json.dumps(exported), self._print(person).text_content()):
            found = re.findall(".{60}(?:anna.colleague|Anna|Bert|Hopfner|Kindler).{30}", text)
            # free text of Odoo on the person's own case
            self.assertFalse([words for words in found if "originally assigned" not in words])
            self.assertIn(self.EMAIL, text)
            self.assertIn("zyxold@zyxwora.example", text, "her former address")
        recipients = {row.get("res_partner_id") for row in exported.get("mail.notification", ())}
        self.assertLessEqual(recipients, {None, *(person | self.child).ids})

    def test_own_records_have_names(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        text = self._print(person).text_content()
        self.assertIn(self.case.name, text)
        self.assertIn(self.case.stage_id.name, text)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def _get_answers(self, user, ids):
        if user:
            self.authenticate(user.login, user.login)
        else:
            self.authenticate(None, None)
        return [
            self.url_open(f"/sales_crm_cases/privacy/{id_}{path}", allow_redirects=False)
            for id_ in ids
            for path in ("", "/report")
        ]

    def test_only_officers_download(self):
        person = self._make_person_of_interest()
        missing = person.id + 100000
        portal = self._make_user("portal", "base.group_portal")
        for user in (
            *(self.anna, self.boss, self.accounts, self.crm_admin, self.clerk),
            portal,
        ):
            with self.subTest(user.login):
                found = self._get_answers(user, [person.id])
                absent = self._get_answers(user, [missing])
                self.assertEqual([a.status_code for a in found + absent], [403] * 4)
                for answer in found + absent:
                    self.assertNotIn(MARKER, answer.text)
                    self.assertNotIn(self.EMAIL, answer.text)
        answers = self._get_answers(None, [person.id, missing])
        self.assertEqual({answer.status_code for answer in answers}, {303})
        self.assertFalse(self.env["privacy.request"].search([]))

    def test_the_officer_downloads_both(self):
        person = self._make_person_of_interest()
        answers = self._get_answers(self.officer, [person.id])
        self.assertEqual([answer.status_code for answer in answers], [200, 200])
        data, page = answers
        self.assertEqual(data.json()["records"]["res.partner"][0]["name"], self.NAME)
        self.assertIn(f"person-{person.id}.json", data.headers["Content-Disposition"])
        self.assertIn(self.NAME, page.text)
        self.assertIn(f"person-{person.id}.html", page.headers["Content-Disposition"])
        self.assertEqual({a.headers["Cache-Control"] for a in answers}, {"no-store"})
        requests = self.env["privacy.request"].search([])
        self.assertEqual(requests.mapped("kind"), ["export", "export"])
        self.assertEqual(requests.user_id, self.officer)
        self.assertEqual(set(requests.mapped("state")), {"done"})
        self.assertIn("1 given", requests[0].report_text)
        self.assertNotIn(MARKER, str(requests.read()))

    def test_who_is_not_there_is_not_found(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        far = self.env["res.partner"].create({"name": "Far Away", "company_id": company.id})
        answers = self._get_answers(self.officer, [far.id + 100000, far.id, 2**40])
        self.assertEqual({answer.status_code for answer in answers}, {404})
        self.assertFalse(self.env["privacy.request"].search([]))

    def test_odoos_own_way_to_reports_asks_for_the_right_too(self):
        person = self._make_person_of_interest()
        path = f"/report/html/sales_crm_cases.report_privacy_subject/{person.id}"
        for user in (self.anna, self.crm_admin):
            self.authenticate(user.login, user.login)
            answer = self.url_open(path)
            self.assertEqual(answer.status_code, 403)
            self.assertNotIn(MARKER, answer.text)
            report = self.env["report.sales_crm_cases.report_privacy_subject"].with_user(user)
            with self.assertRaises(AccessError):
                report._get_report_values(person.ids)
        officers = self.env["report.sales_crm_cases.report_privacy_subject"].with_user(self.officer)
        for ids in ([], (person | self.customer_anna).ids):
            with self.assertRaises(UserError):
                officers._get_report_values(ids)

    def test_the_officer_answers_for_whom_only_accounts_may_read(self):
        person = self._make_person_of_interest()
        self._make_invoice(person)
        self._anonymize(person)
        self.assertEqual(person.privacy_state, "restricted")
        self.assertSeesNot(self.officer, person)
        self.assertIn(self.NAME, self._print(person.with_user(self.officer).sudo()).text_content())
        self.assertGreater(
            self.env["privacy.request"].search([], limit=1).create_date,
            fields.Datetime.now() - timedelta(days=1),
        )

    def test_the_buttons_lead_to_the_files(self):
        person = self._make_person_of_interest()
        for method, path in (("action_export_subject", ""), ("action_print_subject", "/report")):
            action = getattr(person.with_user(self.officer), method)()
            self.assertEqual(action["url"], f"/sales_crm_cases/privacy/{person.id}{path}")
            with self.assertRaises(AccessError):
                getattr(person.with_user(self.crm_admin), method)()
