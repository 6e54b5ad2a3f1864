from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .privacy_common import MARKER, PrivacyCommon


@tagged("post_install", "-at_install")
class TestPrivacyRights(PrivacyCommon, CronMixinCase):
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

    def test_own_company_and_users_are_refused(self):
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
        Request = self.env["privacy.request"].with_user(self.officer)
        for ignore in ({}, {"ignore_warnings": False}, {"ignore_warnings": "yes"}):
            with self.assertRaises(UserError) as error:
                Request.anonymize(person.ids, **ignore)
            for sentence in preview["warnings"]:
                self.assertIn(sentence, str(error.exception))
        self.assertFalse(Request.search([]))
        stays = {row["model"]: row["count"] for row in preview["stays"]}
        self.assertEqual(stays["account.move"], 1)
        goes = {row["model"]: row["count"] for row in preview["goes"]}
        self.assertGreaterEqual(goes["crm.lead"], 2)
        self.assertEqual(person.name, self.NAME)

    def test_in_a_large_database_the_scheduled_action_does_it(self):
        person = self._make_person_of_interest()
        with (
            patch("odoo.addons.sales_crm_cases.models.privacy_request.REQUEST_LIMIT", 0),
            self.capture_triggers("sales_crm_cases.ir_cron_privacy") as triggers,
        ):
            request = self._anonymize(person)
        self.assertEqual(len(triggers.records), 1)
        self.assertEqual((request.state, request.line_ids.state), ("running", "waiting"))
        self.assertEqual(person.name, self.NAME)
        self._work_off()
        self.assertEqual((request.state, request.line_ids.state), ("done", "done"))
        self.assertEqual(person.name, "Anonymised")

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
        self._work_off()
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
        self._age(person, 400)
        old = person.with_user(self.officer)
        people = self.env["res.partner"].with_user(self.officer)
        self.assertEqual(old.privacy_age, 400)
        self.assertIn(person.id, people.search([("privacy_age", ">", 365)]).ids)
        self.assertIn(person.id, people.search([("privacy_age", ">=", 400)]).ids)
        self.assertNotIn(person.id, people.search([("privacy_age", ">", 400)]).ids)
        self.assertIn(person.id, people.search([("privacy_age", "=", 400)]).ids)
        self.assertNotIn(person.id, people.search([("privacy_age", "=", 399)]).ids)
        old.action_touch()
        self.assertNotIn(person.id, people.search([("privacy_age", ">", 365)]).ids)
        self.assertEqual(old.privacy_age, 0)
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
