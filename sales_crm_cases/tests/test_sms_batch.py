import json
import unittest
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tests.common import _super_send, new_test_user
from odoo.tools import mute_logger

from .local_sms_gateway import INVALID_NUMBER, SID, LocalSmsGateway, make_api_class
from .sms_batch_common import NUMBERS, SmsBatchCommon


@tagged("post_install", "-at_install")
class TestSmsBatch(SmsBatchCommon):
    """SMS to all customers of a view of cases (B4)."""

    REFUSED = {
        "Cedar": ("canceled", "sms_blacklist"),
        "Daisy": ("canceled", "sms_duplicate"),
        "Elder": ("canceled", "sms_number_missing"),
        "Fern": ("canceled", "sms_number_format"),
    }

    # ------------------------------------------------------------------
    # Dialog
    # ------------------------------------------------------------------

    def test_the_dialog_counts_who_gets_it_and_who_does_not(self):
        composer = self._open()
        self.assertEqual(
            (
                composer.batch_count,
                composer.batch_refused_count,
                composer.batch_missing_count,
                composer.batch_wrong_count,
                composer.batch_blacklisted_count,
                composer.batch_duplicate_count,
            ),
            (2, 4, 1, 1, 1, 1),
        )
        action = self.env["crm.lead"].with_user(self.anna).action_send_batch_sms(self.domain)
        form = Form(
            self.env["sms.composer"].with_user(self.anna).with_context(**action["context"]),
            view=action["views"][0][0],
        )
        self.assertEqual((form.batch_count, form.batch_refused_count), (2, 4))

    def test_the_view_is_the_domain(self):
        composer = self._open(
            domain=[*self.domain, ("name", "in", ["Second lift", "Lift of Fern"])]
        )
        self.assertEqual((composer.batch_count, composer.batch_wrong_count), (1, 1))

    def test_lost_cases_count_where_the_view_shows_them(self):
        birch = self.cases.filtered(lambda case: case.name == "Lift of Birch")
        birch.action_set_lost()
        self.assertEqual(self._open().batch_count, 1)
        action = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .with_context(active_test=False)
            .action_send_batch_sms(self.domain)
        )
        composer = (
            self.env["sms.composer"]
            .with_user(self.anna)
            .with_context(**action["context"])
            .create({"body": "x"})
        )
        self.assertEqual(composer.batch_count, 2)

    def test_archived_customers_get_none(self):
        self.customers["Birch"].active = False
        self.assertEqual(self._open().batch_count, 1)
        # nor lost cases, for the view does not show them
        self.cases.filtered(lambda case: case.name == "Lift of Elder").action_set_lost()
        composer = self._open().with_context(active_test=False)
        composer.invalidate_recordset()
        self.assertEqual((composer.batch_count, composer.batch_missing_count), (1, 0))

    def test_a_process_without_sms_is_named(self):
        bert = self.env["crm.lead"].with_user(self.bert)
        self._make_case("Roof", partner_id=self.customer_bert.id, user_id=self.bert.id)
        with self.assertRaisesRegex(UserError, "“Repair”"):
            bert.action_send_batch_sms([])
        self.process.sms_enabled = False
        with self.assertRaisesRegex(UserError, "“Installation”"):
            self._open()
        with self.assertRaisesRegex(UserError, "no case in this view"):
            self._open(domain=[("name", "=", "Nothing")])

    def test_cases_without_process_are_refused(self):
        self._make_case("Plain", team_id=self.plain_team.id)
        with self.assertRaisesRegex(UserError, "follow no process. In this view: 1"):
            self._open(domain=[])

    def test_the_switch_counts_when_it_is_sent_too(self):
        composer = self._open()
        self.process.sms_enabled = False
        with self.assertRaisesRegex(UserError, "“Installation”"):
            composer.action_send_sms()

    def test_an_empty_message_and_one_that_cannot_be_rendered_are_refused(self):
        with self.assertRaisesRegex(UserError, "empty"):
            self._open(body=" ").action_send_sms()
        with self.assertRaises(UserError), mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self._open(body="Dear {{ object.no_such_field }}").action_send_sms()
        with self.assertRaises(AccessError):
            # no editor of templates: no code
            self._open(body="{{ object.env['res.users'].search([]) }}").action_send_sms()
        self.assertFalse(self.env["crm.sms.batch"].search([]))

    def test_nobody_who_could_get_it(self):
        with self.assertRaisesRegex(UserError, "None of the customers"):
            self._queue(domain=[*self.domain, ("name", "=", "Lift of Fern")])

    # ------------------------------------------------------------------
    # Queue
    # ------------------------------------------------------------------

    def test_queued_in_the_request_and_sent_by_the_scheduled_action(self):
        with self.mockSMSGateway():
            batch = self._queue(body="Dear {{ object.name }}, open day")
            self.assertEqual(batch.user_id, self.anna)
            self.assertFalse(self._sms, "no network in the request")
            self.assertEqual(
                self._get_states(batch), {"Aster": "outgoing", "Birch": "outgoing", **self.REFUSED}
            )
            self.assertEqual(
                (batch.state, batch.total_count, batch.waiting_count), ("running", 6, 2)
            )
            self._work_off()
            self.assertEqual(
                sorted((sms["number"], sms["body"]) for sms in self._sms),
                [
                    (NUMBERS["Aster"], "Dear Aster, open day"),
                    (NUMBERS["Birch"], "Dear Birch, open day"),
                ],
            )
        self.assertEqual(
            self._get_states(batch), {"Aster": "pending", "Birch": "pending", **self.REFUSED}
        )
        self.assertEqual(batch.state, "done")
        self.assertEqual(
            (batch.waiting_count, batch.sent_count, batch.failed_count, batch.refused_count),
            (0, 2, 0, 4),
        )
        self.assertIn("Blacklisted: 1", batch.reasons)
        message = self.customers["Aster"].message_ids[0]
        self.assertEqual((message.message_type, message.author_id), ("sms", self.anna.partner_id))
        self.assertIn("Dear Aster, open day", message.body)
        self.assertFalse(
            self.customers["Cedar"].message_ids.filtered(lambda m: m.message_type == "sms")
        )

    def test_clicked_twice_it_is_sent_once(self):
        composer = self._open()
        first, second = composer.action_send_sms(), composer.action_send_sms_mass_now()
        self.assertEqual(first["res_id"], second["res_id"])
        with self.mockSMSGateway():
            self._work_off()
            self._work_off()
            self.assertEqual(len(self._sms), 2)

    def test_steps(self):
        self.env["ir.config_parameter"].set_param("sms.session.batch.size", "1")
        with self.mockSMSGateway():
            batch = self._queue()
            self._work_off()
            self.assertEqual(self._sms_api_contact_iap_mock.call_count, 2)
        self.assertEqual((batch.state, batch.sent_count), ("done", 2))

    def test_the_summary_stays_when_odoo_deletes_the_sms(self):
        with self.mockSMSGateway(sms_allow_unlink=True):
            batch = self._queue()
            self._work_off()
        sms = self.env["sms.sms"].search([("partner_id", "in", batch.line_ids.customer_id.ids)])
        self.assertTrue(all(sms.mapped("to_delete")))
        sms._gc_device()
        self.env.invalidate_all()
        self.assertEqual(batch.sent_count, 2)
        trackers = self.env["sms.tracker"].search([("crm_sms_line_id.batch_id", "=", batch.id)])
        self._make_webhook_report(trackers[0], "delivered")
        self._make_webhook_report(trackers[1], "not_delivered")
        self.env.invalidate_all()
        self.assertEqual((batch.sent_count, batch.delivered_count, batch.failed_count), (1, 1, 1))
        self.assertEqual(trackers[1].crm_sms_line_id.failure_type, "sms_not_delivered")
        # late, and out of order
        self._make_webhook_report(trackers[0], "sent")
        self.env.invalidate_all()
        self.assertEqual(batch.delivered_count, 1)

    def _make_webhook_report(self, tracker, status):
        self.make_jsonrpc_request(
            "/sms/status",
            {"message_statuses": [{"sms_status": status, "uuids": [tracker.sms_uuid]}]},
        )

    def test_one_customer_who_cannot_be_rendered_holds_up_nobody(self):
        self.customers["Aster"].parent_id = self.env["res.partner"].create(
            {"name": "Holding", "is_company": True}
        )
        template = self.env["sms.template"].create(
            {
                "name": "Parent",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Of {{ object.parent_id.name.upper() }}",
            }
        )
        with (
            self.mockSMSGateway(),
            mute_logger(
                "odoo.addons.mail.models.mail_render_mixin",
                "odoo.addons.sales_crm_cases.models.crm_sms_batch",
            ),
        ):
            batch = self._queue(template_id=template.id, body=template.body)
            self._work_off()
            self.assertEqual([sms["body"] for sms in self._sms], ["Of HOLDING"])
        states = self._get_states(batch)
        self.assertEqual(states["Aster"], "pending")
        self.assertEqual(states["Birch"], ("canceled", "unknown"))
        self.assertEqual(batch.state, "done")

    def test_blacklisted_after_it_was_queued(self):
        batch = self._queue()
        self.env["phone.blacklist"].create({"number": NUMBERS["Birch"]})
        with self.mockSMSGateway():
            self._work_off()
            self.assertEqual([sms["number"] for sms in self._sms], [NUMBERS["Aster"]])
        self.assertEqual(self._get_states(batch)["Birch"], ("canceled", "sms_blacklist"))

    def test_stopped(self):
        batch = self._queue()
        batch.with_user(self.anna).action_stop()
        with self.mockSMSGateway():
            self._work_off()
            self.assertFalse(self._sms)
        self.assertEqual(self._get_states(batch)["Aster"], ("canceled", "stopped"))
        self.assertEqual(batch.state, "done")

    def test_what_was_with_the_gateway_when_the_server_stopped_is_not_sent_again(self):
        with self.mockSMSGateway():
            batch = self._queue()
            sms = batch._make_sms(batch._take_lines())
            self.assertEqual(self._get_states(batch)["Aster"], "sending")
            # neither by us nor by Odoo's own queue
            self.env.ref("sms.ir_cron_sms_scheduler_action").method_direct_trigger()
            self._work_off()
            self.assertFalse(self._sms)
        self.assertEqual(self._get_states(batch)["Aster"], ("error", "unanswered"))
        self.assertEqual(set(sms.mapped("state")), {"error"})
        self.assertEqual((batch.state, batch.failed_count), ("done", 2))

    # ------------------------------------------------------------------
    # Sight
    # ------------------------------------------------------------------

    def test_only_customers_in_sight_are_counted_and_sent_to(self):
        self._show_team(self.manager)
        self.assertEqual(self._open(self.manager).batch_count, 3)
        self.assertEqual(self._open(self.crm_admin).batch_count, 4)
        self.assertEqual(self._open(self.stranger).batch_count, 1)
        with self.mockSMSGateway():
            self._queue(self.manager)
            self._work_off()
            self.assertNotIn("+32455000009", [sms["number"] for sms in self._sms])
            self.assertIn("+32455000008", [sms["number"] for sms in self._sms])

    def test_a_shared_case_is_no_recipient(self):
        self.case_of_bert.collaborator_ids = [Command.set(self.anna.ids)]
        self.assertSees(self.anna, self.case_of_bert)
        composer = self._open()
        self.assertEqual((composer.batch_count, composer.batch_refused_count), (2, 4))
        with self.assertRaisesRegex(UserError, "None of the customers"):
            self._queue(domain=[("id", "=", self.case_of_bert.id)])

    def test_a_forged_domain_reaches_nobody_else(self):
        composer = self._open()
        composer.case_domain = json.dumps([["id", "in", self.case_of_stranger.ids]])
        self.assertFalse(composer.batch_count)
        with self.assertRaisesRegex(UserError, "no case in this view"):
            composer.action_send_sms()

    def test_sight_that_was_lost_before_the_sms_is_made(self):
        batch = self._queue()
        self.customers["Birch"].salesman_link_ids.employee_id = self.employees[self.stranger]
        with self.mockSMSGateway():
            self._work_off()
            self.assertEqual([sms["number"] for sms in self._sms], [NUMBERS["Aster"]])
        self.assertEqual(self._get_states(batch)["Birch"], ("canceled", "hidden"))
        self.env.invalidate_all()
        self.assertNotIn(
            self.customers["Birch"],
            batch.with_user(self.anna).line_ids.customer_id.with_env(self.env),
        )

    def test_a_sender_without_right_in_sales_sends_nothing_more(self):
        batch = self._queue()
        self.anna.group_ids = self.env.ref("base.group_user")
        self.assertNothingSent(batch)

    def test_an_archived_sender_sends_nothing_more(self):
        batch = self._queue()
        self.anna.active = False
        self.assertNothingSent(batch)

    def assertNothingSent(self, batch):
        with self.mockSMSGateway():
            self._work_off()
            self.assertFalse(self._sms)
        self.assertEqual(self._get_states(batch)["Aster"], ("canceled", "hidden"))

    def test_customers_of_all_companies_of_the_sender(self):
        company = self.env["res.company"].create({"name": "Second company"})
        self.customers["Birch"].company_id = company
        self.assertEqual(self._open().batch_count, 1)
        self.anna.company_ids += company
        both = (self.env.company + company).ids
        cases = self.env["crm.lead"].with_user(self.anna).with_context(allowed_company_ids=both)
        composer = (
            cases.env["sms.composer"]
            .with_context(**cases.action_send_batch_sms(self.domain)["context"])
            .create({"body": "x"})
        )
        batch = self.env["crm.sms.batch"].browse(composer.action_send_sms()["res_id"])
        self.assertEqual((batch.company_id, batch.waiting_count), (self.env.company, 2))
        with self.mockSMSGateway():
            self._work_off()
            self.assertEqual(len(self._sms), 2)
        # whoever works in the other company only does not see the batch
        self.crm_admin.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.assertSeesNot(self.crm_admin, batch)
        self.assertSeesNot(self.crm_admin, batch.line_ids[0])

    def test_the_web_client_knows_whether_to_offer_it(self):
        for user, expected in ((self.anna, True), (self.accounts, False)):
            self.assertIs(self._get_session_info(user)["has_batch_sms"], expected, user.name)
        self.env["crm.process"].search([]).sms_enabled = False
        self.assertIs(self._get_session_info(self.anna)["has_batch_sms"], False)

    def _get_session_info(self, user):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request("/web/session/get_session_info", {})["sales_crm_cases"]

    def test_who_sees_a_batch(self):
        batch = self._queue()
        line = batch.line_ids[0]
        # he sees the customer, and none of the messages of others to it
        self.env["customer.salesman"].create(
            {"customer_id": line.customer_id.id, "employee_id": self.employees[self.bert].id}
        )
        for user in (self.anna, self.crm_admin):
            self.assertSees(user, batch)
            self.assertSees(user, line)
        self.assertSeesNot(self.manager, batch, "shows no subordinates")
        self._show_team(self.manager)
        self.assertSees(self.manager, batch)
        self.assertSees(self.manager, line)
        for user in (self.bert, self.stranger, self.other_boss):
            self.assertSeesNot(user, batch)
            self.assertSeesNot(user, line)
        portal = new_test_user(self.env, "scc_sms_portal", groups="base.group_portal")
        for user in (self.accounts, self.clerk, portal):
            for record in (batch, line):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["state"])
            with self.assertRaises(AccessError):
                self.env["crm.lead"].with_user(user).action_send_batch_sms(self.domain)
            with self.assertRaises(AccessError):
                self.env["sms.composer"].with_user(user).create(
                    {
                        "composition_mode": "mass",
                        "res_model": "res.partner",
                        "body": "x",
                        "case_domain": "[]",
                    }
                ).action_send_sms()

    def test_nobody_writes_a_batch(self):
        batch = self._queue()
        for user in (self.anna, self.crm_admin):
            for record in (batch, batch.line_ids[0]):
                for act in (
                    lambda record=record, user=user: record.with_user(user).write(
                        {"state": "done"}
                    ),
                    lambda record=record, user=user: record.with_user(user).unlink(),
                    lambda record=record, user=user: record.with_user(user).copy(),
                ):
                    with self.assertRaises(AccessError):
                        act()
        with self.assertRaises(AccessError):
            self.env["crm.sms.batch.line"].with_user(self.anna).create(
                {"batch_id": batch.id, "customer_id": self.customer_stranger.id}
            )

    def test_only_the_sender_and_administrators_manage_it(self):
        batch = self._queue()
        self._show_team(self.manager)
        for method in ("action_stop", "action_retry"):
            with self.assertRaisesRegex(AccessError, "was sent by Anna"):
                getattr(batch.with_user(self.manager), method)()
            with self.assertRaises(AccessError):
                getattr(batch.with_user(self.stranger), method)()
        self.assertFalse(batch.with_user(self.manager).is_manageable)
        batch.with_user(self.crm_admin).action_stop()
        self.assertFalse(batch.waiting_count)
        with self.assertRaisesRegex(UserError, "nothing to send"):
            batch.with_user(self.anna).action_retry()

    # ------------------------------------------------------------------
    # Odoo's own dialog
    # ------------------------------------------------------------------

    def _compose(self, records, user=None, **values):
        return (
            self.env["sms.composer"]
            .with_user(user or self.anna)
            .create(
                {
                    "composition_mode": "mass",
                    "res_model": records._name,
                    "res_ids": repr(records.ids),
                    "body": "x",
                    "mass_keep_log": False,
                    **values,
                }
            )
        )

    def test_forged_ids_reach_nobody_by_odoos_dialog(self):
        self.case_of_bert.collaborator_ids = [Command.set(self.anna.ids)]
        # all that Odoo needs is on the case: it does not read the customer
        self.case_of_bert.write({"phone": "+32455000008", "country_id": self.env.ref("base.be").id})
        before = self.env["sms.sms"].search([])
        for records in (
            self.customer_stranger,
            self.customers["Aster"] + self.customer_stranger,
            self.case_of_stranger,
            self.case_of_bert,
            self.cases[0] + self.case_of_bert,
        ):
            for values in (
                {},
                {"composition_mode": "comment", "res_id": records[-1:].id, "res_ids": False},
            ):
                with self.subTest(records=records, **values), self.assertRaises(AccessError):
                    self._compose(records, **values).action_send_sms()
        self.assertEqual(self.env["sms.sms"].search([]), before)
        self._compose(self.customers["Aster"]).action_send_sms()
        self._compose(self.cases[0]).action_send_sms()
        self.assertEqual(len(self.env["sms.sms"].search([]) - before), 2)

    def test_odoos_dialog_for_many_cases_follows_the_switch(self):
        self.process.sms_enabled = False
        with self.assertRaisesRegex(UserError, "“Installation”"):
            self._compose(self.cases).action_send_sms()

    def test_no_caller_forges_the_step_of_a_batch(self):
        composer = self._compose(self.customers["Aster"])
        sms = composer.with_context(sms_batch_step={"refused": {}})._action_send_sms()
        self.assertEqual(sms.state, "outgoing", "as without it")

    # ------------------------------------------------------------------
    # Large
    # ------------------------------------------------------------------

    def test_queries_do_not_grow_with_the_recipients(self):
        few = self._count_queries("Few", 4)
        many = self._count_queries("Many", 64)
        for step, count in few.items():
            # what the ORM inserts it inserts by hundreds
            self.assertLessEqual(many[step], count + 2, step)

    def _count_queries(self, name, number):
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"{name} {n}",
                    "is_company": True,
                    "approval_status": "active",
                    "phone": f"+32455{len(name)}{n:05d}",
                }
                for n in range(number)
            ]
        )
        self.env["customer.salesman"].create(
            [
                {"customer_id": c.id, "employee_id": self.employees[self.anna].id, "is_main": True}
                for c in customers
            ]
        )
        self.env["crm.lead"].create(
            [
                {
                    "name": name,
                    "type": "opportunity",
                    "partner_id": c.id,
                    "user_id": self.anna.id,
                    "team_id": self.team.id,
                }
                for c in customers
            ]
        )
        domain = [*self.domain, ("name", "=", name)]
        self._queue(domain=domain).with_user(self.anna).action_stop()
        counts = {}
        batches = self.env["crm.sms.batch"]
        self.env.flush_all()

        def measure(step, act):
            self._empty_caches()
            before = self.cr.sql_log_count
            result = act()
            self.env.flush_all()
            counts[step] = self.cr.sql_log_count - before
            return result

        composer = measure("open", lambda: self._open(domain=domain))
        action = measure("queue", composer.action_send_sms)
        batch = batches.browse(action["res_id"])
        self.assertEqual(batch.waiting_count, number)
        with self.mockSMSGateway():
            lines = batch._take_lines()
            sms = measure("make", lambda: batch._make_sms(lines))
            self.assertEqual(len(sms), number)
            measure("send", lambda: batch._ask_gateway(sms))
            self.assertEqual(len(self._sms), number)
        self.assertEqual(batch.sent_count, number)
        return counts


