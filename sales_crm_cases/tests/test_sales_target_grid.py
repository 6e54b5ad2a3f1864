from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .sales_target_common import JUNE, MAY, SalesTargetCommon


@tagged("post_install", "-at_install")
class TestSalesTargetGrid(SalesTargetCommon):
    """The data of the screen "Targets", and saving (H7)."""

    def _get(self, user, month=MAY, **kwargs):
        return self._targets(user).get_grid(fields.Date.to_string(month), **kwargs)

    def _row(self, grid, user):
        [row] = [row for row in grid["rows"] if row["key"] == self.employees[user].id]
        return row

    def _totals(self, grid):
        return {column["key"]: column["total"] for column in grid["columns"] if column["total"]}

    def test_a_salesman_reads_his_own(self):
        self._make_target(value=3)
        self._make_target(self.bert, value=9)
        grid = self._get(self.anna)
        self.assertEqual([row["label"] for row in grid["rows"]], ["Anna"])
        self.assertFalse(grid["rows"][0]["is_editable"])
        self.assertEqual((grid["count"], grid["may_set"]), (1, False))
        self.assertEqual(self._totals(grid), {"cases": 3})
        self.assertEqual(grid["title"], "May 2031")

    def test_a_manager_sees_the_team_that_he_shows(self):
        self._make_target(value=3)
        self._make_target(self.bert, "activities", 9, activity_type_id=self.call.id)
        self._make_target(self.stranger, value=1000)
        self.assertEqual([row["label"] for row in self._get(self.manager)["rows"]], ["Manager"])
        self._show_team(self.manager)
        grid = self._get(self.manager)
        self.assertEqual([row["label"] for row in grid["rows"]], ["Anna", "Bert", "Manager"])
        self.assertEqual([row["is_editable"] for row in grid["rows"]], [True, True, False])
        self.assertEqual(self._row(grid, self.anna)["values"], {"cases": 3})
        key = f"activities_{self.call.id}"
        self.assertEqual(self._row(grid, self.bert)["values"], {key: 9})
        self.assertEqual(self._totals(grid), {"cases": 3, key: 9})
        self.assertTrue(grid["may_set"])
        self.env.company.managers_edit_team = False
        grid = self._get(self.manager)
        self.assertFalse(grid["may_set"])
        self.assertFalse([row for row in grid["rows"] if row["is_editable"]])

    def test_columns_are_all_kinds_and_the_usual_types(self):
        rare = self.env["mail.activity.type"].create({"name": "Fair"})
        of_vendors = self.env["mail.activity.type"].create(
            {"name": "Audit", "res_model": "account.move"}
        )
        columns = {column["key"]: column for column in self._get(self.anna)["columns"]}
        self.assertEqual(list(columns)[:4], ["cases", "quotes", "orders", "invoices"])
        self.assertTrue(columns[f"activities_{self.call.id}"]["is_shown"])
        self.assertFalse(columns[f"activities_{rare.id}"]["is_shown"])
        self.assertNotIn(f"activities_{of_vendors.id}", columns)
        self._make_target(kind="activities", activity_type_id=rare.id)
        rare.active = False
        columns = {column["key"]: column for column in self._get(self.anna)["columns"]}
        self.assertTrue(columns[f"activities_{rare.id}"]["is_shown"])

    def test_pages_and_search(self):
        self._show_team(self.manager)
        self._make_target(value=3)
        self._make_target(self.bert, value=4)
        page = self._get(self.manager, offset=1, limit=1)
        self.assertEqual([row["label"] for row in page["rows"]], ["Bert"])
        self.assertEqual(page["count"], 3)
        self.assertEqual(self._totals(page), {"cases": 7}, "of all pages")
        found = self._get(self.manager, search="ann")
        self.assertEqual([row["label"] for row in found["rows"]], ["Anna"])
        self.assertEqual((found["count"], self._totals(found)), (1, {"cases": 3}))
        self.assertFalse(self._get(self.manager, search="Stranger")["rows"])
        self.assertTrue(self._get(self.manager, limit=10**6)["rows"])

    def test_totals_are_in_the_currency_of_the_current_company(self):
        rate = 4 * self.env.company.currency_id.rate
        foreign = self.env["res.currency"].create(
            {
                "name": "TGT",
                "symbol": "T",
                "rate_ids": [Command.create({"name": "2000-01-01", "rate": rate})],
            }
        )
        self.other_company.currency_id = foreign
        self.crm_admin.company_ids += self.other_company
        self.employees["elsa"] = self.env["hr.employee"].create(
            {"name": "Annelsa", "is_salesman": True, "company_id": self.other_company.id}
        )
        for kind in ("cases", "orders"):
            self._make_target(kind=kind, value=100)
            self._make_target("elsa", kind, 100)
        both = (self.env.company + self.other_company).ids
        targets = self._targets(self.crm_admin).with_context(allowed_company_ids=both)
        grid = targets.get_grid("2031-05-01", search="Ann")
        self.assertEqual(self._totals(grid), {"cases": 200, "orders": 125})
        self.assertEqual(self._row(grid, "elsa")["currency_id"], foreign.id)
        self.assertAlmostEqual(self._row(grid, "elsa")["rate"], 0.25)

    def test_a_year_of_one(self):
        self._show_team(self.manager)
        self._make_target(value=3)
        self._make_target(value=4, month=JUNE)
        self._make_target(value=5, month=date(2032, 1, 1))
        year = self._targets(self.manager).get_year(self.employees[self.anna].id, "2031-08-01")
        [cases] = [row for row in year["rows"] if row["key"] == "cases"]
        self.assertEqual(cases["values"], {"2031-05-01": 3, "2031-06-01": 4})
        self.assertTrue(cases["is_editable"])
        self.assertEqual((year["title"], year["employee"]), ("2031", "Anna"))
        self.assertEqual(len(year["columns"]), 12)
        own = self._targets(self.anna).get_year(self.employees[self.anna].id, "2031-08-01")
        self.assertFalse(own["may_set"])
        for employee_id in (self.employees[self.stranger].id, 0, -1, True, "1", None, 10**9):
            with self.subTest(employee_id=employee_id):
                with self.assertRaisesRegex(UserError, "no such salesman") as refused:
                    self._targets(self.manager).get_year(employee_id)
                self.assertNotIn("Stranger", str(refused.exception))

    def test_saving_sets_changes_and_removes(self):
        self._show_team(self.manager)
        self._make_target(value=3)
        self._make_target(kind="orders", value=3)
        cells = [
            self._cell(value=8),
            self._cell(kind="orders", value=False),
            self._cell(self.bert, "quotes", 1234.567),
            self._cell(kind="activities", activity_type=self.call, value=0),
            self._cell(kind="invoices", value=False),
        ]
        self.assertEqual(self._targets(self.manager).save_cells(cells), 4)
        nothing = self.env["mail.activity.type"]
        self.assertEqual(
            self._values(self.anna),
            {(MAY, "cases", nothing): 8, (MAY, "activities", self.call): 0},
        )
        self.assertEqual(self._values(self.bert), {(MAY, "quotes", nothing): 1234.57})
        target = self.env["sales.target"].search([("kind", "=", "quotes")])
        self.assertEqual((target.amount, target.number), (1234.57, 0))
        self.assertEqual(target.create_uid, self.manager)
        self.assertEqual(self._targets(self.manager).save_cells(cells), 0, "nothing is new")

    def test_saving_is_all_or_nothing(self):
        self._show_team(self.manager)
        for cell in (self._cell(self.stranger), self._cell(self.manager)):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._targets(self.manager).save_cells([self._cell(), cell])
        good = self._cell()
        for cell, message in (
            ({"value": -3}, "“Anna · Cases · June 2031” cannot be -3"),
            ({"value": "12"}, "cannot be 12"),
            ({"value": True}, "cannot be True"),
            ({"value": float("nan")}, "cannot be nan"),
            ({"value": [1]}, "cannot be"),
            ({"kind": "activities"}, "has an activity type"),
            ({"activity_type_id": self.call.id}, "has an activity type"),
            ({"kind": "activities", "activity_type_id": 10**8}, "was deleted"),
            ({"kind": "weather"}, "a month and a kind"),
            ({"kind": ["cases"]}, "a month and a kind"),
            ({"employee_id": False}, "a month and a kind"),
            ({"employee_id": "1"}, "a month and a kind"),
            ({"month": False}, "a month and a kind"),
            ({"month": "May"}, "no month"),
            ({"month": 3}, "no month"),
        ):
            with (
                self.subTest(cell=cell),
                self.assertRaisesRegex(UserError, message),
                self.cr.savepoint(),
            ):
                self._targets(self.crm_admin).save_cells([good, {**self._cell(month=JUNE), **cell}])
        for cells in ("x", [1], [None], {}, [{}], [good] * 5001):
            with self.subTest(cells=str(cells)[:20]), self.assertRaises(UserError):
                self._targets(self.crm_admin).save_cells(cells)
        self.employees[self.anna].is_salesman = False
        with self.assertRaisesRegex(ValidationError, "no salesman"):
            self._targets(self.crm_admin).save_cells([good])
        self.assertFalse(self.env["sales.target"].search([]))

    def test_queries_do_not_depend_on_the_number_of_salesmen(self):
        self._show_team(self.manager)
        self._make_target(kind="quotes")
        team = self.employees[self.anna] + self.employees[self.bert]

        def measure(user, call):
            targets = self.env(user=user, su=False, context={"lang": "en_US", "tz": "UTC"})[
                "sales.target"
            ]
            return self._measure_queries(lambda: call(targets))

        def measure_all(value):
            cells = [
                {**self._cell(month=JUNE, value=value), "employee_id": employee.id}
                for employee in team
            ]
            emptied = [{**cell, "value": False} for cell in cells]
            calls = (
                lambda targets: targets.get_grid("2031-05-01"),
                lambda targets: targets.get_grid("2031-05-01", search="n"),
                lambda targets: targets.get_year(self.employees[self.anna].id, "2031-05-01"),
                lambda targets: targets.save_cells(cells),
                lambda targets: targets.save_cells(emptied),
            )
            return {
                (user.login, number): measure(user, call)
                for user in (self.manager, self.crm_admin)
                for number, call in enumerate(calls)
            }

        measure_all(1)
        few = measure_all(2)
        with patch.object(self.registry["hr.employee"], "_ask_for_successor"):
            team += self.env["hr.employee"].create(
                [
                    {
                        "name": f"Grown {number}",
                        "is_salesman": True,
                        "parent_id": self.employees[self.manager].id,
                    }
                    for number in range(30)
                ]
            )
        for employee in team - self.employees[self.anna]:
            self._make_target(kind="quotes", employee_id=employee.id)
        self.assertEqual(measure_all(3), few)
        self.assertLessEqual(max(few.values()), 20, few)


@tagged("post_install", "-at_install")
class TestSalesTargetTour(SalesTargetCommon, HttpCase):
    """The screen "Targets" in the browser (H7)."""

    def test_administrator_types_a_value_and_copies_forward(self):
        month = fields.Date.context_today(
            self.env["sales.target"].with_user(self.crm_admin)
        ).replace(day=1)
        self._make_target(kind="quotes", value=900, month=month)
        self.start_tour("/odoo", "sales_crm_targets", login=self.crm_admin.login, timeout=300)
        values = self._values(self.anna, ("month", "=", month))
        self.assertEqual(values[month, "cases", self.env["mail.activity.type"]], 12)
        copied = self._values(self.anna, ("month", ">", month))
        self.assertEqual(len(copied), 4)
        self.assertEqual(set(copied.values()), {12, 900})
