from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .sales_target_common import JULY, JUNE, MAY, SalesTargetCommon


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
