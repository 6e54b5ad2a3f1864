from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.sales_crm_cases.models.privacy_block import KEY_PARAMETER, KEY_VARIABLE

from .privacy_common import PrivacyCommon
from .test_import import ImportCase

OTHER_MAIL = """Return-Path: <{email}>
To: case@test.example.com
From: "Somebody" <{email}>
Subject: Hello again
Message-ID: <again-1@zyxwora.example>
Date: Fri, 27 Nov 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

I am back.
"""


@tagged("post_install", "-at_install")
class TestPrivacyBlock(PrivacyCommon, ImportCase):
    """Anonymised people do not come back without a warning (G6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.unique_customer_email = False
        cls.germany = cls.env.ref("base.de")
        cls.person = cls._make_person_of_interest(country_id=cls.germany.id)
        cls._anonymize(cls, cls.person)

    def _make(self, user=None, **values):
        return (
            self.env["res.partner"].with_user(user or self.anna).create({"name": "Again", **values})
        ).sudo()

    def _get_messages(self, user):
        return self.env["mail.message"].search([("partner_ids", "in", user.partner_id.ids)])

    def test_hashes_and_nothing_else_are_kept(self):
        self.env.cr.execute("SELECT to_jsonb(b) FROM privacy_block b")
        for [row] in self.env.cr.fetchall():
            # neither whose it was nor the hour, which would tell
            self.assertEqual(set(row), {"id", "kind", "digest", "date"})
            self.assertRegex(row["digest"], "^[0-9a-f]{64}$")
            self.assertEqual(row["date"], str(fields.Date.today()))
        self.assertEqual(
            set(self.env["privacy.block"].search([]).mapped("kind")), {"email", "phone"}
        )

    def test_in_all_notations(self):
        for values in (
            {"email": self.EMAIL},
            {"email": self.EMAIL.upper()},
            {"email": f"Again <{self.EMAIL}>"},
            {"email": f"first@elsewhere.example, {self.EMAIL}"},
            {"phone": self.PHONE},
            {"phone": "+49307691834"},
            {"phone": "0049 30 769 18 34"},
            {"phone": "030/7691834", "country_id": self.germany.id},
        ):
            self.assertTrue(self._make(**values).is_forgotten, values)
        for values in (
            {"email": "other@zyxwora.example"},
            {"email": f"x{self.EMAIL}"},
            {"phone": "+49 30 7691835"},
            {"phone": "030/7691834", "country_id": self.env.ref("base.be").id},
            {"name": self.NAME},
            {},
        ):
            self.assertFalse(self._make(**values).is_forgotten, values)

    def test_the_mark_follows_the_address(self):
        partner = self._make(email="new@elsewhere.example")
        partner.with_user(self.anna).email = self.EMAIL
        self.assertTrue(partner.is_forgotten)
        partner.with_user(self.anna).email = "new@elsewhere.example"
        self.assertFalse(partner.is_forgotten)

    def test_nobody_writes_the_mark(self):
        partner = self._make(email=self.EMAIL)
        partner.with_user(self.anna).write({"is_forgotten": False})
        self.assertTrue(partner.is_forgotten)
        self.assertFalse(self._make(is_forgotten=True).is_forgotten)

    def test_the_key_is_made_at_the_installation_for_the_system_alone(self):
        key = self.env["ir.config_parameter"].search([("key", "=", KEY_PARAMETER)])
        self.assertEqual(len(key.value), 64)
        for user in (self.officer, self.crm_admin):
            with self.assertRaises(AccessError):
                key.with_user(user).read(["value"])

    def test_the_form_warns_before_it_saves(self):
        Partner = self.env["res.partner"].with_user(self.anna)
        spec = {"email": {}, "phone": {}, "is_forgotten": {}, "name": {}}
        result = Partner.onchange({"email": self.EMAIL, "name": "Again"}, ["email"], spec)
        self.assertIn("anonymised", result["warning"]["message"])
        self.assertTrue(result["value"]["is_forgotten"])
        result = Partner.onchange({"email": "a@b.example", "name": "Again"}, ["email"], spec)
        self.assertNotIn("warning", result)
        result = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .onchange({"phone": self.PHONE}, ["phone"], {"phone": {}, "is_forgotten": {}})
        )
        self.assertIn("anonymised", result["warning"]["message"])
        with Form(Partner) as form, self.assertLogs("odoo.tests.form.onchange", "WARNING"):
            form.name = "Again"
            form.email = self.EMAIL
        # confirmed: saved all the same, with the mark
        self.assertTrue(form.record.is_forgotten)

    def test_cases_are_marked_too(self):
        case = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create({"name": "Boiler", "email_from": self.EMAIL})
        )
        self.assertTrue(case.is_forgotten)
        free = self.env["crm.lead"].create({"name": "Boiler", "email_from": "a@b.example"})
        self.assertFalse(free.is_forgotten)
        free.phone = self.PHONE
        self.assertTrue(free.is_forgotten)

    def test_officers_and_owners_are_told_without_names(self):
        before = self._get_messages(self.officer), self._get_messages(self.bert)
        self.env["crm.lead"].with_user(self.crm_admin).create(
            {"name": "Again", "email_from": self.EMAIL, "user_id": self.bert.id}
        )
        message = self._get_messages(self.officer) - before[0]
        self.assertEqual(len(message), 1)
        self.assertNotIn("Again", message.body)
        self.assertNotIn("zyxwora", (message.body + message.subject).lower())
        self.assertEqual(len(self._get_messages(self.bert) - before[1]), 1)
        before = self._get_messages(self.officer)
        self._make(email="harmless@elsewhere.example")
        self.assertEqual(self._get_messages(self.officer), before)

    def test_an_import_names_the_rows(self):
        header = ["name", "email", "phone"]
        rows = [
            ["Harmless", "harmless@elsewhere.example", ""],
            ["Again", self.EMAIL, ""],
            ["Harmless too", "", "+49 30 1234567"],
            ["Again by phone", "", "+49 (30) 769-1834"],
        ]
        partners, messages = self._load(self.anna, header, *rows)
        self.assertEqual(len(partners), 4)
        self.assertEqual(
            [(m["type"], m["record"], m["rows"]["from"]) for m in messages],
            [("warning", 1, 1), ("warning", 3, 3)],
        )
        self.assertEqual(partners.mapped("is_forgotten"), [False, True, False, True])
        partners, messages = self._load(self.anna, header, rows[0])
        self.assertEqual(messages, [])

    def test_rows_with_contacts_below_them(self):
        partners, messages = self._load(
            self.crm_admin,
            ["name", "email", "child_ids/name"],
            ["Works", "", "Eve"],
            ["", "", "Adam"],
            ["Again", self.EMAIL, ""],
        )
        self.assertEqual(len(partners), 2)
        self.assertEqual([(m["record"], m["rows"]["from"]) for m in messages], [(1, 2)])

    def test_the_import_dialog(self):
        header = ["name", "email"]
        rows = [["Harmless", "harmless@elsewhere.example"], ["Again", self.EMAIL]]
        before = self._get_messages(self.officer)
        _partners, messages = self._import_file(self.anna, "csv", header, *rows, dryrun=True)
        self.assertEqual([message["type"] for message in messages], ["warning"])
        self.assertIn(" 3.", messages[0]["message"])
        self.assertEqual(self._get_messages(self.officer), before)
        partners, messages = self._import_file(self.anna, "csv", header, *rows)
        # for the dialog a message is a failure
        self.assertEqual(messages, [])
        self.assertEqual(partners.mapped("is_forgotten"), [False, True])
        self.assertEqual(len(self._get_messages(self.officer) - before), 1)

    def test_the_mail_gateway(self):
        before = self._get_messages(self.officer)
        lead_id = (
            self.env["mail.thread"]
            .with_context(mail_channel_nosubscribe=True)
            .message_process("crm.lead", OTHER_MAIL.format(email=self.EMAIL))
        )
        lead = self.env["crm.lead"].browse(lead_id)
        self.assertTrue(lead.is_forgotten)
        self.assertEqual(len(self._get_messages(self.officer) - before), 1)
        partner = self.env["res.partner"].find_or_create(f"Again <{self.EMAIL}>")
        self.assertTrue(partner.is_forgotten)

    def test_one_query_for_many(self):
        vals_list = [
            {"name": f"Bulk {n}", "email": f"bulk{n}@elsewhere.example"} for n in range(300)
        ]
        self.env["privacy.block"]._has_blocks()
        queries = []
        execute_query = type(self.env["res.partner"].env).execute_query

        def count(env, query):
            if "FROM privacy_block" in query.code:
                queries.append(query)
            return execute_query(env, query)

        with patch.object(type(self.env), "execute_query", count):
            self.env["res.partner"].create(vals_list)
            self.env.flush_all()
        self.assertEqual(len(queries), 1)

    def test_lift(self):
        partner, case = (
            self._make(email=self.EMAIL),
            self.env["crm.lead"].create({"name": "Boiler", "email_from": self.EMAIL}),
        )
        by_phone = self._make(phone=self.PHONE)
        for user in (self.anna, self.boss, self.accounts, self.crm_admin, self.clerk):
            with self.assertRaises(AccessError):
                partner.with_user(user).action_lift_block()
            with self.assertRaises(AccessError):
                self.env["privacy.block"].with_user(user).lift([self.EMAIL])
            with self.assertRaises(AccessError):
                self.env["privacy.block"].with_user(user).search([]).read()
            with self.assertRaises(AccessError):
                self.env["privacy.block"].sudo().search([]).with_user(user).action_lift()
        with self.assertRaises(AccessError):
            self.env["privacy.block"].with_user(self.officer).search([]).read(["digest"])
        partner.with_user(self.officer).action_lift_block()
        self.env.flush_all()
        self.assertFalse(partner.is_forgotten or case.is_forgotten)
        self.assertTrue(by_phone.is_forgotten)
        self.assertFalse(self._make(email=self.EMAIL).is_forgotten)
        log = self.env["privacy.request"].search([("kind", "=", "lift")])
        self.assertEqual((log.user_id, log.state, log.person_count), (self.officer, "done", 1))
        self.assertFalse(log.line_ids)

    def test_lift_by_hand(self):
        blocks = self.env["privacy.block"].with_user(self.officer)
        with self.assertRaises(UserError):
            blocks.lift(["nobody@elsewhere.example"])
        for wrong in ("text", [1], None):
            with self.assertRaises(UserError):
                blocks.lift(wrong)
        self.assertEqual(blocks.lift([self.PHONE, self.EMAIL]), 2)
        self.assertFalse(self._make(phone=self.PHONE, email=self.EMAIL).is_forgotten)
        blocks.search([]).action_lift()
        self.assertFalse(self.env["privacy.block"]._has_blocks())

    def test_what_others_have_too_is_not_blocked(self):
        self._make_customer("Brass Foundry", self.bert, phone="+49 30 5550000")
        person = self.env["res.partner"].create(
            {"name": "Mara Brass", "phone": "+49 30 5550000", "email": "mara@zyxwora.example"}
        )
        self._anonymize(person)
        self.assertFalse(self._make(phone="+49 30 5550000").is_forgotten)
        self.assertTrue(self._make(email="mara@zyxwora.example").is_forgotten)

    def test_a_key_of_the_server_goes_first_and_old_hashes_are_found(self):
        person = self.env["res.partner"].create(
            {"name": "Mara Brass", "email": "mara@zyxwora.example"}
        )
        with patch.dict("os.environ", {KEY_VARIABLE: "secret of the server"}):
            self._anonymize(person)
            self.assertTrue(self._make(email="mara@zyxwora.example").is_forgotten)
            self.assertTrue(self._make(email=self.EMAIL).is_forgotten)
        # without the key nobody can tell
        self.assertFalse(self._make(email="mara@zyxwora.example").is_forgotten)
        self.assertTrue(self._make(email=self.EMAIL).is_forgotten)

    def test_a_failure_keeps_no_hash(self):
        person = self.env["res.partner"].create(
            {"name": "Mara Brass", "email": "mara@zyxwora.example"}
        )
        engine = type(self.env["privacy.engine"])

        def fail(*args):
            raise ValueError

        with (
            patch.object(engine, "_mark_people", fail),
            self.assertLogs("odoo.addons.sales_crm_cases.models.privacy_request_run", "ERROR"),
        ):
            self._anonymize(person)
        self.env.invalidate_all()
        self.assertFalse(self._make(email="mara@zyxwora.example").is_forgotten)
