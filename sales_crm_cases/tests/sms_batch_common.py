from odoo.addons.sms.tests.common import SMSCase

from .process_common import ProcessCommon

# of Anna's customers, by name
NUMBERS = {
    "Aster": "+32455000001",
    "Birch": "+32455000002",
    "Cedar": "+32455000003",
    "Daisy": "+32455000001",  # that of Aster
    "Elder": False,
    "Fern": "12",
}


class SmsBatchCommon(ProcessCommon, SMSCase):
    """Anna's process has batch SMS on. Her customers: Aster, with two cases, and Birch get an
    SMS; Cedar is on the blacklist, Daisy has the number of Aster, Elder none, Fern a wrong one.
    Bert and the stranger have a customer each, who would get one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.process.sms_enabled = True
        cls.env["crm.lead"].search([("process_id", "=", cls.process.id)]).unlink()
        cls.customers = {
            name: cls._make_customer(
                name, cls.anna, phone=phone, country_id=cls.env.ref("base.be").id
            )
            for name, phone in NUMBERS.items()
        }
        cls.env["phone.blacklist"].create({"number": NUMBERS["Cedar"]})
        cls.cases = cls.env["crm.lead"]
        for name, customer in cls.customers.items():
            cls.cases += cls._make_case(f"Lift of {name}", partner_id=customer.id)
        cls.cases += cls._make_case("Second lift", partner_id=cls.customers["Aster"].id)
        cls.customer_bert.phone = "+32455000008"
        cls.customer_stranger.phone = "+32455000009"
        cls.case_of_bert = cls._make_case(
            "Bert's", partner_id=cls.customer_bert.id, user_id=cls.bert.id, team_id=cls.team.id
        )
        cls.case_of_stranger = cls._make_case(
            "Secret",
            partner_id=cls.customer_stranger.id,
            user_id=cls.stranger.id,
            team_id=cls.team.id,
        )
        cls.domain = [("process_id", "=", cls.process.id)]

    def _open(self, user=None, domain=None, **values):
        """The dialog, as the web client opens it."""
        cases = self.env["crm.lead"].with_user(user or self.anna)
        action = cases.action_send_batch_sms(self.domain if domain is None else domain)
        self.assertEqual(action["res_model"], "sms.composer")
        return (
            self.env["sms.composer"]
            .with_user(user or self.anna)
            .with_context(**action["context"])
            .create({"body": "Open day on Friday", **values})
        )

    def _queue(self, user=None, domain=None, **values):
        action = self._open(user, domain, **values).action_send_sms()
        self.assertEqual(action["res_model"], "crm.sms.batch")
        return self.env["crm.sms.batch"].browse(action["res_id"])

    def _work_off(self):
        self.env.ref("sales_crm_cases.ir_cron_sms_batch").method_direct_trigger()
        self.env.invalidate_all()

    def _get_states(self, batch):
        return {
            line.customer_id.name: (line.state, line.failure_type)
            if line.failure_type
            else line.state
            for line in batch.line_ids
        }
