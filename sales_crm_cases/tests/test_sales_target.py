from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import SalesCrmCommon
from .concurrency_common import ConcurrencyCommon

MAY, JUNE, JULY = date(2031, 5, 1), date(2031, 6, 1), date(2031, 7, 1)


class SalesTargetCommon(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # without those of demo data
        cls.env["sales.target"].search([]).unlink()
        cls.env["sales.target.default"].search([]).unlink()
        cls.call, cls.meeting = (
            cls.env.ref(f"mail.mail_activity_data_{name}") for name in ("call", "meeting")
        )
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})

    @classmethod
    def _make_target(cls, employee=None, kind="cases", value=5, month=MAY, user=None, **vals):
        """
        :param employee: user of the employee; by default anna
        :param user: who makes it
        """
        return (
            cls.env["sales.target"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "employee_id": cls.employees[employee or cls.anna].id,
                    "kind": kind,
                    "value": value,
                    "month": month,
                    **vals,
                }
            )
            .with_env(cls.env)
        )

    @classmethod
    def _make_default(cls, kind="cases", value=4, **vals):
        return cls.env["sales.target.default"].create({"kind": kind, "value": value, **vals})

    def _cell(self, employee=None, kind="cases", value=5, month=MAY, activity_type=None):
        return {
            "employee_id": self.employees[employee or self.anna].id,
            "month": fields.Date.to_string(month),
            "kind": kind,
            "activity_type_id": activity_type.id if activity_type else False,
            "value": value,
        }

    def _targets(self, user):
        return self.env["sales.target"].with_user(user)

    def _values(self, employee, *domain):
        """``{(month, kind, type): value}`` of a user's employee."""
        return {
            (target.month, target.kind, target.activity_type_id): target.value
            for target in self.env["sales.target"].search(
                [("employee_id", "=", self.employees[employee].id), *domain]
            )
        }