@tagged("post_install", "-at_install")
class TestSmsGateway(SmsBatchCommon):
    """A gateway that is asked over HTTP, and fails (B4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = LocalSmsGateway()
        cls.addClassCleanup(cls.gateway.close)
        cls.startClassPatcher(
            patch.object(
                cls.registry["res.company"],
                "_get_sms_api_class",
                lambda company: make_api_class(cls.gateway.url),
            )
        )

    @classmethod
    def _request_handler(cls, session, request, **kwargs):
        if request.url.startswith(cls.gateway.url):
            # Odoo's tests make ten seconds of it
            return _super_send(session, request, **{**kwargs, "timeout": 1})
        return super()._request_handler(session, request, **kwargs)

    def setUp(self):
        super().setUp()
        self.gateway.answers, self.gateway.received = {}, []

    def test_sent_over_http(self):
        batch = self._queue(body="Dear {{ object.name }}")
        self.assertFalse(self.gateway.received)
        self._work_off()
        self.assertEqual(self.gateway.get_numbers(), [NUMBERS["Aster"], NUMBERS["Birch"]])
        self.assertEqual(
            {message["Body"] for message in self.gateway.received}, {"Dear Aster", "Dear Birch"}
        )
        self.assertEqual((batch.sent_count, batch.failed_count), (2, 0))

    def test_a_wrong_number_and_a_server_error_are_named_and_sent_once_more(self):
        self.gateway.answers = {
            NUMBERS["Aster"]: (400, INVALID_NUMBER),
            NUMBERS["Birch"]: (500, 20500),
        }
        batch = self._queue()
        self._work_off()
        states = self._get_states(batch)
        self.assertEqual(states["Aster"], ("error", "sms_number_format"))
        self.assertEqual(states["Birch"], ("error", "sms_server"))
        self.assertEqual((batch.state, batch.failed_count), ("done", 2))
        failed = batch.line_ids.filtered(lambda line: line.failure_type == "sms_server")
        self.assertEqual(failed.failure_reason, "Refused with 20500")
        self.assertIn("Server Error: 1", batch.reasons)
        # not by itself
        self._work_off()
        self.assertEqual(len(self.gateway.received), 2)
        self.gateway.answers = {}
        self.customers["Aster"].phone = "+32455000011"
        batch.with_user(self.anna).action_retry()
        self.assertEqual((batch.state, batch.waiting_count), ("running", 2))
        self._work_off()
        self.assertEqual(
            self.gateway.get_numbers()[-2:], sorted([NUMBERS["Birch"], "+32455000011"])
        )
        self.assertEqual((batch.sent_count, batch.failed_count), (2, 0))
        notes = self.customers["Aster"].message_ids.filtered(lambda m: m.message_type == "sms")
        self.assertEqual(len(notes), 1, "the message is in the chatter once")

    def test_no_answer_in_time(self):
        self.gateway.answers = {NUMBERS["Birch"]: 3}
        batch = self._queue()
        self._work_off()
        states = self._get_states(batch)
        self.assertEqual(states["Aster"], "pending")
        self.assertEqual(states["Birch"], ("error", "sms_server"))

    def test_odoos_own_way_to_send_again_comes_to_the_batch(self):
        self.gateway.answers = {NUMBERS["Birch"]: (500, 20500)}
        batch = self._queue()
        self._work_off()
        self.assertEqual(batch.failed_count, 1)
        self.gateway.answers = {}
        sms = self.env["sms.sms"].search(
            [("partner_id", "=", self.customers["Birch"].id), ("state", "=", "error")]
        )
        sms.action_set_outgoing()
        self.env.ref("sms.ir_cron_sms_scheduler_action").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((batch.sent_count, batch.failed_count), (2, 0))

    def test_an_unreachable_gateway(self):
        api_class = make_api_class("http://127.0.0.1:9")
        with patch.object(
            self.registry["res.company"], "_get_sms_api_class", lambda company: api_class
        ):
            batch = self._queue()
            self._work_off()
        self.assertEqual(batch.failed_count, 2)
        self.assertEqual(batch.state, "done")


@tagged("post_install", "-at_install")
class TestSmsTwilio(SmsBatchCommon):
    """Odoo's addon for Twilio as it is, with its requests led to this machine; where it is
    installed: ``./dev test -i sms_twilio`` (B4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "sms.twilio.number" not in cls.env:
            raise unittest.SkipTest("sms_twilio is not installed")
        cls.gateway = LocalSmsGateway()
        cls.addClassCleanup(cls.gateway.close)
        cls.env.company.write(
            {
                "sms_provider": "twilio",
                "sms_twilio_account_sid": SID,
                "sms_twilio_auth_token": "secret",
                "sms_twilio_number_ids": [
                    Command.create(
                        {"number": "+32455998877", "country_id": cls.env.ref("base.be").id}
                    )
                ],
            }
        )

    @classmethod
    def _request_handler(cls, session, request, **kwargs):
        request.url = request.url.replace("https://api.twilio.com", cls.gateway.url)
        return super()._request_handler(session, request, **kwargs)

    def test_sent_refused_and_delivered(self):
        self.gateway.answers = {NUMBERS["Birch"]: (400, INVALID_NUMBER)}
        batch = self._queue()
        self._work_off()
        self.assertEqual(self.gateway.get_numbers(), [NUMBERS["Aster"], NUMBERS["Birch"]])
        self.assertEqual(
            {(message["From"], message["Body"]) for message in self.gateway.received},
            {("+32455998877", "Open day on Friday")},
        )
        states = self._get_states(batch)
        self.assertEqual(states["Aster"], "pending")
        self.assertEqual(states["Birch"], ("error", "sms_number_format"))
        line = batch.line_ids.filtered(lambda line: line.state == "pending")
        tracker = self.env["sms.tracker"].search([("crm_sms_line_id", "=", line.id)])
        self.assertTrue(tracker.sms_twilio_sid)
        tracker._action_update_from_twilio_error("undelivered", "30005", "Unknown handset")
        self.assertEqual((line.state, line.failure_type), ("error", "sms_invalid_destination"))
        self.assertEqual(line.failure_reason, "Unknown handset")
        tracker._action_update_from_sms_state("sent")
        self.assertEqual((line.state, line.failure_type), ("sent", False))
