from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from ..models import customer_handover
from .common import SalesCrmCommon

MODULE = "odoo.addons.sales_crm_cases.models.customer_handover_move_mixin"


class HandoverCommon(SalesCrmCommon):
    """Anna's customers go to Bert (V8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._show_team(cls.manager)
        cls.contact = cls.env["res.partner"].create(
            {"name": "Contact", "parent_id": cls.customer_anna.id, "user_id": cls.anna.id}
        )
        cls.case = cls._make_case(cls.customer_anna, partner_id=cls.contact.id)
        cls.activity = cls._make_activity(cls.case)
        cls.quote = cls.env["sale.order"].create(
            {"partner_id": cls.customer_anna.id, "user_id": cls.anna.id}
        )

    @classmethod
    def _make_case(cls, customer, **values):
        return cls.env["crm.lead"].create(
            {
                "name": "Case",
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": cls.anna.id,
                **values,
            }
        )

    @classmethod
    def _make_activity(cls, document, user=None):
        return document.activity_schedule(
            "mail.mail_activity_data_todo", user_id=(user or cls.anna).id, summary="Call"
        )

    def _open(self, user=None, **values):
        return (
            self.env["customer.handover.wizard"]
            .with_user(user or self.crm_admin)
            .create(
                {
                    "employee_id": self.employees[self.anna].id,
                    "successor_id": self.employees[self.bert].id,
                    **values,
                }
            )
        )

    def _hand_over(self, user=None, **values):
        action = self._open(user, **values).action_hand_over()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _work_off(self):
        with self.enter_registry_test_mode():
            self.env.ref("sales_crm_cases.ir_cron_handover").method_direct_trigger()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestCustomerHandover(HandoverCommon):
    # ------------------------------------------------------------------
    # What moves
    # ------------------------------------------------------------------

    def test_open_documents_move_and_history_stays(self):
        done_activity = self._make_activity(self.case)
        done_activity.action_feedback("done")
        foreign_activity = self._make_activity(self.case, self.manager)
        won = self._make_case(self.customer_anna)
        won.action_set_won()
        lost = self._make_case(self.customer_anna)
        lost.action_set_lost()
        colleagues = self._make_case(self.customer_anna, user_id=self.manager.id)
        without_customer = self.env["crm.lead"].create(
            {"name": "Pool", "type": "opportunity", "user_id": self.anna.id}
        )
        product = self.env["product.product"].create({"name": "Chair", "list_price": 100})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer_anna.id,
                "user_id": self.anna.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm()
        handover = self._hand_over()
        self.assertEqual(handover.state, "done")
        self.assertEqual(self.customer_anna.salesman_ids, self.employees[self.bert])
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.bert])
        self.assertEqual(self.customer_anna.user_id, self.bert)
        for document in (self.case, self.activity, self.quote, self.contact):
            self.assertEqual(document.user_id, self.bert, document)
        for document in (won, lost, order, done_activity, without_customer):
            self.assertEqual(document.user_id, self.anna, document)
        self.assertEqual(colleagues.user_id, self.manager)
        self.assertEqual(foreign_activity.user_id, self.manager)
        self.assertEqual(
            handover.moved_counts,
            {
                "crm.lead": 1,
                "mail.activity": 1,
                "sales.recommendation": 0,
                "sale.order": 1,
                "customer.reminder": 0,
                "res.partner": 1,
            },
        )
        self.assertIn("Open cases: 1", handover.moved_text)

    def test_sight_moves_at_once(self):
        self._hand_over()
        for record in (self.customer_anna, self.contact, self.case, self.quote):
            self.assertSees(self.bert, record)
            self.assertSeesNot(self.anna, record)

    def test_the_successor_who_is_linked_already(self):
        shared = self._make_customer("Shared", self.anna, self.bert)
        second = self._make_customer("Second", self.bert, self.anna)
        third = self._make_customer("Third", self.anna, self.manager, self.bert)
        beside = self._make_customer("Beside", self.manager, self.anna)
        self._hand_over()
        anna, bert, manager = (self.employees[u] for u in (self.anna, self.bert, self.manager))
        for customer, main, others in (
            (shared, bert, bert),
            (second, bert, bert),
            (third, bert, bert | manager),
            (beside, manager, bert | manager),
        ):
            self.assertEqual(customer.main_salesman_id, main, customer.name)
            self.assertEqual(customer.user_id, main.user_id, customer.name)
            self.assertEqual(customer.salesman_ids, others, customer.name)
            self.assertEqual(len(customer.salesman_link_ids.filtered("is_main")), 1)
        self.assertFalse(anna.customer_link_ids)

    def test_some_customers_only(self):
        other = self._make_customer("Other", self.anna)
        handover = self._hand_over(
            scope="chosen", customer_ids=[Command.link(self.customer_anna.id)]
        )
        self.assertEqual(handover.total_count, 1)
        self.assertEqual(other.main_salesman_id, self.employees[self.anna])
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.bert])

    def test_archived_customers_move_too(self):
        self.customer_anna.active = False
        self._hand_over()
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.bert])

    def test_one_salesman_per_customer(self):
        self.env.company.exclusive_salesman = True
        self._hand_over()
        self.assertEqual(self.customer_anna.salesman_ids, self.employees[self.bert])

    def test_followers_and_one_notice(self):
        for number in range(5):
            self._make_case(self._make_customer(f"Customer {number}", self.anna))
        self.case.message_subscribe(self.anna.partner_id.ids)
        self.customer_anna.message_subscribe((self.anna | self.bert).partner_id.ids)
        self.bert.notification_type = "inbox"
        before = self.env["mail.mail"].search_count([])
        self._hand_over()
        self.assertIn(self.bert.partner_id, self.case.message_partner_ids)
        self.assertNotIn(self.anna.partner_id, self.case.message_partner_ids)
        self.assertNotIn(self.anna.partner_id, self.customer_anna.message_partner_ids)
        self.assertIn(self.bert.partner_id, self.customer_anna.message_partner_ids)
        notices = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.bert.partner_id.id)]
        )
        self.assertEqual(len(notices), 1)
        self.assertIn("6 customers of Anna are yours now", notices.mail_message_id.body)
        # Anna reads her notice by mail
        self.assertLessEqual(self.env["mail.mail"].search_count([]) - before, 1)
        self.assertIn(
            "Handed over from Anna to Bert", self.customer_anna.message_ids[:1].body, "chatter"
        )
        self.assertEqual(self.customer_anna.message_ids[:1].author_id, self.crm_admin.partner_id)

    def test_a_later_model_joins_by_one_method(self):
        """An own kind of document, by the documented hook."""
        original = self.registry["customer.handover"]._get_handover_documents

        def _get_handover_documents(handover):
            return {
                **original(handover),
                "sales.delegation": customer_handover.HandoverDocuments(
                    "delegate_id",
                    customer_handover.Domain.TRUE,
                    "Stand-ins",
                    customer_field="employee_id",
                ),
            }

        with patch.object(
            self.registry["customer.handover"], "_get_handover_documents", _get_handover_documents
        ):
            self.assertIn("Stand-ins: 0", self._open().preview)
            self.assertEqual(self._hand_over().moved_counts["sales.delegation"], 0)

    # ------------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------------

    def test_preview(self):
        self._make_activity(self.customer_anna)
        wizard = Form(self.env["customer.handover.wizard"].with_user(self.crm_admin))
        wizard.employee_id = self.employees[self.anna]
        self.assertEqual(wizard.customer_count, 1)
        for line in ("Customers: 1", "Open cases: 1", "Open activities: 2", "Quotes: 1"):
            self.assertIn(line, wizard.preview)
        self.assertNotIn("more stay", wizard.preview)

    def test_preview_of_chosen_customers_from_their_list(self):
        other = self._make_customer("Other", self.anna)
        wizard = Form(
            self.env["customer.handover.wizard"]
            .with_user(self.manager)
            .with_context(active_model="res.partner", active_ids=[self.contact.id])
        )
        self.assertEqual(wizard.scope, "chosen")
        self.assertEqual(wizard.employee_id, self.employees[self.anna])
        self.assertEqual(wizard.customer_ids[:], self.customer_anna)
        self.assertIn("Open cases: 1", wizard.preview)
        wizard.scope = "all"
        self.assertEqual(wizard.customer_count, 2)
        self.assertTrue(other)

    def test_preview_tells_nothing_to_who_may_not(self):
        for user in (self.anna, self.bert, self.stranger):
            wizard = self._open(user)
            self.assertFalse(wizard.customer_count)
            self.assertNotIn("Customers:", wizard.preview)

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def test_the_manager_for_his_team(self):
        handover = self._hand_over(self.manager)
        self.assertEqual(handover.user_id, self.manager)
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.bert])
        self.assertSees(self.manager, handover)
        self.assertSees(self.bert, handover)
        self.assertSees(self.crm_admin, handover)
        self.assertSeesNot(self.stranger, handover)
        self.assertSees(self.manager, handover.line_ids)
        self.assertSeesNot(self.anna, handover.line_ids)

    def test_the_manager_takes_them_himself(self):
        self._hand_over(self.manager, successor_id=self.employees[self.manager].id)
        self.assertEqual(self.customer_anna.user_id, self.manager)

    def _assert_refused(self, user, error, message, **values):
        with self.assertRaisesRegex(error, message), self.env.cr.savepoint():
            self._hand_over(user, **values)
        self.assertEqual(self.customer_anna.salesman_ids, self.employees[self.anna])
        self.assertFalse(self.env["customer.handover"].search([]))

    def test_others_may_not(self):
        for user in (self.anna, self.bert, self.stranger, self.other_boss, self.boss):
            self._assert_refused(user, AccessError, "handed over by CRM administrators")
        self._assert_refused(self.clerk, AccessError, "Hand customers over")
        self._assert_refused(
            self.manager,
            AccessError,
            "not in your team",
            successor_id=self.employees[self.stranger].id,
        )
        self.env.company.managers_edit_team = False
        self._assert_refused(self.manager, AccessError, "handed over by CRM administrators")
        self.env.company.managers_edit_team = True
        self._show_team(self.manager, False)
        self._assert_refused(self.manager, AccessError, "show items for subordinates")

    def test_a_delegate_may_not(self):
        self.env["sales.delegation"].create(
            {
                "employee_id": self.employees[self.manager].id,
                "delegate_id": self.employees[self.stranger].id,
                "date_to": "2099-01-01",
            }
        )
        self._make_customer("Managers", self.manager)
        self._assert_refused(
            self.stranger,
            AccessError,
            "handed over by CRM administrators",
            employee_id=self.employees[self.manager].id,
        )

    def test_foreign_customers_by_rpc(self):
        self._assert_refused(
            self.manager,
            AccessError,
            "",
            scope="chosen",
            customer_ids=[Command.link(self.customer_stranger.id)],
        )
        self._assert_refused(
            self.crm_admin,
            UserError,
            "Secret Metals is not linked to Anna",
            scope="chosen",
            customer_ids=[Command.link(self.customer_stranger.id)],
        )

    def test_refused(self):
        archived = self.env["hr.employee"].create({"name": "Archived", "active": False})
        for values, message in (
            ({"successor_id": False}, "Choose the colleague"),
            ({"successor_id": self.employees[self.anna].id}, "own successor"),
            ({"successor_id": archived.id}, "active salesman"),
            ({"employee_id": self.employees[self.boss].id}, "nothing to hand over"),
            ({"archive": "employee"}, "may not archive"),
            ({"archive": "user"}, "may not archive"),
        ):
            error = AccessError if "archive" in values else UserError
            self._assert_refused(self.crm_admin, error, message, **values)

    def test_the_log_is_not_for_writing(self):
        handover = self._hand_over(self.manager)
        for user in (self.manager, self.crm_admin):
            for record in (handover, handover.line_ids):
                as_user = record.with_user(user)
                with self.assertRaises(AccessError):
                    as_user.write({"state": "done"})
                with self.assertRaises(AccessError):
                    as_user.unlink()
                with self.assertRaises(AccessError):
                    as_user.create({})

    def test_customers_of_other_companies(self):
        """They stay with the old salesman if the user does not work there, and are named if
        the successor does not."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        abroad = self._make_customer("Abroad", self.anna, company_id=company.id)
        self.assertIn("1 more stay", self._open().preview)
        with self.assertRaises(AccessError):
            self._open(scope="chosen", customer_ids=abroad.ids)
        handover = self._hand_over()
        self.assertEqual(handover.total_count, 1)
        self.assertEqual(abroad.main_salesman_id, self.employees[self.anna])
        self.crm_admin.company_ids |= company
        handover = self._hand_over()
        self.assertEqual((handover.state, handover.failed_count), ("failed", 1))
        self.assertIn("Bert may not work in Elsewhere", handover.line_ids.error)
        self.bert.company_ids |= company
        self.assertEqual(self._hand_over().state, "done")

    # ------------------------------------------------------------------
    # Many
    # ------------------------------------------------------------------

    def _grow(self, count):
        customers = self.env["res.partner"].create(
            [
                {"name": f"Grown {n}", "is_company": True, "approval_status": "active"}
                for n in range(count)
            ]
        )
        self.env["customer.salesman"].create(
            [
                {
                    "customer_id": customer.id,
                    "employee_id": self.employees[self.anna].id,
                    "is_main": True,
                }
                for customer in customers
            ]
        )
        cases = self.env["crm.lead"].create(
            [
                {
                    "name": "Case",
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": self.anna.id,
                }
                for customer in customers
            ]
        )
        for case in cases:
            self._make_activity(case)
        self.env.flush_all()
        return customers

    def _start_many(self, count=7, **values):
        """A hand-over that is left to the cron, in steps of three customers."""
        self.startPatcher(patch.object(customer_handover, "REQUEST_LIMIT", 2))
        self.startPatcher(patch.object(customer_handover, "STEP_SIZE", 3))
        customers = self._grow(count)
        return customers, self._hand_over(**values)

    def test_the_cron_works_off_in_steps(self):
        customers, handover = self._start_many()
        self.assertEqual((handover.state, handover.progress), ("running", 0))
        self.assertEqual(customers.main_salesman_id, self.employees[self.anna])
        self._work_off()
        self.assertEqual((handover.state, handover.done_count, handover.progress), ("done", 8, 100))
        self.assertEqual(customers.main_salesman_id, self.employees[self.bert])
        self.assertEqual(handover.moved_counts["crm.lead"], 8)

    def test_it_goes_on_after_a_kill(self):
        """The process dies in the second step: the first is kept, nothing is half-done."""
        customers, handover = self._start_many()
        move, calls = self.registry["customer.handover"]._move, []

        def dying_move(self, moved):
            calls.append(moved)
            if len(calls) == 2:
                move(self, moved)
                raise KeyboardInterrupt
            return move(self, moved)

        # assertRaises() would roll the first step back
        with (
            patch.object(self.registry["customer.handover"], "_move", dying_move),
            suppress(KeyboardInterrupt),
        ):
            self._work_off()
        self.assertEqual(len(calls), 2)
        self.env.invalidate_all()
        self.assertEqual((handover.state, handover.done_count), ("running", 3))
        moved = handover.line_ids.filtered(lambda line: line.state == "done").customer_id
        self.assertEqual(moved.main_salesman_id, self.employees[self.bert])
        left = (customers | self.customer_anna) - moved
        self.assertEqual(left.main_salesman_id, self.employees[self.anna])
        self.assertEqual(left.case_ids.user_id, self.anna)
        self._work_off()
        self.assertEqual((handover.state, handover.done_count), ("done", 8))
        self.assertEqual(handover.moved_counts["crm.lead"], 8)

    def test_a_customer_that_fails_is_named_and_the_others_go_on(self):
        customers, handover = self._start_many()
        poison = customers[4]
        write = self.registry["res.partner"].write

        def failing_write(self, vals):
            if "user_id" in vals and poison.id in self.ids:
                raise ValueError("poisoned")
            return write(self, vals)

        with (
            patch.object(self.registry["res.partner"], "write", failing_write),
            mute_logger(MODULE),
        ):
            self._work_off()
        self.assertEqual((handover.state, handover.failed_count), ("failed", 1))
        [line] = handover.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual((line.customer_id, line.error), (poison, "poisoned"))
        self.assertEqual(poison.salesman_ids, self.employees[self.anna])
        self.assertEqual(poison.case_ids.user_id, self.anna)
        self.assertEqual((customers - poison).salesman_ids, self.employees[self.bert])
        self.assertEqual(handover.moved_counts["crm.lead"], 7)
        self.assertEqual(
            handover.with_user(self.crm_admin).action_view_failed()["domain"][0][2], handover.id
        )
        self.assertEqual(self._hand_over().state, "done", "what failed is handed over again")

    def test_who_was_handed_over_meanwhile_is_named(self):
        customers, handover = self._start_many()
        customers[0].salesman_ids = self.employees[self.stranger]
        self._work_off()
        [line] = handover.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(line.customer_id, customers[0])
        self.assertIn("Not linked to Anna any more", line.error)
        self.assertEqual(customers[0].salesman_ids, self.employees[self.stranger])

    def test_queries_do_not_grow_with_the_customers(self):
        def count(number):
            self._grow(number)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(self._hand_over().state, "done")
            return self.cr.sql_log_count - before

        count(2)  # warms the caches
        few = count(3)
        many = count(40)
        self.assertLessEqual(many, few + 3, (few, many))