@tagged("post_install", "-at_install")
class TestSalesTarget(SalesTargetCommon):
    """Targets of salesmen: who sees and sets them, and what is refused (H7)."""

    # ------------------------------------------------------------------
    # Month, value, kind
    # ------------------------------------------------------------------

    def test_the_month_is_its_first_day(self):
        for given in ("2031-05-17", date(2031, 5, 31), "2031-05-01"):
            with self.subTest(given=given):
                target = self._make_target(month=given)
                self.assertEqual(target.month, MAY)
                target.month = "2031-06-30"
                self.assertEqual(target.month, JUNE)
                target.unlink()
        target = (
            self.env["sales.target"]
            .with_context(default_month="2031-07-09")
            .create({"employee_id": self.employees[self.anna].id, "kind": "cases", "value": 1})
        )
        self.assertEqual(target.month, JULY)
        with Form(self._targets(self.crm_admin)) as form:
            form.employee_id = self.employees[self.bert]
            form.month = "2031-05-20"
            form.kind = "orders"
            form.value = 700
        self.assertEqual(form.record.month, MAY)

    def test_an_import_writes_and_refuses_by_row(self):
        header = ["employee_id", "month", "kind", "activity_type_id", "value"]
        load = self._targets(self.crm_admin).load
        result = load(
            header,
            [
                ["Anna", "2031-05-20", "Cases", "", "4"],
                ["Anna", "2031-05-20", "Activities", "Meeting", "9"],
            ],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(
            self._values(self.anna),
            {
                (MAY, "cases", self.env["mail.activity.type"]): 4,
                (MAY, "activities", self.meeting): 9,
            },
        )
        for row, message in (
            (["Anna", "2031-05-03", "Cases", "", "7"], "“Anna · Cases · May 2031” already"),
            (["Bert", "2031-05-03", "Quotes", "", "-7"], "“Bert · Quotes · May 2031” cannot be -7"),
            (["Bert", "2031-05-03", "Activities", "", "7"], "Choose the activity type"),
            (["Bert", "2031-05-03", "Cases", "Call", "7"], "Remove the type"),
        ):
            with self.subTest(row=row), mute_logger("odoo.sql_db"):
                result = load(header, [["Bert", "2031-06-01", "Cases", "", "1"], row])
                self.assertFalse(result["ids"])
                [found] = [each for each in result["messages"] if each["rows"]["from"] == 1]
                self.assertIn(message, found["message"])
        self.assertFalse(self._values(self.bert))

    def test_what_is_refused(self):
        existing = self._make_target()
        clerk = self.env["hr.employee"].create({"name": "Clerk", "user_id": self.clerk.id})
        for vals, message in (
            ({"value": -1}, "cannot be -1"),
            ({"value": 10**13}, "cannot be"),
            ({"kind": "activities"}, "Choose the activity type"),
            ({"activity_type_id": self.call.id}, "Remove the type"),
            ({"employee_id": clerk.id}, "Clerk is no salesman"),
            ({"month": MAY}, "“Anna · Cases · May 2031” already"),
        ):
            with self.subTest(vals=vals):
                with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                    self._make_target(**{"month": JUNE, **vals})
                other = self._make_target(month=JUNE)
                with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                    other.write(vals)
                other.unlink()
        with self.assertRaisesRegex(ValidationError, "already"), self.cr.savepoint():
            (existing + self._make_target(month=JUNE)).write({"month": JULY})
        with self.assertRaisesRegex(ValidationError, "already"), self.cr.savepoint():
            self.env["sales.target"].create(
                [{**self._cell(month=JULY), "month": f"2031-07-0{day}"} for day in (1, 2)]
            )
        for month in ("someday", "0001-01-01", "9999-12-31"):
            with self.subTest(month=month), self.assertRaisesRegex(UserError, "no month"):
                self._make_target(month=month)
        existing.write({"month": "2031-05-20", "value": 0})
        self.assertEqual(existing.value, 0)

    def test_a_kind_of_each_and_activities_by_type(self):
        for kind in ("cases", "quotes", "orders", "invoices"):
            self._make_target(kind=kind)
        for activity_type in self.call + self.meeting:
            self._make_target(kind="activities", activity_type_id=activity_type.id)
        self.assertEqual(len(self._values(self.anna)), 6)

    def test_amounts_and_numbers_add_up_apart(self):
        self._make_target(value=3)
        self._make_target(kind="quotes", value=1000)
        self._make_target(self.bert, "orders", 500).value = 600
        [[amount, number]] = self.env["sales.target"]._read_group(
            [("month", "=", MAY)], [], ["amount:sum", "number:sum"]
        )
        self.assertEqual((amount, number), (1600, 3))

    def test_the_form_forgets_the_type_of_another_kind(self):
        form = Form(self._targets(self.crm_admin))
        form.employee_id = self.employees[self.anna]
        form.kind = "activities"
        form.activity_type_id = self.call
        form.value = 3
        form.kind = "cases"
        self.assertFalse(form.save().activity_type_id)

    # ------------------------------------------------------------------
    # Who sees
    # ------------------------------------------------------------------

    def test_who_sees_targets(self):
        target = self._make_target()
        managers = self._make_target(self.manager)
        for user in (self.bert, self.stranger, self.other_boss, self.manager, self.boss):
            self.assertSeesNot(user, target, user.login)
        self.assertSees(self.anna, target)
        self.assertSees(self.manager, managers)
        self.assertSees(self.crm_admin, target)
        for user in (self.manager, self.boss, self.other_boss):
            self._show_team(user)
        self.assertSees(self.manager, target)
        self.assertSees(self.boss, target)
        self.assertSees(self.boss, managers)
        for user in (self.bert, self.stranger, self.other_boss):
            self.assertSeesNot(user, target, user.login)
        self.assertSeesNot(self.anna, managers)
        self._show_team(self.manager, False)
        self.assertSeesNot(self.manager, target)
        all_documents = self._make_user("all", "sales_team.group_sale_salesman_all_leads")
        self.assertSees(all_documents, target)

    def test_others_see_nothing(self):
        target = self._make_target()
        self._make_default()
        for user in (self.clerk, self.accounts):
            for call in (
                lambda env: env["sales.target"].search([]),
                lambda env: env["sales.target"].browse(target.id).read(["value"]),
                lambda env: env["sales.target"].get_grid("2031-05-01"),
                lambda env: env["sales.target"].get_year(self.employees[self.anna].id),
                lambda env: env["sales.target"].save_cells([self._cell()]),
                lambda env: env["sales.target.copy.wizard"].create({}),
                lambda env: env["hr.employee.public"].search([("sales_target_ids", "!=", False)]),
            ):
                with self.assertRaises(AccessError):
                    call(self.env(user=user, su=False))
        for user in (self.anna, self.manager, self.clerk, self.accounts):
            with self.assertRaises(AccessError):
                self.env["sales.target.default"].with_user(user).search([])

    def test_a_delegate_sees_and_does_not_set(self):
        target = self._make_target()
        self.env["sales.delegation"].create(
            {
                "employee_id": self.employees[self.anna].id,
                "delegate_id": self.employees[self.stranger].id,
                "date_from": "2000-01-01",
                "date_to": "2090-01-01",
            }
        )
        self.assertSees(self.stranger, target)
        with self.assertRaises(AccessError):
            target.with_user(self.stranger).value = 1
        with self.assertRaises(AccessError):
            self._targets(self.stranger).save_cells([self._cell()])

    def test_employees_are_found_by_the_targets_that_one_sees(self):
        target = self._make_target() + self._make_target(self.stranger)
        found = (
            self.env["hr.employee.public"]
            .with_user(self.anna)
            .search([("sales_target_ids", "in", target.ids)])
        )
        self.assertEqual(found.ids, self.employees[self.anna].ids)
        found = (
            self.env["hr.employee"]
            .with_user(self.anna)
            .search([("sales_target_ids.value", "=", 5), ("id", "in", target.employee_id.ids)])
        )
        self.assertEqual(found.ids, self.employees[self.anna].ids)
        stranger = self.employees[self.stranger].with_user(self.anna)
        self.assertFalse(stranger.sales_target_ids)

    def test_search_and_single_records_agree(self):
        for user in self.employees:
            self._make_target(user)
        targets = self.env["sales.target"].search([])
        self._show_team(self.manager)
        for user in (self.anna, self.manager, self.boss, self.stranger, self.crm_admin):
            mine = targets.with_user(user).sudo()
            for name in ("crm_visible", "crm_editable"):
                with self.subTest(user=user.login, field=name):
                    found = mine.search([(name, "=", True)])
                    self.assertEqual(found, mine.filtered(name))
                    self.assertEqual(mine.search([(name, "=", False)]), mine - found)

    # ------------------------------------------------------------------
    # Who sets
    # ------------------------------------------------------------------

    def _tries(self, user, employee):
        """What the user does to the targets of an employee, by every channel."""
        env = self.env(user=user, su=False)
        target = self._make_target(employee, "orders", month=JUNE)
        vals = {**self._cell(employee), "kind": "quotes"}

        def load():
            row = [self.employees[employee].name, "2031-06-01", "Cases", "1"]
            result = env["sales.target"].load(["employee_id", "month", "kind", "value"], [row])
            if not result["ids"]:
                raise AccessError(result["messages"][0]["message"])

        yield "create", lambda: env["sales.target"].create(vals)
        yield "copy", lambda: env["sales.target"].browse(target.id).copy({"month": JULY})
        yield "write", lambda: env["sales.target"].browse(target.id).write({"value": 6})
        yield "save", lambda: env["sales.target"].save_cells([self._cell(employee, month=JULY)])
        yield "load", load
        yield "unlink", lambda: env["sales.target"].browse(target.id).unlink()

    def assertSets(self, user, employee):
        for channel, act in self._tries(user, employee):
            with self.subTest(user=user.login, channel=channel), self.cr.savepoint() as savepoint:
                act()
                savepoint.rollback()
        self.env["sales.target"].search([]).unlink()

    def assertSetsNot(self, user, employee):
        for channel, act in self._tries(user, employee):
            with (
                self.subTest(user=user.login, channel=channel),
                self.assertRaises(AccessError),
                self.cr.savepoint(),
                mute_logger("odoo.models.unlink"),
            ):
                act()
        self.env["sales.target"].search([]).unlink()

    def test_nobody_sets_his_own(self):
        self._show_team(self.manager)
        for user in (self.anna, self.manager):
            self.assertSetsNot(user, user)

    def test_a_manager_sets_those_of_the_team_that_he_shows_and_may_edit(self):
        self.assertSetsNot(self.manager, self.anna)
        self._show_team(self.manager)
        self.assertSets(self.manager, self.anna)
        self.assertSetsNot(self.manager, self.stranger)
        self.assertSetsNot(self.manager, self.boss)
        self._show_team(self.boss)
        self.assertSets(self.boss, self.manager)
        self.env.company.managers_edit_team = False
        self.assertSetsNot(self.manager, self.anna)

    def test_administrators_set_all_and_all_documents_none(self):
        self.assertSets(self.crm_admin, self.stranger)
        all_documents = self._make_user("all", "sales_team.group_sale_salesman_all_leads")
        self.assertSetsNot(all_documents, self.anna)
        self.assertSetsNot(self.stranger, self.anna)

    def test_a_target_is_not_moved_to_who_is_not_in_the_team(self):
        self._show_team(self.manager)
        target = self._make_target()
        for user in (self.stranger, self.manager):
            with self.assertRaises(AccessError), self.cr.savepoint():
                target.with_user(self.manager).employee_id = self.employees[user]
        target.with_user(self.manager).employee_id = self.employees[self.bert]
        self.assertEqual(target.employee_id, self.employees[self.bert])

    def test_no_refusal_tells_whether_there_is_a_target(self):
        self._show_team(self.manager)
        own = self._make_target()

        def ask(act):
            with self.assertRaises(AccessError) as refused, self.cr.savepoint():
                act()
            return str(refused.exception)

        def ask_all():
            return [
                ask(lambda: self._make_target(self.stranger, user=self.manager)),
                ask(lambda: self._targets(self.manager).save_cells([self._cell(self.stranger)])),
                ask(
                    lambda: own.with_user(self.manager).write(
                        {"employee_id": self.employees[self.stranger].id}
                    )
                ),
            ]

        before = ask_all()
        self._make_target(self.stranger)
        self.assertEqual(ask_all(), before)
        for text in before:
            self.assertIn("Targets are set by CRM administrators", text)
            self.assertNotIn("Stranger", text)

    # ------------------------------------------------------------------
    # Companies, people who leave
    # ------------------------------------------------------------------

    def test_targets_are_of_the_companies(self):
        employee = self.env["hr.employee"].create(
            {"name": "Elsa", "is_salesman": True, "company_id": self.other_company.id}
        )
        target = self._make_target(employee_id=employee.id)
        self.assertEqual(target.company_id, self.other_company)
        self.assertSeesNot(self.crm_admin, target)
        cell = {**self._cell(), "employee_id": employee.id}
        with self.assertRaises(AccessError):
            self._targets(self.crm_admin).save_cells([cell])
        with self.assertRaises(UserError):
            self._targets(self.crm_admin).get_year(employee.id)
        self.crm_admin.company_ids += self.other_company
        both = (self.env.company + self.other_company).ids
        targets = self._targets(self.crm_admin).with_context(allowed_company_ids=both)
        self.assertIn(target, targets.search([]))
        targets.save_cells([{**cell, "value": 8}])
        self.assertEqual(target.value, 8)

    def test_history_stays_with_who_leaves(self):
        target = self._make_target()
        self._show_team(self.manager)
        employee = self.employees[self.anna]
        self.customer_anna.salesman_ids = self.employees[self.bert]
        employee.active = False
        self.assertEqual(target.employee_id, employee)
        self.assertSees(self.manager, target)
        employee.is_salesman = False
        self.assertTrue(target.exists())
        [row] = self._targets(self.crm_admin).get_grid("2031-05-01", search="Anna")["rows"]
        self.assertEqual((row["is_active"], row["is_editable"]), (False, False))
        self.assertEqual(row["values"], {"cases": 5})
        self.assertFalse(
            self._targets(self.crm_admin).get_grid("2031-06-01", search="Anna")["rows"]
        )


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
            self.env.flush_all()
            self.env.invalidate_all()
            targets = self.env(user=user, su=False, context={"lang": "en_US", "tz": "UTC"})[
                "sales.target"
            ]
            before = self.cr.sql_log_count
            call(targets)
            self.env.flush_all()
            return self.cr.sql_log_count - before

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
class TestSalesTargetCopy(SalesTargetCommon):
    """The buttons "Copy forward" and "Apply to all" (H7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._show_team(cls.manager)
        cls.nothing = cls.env["mail.activity.type"]
        cls._make_target(value=3)
        cls._make_target(kind="activities", value=20, activity_type_id=cls.call.id)
        cls._make_target(cls.bert, "quotes", 500)
        cls._make_target(cls.stranger, value=7)

    def _open(self, user, mode="forward", month="2031-05-14", **vals):
        env = self.env(user=user, su=False)
        return Form(
            env["sales.target.copy.wizard"].with_context(
                default_mode=mode,
                default_month=month,
                **{f"default_{name}": value for name, value in vals.items()},
            )
        )

    def _copy(self, form):
        return form.save().action_copy()

    def _counts(self, form):
        return form.salesman_count, form.new_count, form.existing_count

    # ------------------------------------------------------------------
    # Forward
    # ------------------------------------------------------------------

    def test_forward_for_the_salesmen_whom_the_user_sets(self):
        form = self._open(self.manager)
        self.assertEqual(form.month_count, 7, "to the end of the year")
        form.month_count = 2
        self.assertEqual(form.period, "June 2031 – July 2031")
        self.assertEqual(self._counts(form), (2, 6, 0))
        self.assertFalse(form.warning)
        action = self._copy(form)
        self.assertIn("6", action["params"]["message"])
        self.assertEqual(
            self._values(self.anna, ("month", ">", MAY)),
            {
                (month, kind, activity_type): value
                for month in (JUNE, JULY)
                for kind, activity_type, value in (
                    ("cases", self.nothing, 3),
                    ("activities", self.call, 20),
                )
            },
        )
        self.assertEqual(len(self._values(self.bert)), 3)
        self.assertFalse(self._values(self.stranger, ("month", ">", MAY)))

    def test_existing_targets_are_kept_unless_overwrite_is_ticked(self):
        self._make_target(value=9, month=JUNE)
        form = self._open(self.crm_admin, employee_name="Anna", month_count=1)
        self.assertEqual(self._counts(form), (1, 1, 1))
        self.assertIn("1 existing targets have another value. They are kept", form.warning)
        self._copy(form)
        self.assertEqual(self._values(self.anna)[JUNE, "cases", self.nothing], 9)
        self.assertEqual(len(self._values(self.bert)), 1, "not searched for")
        form = self._open(self.crm_admin, employee_name="Anna", month_count=1)
        form.overwrite = True
        self.assertEqual(self._counts(form), (1, 0, 1))
        self.assertIn("1 existing targets of these 1 salesmen will be overwritten", form.warning)
        self._copy(form)
        self.assertEqual(self._values(self.anna)[JUNE, "cases", self.nothing], 3)

    def test_copying_twice_is_copying_once(self):
        for overwrite in (False, True):
            form = self._open(self.manager, month_count=2, overwrite=overwrite)
            wizard = form.save()
            wizard.action_copy()
            before = self.env["sales.target"].search([], order="id").read(["value", "write_date"])
            again = wizard.action_copy()
            self.assertIn("0", again["params"]["message"])
            after = self.env["sales.target"].search([], order="id").read(["value", "write_date"])
            self.assertEqual(after, before)

    def test_forward_of_one_salesman(self):
        form = self._open(self.manager, employee_id=self.employees[self.bert].id, month_count=1)
        self.assertEqual(self._counts(form), (1, 1, 0))
        self._copy(form)
        self.assertEqual(len(self._values(self.anna)), 2)

    def test_over_the_end_of_the_year(self):
        form = self._open(self.manager, month="2031-12-05")
        self.assertEqual(form.month_count, 12)
        self.assertEqual(form.period, "January 2032 – December 2032")

    def test_months_are_limited(self):
        for count in (0, -1, 25):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.env["sales.target.copy.wizard"].with_user(self.crm_admin).create(
                    {"month_count": count}
                )

    def test_who_sets_nobody_copies_nothing(self):
        self._show_team(self.manager, False)
        for user in (self.anna, self.manager, self.stranger):
            for mode in ("forward", "all"):
                form = self._open(user, mode, employee_id=self.employees[user].id)
                self.assertEqual(self._counts(form), (0, 0, 0))
                self.assertIn("nothing to copy", form.warning)
                with self.assertRaisesRegex(UserError, "nothing to copy"):
                    self._copy(form)

    # ------------------------------------------------------------------
    # To all
    # ------------------------------------------------------------------

    def test_to_all_whom_the_manager_sets(self):
        form = self._open(self.manager, "all", employee_id=self.employees[self.anna].id)
        self.assertEqual(form.month_count, 1)
        self.assertEqual(self._counts(form), (1, 2, 0))
        self._copy(form)
        self.assertEqual(
            self._values(self.bert),
            {
                (MAY, "cases", self.nothing): 3,
                (MAY, "activities", self.call): 20,
                (MAY, "quotes", self.nothing): 500,
            },
        )
        self.assertEqual(self._values(self.stranger), {(MAY, "cases", self.nothing): 7})
        self.assertFalse(self._values(self.manager))

    def test_to_all_warns_and_overwrites(self):
        self._make_target(self.bert, value=9)
        form = self._open(self.manager, "all", employee_id=self.employees[self.anna].id)
        self.assertIn("They are kept", form.warning)
        form.overwrite = True
        self.assertIn("1 existing targets of these 1 salesmen will be overwritten", form.warning)
        self._copy(form)
        self.assertEqual(self._values(self.bert)[MAY, "cases", self.nothing], 3)

    def test_to_all_in_several_months_each_as_it_is(self):
        self._make_target(value=4, month=JUNE)
        form = self._open(
            self.manager, "all", employee_id=self.employees[self.anna].id, month_count=2
        )
        self._copy(form)
        values = self._values(self.bert, ("kind", "=", "cases"))
        self.assertEqual(
            values, {(MAY, "cases", self.nothing): 3, (JUNE, "cases", self.nothing): 4}
        )

    def test_targets_that_the_user_does_not_see_are_no_source(self):
        form = self._open(self.manager, "all", employee_id=self.employees[self.stranger].id)
        self.assertEqual(self._counts(form), (0, 0, 0))
        with self.assertRaises(UserError):
            self._copy(form)
        self.assertNotIn((MAY, "cases", self.nothing), self._values(self.bert))

    def test_the_defaults_to_all(self):
        self._make_default("cases", 4)
        self._make_default("orders", 44)
        self._make_default("invoices", 99, company_id=self.other_company.id)
        form = self._open(self.manager, "all", source="defaults", overwrite=True)
        self.assertEqual(self._counts(form), (2, 3, 1))
        self._copy(form)
        for user in (self.anna, self.bert):
            values = self._values(user)
            self.assertEqual(values[MAY, "cases", self.nothing], 4)
            self.assertEqual(values[MAY, "orders", self.nothing], 44)
            self.assertNotIn((MAY, "invoices", self.nothing), values)
        self.assertEqual(self._values(self.stranger), {(MAY, "cases", self.nothing): 7})

    def test_amounts_are_not_taken_for_those_of_another_currency(self):
        currency = self.env["res.currency"].create({"name": "TGT", "symbol": "T"})
        self.other_company.currency_id = currency
        self.crm_admin.company_ids += self.other_company
        elsa = self.env["hr.employee"].create(
            {"name": "Elsa", "is_salesman": True, "company_id": self.other_company.id}
        )
        wizard = (
            self.env["sales.target.copy.wizard"]
            .with_user(self.crm_admin)
            .with_context(allowed_company_ids=(self.env.company + self.other_company).ids)
            .create(
                {
                    "mode": "all",
                    "month": MAY,
                    "month_count": 1,
                    "employee_id": self.employees[self.bert].id,
                }
            )
        )
        wizard.action_copy()
        self.assertFalse(elsa.sales_target_ids)
        self.assertEqual(self._values(self.stranger)[MAY, "quotes", self.nothing], 500)

    def test_archived_and_former_salesmen_get_nothing(self):
        self.customer_bert.salesman_ids = self.employees[self.anna]
        self.employees[self.bert].active = False
        form = self._open(self.manager, "all", employee_id=self.employees[self.anna].id)
        self.assertEqual(self._counts(form), (0, 0, 0))

    def test_queries_do_not_depend_on_the_number_of_salesmen(self):
        self._make_default("cases", 4)

        def measure(month):
            counts = []
            for vals in (
                {"mode": "forward"},
                {"mode": "all", "employee_id": self.employees[self.anna].id, "overwrite": True},
                {"mode": "all", "source": "defaults"},
            ):
                wizard = (
                    self.env["sales.target.copy.wizard"]
                    .with_user(self.manager)
                    .with_context(lang="en_US", tz="UTC")
                    .create({"month": month, "month_count": 3, **vals})
                )
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                wizard.action_copy()
                counts.append(self.cr.sql_log_count - before)
            return counts

        measure(MAY)
        few = measure(MAY)
        self.env["hr.employee"].create(
            [
                {
                    "name": f"Grown {number}",
                    "is_salesman": True,
                    "parent_id": self.employees[self.manager].id,
                }
                for number in range(30)
            ]
        )
        self.assertEqual(measure(MAY), few)
        self.assertGreater(self.env["sales.target"].search_count([("month", "=", JUNE)]), 60)


@tagged("post_install", "-at_install")
class TestSalesTargetAtOnce(ConcurrencyCommon):
    """Two people, or two clicks, at the same moment (H7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._session() as env:
            for login in ("first", "second"):
                cls._make_user(env, login, "sales_team.group_sale_manager")
            for login in ("seller", "other"):
                cls._make_salesman(env, login)
            env["sales.target"].search(
                [("employee_id", "in", list(cls.employees.values()))]
            ).unlink()

    def _read(self):
        with self._session() as env:
            return sorted(
                (target.employee_id.id, target.month, target.kind, target.value)
                for target in env["sales.target"].search(
                    [("employee_id", "in", list(self.employees.values()))]
                )
            )

    def tearDown(self):
        with self._session() as env:
            env["sales.target"].search(
                [("employee_id", "in", list(self.employees.values()))]
            ).unlink()
        super().tearDown()

    def _cells(self, value):
        return [
            {"employee_id": id_, "month": "2031-05-01", "kind": "cases", "value": value}
            for id_ in self.employees.values()
        ]

    def test_two_save_the_same_cells(self):
        meet = self._meet(2)

        def save(env, value):
            env["sales.target"].search_count([])
            meet()
            return env["sales.target"].save_cells(self._cells(value))

        results = self._run(
            ("first", lambda env: save(env, 1)), ("second", lambda env: save(env, 2))
        )
        self.assertEqual(results, [2, 2])
        rows = self._read()
        self.assertEqual(len(rows), 2)
        self.assertEqual(len({row[-1] for row in rows}), 1, "one after the other")

    def test_two_copy_at_once(self):
        with self._session("first") as env:
            env["sales.target"].save_cells(self._cells(5))
        meet = self._meet(2)

        def copy(env):
            wizard = env["sales.target.copy.wizard"].create(
                {
                    "mode": "forward",
                    "month": "2031-05-01",
                    "month_count": 3,
                    "employee_name": "Concurrent ",
                }
            )
            meet()
            return wizard.action_copy()["params"]["type"]

        results = self._run(("first", copy), ("second", copy))
        self.assertEqual(sorted(results), ["info", "success"], "the second found all there")
        self.assertEqual(len(self._read()), 8)


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
