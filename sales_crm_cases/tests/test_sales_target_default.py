from datetime import date

from freezegun import freeze_time
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .sales_target_common import SalesTargetCommon


@tagged("post_install", "-at_install")
class TestSalesTargetDefault(SalesTargetCommon):
    """What new salesmen are given (H7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_default("cases", 4)
        cls._make_default("quotes", 900)
        cls._make_default("activities", 30, activity_type_id=cls.call.id)
        cls._make_default("cases", 99, company_id=cls.other_company.id)

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2031-10-15 12:00:00"))

    def _make_employee(self, **vals):
        employee = self.env["hr.employee"].create({"name": "Nora", **vals})
        self.env.flush_all()
        self.employees["nora"] = employee
        return employee

    def assertGiven(self, *months, cases=4):
        values = {}
        for month in months:
            values[date(2031, month, 1), "cases", self.env["mail.activity.type"]] = cases
            values[date(2031, month, 1), "quotes", self.env["mail.activity.type"]] = 900
            values[date(2031, month, 1), "activities", self.call] = 30
        self.assertEqual(self._values("nora"), values)

    def test_from_this_month_to_the_end_of_the_year(self):
        self._make_employee(is_salesman=True)
        self.assertGiven(10, 11, 12)
        target = self.employees["nora"].sales_target_ids.filtered(lambda t: t.kind == "quotes")[0]
        self.assertEqual((target.amount, target.number), (900, 0))
        self.assertEqual(target.company_id, self.env.company)

    def test_in_december_for_december(self):
        with freeze_time("2031-12-31 12:00:00"):
            self._make_employee(is_salesman=True)
        self.assertGiven(12)

    def test_by_the_box_by_the_user_and_by_human_resources(self):
        employee = self._make_employee()
        self.assertGiven()
        hr = self._make_user("hr", "hr.group_hr_user")
        employee.with_user(hr).is_salesman = True
        self.env.flush_all()
        self.assertGiven(10, 11, 12)
        user = self._make_user("nora", "sales_team.group_sale_salesman")
        employee = self._make_employee(name="Second", user_id=user.id)
        self.assertGiven(10, 11, 12)
        employee = self._make_employee(name="Third")
        employee.user_id = self._make_user("third", "sales_team.group_sale_salesman")
        self.env.flush_all()
        self.assertTrue(employee.is_salesman)
        self.assertGiven(10, 11, 12)

    def test_once(self):
        employee = self._make_employee(is_salesman=True)
        self.env["sales.target"].search([("employee_id", "=", employee.id)]).unlink()
        employee.write({"is_salesman": True, "job_title": "Seller"})
        employee.user_id = self._make_user("nora", "sales_team.group_sale_salesman")
        self.env.flush_all()
        self.assertGiven()

    def test_what_is_there_is_not_overwritten(self):
        employee = self._make_employee(is_salesman=True)
        targets = employee.sales_target_ids
        targets.filtered(lambda t: t.kind != "cases").unlink()
        targets.exists().value = 7
        employee.is_salesman = False
        self.env.flush_all()
        employee.is_salesman = True
        self.env.flush_all()
        self.assertGiven(10, 11, 12, cases=7)

    def test_of_his_company(self):
        self._make_employee(is_salesman=True, company_id=self.other_company.id)
        self.assertEqual(
            self._values("nora"),
            {
                (date(2031, month, 1), "cases", self.env["mail.activity.type"]): 99
                for month in (10, 11, 12)
            },
        )

    def test_many_at_once_take_as_many_queries_as_one(self):
        def count(number):
            employees = self.env["hr.employee"].create(
                [{"name": f"New {n}"} for n in range(number)]
            )
            self.env.flush_all()
            employees.is_salesman = True
            before = self.cr.sql_log_count
            self.env.flush_all()
            after = self.cr.sql_log_count
            self.assertEqual(len(employees.sales_target_ids), 9 * number)
            return after - before

        count(1)
        self.assertEqual(count(2), count(30))

    def test_administrators_keep_them(self):
        defaults = self.env["sales.target.default"].with_user(self.crm_admin)
        default = defaults.create({"kind": "orders", "value": 5})
        default.value = 6
        for vals, message in (
            ({"kind": "orders", "value": -5}, "“Orders” cannot be -5"),
            ({"kind": "activities", "value": 5}, "Choose the activity type"),
            ({"kind": "cases", "value": 5, "activity_type_id": self.call.id}, "Remove the type"),
        ):
            default.unlink()
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                defaults.create(vals)
            default = defaults.create({"kind": "orders", "value": 5})
        with mute_logger("odoo.sql_db"):
            result = defaults.load(["kind", "value"], [["Orders", "3"]])
        self.assertIn("has a default of this kind already", result["messages"][0]["message"])
        self.assertNotIn(
            self.other_company, defaults.search([]).company_id, "of a company that is not his"
        )
