from datetime import timedelta

import psycopg2
from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .fault_common import PATIENCE, FaultCommon, RestartCommon

GENERATORS = 10
CUSTOMERS = 6


class RecommendationFaultCommon(FaultCommon):
    """Customers with something of each kind due; what is made for them is counted."""

    _script = "generator_process.py"

    @classmethod
    def _make_data(cls, env):
        today = env["sales.recommendation"]._get_today()
        rank = env["customer.rank"].create({"name": "Concurrent rank", "call_cycle_days": 1})
        leasing = env["res.partner"].create({"name": "Concurrently Leasing"})
        cls.rank_id, cls.leasing_id = rank.id, leasing.id
        customers = env["res.partner"].create(
            [
                {
                    "name": f"Concurrent customer {number}",
                    "is_company": True,
                    "approval_status": "active",
                    "rank_id": rank.id,
                    "salesman_ids": [Command.set(list(cls.employees.values()))],
                    "child_ids": [
                        Command.create({"name": "Eve", "birthday": today + timedelta(1)})
                    ],
                }
                for number in range(CUSTOMERS)
            ]
        )
        cls.customer_ids = customers.ids
        env["third.party.contract"].create(
            [
                {
                    "customer_id": customer.id,
                    "is_own": is_own,
                    "third_party_id": not is_own and leasing.id,
                    "date_start": today - timedelta(100),
                    "date_end": today + timedelta(10),
                }
                for customer in customers
                for is_own in (True, False)
            ]
        )
        env["sale.order"].create(
            [
                {"partner_id": customer.id, "validity_date": today + timedelta(1)}
                for customer in customers
            ]
        )

    @classmethod
    def _delete_data(cls, env, customers):
        env.cr.execute("DELETE FROM sales_recommendation")
        env["third.party.contract"].search([("customer_id", "in", customers.ids)]).unlink()
        orders = env["sale.order"].search([("partner_id", "in", customers.ids)])
        orders.write({"state": "cancel"})
        orders.unlink()
        customers.rank_id = False
        env["customer.rank"].browse(cls.rank_id).unlink()
        env["res.partner"].browse(cls.leasing_id).unlink()
        customers.child_ids.unlink()

    def setUp(self):
        super().setUp()
        with self._session() as env:
            env.cr.execute("DELETE FROM sales_recommendation")

    def _get_rows(self):
        with self._session() as env:
            return env.execute_query(self._get_query())

    def _get_query(self):
        return SQL(
            """
            SELECT k.code, r.state, count(*) FROM sales_recommendation r
              JOIN sales_recommendation_kind k ON k.id = r.kind_id
             WHERE r.customer_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
            """,
            self.customer_ids,
        )

    # birthdays are each salesman's own
    expected = [
        ("birthday", "open", 2 * CUSTOMERS),
        ("own_contract", "open", CUSTOMERS),
        ("quote_expiry", "open", CUSTOMERS),
        ("rank_call", "open", CUSTOMERS),
        ("third_party_contract", "open", CUSTOMERS),
    ]


