from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tests import HttpCase, tagged

from .common import SalesCrmCommon


class SalesHistoryCommon(SalesCrmCommon):
    """Sales of Hopfner Brewery, Anna's customer, from January 2031 on; today is 15 December 2031."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company2 = cls.env["res.company"].create(
            {"name": "Second Company", "currency_id": cls.company.currency_id.id}
        )
        for company in cls.company | cls.company2:
            if not cls.env["account.journal"].search(
                [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
            ):
                cls.env["account.chart.template"].try_loading(
                    "generic_coa", company, install_demo=False
                )
        cls.foreign = cls.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        cls.env["res.currency.rate"].search([]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.foreign.id, "name": day, "rate": rate}
                for day, rate in (("2031-01-01", 2.0), ("2031-06-01", 4.0))
            ]
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Hops", "standard_price": 30, "list_price": 100, "taxes_id": False}
        )
        cls.product.with_company(cls.company2).standard_price = 30
        cls.contact = cls.env["res.partner"].create(
            {"name": "Contact", "parent_id": cls.customer_anna.id}
        )

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2031-12-15 12:00:00"))

    @classmethod
    def _invoice(cls, day, quantity=1, price=100, post=True, **values):
        company = values.pop("company", cls.company)
        invoice = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.customer_anna.id,
                    "invoice_date": day,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "quantity": quantity,
                                "price_unit": price,
                                "tax_ids": False,
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _order(cls, moment, quantity=1, price=100, confirm=True, **values):
        company = values.pop("company", cls.company)
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": cls.customer_anna.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": False,
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.action_confirm()
        order.date_order = moment
        return order

    def _get(self, user=None, customer=None, companies=None, **arguments):
        self.env.flush_all()
        self.env.invalidate_all()
        customer = (customer or self.customer_anna).with_user(user or self.anna)
        if companies:
            customer = customer.with_context(allowed_company_ids=companies.ids)
        return customer.get_sales_history(**arguments)

    def _values(self, history, key):
        """``{month: value}`` of one series, without the zeros."""
        [serie] = [serie for serie in history["series"] if serie["key"] == key]
        return {
            month["key"]: figure["value"]
            for month, figure in zip(history["months"], serie["figures"], strict=True)
            if figure["value"]
        }


@tagged("post_install", "-at_install")
class TestCustomerSalesHistory(SalesHistoryCommon):
    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_twelve_months_of_which_most_are_empty(self):
        history = self._get()
        self.assertTrue(history["is_empty"])
        self.assertEqual(len(history["months"]), 12)
        self.assertEqual(
            (history["months"][0]["key"], history["months"][-1]["key"]), ("2031-01", "2031-12")
        )
        self.assertEqual(history["months"][0]["label"], "Jan 2031")
        for serie in history["series"]:
            self.assertEqual([figure["value"] for figure in serie["figures"]], [0] * 12)
        self._invoice("2031-02-28", quantity=2)
        self._invoice("2031-03-01")
        self._invoice("2030-12-31")
        self._invoice("2032-01-01")
        history = self._get()
        self.assertFalse(history["is_empty"])
        self.assertEqual(self._values(history, "invoiced"), {"2031-02": 200, "2031-03": 100})
        self.assertEqual(self._values(history, "invoiced_margin"), {"2031-02": 140, "2031-03": 70})
        self.assertEqual(history["series"][0]["total"]["value"], 300)
        self.assertEqual(len(self._get(months=3)["months"]), 3)
        self.assertEqual(self._values(self._get(months=13), "invoiced")["2030-12"], 100)

    def test_credit_notes_are_subtracted_and_drafts_do_not_count(self):
        self._invoice("2031-05-02", quantity=5)
        self._invoice("2031-05-03", quantity=2, move_type="out_refund")
        self._invoice("2031-05-04", post=False)
        self._invoice("2031-05-05").button_cancel()
        self._invoice("2031-06-01", quantity=1, move_type="out_refund")
        history = self._get()
        self.assertEqual(self._values(history, "invoiced"), {"2031-05": 300, "2031-06": -100})
        self.assertEqual(self._values(history, "invoiced_margin"), {"2031-05": 210, "2031-06": -70})

    def test_contacts_count_and_other_customers_do_not(self):
        self._invoice("2031-05-02", partner_id=self.contact.id)
        self._invoice("2031-05-02", partner_id=self.customer_bert.id)
        self._order("2031-05-02 12:00:00", partner_id=self.contact.id)
        for customer in (self.customer_anna, self.contact):
            history = self._get(customer=customer)
            self.assertEqual(self._values(history, "invoiced"), {"2031-05": 100})
            self.assertEqual(self._values(history, "ordered"), {"2031-05": 100})

    def test_vendor_bills_do_not_count(self):
        self._invoice("2031-05-02", move_type="in_invoice")
        self.assertTrue(self._get()["is_empty"])

    def test_confirmed_orders(self):
        self._order("2031-05-02 12:00:00", quantity=3)
        self._order("2031-05-03 12:00:00", confirm=False)
        self._order("2031-05-04 12:00:00")._action_cancel()
        self.assertEqual(self._values(self._get(), "ordered"), {"2031-05": 300})

    def test_orders_at_the_turn_of_the_month_by_the_users_clock(self):
        order = self._order("2031-05-31 23:00:00")
        self.anna.tz = "Asia/Tokyo"  # there it is June
        history = self._get()
        self.assertEqual(self._values(history, "ordered"), {"2031-06": 100})
        [serie] = [serie for serie in history["series"] if serie["key"] == "ordered"]
        self.assertEqual(self._open(serie["figures"][5], self.anna), order)
        self.assertFalse(self._open(serie["figures"][4], self.anna))

    def test_currencies(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": self.foreign.id}
        )
        self._invoice("2031-03-02", price=400, currency_id=self.foreign.id)
        self._invoice("2031-07-02", price=400, currency_id=self.foreign.id)
        self._invoice("2031-07-03", price=50)
        self._order("2031-07-02 12:00:00", price=400, pricelist_id=pricelist.id)
        history = self._get()
        self.assertEqual(history["currency_id"], self.company.currency_id.id)
        self.assertEqual(self._values(history, "invoiced"), {"2031-03": 200, "2031-07": 150})
        self._assert_equals_reports(self.crm_admin)

    def test_two_companies(self):
        self.anna.company_ids |= self.company2
        self._invoice("2031-05-02")
        self._invoice("2031-05-02", quantity=2, company=self.company2)
        self._order("2031-05-02 12:00:00", quantity=4, company=self.company2)
        both = self.company | self.company2
        self.assertEqual(
            self._values(self._get(companies=self.company), "invoiced"), {"2031-05": 100}
        )
        self.assertEqual(
            self._values(self._get(companies=self.company2), "invoiced"), {"2031-05": 200}
        )
        history = self._get(companies=both)
        self.assertEqual(self._values(history, "invoiced"), {"2031-05": 300})
        self.assertEqual(self._values(history, "ordered"), {"2031-05": 400})
        self._assert_equals_reports(self.anna, both, with_invoices=False)

    def test_two_companies_with_two_currencies(self):
        self.company2.currency_id = self.foreign
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.company.currency_id.id,
                "company_id": self.company2.id,
                "name": "2031-01-01",
                "rate": 0.25,
            }
        )
        self.anna.company_ids |= self.company2
        self._invoice("2031-07-02")
        self._invoice("2031-07-02", price=400, company=self.company2)
        history = self._get(companies=self.company | self.company2)
        self.assertEqual(self._values(history, "invoiced"), {"2031-07": 200})
        history = self._get(companies=self.company2 | self.company)
        self.assertEqual(history["currency_id"], self.foreign.id)
        self.assertEqual(self._values(history, "invoiced"), {"2031-07": 800})

    # ------------------------------------------------------------------
    # The standard reports, and what a click opens
    # ------------------------------------------------------------------

    def _open(self, figure, user, companies=None):
        model = self.env[figure["res_model"]].with_user(user).with_context(**figure["context"])
        if companies:
            model = model.with_context(allowed_company_ids=companies.ids)
        return model.search(figure["domain"]).with_env(self.env)

    def _assert_equals_reports(self, user, companies=None, with_invoices=True):
        """Each figure is the sum of the standard report, over exactly what a click opens."""
        companies = companies or self.company
        history = self._get(user, companies=companies)
        reports = {
            "invoiced": ("account.invoice.report", "price_subtotal:sum"),
            "invoiced_margin": ("account.invoice.report", "price_margin:sum"),
            "ordered": ("sale.report", "price_subtotal:sum"),
            "ordered_margin": ("sale.report", "margin:sum"),
        }
        for serie in history["series"]:
            model_name, measure = reports[serie["key"]]
            if model_name == "account.invoice.report" and not with_invoices:
                continue
            report = self.env[model_name].with_context(allowed_company_ids=companies.ids)
            for figure in [*serie["figures"], serie["total"]]:
                documents = self._open(figure, user, companies)
                self.assertEqual(len(documents), figure["count"])
                if model_name == "sale.report":
                    domain = Domain("name", "in", documents.mapped("name"))
                else:
                    domain = Domain("move_id", "in", documents.ids)
                [[expected]] = report._read_group(domain, [], [measure])
                self.assertAlmostEqual(figure["value"], expected or 0, 2, serie["key"])

    def test_figures_equal_the_standard_reports(self):
        for month in range(1, 13):
            self._invoice(f"2031-{month:02}-10", quantity=month)
            self._order(f"2031-{month:02}-20 08:00:00", quantity=month, price=33.33)
        self._invoice("2031-04-10", quantity=3, move_type="out_refund")
        for user in (self.anna, self.crm_admin):
            self._assert_equals_reports(user)
        accountant = self._make_user("accountant", "account.group_account_invoice")
        [[expected]] = (
            self.env["account.invoice.report"]
            .with_user(accountant)
            ._read_group(
                [
                    ("commercial_partner_id", "=", self.customer_anna.id),
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "=", "posted"),
                    ("invoice_date", ">=", date(2031, 1, 1)),
                ],
                [],
                ["price_subtotal:sum"],
            )
        )
        self.assertEqual(self._get(accountant)["series"][0]["total"]["value"], expected)

    # ------------------------------------------------------------------
    # Who may, and at what price
    # ------------------------------------------------------------------

    def test_hidden_customers(self):
        self._invoice("2031-05-02")
        for user in (self.bert, self.stranger, self.manager):
            with self.assertRaises(AccessError):
                self._get(user)
        self._show_team(self.manager)
        self.assertEqual(self._values(self._get(self.manager), "invoiced"), {"2031-05": 100})

    def test_salesmen_get_no_access_to_the_report_with_vendor_bills(self):
        for user in (self.anna, self.crm_admin):
            self.assertFalse(self.env["account.invoice.report"].with_user(user).has_access("read"))

    def test_what_the_user_may_not_read_is_left_out(self):
        self._invoice("2031-05-02")
        self.assertEqual(
            [serie["key"] for serie in self._get(self.accounts)["series"]][:2],
            ["invoiced", "invoiced_margin"],
        )
        self.assertNotIn("ordered", [s["key"] for s in self._get(self.accounts)["series"]])
        self.assertEqual(self._get(self.clerk)["series"], [])

    def test_two_queries_whatever_the_number_of_documents(self):
        def count(user):
            self._get(user)
            self._empty_caches()
            customer = self.customer_anna.with_user(user).with_context(lang="en_US")
            # what every request has in its cache already
            customer.check_access("read")
            customer.env.user.read(["tz", "partner_id"])
            customer.env.company.currency_id.read(["rounding"])
            before = self.cr.sql_log_count
            customer.get_sales_history()
            return self.cr.sql_log_count - before

        self._invoice("2031-05-02")
        few = {user: count(user) for user in (self.anna, self.crm_admin)}
        for month in range(1, 13):
            self._invoice(f"2031-{month:02}-10")
            self._order(f"2031-{month:02}-20 08:00:00")
        many = {user: count(user) for user in (self.anna, self.crm_admin)}
        self.assertEqual(few, many)
        self.assertLessEqual(max(many.values()), 2, many)


@tagged("post_install", "-at_install")
class TestSalesHistoryTour(SalesHistoryCommon, HttpCase):
    def setUp(self):
        super(SalesCrmCommon, self).setUp()

    def test_figures_open_their_documents(self):
        today = date.today()
        self.customer_anna.name = "Own Customer"
        invoice = self._invoice(today.replace(day=1), price=1234)
        self._order(today.replace(day=1), price=567)
        self.assertEqual(invoice.state, "posted")
        self.start_tour("/odoo", "sales_crm_sale_history", login=self.anna.login, timeout=300)


@tagged("post_install", "-at_install")
class TestSalesHistoryOnReplica(SalesHistoryCommon, HttpCase):
    def setUp(self):
        super(SalesCrmCommon, self).setUp()

    def _ask(self, model, method, args, companies, **kwargs):
        context = {"allowed_company_ids": companies.ids}
        params = {"model": model, "method": method, "args": args}
        self.env.flush_all()
        # a call that writes where only reading is allowed is made once more, with a warning
        with self.assertNoLogs("odoo.http", "WARNING"):
            return self.make_jsonrpc_request(
                "/web/dataset/call_kw", {**params, "kwargs": {**kwargs, "context": context}}
            )

    def test_companies_with_two_currencies_are_read_without_writing(self):
        self.company2.currency_id = self.foreign
        for currency, company, rate in (
            (self.foreign, self.company, 4),
            (self.company.currency_id, self.company2, 0.25),
        ):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "company_id": company.id,
                    "name": "2020-01-01",
                    "rate": rate,
                }
            )
        self.anna.company_ids |= self.company2
        self.crm_admin.company_ids |= self.company2
        self.crm_admin.group_ids |= self.env.ref("account.group_account_invoice")
        self._invoice(date.today())
        self._invoice(date.today(), price=400, company=self.company2)
        report = ["account.invoice.report", "formatted_read_group"]
        domain = [["partner_id", "=", self.customer_anna.id]]
        for companies, expected in (
            (self.company | self.company2, 200),
            (self.company2 | self.company, 800),
        ):
            self.authenticate(self.anna.login, self.anna.login)
            customer = [self.customer_anna.id]
            history = self._ask("res.partner", "get_sales_history", [customer], companies)
            self.assertEqual(sum(self._values(history, "invoiced").values()), expected)
            self.authenticate(self.crm_admin.login, self.crm_admin.login)
            [group] = self._ask(*report, [domain, [], ["price_subtotal:sum"]], companies)
            self.assertEqual(group["price_subtotal:sum"], expected)
