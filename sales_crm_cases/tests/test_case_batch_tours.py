from odoo.tests import tagged

from .sms_batch_common import NUMBERS, SmsBatchCommon


@tagged("post_install", "-at_install")
class TestCaseBatchTours(SmsBatchCommon):
    """Batch SMS and export from the cases, in the browser (B4)."""

    def test_batch_sms(self):
        self.start_tour("/odoo", "sales_crm_batch_sms", login=self.anna.login, timeout=300)
        with self.mockSMSGateway():
            self._work_off()
            self.assertEqual(
                sorted((sms["number"], sms["body"]) for sms in self._sms),
                [(NUMBERS[name], "Open day on Friday") for name in ("Aster", "Birch")],
            )
        self.start_tour("/odoo", "sales_crm_batch_sms_summary", login=self.anna.login, timeout=300)

    def test_export(self):
        self.anna.group_ids |= self.env.ref("base.group_allow_export")
        with self.assertLogs("odoo.addons.web.controllers.export", "INFO") as logs:
            self.start_tour(
                "/odoo", "sales_crm_export_customers", login=self.anna.login, timeout=300
            )
        # once each, without the cases that she does not see
        exported = f"User {self.anna.id} exported {len(self.customers)} 'res.partner' records"
        self.assertIn(exported, "\n".join(logs.output))
