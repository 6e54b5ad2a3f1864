from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .concurrency_common import ConcurrencyCommon
from .sales_target_common import JULY, JUNE, MAY, SalesTargetCommon


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

    def test_to_all_is_silent_until_a_salesman_is_chosen(self):
        form = self._open(self.manager, "all")
        self.assertFalse(form.warning)
        self.assertEqual(self._counts(form), (0, 0, 0))

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
                counts.append(self._measure_queries(wizard.action_copy))
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
