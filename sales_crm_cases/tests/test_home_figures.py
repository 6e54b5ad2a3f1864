from datetime import timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .test_sales_home import MAX_QUERIES, SalesHomeCommon

MODULE = "@sales_crm_cases/../tests/tours/home_figures"


class HomeFiguresCommon(SalesHomeCommon):
    """Something of each kind: in two companies, three currencies, with a credit note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # so that what was done before the first business is in the table
        cls.env.company.home_activity_days = 90
        cls.foreign = cls.env["res.currency"].create(
            {
                "name": "XHM",
                "symbol": "X",
                "rate_ids": [
                    Command.create({"name": "2000-01-01", "rate": 4.0, "company_id": False})
                ],
            }
        )
        cls.company = cls.env.company
        cls.daughter = cls.env["res.company"].create(
            {"name": "Daughter", "currency_id": cls.foreign.id}
        )
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "X", "currency_id": cls.foreign.id, "company_id": cls.company.id}
        )
        for user in (*cls.employees, cls.crm_admin):
            user.company_ids += cls.daughter
        cls.product.taxes_id = False

    @classmethod
    def _make_figures(cls, user, customer):
        case = cls.cases[user]
        cls._plan(user, customer)
        cls._plan(user, case, days=-3)
        cls._do(user, customer, days=-2)
        cls._make_order(user, customer, amount=70).action_confirm()
        cls._make_order(user, customer, amount=400, pricelist_id=cls.pricelist.id).action_confirm()
        cls._make_order(user, customer, amount=33)
        daughter = cls.env["sale.order"].with_company(cls.daughter)
        daughter.create(
            {
                "partner_id": customer.id,
                "user_id": user.id,
                "company_id": cls.daughter.id,
                "order_line": [Command.create({"product_id": cls.product.id, "price_unit": 80})],
            }
        )
        cls._make_case(
            user, customer, days=0, company_id=cls.daughter.id, expected_revenue=400, team_id=False
        )
        cls._make_case(user, customer, days=40, expected_revenue=0)
        for move_type, amount, currency, days in (
            ("out_invoice", 300, cls.company.currency_id, 0),
            ("out_invoice", 400, cls.foreign, 0),
            ("out_refund", 130, cls.company.currency_id, 0),
            # the first business: an existing customer for what was done since
            ("out_invoice", 50, cls.company.currency_id, -20 - cls.today.day),
        ):
            cls._make_invoice(user, customer, move_type, amount, currency, days)
        cls._do(user, case, days=-25 - cls.today.day, activity_type=cls.inspection)
        cls.env["customer.note"].create({"customer_id": customer.id, "body": "Two ovens"})
        cls.env["res.partner"].create({"name": "Julia", "parent_id": customer.id})

    @classmethod
    def _make_invoice(cls, user, customer, move_type, amount, currency, days=0):
        line = {"product_id": cls.product.id, "price_unit": amount, "tax_ids": [Command.clear()]}
        cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": customer.id,
                "invoice_user_id": user.id,
                "invoice_date": cls.today + timedelta(days),
                "currency_id": currency.id,
                "invoice_line_ids": [Command.create(line)],
            }
        ).action_post()


@tagged("post_install", "-at_install")
class TestHomeFigures(HomeFiguresCommon, HttpCase):
    """Every tile, cell and bar of the home pages opens the records it counts (H4)."""

    def setUp(self):
        super().setUp()
        for user, customer in (
            (self.anna, self.customer_anna),
            (self.bert, self.customer_bert),
            (self.stranger, self.customer_stranger),
        ):
            self._make_figures(user, customer)
        self.env["sales.target"].create(
            {
                "employee_id": self.employees[self.anna].id,
                "month": self.today.replace(day=1),
                "kind": "orders",
                "value": 100,
            }
        )

    def _press_all(self, user):
        company_ids = "-".join(map(str, (self.company | self.daughter).ids))
        self.browser_js(
            "/odoo/crm-home",
            f"""
                odoo.loader.modules.get("{MODULE}").pressEverything("Hopfner Brewery")
                    .then(() => console.log("test successful"))
                    .catch((error) => console.error(error.message))
            """,
            f"Boolean(document.querySelector('.o_home_tile') && odoo.loader.modules.get('{MODULE}'))",
            login=user.login,
            cookies={"cids": company_ids},
            timeout=300,
        )

    def test_a_salesman_presses_everything(self):
        self._press_all(self.anna)

    def test_a_manager_presses_everything(self):
        self._show_team(self.manager)
        self._press_all(self.manager)

    def test_an_administrator_presses_everything(self):
        self._press_all(self.crm_admin)

    def test_the_sale_history_of_several_currencies_is_not_asked_for_twice(self):
        self.authenticate(self.anna.login, self.anna.login)
        params = {
            "model": "res.partner",
            "method": "get_sales_history",
            "args": [self.customer_anna.ids],
            "kwargs": {"context": {"allowed_company_ids": (self.company + self.daughter).ids}},
        }
        # a read-only cursor would fail first, with a warning
        with self.assertNoLogs("odoo.http", "WARNING"):
            history = self.make_jsonrpc_request("/web/dataset/call_kw", params)
        self.assertFalse(history["is_empty"])


@tagged("post_install", "-at_install")
class TestHomeMoney(HomeFiguresCommon):
    """Amounts of several companies, and the number of queries for them (H1, H7)."""

    def _get_home_of_companies(self, user, *companies):
        self.env.flush_all()
        self.env.invalidate_all()
        company_ids = [company.id for company in companies]
        return (
            self.env["sales.home"]
            .with_user(user)
            .with_context(allowed_company_ids=company_ids)
            .get_home()
        )

    def test_targets_of_companies_with_other_currencies_are_converted(self):
        self.employees[self.bert].company_id = self.daughter
        for user, kind, value in (
            (self.anna, "orders", 500),
            (self.bert, "orders", 400),
            (self.anna, "cases", 3),
            (self.bert, "cases", 4),
        ):
            self.env["sales.target"].create(
                {
                    "employee_id": self.employees[user].id,
                    "month": self.today.replace(day=1),
                    "kind": kind,
                    "value": value,
                }
            )
        self._show_team(self.manager)
        for companies, orders in (
            ((self.company, self.daughter), 500 + 400 / 4),
            ((self.daughter, self.company), 500 * 4 + 400),
            ((self.company,), 500),
        ):
            home = self._get_home_of_companies(self.manager, *companies)
            targets = {
                row["kind"]: row["target"] for row in home["dashboard"]["performance"]["rows"]
            }
            self.assertEqual(targets["orders"], orders)
            self.assertEqual(targets["cases"], 7 if len(companies) == 2 else 3)

    def test_amounts_of_both_companies_in_the_currency_of_the_current_one(self):
        self._make_figures(self.anna, self.customer_anna)
        for companies, rate in (
            ((self.company, self.daughter), 1),
            ((self.daughter, self.company), 4),
        ):
            dashboard = self._get_home_of_companies(self.anna, *companies)["dashboard"]
            values = {row["kind"]: row["value"] for row in dashboard["performance"]["rows"]}
            self.assertEqual(
                values,
                {
                    "cases": 3,
                    "quotes": rate * (70 + 100 + 33 + 20),
                    "orders": rate * (70 + 100),
                    "invoices": rate * (300 + 100 - 130),
                },
            )
            pipeline = sum(row["value"] for row in dashboard["pipeline"]["rows"])
            self.assertEqual(pipeline, rate * (1000 + 100))

    def test_neither_page_asks_more_of_more_data(self):
        self._show_team(self.boss)
        germany = self.env.ref("base.de")
        for customer in (self.customer_anna, self.customer_bert):
            customer.write(
                {
                    "street": "Mill Lane 1",
                    "city": "Berlin",
                    "country_id": germany.id,
                    "state_id": germany.state_ids[:1].id,
                    "rank_id": self.env["customer.rank"].search([], limit=1).id,
                }
            )
        # as the web client asks
        context = {
            "allowed_company_ids": (self.company + self.daughter).ids,
            "lang": "en_US",
            "tz": "Europe/Berlin",
        }
        counts = {}
        for size in (1, 4):
            for user, customer in (
                (self.anna, self.customer_anna),
                (self.bert, self.customer_bert),
            ):
                for _round in range(size):
                    self._make_figures(user, customer)
            for user in (self.anna, self.boss, self.crm_admin):
                home = self.env["sales.home"].with_user(user)
                home = home.with_context(**context)
                for name, load in (
                    ("CRM home", home.get_home),
                    ("customer", lambda home=home: home.get_customer_home(self.customer_anna.id)),
                ):
                    load()  # caches of the registry
                    counts[user.name, name, size] = self._measure_queries(load)
        self.assertLessEqual(max(counts.values()), MAX_QUERIES, counts)
        for (user, name, _size), count in counts.items():
            self.assertEqual(count, counts[user, name, 1], counts)