@tagged("post_install", "-at_install")
class TestSuccessor(HandoverCommon):
    """Archiving a salesman asks for the successor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hr = cls._make_user("hr", "hr.group_hr_manager")
        cls.both = cls._make_user(
            "both", "hr.group_hr_manager,sales_team.group_sale_manager,base.group_system"
        )
        cls.employee = cls.employees[cls.anna]

    def _get_dialog(self, error):
        _message, action_id, _button, context = error.args
        action = self.env["ir.actions.act_window"].browse(action_id)
        return Form(self.env[action.res_model].with_user(self.both).with_context(**context))

    def test_archiving_the_employee(self):
        with self.assertRaises(RedirectWarning) as caught, self.env.cr.savepoint():
            self.employee.with_user(self.both).action_archive()
        dialog = self._get_dialog(caught.exception)
        self.assertEqual(dialog.employee_id, self.employee)
        self.assertEqual(dialog.customer_count, 1)
        dialog.successor_id = self.employees[self.bert]
        action = dialog.save().action_hand_over()
        self.assertEqual(action["res_model"], "hr.departure.wizard")
        self.assertFalse(self.employee.active)
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.bert])
        self.assertEqual(self.activity.user_id, self.bert)

    def test_archiving_the_user(self):
        with self.assertRaises(RedirectWarning) as caught, self.env.cr.savepoint():
            self.anna.with_user(self.both).action_archive()
        self.assertTrue(self.activity.exists(), "Odoo deletes the activities of archived users")
        dialog = self._get_dialog(caught.exception)
        dialog.successor_id = self.employees[self.bert]
        dialog.save().action_hand_over()
        self.assertFalse(self.anna.active)
        self.assertTrue(self.employee.active)
        self.assertEqual(self.activity.user_id, self.bert)

    def test_archiving_without_a_successor(self):
        with self.assertRaises(RedirectWarning) as caught, self.env.cr.savepoint():
            self.employee.with_user(self.both).write({"active": False})
        self._get_dialog(caught.exception).save().action_archive_without_successor()
        self.assertFalse(self.employee.active)
        self.assertEqual(self.customer_anna.main_salesman_id, self.employee)
        with self.assertRaises(AccessError):
            self._open(self.crm_admin, archive="employee").action_archive_without_successor()

    def test_a_caller_cannot_forge_the_answer(self):
        with self.assertRaises(RedirectWarning):
            self.employee.with_user(self.both).with_context(successor_decided=True).action_archive()

    def test_the_departure_wizard_asks_too(self):
        departure = (
            self.env["hr.departure.wizard"]
            .with_user(self.both)
            .with_context(active_ids=self.employee.ids, employee_termination=True)
            .create({"departure_reason_id": self.env["hr.departure.reason"].search([], limit=1).id})
        )
        with self.assertRaises(RedirectWarning), self.env.cr.savepoint():
            departure.action_register_departure()
        self.assertTrue(self.employee.active)
        self._hand_over(self.both)
        departure.action_register_departure()
        self.assertFalse(self.employee.active)

    def test_human_resources_are_not_stopped_and_administrators_are_told(self):
        self.crm_admin.notification_type = "inbox"
        departure = (
            self.env["hr.departure.wizard"]
            .with_user(self.hr)
            .with_context(active_ids=self.employee.ids, employee_termination=True)
            .create({"departure_reason_id": self.env["hr.departure.reason"].search([], limit=1).id})
        )
        departure.action_register_departure()
        self.assertFalse(self.employee.active)
        notice = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.crm_admin.partner_id.id)]
        )
        self.assertIn("Anna was archived. 1 customers", notice.mail_message_id.body)
        # and the administrator hands the customers of the archived salesman over
        self.assertEqual(self._hand_over().state, "done")
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.bert])

    def test_who_has_no_customers_is_archived_as_before(self):
        self.employees[self.boss].with_user(self.both).action_archive()
        self.assertFalse(self.employees[self.boss].active)

    def test_the_cron_archives_when_all_are_handed_over(self):
        self.startPatcher(patch.object(customer_handover, "REQUEST_LIMIT", 0))
        self._open(self.both, archive="employee").action_hand_over()
        self.assertTrue(self.employee.active)
        self._work_off()
        self.assertFalse(self.employee.active)

    def test_the_cron_archives_with_the_rights_of_today(self):
        self.startPatcher(patch.object(customer_handover, "REQUEST_LIMIT", 0))
        action = self._open(self.both, archive="employee").action_hand_over()
        self.both.group_ids = [
            Command.set(self.env.ref("sales_team.group_sale_manager").ids),
        ]
        self._work_off()
        self.assertTrue(self.employee.active)
        handover = self.env["customer.handover"].browse(action["res_id"])
        self.assertEqual(handover.state, "done")
        self.assertTrue(handover.error)


@tagged("post_install", "-at_install")
class TestHandoverTour(HandoverCommon, HttpCase):
    def test_manager_hands_over(self):
        self.customer_anna.name = "Handed Customer"
        self.start_tour(
            "/odoo", "sales_crm_manager_hands_over", login=self.manager.login, timeout=300
        )
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.bert])
        self.assertEqual(self.case.user_id, self.bert)

    def test_salesman_names_a_delegate(self):
        self.start_tour(
            "/odoo", "sales_crm_salesman_names_delegate", login=self.anna.login, timeout=300
        )
        delegation = self.env["sales.delegation"].search([])
        self.assertEqual(delegation.employee_id, self.employees[self.anna])
        self.assertEqual(delegation.delegate_id, self.employees[self.bert])
