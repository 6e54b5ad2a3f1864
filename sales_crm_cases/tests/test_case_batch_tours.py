from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.web.controllers.export import ExcelExport

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
        with patch.object(
            ExcelExport, "from_data", autospec=True, side_effect=ExcelExport.from_data
        ) as written:
            self.start_tour(
                "/odoo", "sales_crm_export_customers", login=self.anna.login, timeout=300
            )
        _export, _fields, headers, rows = written.call_args.args
        names = [row[headers.index("Complete Name")] for row in rows]
        # once each, without those of colleagues
        self.assertEqual(sorted(names), sorted(self.customers))
