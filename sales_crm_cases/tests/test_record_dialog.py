from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestRecordDialog(SalesCrmCommon):
    """Nobody makes a dialog about records that he does not see, and reads their names there."""

    def test_customers_of_a_company_in_which_one_does_not_work(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        hidden = self.env["res.partner"].create(
            {
                "name": "Hidden Works",
                "is_company": True,
                "approval_status": "active",
                "company_id": company.id,
            }
        )
        self.assertSeesNot(self.crm_admin, hidden)
        for model_name, values in (
            ("crm.entry.wizard", {"customer_id": hidden.id}),
            (
                "customer.approval.wizard",
                {"partner_ids": [Command.set(hidden.ids)], "transition": "hold"},
            ),
            ("customer.salesman.wizard", {"customer_id": hidden.id}),
            ("customer.visibility.wizard", {"partner_id": hidden.id}),
        ):
            with (
                self.subTest(model_name),
                mute_logger("odoo.addons.base.models.ir_rule"),
                self.assertRaises(AccessError),
                self.cr.savepoint(),
            ):
                self.env[model_name].with_user(self.crm_admin).create(values)

    def test_every_such_dialog_says_what_it_is_for(self):
        for model_name in self.registry.descendants(["record.dialog.mixin"], "_inherit"):
            if model_name == "record.dialog.mixin":
                continue
            records = self.env[model_name]._dialog_records
            with self.subTest(model_name):
                self.assertTrue(records)
                self.assertLessEqual(set(records.values()), {"read", "write"})
                self.assertTrue(
                    all(self.env[model_name]._fields[name].relational for name in records)
                )
