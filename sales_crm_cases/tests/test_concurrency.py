from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .concurrency_common import SESSIONS, ConcurrencyCommon


@tagged("post_install", "-at_install")
class TestConcurrency(ConcurrencyCommon):
    """What people do at the same moment: one wins, and nothing is done twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._session() as env:
            for login in ("first", "second"):
                cls._make_user(env, login, "sales_crm_cases.group_customer_approver")
            for login in ("seller", "top", "middle", "leaf"):
                cls._make_salesman(env, login)

    @classmethod
    def _delete_data(cls, env, customers):
        cases = env["crm.lead"].with_context(active_test=False)
        names = ["|", ("name", "like", "Concurrent %"), ("customer_id", "in", customers.ids)]
        cases.search(names).unlink()
        env["third.party.contract"].search([("customer_id", "in", customers.ids)]).unlink()
        # notes are deleted by nobody, except so
        env.cr.execute("DELETE FROM customer_note WHERE customer_id = ANY(%s)", [customers.ids])
        env.cr.execute(
            "UPDATE res_partner SET note_chain_id = NULL WHERE id = ANY(%s)", [customers.ids]
        )
        env.cr.execute(
            "DELETE FROM customer_note_chain WHERE customer_id = ANY(%s)", [customers.ids]
        )

    # ------------------------------------------------------------------
    # Codes
    # ------------------------------------------------------------------

    def _create_at_once(self, names):
        meet = self._meet(SESSIONS)

        def create(env, name):
            env["res.partner"].search_count([])  # the snapshot is taken before the others create
            meet()
            partners = env["res.partner"].create(
                [{"name": f"{name} {n}", "is_company": True} for n in range(3)]
            )
            return partners.mapped("ref")

        results = self._run(
            *(("seller", lambda env, name=name: create(env, name)) for name in names)
        )
        for result in results:
            self.assertIsInstance(result, list, result)
        codes = [code for result in results for code in result]
        self.assertEqual(len(codes), 3 * SESSIONS)
        self.assertEqual(len(set(codes)), len(codes), codes)
        return codes

    def test_names_with_one_prefix_get_different_codes(self):
        codes = self._create_at_once([f"Concurrent {number}" for number in range(SESSIONS)])
        self.assertEqual({code[:3] for code in codes}, {"CON"})

    def test_names_with_different_prefixes_get_codes(self):
        letters = "ABCDEFGH"
        with patch.object(
            self.registry["customer.code.counter"],
            "_get_prefix",
            lambda self, name: f"X{name[11]}C",
        ):
            codes = self._create_at_once([f"Concurrent {letter}" for letter in letters])
        self.assertEqual(len({code[:3] for code in codes}), SESSIONS)

    # ------------------------------------------------------------------
    # Sales board
    # ------------------------------------------------------------------

    def test_a_card_that_is_dropped_twice_makes_one_case(self):
        with self._session() as env:
            customer = env["res.partner"].create(
                {
                    "name": "Concurrent drop",
                    "is_company": True,
                    "approval_status": "active",
                    "salesman_ids": [Command.link(self.employees["seller"])],
                }
            )
            status = env["crm.stage"].search(
                [("process_id", "=", False), ("team_ids", "=", False)], limit=1
            )
        meet = self._meet(SESSIONS)

        def drop(env):
            env["res.partner"].search_count([])  # the snapshot is taken before the others drop
            meet()
            return env["crm.lead"].create_board_case(customer.id, status.id).ids

        results = self._run(*[("seller", drop)] * SESSIONS)
        made = [result for result in results if isinstance(result, list)]
        self.assertEqual(len(made), 1, results)
        for result in results:
            self.assertIsInstance(result, list | UserError)
        with self._session() as env:
            cases = env["crm.lead"].search([("customer_id", "=", customer.id)])
            self.assertEqual(cases.ids, made[0])

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _make_released(self):
        with self._session() as env:
            return (
                env["res.partner"]
                .create(
                    {
                        "name": "Concurrent released",
                        "is_company": True,
                        "approval_status": "released",
                    }
                )
                .id
            )

    def _assert_one_step(self, customer_id, status, transitions):
        with self._session() as env:
            customer = env["res.partner"].browse(customer_id)
            self.assertEqual(customer.approval_status, status)
            self.assertEqual(customer.approval_ids.mapped("transition"), transitions)

    def test_approval_while_another_one_is_under_way(self):
        customer_id = self._make_released()
        with self._session("first") as env:
            env["res.partner"].browse(customer_id).action_approve()
            env.flush_all()
            [error] = self._run(
                ("second", lambda env: env["res.partner"].browse(customer_id).action_approve())
            )
        self.assertIsInstance(error, UserError)
        self.assertIn("Somebody else is changing Concurrent released", str(error))
        self._assert_one_step(customer_id, "active", ["approve"])

    def test_approval_after_another_one_was_committed(self):
        """The second session has read "released" already."""
        customer_id = self._make_released()
        attempts = []

        def approve(env):
            customer = env["res.partner"].browse(customer_id)
            attempts.append(customer.approval_status)
            if len(attempts) == 1:
                with self._session("first") as other_env:
                    other_env["res.partner"].browse(customer_id).action_approve()
            customer.action_approve()

        [error] = self._run(("second", approve))
        self.assertEqual(attempts, ["released", "active"])
        self.assertIsInstance(error, UserError)
        self.assertIn("The last step was “Approved” by scc_concurrent_first", str(error))
        self._assert_one_step(customer_id, "active", ["approve"])

    def test_of_two_who_decide_at_once_one_wins(self):
        for _attempt in range(3):
            customer_id = self._make_released()
            meet = self._meet(2)

            def decide(env, step, *arguments, customer_id=customer_id, meet=meet):
                customer = env["res.partner"].browse(customer_id)
                self.assertTrue(customer.approval_status)
                meet()
                getattr(customer, step)(*arguments)
                return step

            results = self._run(
                ("first", lambda env: decide(env, "action_approve")),
                ("second", lambda env: decide(env, "action_decline", "incomplete")),
            )
            [winner] = [result for result in results if isinstance(result, str)]
            [loser] = [result for result in results if not isinstance(result, str)]
            self.assertIsInstance(loser, UserError)
            self.assertRegex(str(loser), "Somebody else is changing|this step needs")
            expected = {
                "action_approve": ("active", ["approve"]),
                "action_decline": ("new", ["decline"]),
            }
            self._assert_one_step(customer_id, *expected[winner])

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _make_case_with_activity(self):
        with self._session() as env:
            customer = env["res.partner"].create(
                {
                    "name": "Concurrent customer",
                    "is_company": True,
                    "approval_status": "active",
                    "salesman_ids": [Command.set([self.employees["seller"]])],
                }
            )
            case = env["crm.lead"].create(
                {
                    "name": "Concurrent case",
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": self.users["seller"],
                }
            )
            return case.id, self._plan(env, case.id).id

    def _plan(self, env, case_id):
        return env["mail.activity"].create(
            {
                "res_model_id": env["ir.model"]._get_id("crm.lead"),
                "res_id": case_id,
                "user_id": self.users["seller"],
                "summary": "Concurrent call",
                "date_deadline": fields.Date.today() + timedelta(days=1),
            }
        )

    def test_next_action_twice_at_once_plans_one(self):
        """A double click, or two windows: one wins, the other is told."""
        case_id, activity_id = self._make_case_with_activity()
        meet = self._meet(2)

        def go_on(env):
            activity = env["mail.activity"].browse(activity_id)
            self.assertTrue(activity.active)
            meet()
            date = fields.Date.today() + timedelta(days=2)
            return activity.action_next({"outcome": "Fine", "date_deadline": date}).id

        results = self._run(("seller", go_on), ("seller", go_on))
        [loser] = [result for result in results if not isinstance(result, int)]
        self.assertIsInstance(loser, UserError)
        with self._session() as env:
            case = env["crm.lead"].browse(case_id)
            self.assertEqual(len(case.activity_ids), 1)
            self.assertEqual(len(case.message_ids.filtered("mail_activity_type_id")), 1)

    def test_two_activities_at_once_where_one_is_allowed(self):
        case_id, activity_id = self._make_case_with_activity()
        with self._session() as env:
            env["mail.activity"].browse(activity_id).unlink()
            env["res.company"].search([]).one_open_activity_per_case = True
        meet = self._meet(2)

        def plan(env):
            env["crm.lead"].browse(case_id).read(["activity_ids"])  # the snapshot is taken
            meet()
            return self._plan(env, case_id).id

        try:
            results = self._run(("seller", plan), ("seller", plan))
        finally:
            with self._session() as env:
                env["res.company"].search([]).one_open_activity_per_case = False
        [loser] = [result for result in results if not isinstance(result, int)]
        self.assertIsInstance(loser, UserError)
        self.assertIn("Next action", str(loser))
        with self._session() as env:
            self.assertEqual(len(env["crm.lead"].browse(case_id).activity_ids), 1)

    # ------------------------------------------------------------------
    # Rank calls
    # ------------------------------------------------------------------

    def _plan_calls(self, env, case_id, *days):
        kind = env.ref("mail.mail_activity_data_call")
        calls = env["mail.activity"]
        for number in days:
            call = self._plan(env, case_id)
            call.write(
                {
                    "activity_type_id": kind.id,
                    "date_deadline": fields.Date.today() + timedelta(days=number),
                }
            )
            calls += call
        return calls

    def _read_customer(self, case_id, name):
        with self._session() as env:
            return env["crm.lead"].browse(case_id).customer_id[name]

    def test_a_call_planned_while_the_one_before_is_cancelled(self):
        """Neither sees the other's: the second is run again."""
        for _attempt in range(3):
            case_id, _activity_id = self._make_case_with_activity()
            with self._session() as env:
                first_id = self._plan_calls(env, case_id, 2).id
            meet = self._meet(2)

            def cancel(env, first_id=first_id, meet=meet):
                call = env["mail.activity"].browse(first_id)
                self.assertTrue(call.active)
                meet()
                call.action_cancel()

            def plan(env, case_id=case_id, meet=meet):
                self.assertTrue(env["crm.lead"].browse(case_id).name)
                meet()
                self._plan_calls(env, case_id, 9)

            self.assertEqual(self._run(("seller", cancel), ("seller", plan)), [None, None])
            self.assertEqual(
                self._read_customer(case_id, "planned_call_date"),
                fields.Date.today() + timedelta(days=9),
            )

    def test_calls_logged_at_once(self):
        case_id, _activity_id = self._make_case_with_activity()
        with self._session() as env:
            call_ids = self._plan_calls(env, case_id, 1, 2, 3, 4).ids
        meet = self._meet(4)

        def log(env, call_id):
            call = env["mail.activity"].browse(call_id)
            self.assertTrue(call.active)
            meet()
            call.action_finish("Reached him")

        results = self._run(*(("seller", lambda env, id_=id_: log(env, id_)) for id_ in call_ids))
        self.assertEqual(results, [None] * 4)
        self.assertEqual(self._read_customer(case_id, "last_contact_date"), fields.Date.today())
        self.assertFalse(self._read_customer(case_id, "planned_call_date"))

    # ------------------------------------------------------------------
    # Contracts
    # ------------------------------------------------------------------

    def test_win_pressed_at_once_opens_one_case(self):
        with self._session() as env:
            customer, lessor = env["res.partner"].create(
                [
                    {"name": f"Concurrent {name}", "is_company": True, "approval_status": "new"}
                    for name in ("brewery", "lessor")
                ]
            )
            contract_id = (
                env["third.party.contract"]
                .create(
                    {
                        "customer_id": customer.id,
                        "third_party_id": lessor.id,
                        "date_start": "2026-01-01",
                        "term_months": 12,
                    }
                )
                .id
            )
        meet = self._meet(SESSIONS)

        def win(env):
            contract = env["third.party.contract"].browse(contract_id)
            env["crm.lead"].search_count([])  # the snapshot is taken before the others press
            meet()
            return contract.action_win()["res_id"]

        results = self._run(*[(None, win)] * SESSIONS)
        opened = {result for result in results if isinstance(result, int)}
        self.assertEqual(len(opened), 1, results)
        for result in results:
            self.assertIsInstance(result, (int, UserError), result)
        with self._session() as env:
            self.assertEqual(
                env["third.party.contract"].browse(contract_id).case_ids.ids, [*opened]
            )

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    def test_done_pressed_at_once_moves_a_reminder_by_one_year(self):
        with self._session("seller") as env:
            reminder = env["customer.reminder"].create(
                {"name": "Birthday", "date": "2020-03-01", "repeat_yearly": True}
            )
            reminder_id, day = reminder.id, reminder.next_date
        meet = self._meet(SESSIONS)

        def press(env):
            reminder = env["customer.reminder"].browse(reminder_id)
            reminder.read(["next_date"])  # the snapshot is taken
            meet()
            return reminder.action_done()

        results = self._run(*[("seller", press)] * SESSIONS)
        self.assertIn(True, results)
        for result in results:
            self.assertIsInstance(result, (bool, UserError), result)
        with self._session("seller") as env:
            reminder = env["customer.reminder"].browse(reminder_id)
            self.assertEqual(reminder.next_date.year, day.year + 1)

    def test_remind_me_pressed_at_once_makes_one_reminder(self):
        with self._session() as env:
            customer = env["res.partner"].create(
                {
                    "name": "Concurrent party",
                    "is_company": True,
                    "approval_status": "active",
                    "salesman_ids": [Command.set([self.employees["seller"]])],
                    "child_ids": [Command.create({"name": "Eve", "birthday": "1980-05-04"})],
                }
            )
            contact_id = customer.child_ids.id
        meet = self._meet(2)

        def press(env):
            env["customer.reminder"].search_count([])  # the snapshot is taken
            meet()
            return env["res.partner"].browse(contact_id).action_remind_birthday()["tag"]

        results = self._run(("seller", press), ("seller", press))
        self.assertEqual(set(results), {"display_notification"})
        with self._session("seller") as env:
            reminders = env["customer.reminder"].search([("contact_id", "=", contact_id)])
            self.assertEqual(len(reminders), 1)

    # ------------------------------------------------------------------
    # Notes
    # ------------------------------------------------------------------

    def test_notes_of_one_customer_at_once_make_one_chain(self):
        customer_id = self._make_released()
        for _attempt in range(2):  # with and without a chain that is there already
            meet = self._meet(SESSIONS // 2)

            def write(env, meet=meet):
                env["customer.note"].search_count([])  # the snapshot is taken
                meet()
                vals = [{"customer_id": customer_id, "body": f"note {n}"} for n in range(3)]
                return env["customer.note"].create(vals).mapped("sequence")

            results = self._run(*(("first", write) for _session in range(SESSIONS // 2)))
            for result in results:
                self.assertIsInstance(result, list, result)
        with self._session() as env:
            customer = env["res.partner"].browse(customer_id)
            numbers = customer.customer_note_ids.mapped("sequence")
            self.assertEqual(sorted(numbers), list(range(1, 3 * SESSIONS + 1)))
            chain = env["customer.note.chain"].search([("customer_id", "=", customer_id)])
            self.assertEqual(len(chain), 1)
            self.assertFalse(chain._find_problems())

    # ------------------------------------------------------------------
    # Reorganisations
    # ------------------------------------------------------------------

    def test_two_reorganisations_at_once_give_one_right_team(self):
        """Each alone would miss that the leaf is below the top."""
        with self._session() as env:
            env["res.users.settings"]._find_or_create_for_user(
                env["res.users"].browse(self.users["top"])
            ).show_subordinates = True
            env["hr.employee"].browse(
                [self.employees["middle"], self.employees["leaf"]]
            ).parent_id = False
        meet = self._meet(2)

        def move(env, who, manager):
            employee = env["hr.employee"].browse(self.employees[who])
            self.assertFalse(employee.parent_id)
            meet()
            employee.parent_id = self.employees[manager]
            env.flush_all()
            return "moved"

        results = self._run(
            (None, lambda env: move(env, "middle", "top")),
            (None, lambda env: move(env, "leaf", "middle")),
        )
        self.assertEqual(results, ["moved", "moved"])
        with self._session() as env:
            self.assertFalse(env["sales.visibility"]._get_differences())
            rows = env["sales.visibility"].search(
                [("user_id", "=", self.users["top"]), ("employee_id", "=", self.employees["leaf"])]
            )
            self.assertEqual(rows.mapped("depth"), [2])

    def test_a_rank_and_file_write_does_not_wait_for_a_reorganisation(self):
        """Nothing but the revision is locked by a refresh."""
        with self._session() as env:
            customer_id = (
                env["res.partner"]
                .create(
                    {
                        "name": "Concurrent quiet",
                        "is_company": True,
                        "approval_status": "active",
                        "salesman_ids": [self.employees["seller"]],
                    }
                )
                .id
            )
        with self._session() as env:
            env["hr.employee"].browse(self.employees["seller"]).parent_id = self.employees["top"]
            env.flush_all()
            [result] = self._run(
                (
                    "seller",
                    lambda env: env["res.partner"].browse(customer_id).write({"city": "Hof"}),
                )
            )
        self.assertIs(result, True)

    # ------------------------------------------------------------------
    # Hand-overs
    # ------------------------------------------------------------------

    def _make_customers_of(self, login, names):
        with self._session() as env:
            customers = env["res.partner"].create(
                [{"name": name, "is_company": True, "approval_status": "active"} for name in names]
            )
            customers.salesman_ids = [self.employees[login]]
            return customers.ids

    def _get_handover(self, env, ids, old, new):
        employees = env["hr.employee"]
        return env["customer.handover"]._start(
            employees.browse(self.employees[old]),
            employees.browse(self.employees[new]),
            env["res.partner"].browse(ids),
        )

    def test_two_hand_overs_at_once_give_each_customer_one_successor(self):
        """One wins; the other starts again, and finds nobody left to hand over."""
        ids = self._make_customers_of("seller", [f"Concurrent given {n}" for n in range(4)])
        meet = self._meet(2)

        def hand_over(env, successor):
            env["res.partner"].search_count([])  # both snapshots are older than either change
            meet()
            self._get_handover(env, ids, "seller", successor)
            return successor

        results = self._run(
            (None, lambda env: hand_over(env, "middle")),
            (None, lambda env: hand_over(env, "leaf")),
        )
        [winner] = [result for result in results if isinstance(result, str)]
        [loser] = [result for result in results if not isinstance(result, str)]
        self.assertIsInstance(loser, UserError)
        self.assertRegex(str(loser), "is not linked to|Somebody else is changing")
        with self._session() as env:
            customers = env["res.partner"].browse(ids)
            for customer in customers:
                self.assertEqual(customer.salesman_ids.ids, [self.employees[winner]])
            handovers = env["customer.handover"].search(
                [("employee_id", "=", self.employees["seller"])]
            )
            self.assertEqual(handovers.mapped("state"), ["done"])
            handovers.unlink()

    def test_the_cron_leaves_what_somebody_else_is_changing_for_later(self):
        ids = self._make_customers_of("seller", [f"Concurrent left {n}" for n in range(4)])
        with (
            patch("odoo.addons.sales_crm_cases.models.customer_handover.REQUEST_LIMIT", 0),
            self._session() as env,
        ):
            handover_id = self._get_handover(env, ids, "seller", "middle").id
        with self._session() as env:
            link = env["res.partner"].browse(ids[0]).salesman_link_ids
            link.lock_for_update()
            with self._session() as other_env:
                handover = other_env["customer.handover"].browse(handover_id)
                handover._work_off(handover.line_ids)
        with self._session() as env:
            handover = env["customer.handover"].browse(handover_id)
            self.assertEqual((handover.done_count, handover.failed_count), (3, 0))
            handover._work_off(handover.line_ids.filtered(lambda line: line.state == "todo"))
            self.assertEqual(handover.done_count, 4)
            handover.unlink()
