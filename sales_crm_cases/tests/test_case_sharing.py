import json
from datetime import timedelta
from unittest.mock import patch

from lxml import etree
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from ..models import sales_visibility_scope_mixin
from .attack_common import PHONE, TOKEN, AttackCommon
from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestCaseSharing(SalesCrmCommon):
    """Contacts and collaborators of a case (B5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case, cls.other = cls.env["crm.lead"].create(
            [
                {
                    "name": name,
                    "type": "opportunity",
                    "partner_id": cls.customer_bert.id,
                    "user_id": cls.bert.id,
                    "expected_revenue": 100,
                }
                for name in ("Shared", "Not shared")
            ]
        )

    def _share(self, *users):
        self.case.with_user(self.bert).collaborator_ids = [Command.set([user.id for user in users])]

    def test_collaborators_read_the_case_and_nothing_more(self):
        self.assertSeesNot(self.anna, self.case)
        self._share(self.anna)
        self.assertSees(self.anna, self.case)
        self.assertSeesNot(self.anna, self.other)
        self.assertSeesNot(self.anna, self.customer_bert)
        case = self.case.with_user(self.anna)
        self.assertTrue(case.crm_visible)
        self.assertFalse(case.crm_editable)
        self.assertFalse(case.is_customer_visible)
        self.assertTrue(self.case.with_user(self.bert).is_customer_visible)
        self.assertFalse(case.search([("crm_editable", "=", True), ("id", "=", case.id)]))
        self.assertEqual(case.search([("crm_visible", "=", False), ("id", "=", case.id)]), case[:0])
        self.assertSeesNot(self.stranger, self.case)
        self._share()
        self.assertSeesNot(self.anna, self.case)

    def test_collaborators_change_nothing(self):
        self._share(self.anna)
        case = self.case.with_user(self.anna)
        stage = self.env["crm.stage"].search(
            [("process_id", "=", False), ("is_won", "=", False)], order="sequence DESC", limit=1
        )
        # with a customer of its own, and further on: it would swallow the other one
        mine = self.env["crm.lead"].create(
            {
                "name": "Mine",
                "type": "opportunity",
                "partner_id": self.customer_anna.id,
                "user_id": self.anna.id,
                "stage_id": stage.id,
            }
        )
        mine = mine.with_user(self.anna)
        attempts = {
            "write": lambda: case.write({"expected_revenue": 1}),
            "status": lambda: case.write({"stage_id": stage.id}),
            "share on": lambda: case.write({"collaborator_ids": [(4, self.stranger.id)]}),
            "won": case.action_set_won,
            "lost": case.action_set_lost,
            "close": case.action_open_close_wizard,
            "delete": case.unlink,
            "archive": case.action_archive,
            "merge": (mine + case).merge_opportunity,
            "merge into it": (case + mine).merge_opportunity,
            "copy": case.copy,
            "convert": lambda: case.convert_opportunity(self.env["res.partner"]),
            "message": lambda: case.message_post(body="Hello"),
            "activity": lambda: case.activity_schedule(summary="Call", user_id=self.anna.id),
            "note": lambda: (
                self.env["customer.note"]
                .with_user(self.anna)
                .create({"case_id": case.id, "body": "Note"})
            ),
            "meeting": lambda: (
                self.env["calendar.event"]
                .with_user(self.anna)
                .create(
                    {
                        "name": "Meet",
                        "opportunity_id": case.id,
                        "start": "2026-01-01 10:00:00",
                        "stop": "2026-01-01 11:00:00",
                    }
                )
            ),
            "quote": lambda: (
                self.env["sale.order"]
                .with_user(self.anna)
                .create({"partner_id": self.customer_bert.id, "opportunity_id": case.id})
            ),
            "current case": lambda: self.customer_bert.with_user(self.anna).write(
                {"current_case_id": case.id}
            ),
        }
        for name, attempt in attempts.items():
            with (
                self.subTest(name),
                self.assertRaises(UserError),
                mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"),
                self.cr.savepoint(),
            ):
                attempt()
            self.env.invalidate_all()
        self.assertTrue(self.case.exists() and mine.exists())
        self.assertEqual((self.case.expected_revenue, self.case.active), (100, True))
        self.assertEqual(self.case.collaborator_ids, self.anna)

    def test_ones_own_activities_on_a_shared_case_are_listed_and_counted(self):
        customer = self.customer_bert
        customer.phone = "+49 721 1111"
        self.env["res.partner"].create(
            {
                "name": "Eva",
                "parent_id": customer.id,
                "phone": "+49 721 2222",
                "receives_sales_calls": True,
            }
        )
        self.assertEqual(self.case.phone, customer.phone)
        self._share(self.anna)
        today = self.env["sales.home"].with_user(self.anna)._get_today()
        values = {
            "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
            "res_id": self.case.id,
            "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
            "user_id": self.anna.id,
        }
        todays, overdue, berts = self.env["mail.activity"].create(
            [
                {**values, "date_deadline": today},
                {**values, "date_deadline": today - timedelta(2)},
                {**values, "date_deadline": today, "user_id": self.bert.id},
            ]
        )
        self.env.flush_all()
        activities = self.env["mail.activity"].with_user(self.anna)
        listed = activities.search([("is_customer_activity", "=", True)])
        self.assertLessEqual(todays + overdue + berts, listed.with_env(self.env))
        action = self.case.with_user(self.anna).action_view_case_activities()
        self.assertEqual(
            activities.with_context(**action["context"]).search(action["domain"]),
            todays + overdue + berts,
        )
        home = self.env["sales.home"].with_user(self.anna).get_home()
        counts = {}
        for tile in home["tiles"]:
            if tile["res_model"] == "mail.activity":
                counts[tile["key"]] = tile["count"]
                self.assertEqual(tile["count"], activities.search_count(tile["domain"]))
        self.assertEqual(counts, {"activities": 2, "warnings": 1})
        [record] = home["today"]["records"]
        self.assertEqual((record["id"], record["case"]), (todays.id, "Shared"))
        self.assertFalse(record["customer_id"], "there is no page of a hidden customer")
        self.assertEqual(record["phone"], self.case.phone)
        self.assertEqual(todays.with_user(self.anna).contact_phone, self.case.phone)
        self.assertEqual(berts.with_user(self.bert).contact_phone, "+49 721 2222")
        self._share()
        self.assertFalse(activities.search([("is_customer_activity", "=", True)]))

    def test_who_shares(self):
        self.customer_bert.salesman_ids |= self.employees[self.stranger]
        self.case.with_user(self.stranger).collaborator_ids = [(4, self.anna.id)]
        self.assertSees(self.anna, self.case)
        for user in (self.manager, self.clerk):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.case.with_user(user).collaborator_ids = [(4, user.id)]
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "scc_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(ValidationError):
            self.case.with_user(self.bert).collaborator_ids = [(4, portal.id)]
        self.assertFalse(self.case.copy().collaborator_ids)

    def test_a_collaborator_who_sees_the_customer_edits_as_before(self):
        self._share(self.bert)
        case = self.case.with_user(self.bert)
        self.assertTrue(case.crm_editable)
        case.expected_revenue = 5

    def test_a_clerk_has_no_right_to_cases_at_all(self):
        self._share(self.clerk)
        self.assertFalse(self.case.with_user(self.clerk).has_access("read"))

    def test_lists_counts_and_groups_agree(self):
        self._share(self.anna)
        cases = self.env["crm.lead"].with_user(self.anna)
        domain = [("name", "in", ("Shared", "Not shared"))]
        self.assertEqual(cases.search_count(domain), 1)
        [[customer, count, value]] = cases._read_group(
            domain, ["customer_id"], ["__count", "expected_revenue:sum"]
        )
        self.assertEqual((customer.id, count, value), (self.customer_bert.id, 1, 100))
        self.assertEqual(cases.search([("collaborator_ids", "=", self.anna.id)]).ids, self.case.ids)
        # and with a probe per row, as for a manager of many
        with patch.multiple(
            sales_visibility_scope_mixin, MAX_LITERAL_EMPLOYEES=-1, MAX_LITERAL_CUSTOMERS=-1
        ):
            self.env.registry.clear_cache()
            self.env.invalidate_all()
            self.assertEqual(cases.search(domain).ids, self.case.ids)
            self.assertEqual(cases.search_count(domain), 1)

    def test_activities_of_the_case(self):
        self._share(self.anna)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer_bert.id,
                "opportunity_id": self.case.id,
                "user_id": self.bert.id,
            }
        )
        on_case, asked, on_order = (
            self.env["mail.activity"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "user_id": user.id,
                    "summary": summary,
                }
            )
            for document, user, summary in (
                (self.case, self.bert, "On the case"),
                (self.case, self.anna, "Asked of Anna"),
                (order, self.bert, "On the quote"),
            )
        )
        self.assertEqual(on_order.case_id, self.case)
        for activity in (on_case, asked):
            self.assertTrue(activity.with_user(self.anna).has_access("read"))
        self.assertFalse(on_order.with_user(self.anna).has_access("read"))
        self.assertFalse(on_case.with_user(self.anna).has_access("write"))
        mine = (
            self.env["mail.activity"].with_user(self.anna).search([("user_id", "=", self.anna.id)])
        )
        self.assertEqual(mine.ids, asked.ids)
        asked.with_user(self.anna).action_finish("Checked")
        history = self.case.with_user(self.anna).get_history()
        titles = {entry["title"] for entry in history["entries"]}
        self.assertEqual(titles, {"On the case", "Asked of Anna"})
        self.assertEqual(history["total"], 2)
        self.assertEqual(history["case"]["customer"], "Kindler Toys")
        self.assertFalse(history["case"]["customer_id"])
        self._share()
        for activity in (on_case, asked):
            self.assertFalse(activity.with_user(self.anna).has_access("read"))

    def test_the_summary_of_an_activity_tells_nothing_of_a_hidden_customer(self):
        contact = self.env["res.partner"].create(
            {
                "name": "Eva",
                "parent_id": self.customer_bert.id,
                "phone": "+49 721 2222",
                "email": "eva@kindler.example",
            }
        )
        self.case.partner_id = contact
        activity = self.case.activity_schedule(summary="Call", user_id=self.bert.id)
        self._share(self.anna)
        self.env.flush_all()
        self.env.invalidate_all()
        summary = activity.with_user(self.anna).get_summary()
        self.assertEqual(summary["title"], "Call")
        self.assertFalse(summary["customer"], "there is no page of a hidden customer")
        self.assertEqual(summary["contact"]["name"], "Eva")
        self.assertEqual(summary["contact"]["phone"], self.case.phone)
        self.assertEqual(summary["contact"]["email"], self.case.email_from)
        self.assertEqual(summary["case"]["name"], "Shared")
        seen = activity.with_user(self.bert).get_summary()
        self.assertEqual(seen["customer"]["id"], self.customer_bert.id)

    # ------------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------------

    def test_users_who_are_notified_in_odoo_are_created(self):
        user = new_test_user(
            self.env, "inbox", "base.group_user", name="Inbox", notification_type="inbox"
        )
        self.assertFalse(user.share)

    def test_contacts_are_of_the_customer(self):
        ann, joe = self.env["res.partner"].create(
            [
                {"name": "Ann", "parent_id": self.customer_bert.id},
                {"name": "Joe", "parent_id": self.customer_stranger.id},
            ]
        )
        case = self.case.with_user(self.bert)
        case.contact_ids = [Command.set(ann.ids)]
        self.assertEqual(case.contact_ids.ids, ann.ids)
        with self.assertRaises(AccessError) as caught, self.cr.savepoint():
            case.contact_ids = [Command.link(joe.id)]
        self.assertNotIn("Joe", str(caught.exception))
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            self.case.contact_ids = [Command.link(joe.id)]
        self.assertIn("Joe", str(caught.exception))
        self.env.invalidate_all()
        found = self.env["crm.lead"].with_user(self.bert).search([("contact_ids", "in", ann.ids)])
        self.assertEqual(found, case)

    def test_contacts_stay_with_their_customer(self):
        ann = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer_bert.id})
        self.case.contact_ids = ann
        self.case.partner_id = ann
        self.assertEqual(self.case.contact_ids, ann)
        self.case.partner_id = self.customer_anna
        self.assertFalse(self.case.contact_ids)

    def test_merged_cases_unite_their_contacts(self):
        ann, joe, foreign = self.env["res.partner"].create(
            [
                {"name": "Ann", "parent_id": self.customer_bert.id},
                {"name": "Joe", "parent_id": self.customer_bert.id},
                {"name": "Fay", "parent_id": self.customer_anna.id},
            ]
        )
        third = self.case.copy({"partner_id": self.customer_anna.id, "contact_ids": foreign.ids})
        self.case.contact_ids, self.other.contact_ids = ann, joe
        self._share(self.anna)
        merged = (self.case + self.other + third).merge_opportunity()
        expected = ann + joe if merged.customer_id == self.customer_bert else foreign
        self.assertEqual(merged.contact_ids, expected)


@tagged("post_install", "-at_install")
class TestAttackSharing(AttackCommon):
    """``anna`` collaborates on one case of a customer who is hidden from her: she asks for the
    rest of the customer on every channel."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = cls.env["crm.lead"].create(
            {
                "name": "Shared deal",
                "type": "opportunity",
                "partner_id": cls.contact.id,
                "user_id": cls.bert.id,
                "contact_ids": cls.contact.ids,
                "collaborator_ids": cls.anna.ids,
            }
        )
        # the case's own columns, which are for its readers
        cls.shared.write({"phone": False, "email_from": False})
        cls.shared.message_post(body="Read this", message_type="comment")
        cls.env["ir.attachment"].create(
            {"name": "plan.txt", "raw": b"plan", "res_model": "crm.lead", "res_id": cls.shared.id}
        )
        cls.env["sale.order"].create(
            {
                "partner_id": cls.secret.id,
                "opportunity_id": cls.shared.id,
                "user_id": cls.bert.id,
                "client_order_ref": f"{TOKEN} order",
            }
        )
        cls.env["customer.note"].with_user(cls.bert).sudo().create(
            {"case_id": cls.shared.id, "body": f"{TOKEN} note on the shared case"}
        )
        cls.contract.case_ids = cls.shared
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _shared(self):
        return self._as_anna("crm.lead", self.shared)

    # what the case says of its customer
    NAMES = ("partner_id", "customer_id", "commercial_partner_id", "partner_name", "contact_name")

    def test_she_reads_case_messages_and_files(self):
        self.assertSees(self.anna, self.shared)
        messages = self._as_anna("mail.message").search(
            [("model", "=", "crm.lead"), ("res_id", "=", self.shared.id)]
        )
        self.assertIn("Read this", " ".join(messages.mapped("body")))
        files = self._as_anna("ir.attachment").search(
            [("res_model", "=", "crm.lead"), ("res_id", "=", self.shared.id)]
        )
        self.assertEqual(files.mapped("raw"), [b"plan"])
        data = self._shared().message_get_followers()
        self.assertNoSecret(data)

    def test_the_rest_of_the_customer_is_as_hidden_as_before(self):
        for model_name, ids in self.foreign_ids.items():
            found = set(self._as_anna(model_name).search([("id", "in", list(ids))]).ids)
            self.assertFalse(found, model_name)
            for record in self._as_anna(model_name, ids):
                self.assertFalse(record.has_access("read"), record)

    def test_every_field_of_the_case(self):
        case = self._shared()
        names = [
            name
            for name, field in case._fields.items()
            if case._has_field_access(field, "read") and field.type != "properties_definition"
        ]
        leaks = []
        for name in names:
            result = self._try(case.read, [name])
            self.assertIsInstance(result, list, f"{name}: {result}")
            text = json.dumps(result, default=str).lower()
            if name in (*self.NAMES, "contract_id", "website", "street", "city"):
                # names of the customer, and columns of the case itself
                continue
            if TOKEN in text or PHONE in text:
                leaks.append(f"{name}: {text[:200]}")
        self.assertFalse(leaks, "\n".join(leaks))

    def test_the_form_opens(self):
        view = self._shared().get_view(view_type="form")
        names = {
            node.get("name")
            for node in etree.fromstring(view["arch"]).iter("field")
            if not any(parent.tag == "field" for parent in node.iterancestors())
        }
        specification = {name: {} for name in names if name in self._shared()._fields}
        for name in specification:
            if self._shared()._fields[name].relational:
                specification[name] = {"fields": {"display_name": {}}}
        [values] = self._shared().web_read(specification)
        self.assertEqual(values["name"], "Shared deal")
        self.assertFalse(values["is_customer_visible"])
        self.assertFalse(values["contact_ids"], "people of a customer whom she does not see")
        self.assertEqual(values["quotation_count"], 0)
        self.assertEqual(values["duplicate_lead_count"], 0, "other cases of the customer")
        self.assertGreater(self.shared.with_user(self.bert).duplicate_lead_count, 0)

    def test_paths_through_the_case_lead_nowhere(self):
        case = self._shared()
        for name in ("partner_id", "customer_id", "commercial_partner_id"):
            for field in ("email", "phone", "street", "ref", "comment", "complete_name"):
                result = self._try(case.web_read, {name: {"fields": {field: {}}}})
                text = json.dumps(result, default=str).lower().replace(TOKEN + " metals", "")
                self.assertNotIn(f"@{TOKEN}", text)
                self.assertNotIn(PHONE, text)
                self.assertNotIn(f"{TOKEN} street", text)
                self.assertNotIn(f"{TOKEN} comment", text)
        details = {"show_email": True, "show_address": True, "show_vat": True}
        for name in ("partner_id", "customer_id", "commercial_partner_id"):
            for formatted in (False, True):
                context = {**details, "formatted_display_name": formatted}
                [row] = case.with_context(**context).read([name])
                [web_row] = case.web_read(
                    {name: {"fields": {"display_name": {}}, "context": context}}
                )
                self.assertIn(TOKEN, row[name][1], "the name")
                for text in (row[name][1], str(web_row[name])):
                    for secret in (f"@{TOKEN}", f"{TOKEN} street", self.secret.vat):
                        self.assertNotIn(secret, text)
        seen = self.shared.with_user(self.bert).with_context(**details).read(["customer_id"])
        self.assertIn(self.secret.vat, seen[0]["customer_id"][1])
        for domain in (
            [("partner_id.email", "ilike", TOKEN)],
            [("customer_id.ref", "ilike", TOKEN)],
            [("partner_id.parent_id.vat", "ilike", "BE")],
            [("order_ids.client_order_ref", "ilike", TOKEN)],
            [("customer_note_ids.body", "ilike", TOKEN)],
            [("contact_ids.email", "ilike", TOKEN)],
            [("customer_id.case_ids.name", "ilike", TOKEN)],
            [("contract_id.note", "ilike", TOKEN)],
            [("partner_id", "any", [("phone", "ilike", PHONE[-6:])])],
        ):
            found = self._try(case.search_count, [*domain, ("id", "=", case.id)])
            self.assertNotEqual(found, 1, domain)
        for group in ("partner_id.email", "customer_id.ref", "partner_id.phone", "contact_ids"):
            result = self._try(
                case.formatted_read_group, [("id", "=", case.id)], [group], ["__count"]
            )
            self.assertNoSecret(result, group)
        for path in ("partner_id/email", "customer_id/ref", "order_ids/client_order_ref"):
            self.assertNoSecret(self._try(case.export_data, [path]), path)
        for method in ("action_view_sale_quotation", "action_view_sale_order", "action_view_notes"):
            self._attack("crm.lead", self.shared, method)
        history = self._try(case.get_history)
        self.assertNotIn(f"{TOKEN} note", json.dumps(history, default=str))
        self.assertNotIn(f"{TOKEN} order", json.dumps(history, default=str))
        self.assertNotIn(f"@{TOKEN}", json.dumps(history, default=str))
        self.assertNotIn(PHONE, json.dumps(history, default=str))

    def test_dialogs_on_the_case(self):
        """The dialogs of our own, with the case as what they work on."""
        for values in (
            {"mode": "activity", "case_id": self.shared.id, "summary": "x"},
            {"mode": "quote", "case_id": self.shared.id},
            {"mode": "call", "case_id": self.shared.id, "customer_id": self.secret.id},
        ):
            wizards = self._as_anna("crm.entry.wizard")
            result = self._try(
                lambda v=values, w=wizards: w.create(v).read(["contact_id", "phone", "customer_id"])
            )
            self.assertNoSecret(result, str(values))
        result = self._try(
            self._as_anna("crm.case.close.wizard").create, {"case_id": self.shared.id}
        )
        self.assertIn("Error", str(result))
        composer = self._as_anna("mail.compose.message").with_context(
            default_model="crm.lead", default_res_ids=self.shared.ids
        )
        result = self._try(lambda: composer.create({"composition_mode": "comment"}).read([]))
        text = json.dumps(result, default=str)
        self.assertNotIn(f"@{TOKEN}", text)
        self.assertNotIn(PHONE, text)

    def test_the_chatter_tells_no_addresses(self):
        store = Store()
        thread = self._shared()
        requests = [
            "activities",
            "attachments",
            "contact_fields",
            "followers",
            "scheduledMessages",
            "suggestedRecipients",
        ]
        result = self._try(
            lambda: (
                store.add(thread, [], as_thread=True, request_list=requests),
                store.get_result(),
            )[1]
        )
        self.assertNotIsInstance(result, str, result)
        text = json.dumps(result, default=str).lower()
        self.assertNotIn(PHONE, text)
        self.assertNotIn(f"@{TOKEN}", text)

    def test_after_the_end_of_sharing_all_is_gone(self):
        self.shared.message_subscribe(self.anna.partner_id.ids)
        self.shared.collaborator_ids = False
        self.env.invalidate_all()
        self.assertSeesNot(self.anna, self.shared)
        self.assertFalse(
            self._as_anna("mail.message").search(
                [("model", "=", "crm.lead"), ("res_id", "=", self.shared.id)]
            )
        )
        self.assertFalse(
            self._as_anna("ir.attachment").search(
                [("res_model", "=", "crm.lead"), ("res_id", "=", self.shared.id)]
            )
        )
