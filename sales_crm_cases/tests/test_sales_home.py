from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import SalesCrmCommon

MAX_QUERIES = 12


class SalesHomeCommon(SalesCrmCommon):
    """Anna, Bert and a stranger each have a case, a quote, activities and what else is counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # those of the demo data's defaults
        employee_ids = [employee.id for employee in cls.employees.values()]
        cls.env["sales.target"].search([("employee_id", "in", employee_ids)]).unlink()
        cls.today = fields.Date.context_today(cls.env.user.with_user(cls.anna))
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.inspection = cls.env.ref("sales_crm_cases.activity_type_inspection")
        cls.product = cls.env["product.product"].create({"name": "Oven", "list_price": 100})
        cls.cases = {}
        for user, customer in (
            (cls.anna, cls.customer_anna),
            (cls.bert, cls.customer_bert),
            (cls.stranger, cls.customer_stranger),
        ):
            cls.cases[user] = cls._make_case(user, customer)

    @classmethod
    def _make_case(cls, user, customer, days=10, **values):
        return cls.env["crm.lead"].create(
            {
                "name": f"Case of {user.name}",
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": user.id,
                "expected_revenue": 1000,
                "date_deadline": cls.today + timedelta(days),
                **values,
            }
        )

    @classmethod
    def _plan(cls, user, document, days=0, activity_type=None):
        return cls.env["mail.activity"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id(document._name),
                "res_id": document.id,
                "activity_type_id": (activity_type or cls.call).id,
                "summary": f"Call of {user.name}",
                "date_deadline": cls.today + timedelta(days),
                "user_id": user.id,
            }
        )

    @classmethod
    def _do(cls, user, document, days=0, activity_type=None):
        """An activity that was done so many days from today."""
        activity = cls._plan(user, document, activity_type=activity_type)
        activity._action_done(feedback="Done")
        activity.date_done = cls.today + timedelta(days)
        return activity

    @classmethod
    def _make_order(cls, user, customer, amount=100, **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": user.id,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "price_unit": amount})
                ],
                **values,
            }
        )

    def _get_home(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["sales.home"].with_user(user).get_home()

    def _iterate_figures(self, data, path=""):
        """Every figure of a page with its place."""
        if isinstance(data, dict):
            if data.get("res_model"):
                yield path, data
            for key, value in data.items():
                yield from self._iterate_figures(value, f"{path}.{key}")
        elif isinstance(data, list):
            for index, value in enumerate(data):
                name = (
                    value.get("key") or value.get("kind") or index
                    if isinstance(value, dict)
                    else index
                )
                yield from self._iterate_figures(value, f"{path}[{name}]")

    def assertCountsAreLists(self, user, data):
        """Each figure counts what the list behind it shows."""
        seen = 0
        for path, figure in self._iterate_figures(data):
            if "count" not in figure:
                continue
            model = self.env[figure["res_model"]].with_user(user).with_context(**figure["context"])
            found = model.web_search_read(figure["domain"], {"display_name": {}}, limit=80)
            self.assertEqual(figure["count"], found["length"], f"{user.name}: {path}")
            seen += 1
        self.assertGreater(seen, 10)
        return seen


@tagged("post_install", "-at_install")
class TestSalesHome(SalesHomeCommon):
    """The figures of the home pages (H1-H5)."""

    def _get_tile(self, data, key):
        [tile] = [tile for tile in data["tiles"] if tile["key"] == key]
        return tile

    def _make_much(self):
        for user, customer in (
            (self.anna, self.customer_anna),
            (self.bert, self.customer_bert),
            (self.stranger, self.customer_stranger),
        ):
            self._plan(user, customer)
            self._plan(user, self.cases[user], days=-3)
            self._do(user, customer, days=-2)
            self._do(user, self.cases[user], days=-29, activity_type=self.inspection)
            self._do(user, customer, days=-31)
            self._make_order(user, customer)
            self._make_order(user, customer, amount=70).action_confirm()

    def test_every_count_is_the_number_of_rows_behind_it(self):
        self._make_much()
        for user in (self.anna, self.manager, self.boss, self.crm_admin, self.accounts):
            self.assertCountsAreLists(user, self._get_home(user))
        self._show_team(self.boss)
        self.assertCountsAreLists(self.boss, self._get_home(self.boss))

    def test_the_teams_figures_come_and_go_with_the_option(self):
        self._make_much()
        before = self._get_tile(self._get_home(self.manager), "customers")["count"]
        self.assertEqual(before, 0)
        self._show_team(self.manager)
        data = self._get_home(self.manager)
        self.assertEqual(self._get_tile(data, "customers")["count"], 2)
        self.assertEqual(self._get_tile(data, "cases")["count"], 2)
        self.assertEqual(self._get_tile(data, "warnings")["count"], 2)
        self._show_team(self.manager, show=False)
        data = self._get_home(self.manager)
        self.assertFalse(any(figure.get("count") for _path, figure in self._iterate_figures(data)))

    def test_a_colleague_on_the_same_customer_has_figures_of_his_own(self):
        self.customer_anna.salesman_ids = [Command.link(self.employees[self.bert].id)]
        self._plan(self.anna, self.customer_anna, days=-1)
        data = self._get_home(self.bert)
        self.assertEqual(self._get_tile(data, "warnings")["count"], 0)
        self.assertEqual(self._get_tile(data, "customers")["count"], 2)

    def test_existing_customers_had_business_before_the_activity(self):
        customer = self.customer_anna
        before = self._do(self.anna, customer, days=-5)
        order = self._make_order(self.anna, customer)
        order.action_confirm()
        order.date_order = datetime.combine(self.today - timedelta(3), datetime.min.time())
        after = self._do(self.anna, customer, days=-1)
        same_day = self._do(self.anna, customer, days=-3)
        self.env.flush_all()
        self.assertEqual(customer.first_business_date, self.today - timedelta(3))
        self.assertFalse(before.is_existing_customer or same_day.is_existing_customer)
        self.assertTrue(after.is_existing_customer)
        table = self._get_home(self.anna)["dashboard"]["activities"]
        [row] = [row for row in table["rows"] if row["id"] == self.call.id]
        self.assertEqual([row[key]["count"] for key in ("existing", "new", "total")], [1, 2, 3])
        order._action_cancel()
        self.env.flush_all()
        self.assertFalse(customer.first_business_date)

    def test_an_invoice_makes_a_customer_an_existing_one(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer_anna.id,
                "invoice_date": self.today - timedelta(3),
                "invoice_line_ids": [
                    Command.create({"product_id": self.product.id, "price_unit": 50})
                ],
            }
        )
        self.assertFalse(self.customer_anna.first_business_date)
        invoice.action_post()
        self.assertEqual(self.customer_anna.first_business_date, self.today - timedelta(3))

    def test_performance_in_one_currency_with_credit_notes(self):
        company = self.env.company
        foreign = self.env["res.currency"].create(
            {
                "name": "XHM",
                "symbol": "X",
                "rate_ids": [Command.create({"name": "2000-01-01", "rate": 4.0})],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "X", "currency_id": foreign.id, "company_id": company.id}
        )
        self._make_order(self.anna, self.customer_anna, amount=70).action_confirm()
        self._make_order(
            self.anna, self.customer_anna, amount=400, pricelist_id=pricelist.id
        ).action_confirm()
        self._make_order(self.bert, self.customer_bert, amount=5).action_confirm()
        for move_type, amount in (("out_invoice", 300), ("out_refund", 100)):
            self.env["account.move"].create(
                {
                    "move_type": move_type,
                    "partner_id": self.customer_anna.id,
                    "invoice_user_id": self.anna.id,
                    "invoice_date": self.today,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            ).action_post()
        performance = self._get_home(self.anna)["dashboard"]["performance"]
        rows = {row["kind"]: (row["count"], row["value"]) for row in performance["rows"]}
        self.assertEqual(
            rows, {"cases": (1, 1), "quotes": (2, 170), "orders": (2, 170), "invoices": (2, 200)}
        )

    def test_performance_beside_the_targets(self):
        month = self.today.replace(day=1)
        for user, value in ((self.anna, 500), (self.bert, 300)):
            self.env["sales.target"].create(
                {
                    "employee_id": self.employees[user].id,
                    "month": month,
                    "kind": "orders",
                    "value": value,
                }
            )
        self._show_team(self.manager)
        for user, value in ((self.anna, 500), (self.manager, 800)):
            performance = self._get_home(user)["dashboard"]["performance"]
            targets = {row["kind"]: row["target"] for row in performance["rows"]}
            self.assertEqual(targets["orders"], value, user.name)
            self.assertEqual(targets["quotes"], 0)

    def test_pipeline_by_month_of_closing(self):
        self.cases[self.anna].date_deadline = self.today
        self._make_case(self.anna, self.customer_anna, expected_revenue=500, days=0)
        later = (self.today.replace(day=1) + timedelta(70)).replace(day=5)
        self._make_case(self.anna, self.customer_anna, expected_revenue=70, date_deadline=later)
        self._make_case(self.anna, self.customer_anna, date_deadline=date(2001, 1, 1))
        rows = self._get_home(self.anna)["dashboard"]["pipeline"]["rows"]
        self.assertEqual(len(rows), 4)
        self.assertEqual((rows[0]["count"], rows[0]["value"]), (2, 1500))
        found = {row["key"]: row["value"] for row in rows}
        self.assertEqual(found[later.strftime("%Y-%m")], 70)

    def test_periods_are_settings(self):
        self.env.company.write(
            {"home_activity_days": 7, "home_performance_months": 3, "home_pipeline_months": 6}
        )
        self._do(self.anna, self.customer_anna, days=-10)
        dashboard = self._get_home(self.anna)["dashboard"]
        self.assertEqual(dashboard["activities"]["days"], 7)
        self.assertEqual(dashboard["activities"]["total"]["total"]["count"], 0)
        self.assertEqual(dashboard["performance"]["months"], 3)
        self.assertEqual(len(dashboard["pipeline"]["rows"]), 6)

    def test_todays_activities_and_recent_ones(self):
        todays = self._plan(self.anna, self.cases[self.anna])
        self._plan(self.anna, self.customer_anna, days=1)
        done = self._do(self.anna, self.customer_anna, days=-1)
        data = self._get_home(self.anna)
        [record] = data["today"]["records"]
        self.assertEqual(record["id"], todays.id)
        self.assertEqual(record["customer"], "Hopfner Brewery")
        self.assertEqual(record["case"], "Case of Anna")
        self.assertEqual([each["id"] for each in data["recent"]["records"]], done.ids)

    def test_the_number_of_queries_does_not_depend_on_the_data(self):
        self._show_team(self.boss)
        for user in (self.anna, self.boss, self.crm_admin):
            self._get_home(user)  # caches of the registry
            counts = []
            for _round in range(2):
                home = self.env["sales.home"].with_user(user)
                counts.append(self._measure_queries(home.get_home))
                self._make_much()
            self.assertEqual(*counts, user.name)
            self.assertLessEqual(max(counts), MAX_QUERIES, user.name)

    def test_customer_home(self):
        self._make_much()
        home = self.env["sales.home"].with_user(self.anna)
        data = home.get_customer_home(self.customer_anna.id)
        self.assertEqual(data["customer"]["name"], "Hopfner Brewery")
        self.assertEqual([case["name"] for case in data["cases"]], ["Case of Anna"])
        self.assertCountsAreLists(self.anna, data)
        self.assertIn("sale_history", [tile["key"] for tile in data["tiles"]])
        self.env["res.users.settings"]._find_or_create_for_user(
            self.anna
        ).hide_customer_dashboard = True
        self.assertIsNone(home.get_customer_home(self.customer_anna.id)["dashboard"])

    def test_a_hidden_customer_is_no_news(self):
        home = self.env["sales.home"].with_user(self.anna)
        vendor = self.env["res.partner"].create({"name": "Vendor", "is_company": True})
        messages = set()
        for customer_id in (
            self.customer_bert.id,
            vendor.id,
            99999999,
            10**20,
            -1,
            "x",
            True,
            None,
        ):
            with self.assertRaises(UserError) as refused:
                home.get_customer_home(customer_id)
            messages.add(str(refused.exception))
        self.assertEqual(len(messages), 1)

    def test_the_home_of_others(self):
        with self.assertRaises(UserError):
            self._get_home(self.clerk)
        keys = {tile["key"] for tile in self._get_home(self.accounts)["tiles"]}
        self.assertIn("customers", keys)
        self.assertNotIn("reminders", keys)

    def test_both_calls_may_go_to_a_replica(self):
        home = self.env["sales.home"]
        for name in ("get_home", "get_customer_home"):
            self.assertTrue(getattr(type(home), name)._readonly)