@tagged("post_install", "-at_install")
class TestRecommendationFaults(RecommendationFaultCommon):
    """Whatever happens to a run, there is exactly one per subject and period (R2)."""

    def _generate_at_once(self, act):
        meet = self._meet(GENERATORS)

        def generate(env):
            env["sales.recommendation"].search_count([])  # the snapshot is older than the others
            meet()
            act(env)
            return True

        with mute_logger("odoo.addons.sales_crm_cases.models.sales_recommendation_generator_mixin"):
            return self._run(*[(None, generate)] * GENERATORS)

    def test_ten_generators_at_once(self):
        results = self._generate_at_once(lambda env: env["sales.recommendation"]._cron_generate())
        self.assertEqual(results, [True] * GENERATORS)
        self.assertEqual(self._get_rows(), self.expected)

    def test_ten_generators_while_everything_is_to_be_closed(self):
        with self._session() as env:
            env["sales.recommendation"]._cron_generate()
        with self._session() as env:
            # by SQL, so that only the runs notice
            env.cr.execute(
                "UPDATE res_partner SET rank_id = NULL, next_call_date = NULL WHERE id = ANY(%s)",
                [self.customer_ids],
            )
        self.addCleanup(self._restore_ranks)
        results = self._generate_at_once(lambda env: env["sales.recommendation"]._cron_generate())
        self.assertEqual(results, [True] * GENERATORS)
        self.assertIn(("rank_call", "expired", CUSTOMERS), self._get_rows())

    def _restore_ranks(self):
        with self._session() as env:
            customers = env["res.partner"].browse(self.customer_ids)
            customers.rank_id = env["customer.rank"].browse(self.rank_id)

    def test_two_processes_of_the_scheduled_action_at_once(self):
        """The job of Odoo is one at a time; a third run is asked for by hand."""
        processes = [self._start_process(), self._start_process()]
        with self._session() as env:
            env["sales.recommendation"]._cron_generate()
        for process in processes:
            process.wait(PATIENCE)
        self.assertEqual(self._get_rows(), self.expected)

    def test_a_killed_process_leaves_nothing_half_done(self):
        process = self._start_process(stop_at="own_contract")
        self._expect(process, "half-way")
        with self._session() as env:
            [[last_run]] = env.execute_query(
                SQL("SELECT max(id) FROM sales_recommendation_kind WHERE code = 'own_contract'")
            )
            self.assertTrue(last_run)
        self._kill(process)
        rows = self._get_rows()
        self.assertNotIn("own_contract", [code for code, _state, _count in rows])
        for row in rows:
            # what was committed is whole
            self.assertIn(row, self.expected)
        self._expect(self._start_process(), "done")
        self.assertEqual(self._get_rows(), self.expected)

    def test_a_lost_connection_leaves_nothing_half_done(self):
        process = self._start_process(stop_at="quote_expiry")
        self._expect(process, "half-way")
        self._disconnect()
        process.wait(PATIENCE)
        self.assertNotIn("quote_expiry", [code for code, _state, _count in self._get_rows()])
        self._expect(self._start_process(), "done")
        self.assertEqual(self._get_rows(), self.expected)

    def test_a_decision_during_a_run_is_kept(self):
        with self._session() as env:
            env["sales.recommendation"]._cron_generate()
            env["sales.recommendation"].search([]).write({"due_date": fields.Date.today()})
        attempts = []

        def generate(env):
            env["sales.recommendation"].search_count([])
            attempts.append(1)
            if len(attempts) == 1:
                with self._session("seller") as other_env:
                    other_env["sales.recommendation"].search(
                        [("kind_id.code", "=", "rank_call")], limit=1
                    ).action_dismiss("Not now")
            env["sales.recommendation"]._cron_generate()
            return True

        self.assertEqual(self._run((None, generate)), [True])
        self.assertEqual(len(attempts), 2)
        rows = self._get_rows()
        self.assertIn(("rank_call", "dismissed", 1), rows)
        self.assertIn(("rank_call", "open", CUSTOMERS - 1), rows)

    def test_a_kind_is_not_deleted_during_its_run(self):
        """What no foreign key sees to."""
        with self._session() as runner, self._session() as deleter:
            kind = runner.ref("sales_crm_cases.recommendation_kind_birthday")
            same_kind = kind.with_env(deleter)
            deleter.cr.execute("SET LOCAL lock_timeout = '100ms'")
            self.assertTrue(runner["sales.recommendation"]._lock_kind(kind))
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.LockNotAvailable),
                deleter.cr.savepoint(flush=False),
            ):
                same_kind.unlink()
            runner.cr.rollback()
            deleter.invalidate_all()
            with mute_logger("odoo.models.unlink"):
                same_kind.unlink()
            self.assertFalse(runner["sales.recommendation"]._lock_kind(kind))
            runner.cr.rollback()
            deleter.cr.rollback()

    def test_of_two_who_decide_at_once_one_wins(self):
        with self._session() as env:
            env["sales.recommendation"]._cron_generate()
            recommendation_id = (
                env["sales.recommendation"]
                .search(
                    [
                        ("kind_id.code", "=", "rank_call"),
                        ("customer_id", "in", self.customer_ids),
                    ],
                    limit=1,
                )
                .id
            )
        meet = self._meet(2)

        def decide(env, act):
            recommendation = env["sales.recommendation"].browse(recommendation_id)
            self.assertTrue(recommendation.state)
            meet()
            act(recommendation)
            return True

        results = self._run(
            ("seller", lambda env: decide(env, lambda each: each.action_dismiss("No"))),
            ("other", lambda env: decide(env, lambda each: each.action_follow_up())),
        )
        self.assertEqual([result is True for result in results].count(True), 1, results)
        with self._session() as env:
            recommendation = env["sales.recommendation"].browse(recommendation_id)
            planned = env["mail.activity"].search_count(
                [("customer_id", "=", recommendation.customer_id.id)]
            )
            self.assertEqual(planned, int(recommendation.state == "followed"))
            env["mail.activity"].search([("customer_id", "in", self.customer_ids)]).unlink()


@tagged("post_install", "-at_install")
class TestDatabaseRestart(RestartCommon, RecommendationFaultCommon):
    """What was committed is whole, and the next run makes the rest (R2)."""

    def _get_rows(self):
        with self._cursor() as cursor:
            query = self._get_query()
            cursor.execute(query.code, query.params)
            return cursor.fetchall()

    def test_a_restart_during_a_run_leaves_nothing_half_done(self):
        process = self._start_process(stop_at="third_party_contract")
        self._expect(process, "half-way")
        self._control("restart", "-m", "immediate")
        process.wait(PATIENCE)
        rows = self._get_rows()
        self.assertNotIn("third_party_contract", [code for code, _state, _count in rows])
        for row in rows:
            self.assertIn(row, self.expected)
        # the next run goes on
        self._expect(self._start_process(), "done")
        self.assertEqual(self._get_rows(), self.expected)
