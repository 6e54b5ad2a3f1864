import json
import xmlrpc.client
from datetime import timedelta

from odoo import fields, http
from odoo.tests import HttpCase, tagged

from .attack_common import PHONE, SECRETS, TOKEN, AttackCommon


@tagged("post_install", "-at_install")
class TestAttackHttp(AttackCommon, HttpCase):
    """The channels themselves, as an outside program or a curious browser uses them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.password = "anna-and-her-password"
        cls.anna.password = cls.password
        cls.anna.group_ids |= cls.env.ref("base.group_no_one")

    def setUp(self):
        super().setUp()
        self.authenticate(self.anna.login, self.password)
        self.documents = [
            self.secret,
            self.contact,
            self.case,
            self.case_of_anna,
            self.order_of_anna,
            *self.invoice,
        ]
        self.records = [*self.documents, *self.recommendations]

    def assertNothing(self, answer, channel):
        body = answer.content.lower()
        for secret in SECRETS:
            self.assertNotIn(secret.encode(), body, f"{channel}: {answer.status_code}")

    def _jsonrpc(self, path, params):
        answer = self.url_open(
            path,
            data=json.dumps({"jsonrpc": "2.0", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        self.assertNothing(answer, f"{path} {params}".replace(TOKEN, "…"))
        return answer.json()

    def _call(self, model, method, *arguments, **keywords):
        params = {"model": model, "method": method, "args": list(arguments), "kwargs": keywords}
        return self._jsonrpc(f"/web/dataset/call_kw/{model}/{method}", params)

    def test_xml_rpc(self):
        uid = self.xmlrpc_common.authenticate(
            self.env.cr.dbname, self.anna.login, self.password, {}
        )
        self.assertEqual(uid, self.anna.id)

        def call(model, method, *arguments, **keywords):
            try:
                return self.xmlrpc_object.execute_kw(
                    self.env.cr.dbname, uid, self.password, model, method, list(arguments), keywords
                )
            except xmlrpc.client.Fault as fault:
                self.assertNoSecret(fault.faultString, f"{model}.{method}")
                return None

        self.assertFalse(call("res.partner", "search_read", [("name", "ilike", TOKEN)], ["name"]))
        self.assertFalse(call("res.partner", "name_search", TOKEN))
        self.assertEqual(call("res.partner", "search_count", [("email", "ilike", TOKEN)]), 0)
        for document in self.records:
            self.assertIsNone(call(document._name, "read", document.ids))
            self.assertIsNone(call(document._name, "write", document.ids, {"active": True}))
        self.assertTrue(call("res.partner", "read", self.mine.ids, ["name"]), "her own customer")

    def test_json_rpc(self):
        for document in self.records:
            self.assertIn(
                "error",
                self._call(
                    document._name, "web_read", document.ids, specification={"display_name": {}}
                ),
            )
            self._call(
                document._name, "web_search_read", [("id", "=", document.id)], {"display_name": {}}
            )
            self._call(
                document._name, "formatted_read_group", [("id", "=", document.id)], [], ["__count"]
            )
            self._call(document._name, "get_formview_action", document.ids)
            self._call(document._name, "unlink", document.ids)
        self._call("res.partner", "web_name_search", TOKEN, {"display_name": {}, "email": {}})
        self._call("res.partner", "get_mention_suggestions", "zqxv", limit=20)
        self._call(
            "res.users", "web_search_read", [("login", "ilike", TOKEN)], {"display_name": {}}
        )

    def test_debug_mode_names_nothing(self):
        self.url_open("/odoo?debug=1")
        for document in self.records:
            answer = self._call(document._name, "read", document.ids, ["id"])
            self.assertIn("error", answer)

    def test_json_2(self):
        expires = fields.Datetime.now() + timedelta(days=1)
        key = self.env["res.users.apikeys"].with_user(self.anna)._generate("rpc", "attack", expires)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

        def call(model, method, **keywords):
            answer = self.url_open(
                f"/json/2/{model}/{method}", data=json.dumps(keywords), headers=headers
            )
            self.assertNothing(answer, f"{model}/{method}")
            return answer

        self.assertEqual(
            call("res.partner", "read", ids=self.mine.ids, fields=["name"]).status_code, 200
        )
        for document in self.records:
            self.assertEqual(
                call(document._name, "read", ids=document.ids, fields=["display_name"]).status_code,
                403,
            )
        self.assertEqual(
            call("res.partner", "search_count", domain=[["phone", "ilike", PHONE]]).json(), 0
        )
        self.assertEqual(
            call("mail.message", "search_count", domain=[["body", "ilike", TOKEN]]).json(), 0
        )
        self.assertEqual(
            call("mail.activity", "search_count", domain=[["summary", "ilike", TOKEN]]).json(), 0
        )

    def test_export(self):
        for export_format in ("csv", "xlsx"):
            for model, ids, field in (
                ("res.partner", self.secret.ids, "name"),
                ("res.partner", False, "child_ids/email"),
                ("crm.lead", self.case_of_anna.ids, "name"),
                ("sale.order", self.order_of_anna.ids, "client_order_ref"),
                ("mail.message", self.messages.ids, "body"),
                ("mail.followers", False, "partner_id"),
                ("sales.recommendation", self.recommendations.ids, "reason"),
                ("sales.recommendation", False, "customer_id/name"),
            ):
                data = {
                    "model": model,
                    "ids": ids,
                    "domain": [],
                    "groupby": [],
                    "import_compat": False,
                    "fields": [{"name": "id", "label": "Id"}, {"name": field, "label": "F"}],
                    "context": {},
                }
                answer = self.url_open(
                    f"/web/export/{export_format}",
                    data={"data": json.dumps(data), "csrf_token": self.csrf_token()},
                )
                self.assertNothing(answer, f"export {export_format} {model}")

    def csrf_token(self):
        return http.Request.csrf_token(self)

    def test_files_and_pictures(self):
        for attachment in self.attachments:
            answer = self.url_open(f"/web/content/{attachment.id}?download=1")
            self.assertNothing(answer, "/web/content")
            self.assertNotEqual(answer.status_code, 200)
            self._jsonrpc("/mail/attachment/delete", {"attachment_id": attachment.id})
            self.assertTrue(attachment.exists())
        for field in ("image_1920", "image_128", "avatar_128"):
            answer = self.url_open(f"/web/image/res.partner/{self.secret.id}/{field}")
            placeholder = self.url_open(f"/web/image/res.partner/999999999/{field}")
            self.assertEqual(
                (answer.status_code, answer.content),
                (placeholder.status_code, placeholder.content),
                field,
            )
            self.assertTrue(self.secret[field])
            self.assertNothing(answer, field)
            self.url_open(f"/web/content?model=res.partner&id={self.secret.id}&field={field}")
        for path in (
            f"/report/html/sale.report_saleorder/{self.order.id}",
            f"/report/pdf/sale.report_saleorder/{self.order.id}",
            f"/mail/view?model=res.partner&res_id={self.secret.id}",
            f"/mail/message/{self.messages[0].id}",
            f"/odoo/res.partner/{self.secret.id}",
            f"/my/orders/{self.order.id}",
            f"/mail/avatar/res.partner/{self.secret.id}",
            f"/web_kanban_gauge/{self.secret.id}",
        ):
            self.assertNothing(self.url_open(path), path)

    def test_chatter_routes(self):
        for document in self.documents:
            thread = {"thread_model": document._name, "thread_id": document.id}
            self._jsonrpc("/mail/thread/messages", thread)
            self._jsonrpc("/mail/thread/recipients", thread)
            self._jsonrpc(
                "/mail/thread/recipients/get_suggested_recipients",
                {**thread, "partner_ids": self.contact.ids},
            )
            self._jsonrpc(
                "/mail/thread/subscribe",
                {
                    "res_model": document._name,
                    "res_id": document.id,
                    "partner_ids": self.anna.partner_id.ids,
                },
            )
            self._jsonrpc("/mail/message/post", {**thread, "post_data": {"body": "hello"}})
            request = {
                "thread_model": document._name,
                "thread_id": document.id,
                "access_params": {},
                "request_list": [
                    "activities",
                    "attachments",
                    "followers",
                    "scheduledMessages",
                    "suggestedRecipients",
                ],
            }
            self._jsonrpc(
                "/mail/data",
                {"fetch_params": [["mail.thread", request], "systray_get_activities", "failures"]},
            )
            for follower in document.sudo().message_follower_ids:
                self._jsonrpc("/mail/read_subscription_data", {"follower_id": follower.id})
        for message in self.messages:
            self._jsonrpc(
                "/mail/message/update_content",
                {"message_id": message.id, "update_data": {"body": "x"}},
            )
            self._jsonrpc(
                "/mail/message/reaction",
                {"message_id": message.id, "content": "x", "action": "add"},
            )
        for path in ("/mail/inbox/messages", "/mail/history/messages", "/mail/starred/messages"):
            self._jsonrpc(path, {})

    def test_failures_of_own_messages_go_with_the_customer(self):
        own = self.messages.filtered(lambda message: message.author_id == self.anna.partner_id)
        told = own.notification_ids.filtered(lambda each: each.res_partner_id == self.contact)
        self.assertTrue(told)
        told.notification_status = "exception"
        self.env.flush_all()
        self._jsonrpc("/mail/data", {"fetch_params": ["failures"]})
        self.secret.salesman_ids |= self.employees[self.anna]
        self.env.flush_all()
        answer = self.url_open("/mail/data", json={"params": {"fetch_params": ["failures"]}})
        self.assertIn(f"{TOKEN} body", answer.text)

    def test_addresses_are_not_turned_into_names(self):
        thread = {"thread_model": "res.partner", "thread_id": self.mine.id}
        known = self.contact.email
        answer = self.url_open(
            "/mail/partner/from_email",
            headers={"Content-Type": "application/json"},
            data=json.dumps({"jsonrpc": "2.0", "params": {**thread, "emails": [known]}}),
        )
        self.assertNotIn(f"eve {TOKEN}", answer.text.lower())
        ids = [row["id"] for row in answer.json().get("result", [])]
        self.assertFalse(set(ids) & self.foreign_ids["res.partner"])
        post = {
            **thread,
            "post_data": {"body": "x", "partner_emails": [known], "partner_ids": self.contact.ids},
        }
        answer = self.url_open(
            "/mail/message/post",
            headers={"Content-Type": "application/json"},
            data=json.dumps({"jsonrpc": "2.0", "params": post}),
        )
        self.assertNotIn(f"eve {TOKEN}", answer.text.lower())
