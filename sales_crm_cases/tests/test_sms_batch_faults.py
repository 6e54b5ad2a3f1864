from odoo.fields import Command
from odoo.tests import tagged

from .fault_common import PATIENCE, FaultCommon
from .local_sms_gateway import LocalSmsGateway

CUSTOMERS = 5


@tagged("post_install", "-at_install")
class TestSmsBatchFaults(FaultCommon):
    """Whatever happens to the process that sends, nobody gets an SMS twice (B4)."""

    _script = "sms_process.py"

    @classmethod
    def _make_data(cls, env):
        team = env["crm.team"].create(
            {
                "name": "Concurrent team",
                "member_ids": [Command.set([cls.users["seller"]])],
            }
        )
        process = env["crm.process"].create(
            {"name": "Concurrent process", "team_ids": team.ids, "sms_enabled": True}
        )
        cls.team_id, cls.process_id = team.id, process.id
        customers = env["res.partner"].create(
            [
                {
                    "name": f"Concurrent customer {number}",
                    "is_company": True,
                    "approval_status": "active",
                    "phone": f"+3245500010{number}",
                    "salesman_ids": [Command.set([cls.employees["seller"]])],
                }
                for number in range(CUSTOMERS)
            ]
        )
        env["crm.lead"].create(
            [
                {
                    "name": "Concurrent case",
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": cls.users["seller"],
                    "team_id": team.id,
                }
                for customer in customers
            ]
        )
        # two customers per step
        env["ir.config_parameter"].set_param("sms.session.batch.size", "2")

    @classmethod
    def _delete_data(cls, env, customers):
        env["ir.config_parameter"].set_param("sms.session.batch.size", False)
        env["crm.sms.batch"].search([("user_id", "=", cls.users["seller"])]).unlink()
        env["sms.sms"].search([("partner_id", "in", customers.ids)]).unlink()
        env["crm.lead"].search([("partner_id", "in", customers.ids)]).unlink()
        process = env["crm.process"].browse(cls.process_id)
        process.team_ids = False
        process.unlink()
        env["crm.team"].browse(cls.team_id).unlink()

    def setUp(self):
        super().setUp()
        self.gateway = LocalSmsGateway()
        self.addCleanup(self.gateway.close)
        with self._session("seller") as env:
            cases = env["crm.lead"]
            action = cases.action_send_batch_sms([("process_id", "=", self.process_id)])
            composer = (
                env["sms.composer"].with_context(**action["context"]).create({"body": "Open day"})
            )
            self.batch_id = composer.action_send_sms()["res_id"]

    def _get_states(self):
        with self._session() as env:
            lines = env["crm.sms.batch"].browse(self.batch_id).line_ids
            return [
                f"{line.state}/{line.failure_type}" if line.failure_type else line.state
                for line in lines
            ]

    def test_a_process_that_is_killed_while_the_gateway_answers(self):
        # the second of the second step; the answer never comes
        self.gateway.answers = {"+32455000103": PATIENCE}
        process = self._start_process(GATEWAY=self.gateway.url)
        while len(self.gateway.received) < 4:
            self.assertTrue(self.gateway.is_asked.wait(PATIENCE), "the gateway was asked")
            self.assertIsNone(process.poll(), "the process runs")
            self.gateway.is_asked.clear()
        self._kill(process)
        self.assertEqual(self._get_states(), ["pending"] * 2 + ["sending"] * 2 + ["outgoing"])
        self.gateway.answers = {}
        self._expect(self._start_process(GATEWAY=self.gateway.url), "done")
        self.assertEqual(
            self._get_states(), ["pending"] * 2 + ["error/unanswered"] * 2 + ["pending"]
        )
        numbers = self.gateway.get_numbers()
        self.assertEqual(len(numbers), CUSTOMERS)
        self.assertEqual(len(set(numbers)), CUSTOMERS, "nobody got it twice")

    def test_clicked_twice_at_the_same_moment(self):
        with self._session("seller") as env:
            action = env["crm.lead"].action_send_batch_sms([("process_id", "=", self.process_id)])
            composer_id = (
                env["sms.composer"].with_context(**action["context"]).create({"body": "Twice"}).id
            )
        click = ("seller", lambda env: env["sms.composer"].browse(composer_id).action_send_sms())
        self._run(click, click, click)
        with self._session() as env:
            self.assertEqual(env["crm.sms.batch"].search_count([("body", "=", "Twice")]), 1)
