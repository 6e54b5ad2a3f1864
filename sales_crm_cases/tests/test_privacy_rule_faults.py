from odoo.tests import tagged
from odoo.tools import mute_logger

from .fault_common import FaultCommon

RUNS = 6
CUSTOMERS = 5


@tagged("post_install", "-at_install")
class TestPrivacyRuleFaults(FaultCommon):
    """Whatever happens to a run of retention rules, each person is proposed and anonymised
    once (G4)."""

    _script = "privacy_process.py"

    @classmethod
    def _make_data(cls, env):
        cls._make_user(env, "officer", "sales_crm_cases.group_privacy_officer")

    @classmethod
    def _delete_data(cls, env, customers):
        """Each test deletes its own."""

    def setUp(self):
        super().setUp()
        with self._session() as env:
            env["privacy.rule"].create(
                {"outcome": "any", "period": 10, "period_unit": "years", "company_id": False}
            )
            customers = env["res.partner"].create(
                [
                    {"name": f"Concurrent {number}", "is_company": True, "approval_status": "new"}
                    for number in range(CUSTOMERS)
                ]
            )
            env.flush_all()
            env.cr.execute(
                "UPDATE res_partner SET create_date = '2010-01-01' WHERE id = ANY(%s)",
                [customers.ids],
            )
            self.ids = customers.ids
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        with self._session() as env:
            env.cr.execute("DELETE FROM privacy_request WHERE rule_id IS NOT NULL")
            env.cr.execute("DELETE FROM privacy_rule")
            with mute_logger("odoo.models.unlink"):
                env["res.partner"].browse(self.ids).unlink()

    def _get_states(self):
        with self._session() as env:
            lines = env["privacy.request.line"].search([("number", "in", self.ids)], order="number")
            return [(line.number, line.state) for line in lines]

    def test_many_runs_at_once(self):
        meet = self._meet(RUNS)

        def propose(env):
            env["privacy.rule"].search_count([])  # the snapshot is older than the others
            meet()
            while not env["privacy.rule"]._try_step():
                env.cr.commit()
            return True

        self.assertEqual(self._run(*[(None, propose)] * RUNS), [True] * RUNS)
        self.assertEqual(self._get_states(), [(id_, "waiting") for id_ in self.ids])
        with self._session() as env:
            self.assertEqual(env["privacy.request"].search_count([("rule_id", "!=", False)]), 1)

    def test_a_run_that_is_killed_while_it_proposes(self):
        process = self._start_process(stop_at="2", CRON="ir_cron_privacy_rules")
        self._expect(process, "half-way")
        self._kill(process)
        self.assertEqual(self._get_states(), [(id_, "waiting") for id_ in self.ids[:2]])
        with self._session() as env:
            self.assertEqual(env["privacy.rule"].search([]).position, self.ids[1])
        self._expect(self._start_process(CRON="ir_cron_privacy_rules"), "done")
        self.assertEqual(self._get_states(), [(id_, "waiting") for id_ in self.ids])

    def test_a_run_that_is_killed_while_it_anonymises(self):
        self._expect(self._start_process(CRON="ir_cron_privacy_rules"), "done")
        with self._session("officer") as env:
            env["privacy.request"].search([("state", "=", "proposed")]).action_approve()
        process = self._start_process(stop_at="2", CRON="ir_cron_privacy")
        self._expect(process, "half-way")
        self._kill(process)
        self.assertEqual(
            [state for _id, state in self._get_states()], ["done"] * 2 + ["waiting"] * 3
        )
        self._expect(self._start_process(CRON="ir_cron_privacy"), "done")
        self.assertEqual(self._get_states(), [(id_, "done") for id_ in self.ids])
        with self._session() as env:
            people = env["res.partner"].with_context(active_test=False).browse(self.ids)
            self.assertEqual(set(people.mapped("name")), {"Anonymised"})
            self.assertEqual(
                env["privacy.request"].search([("rule_id", "!=", False)]).state, "done"
            )
