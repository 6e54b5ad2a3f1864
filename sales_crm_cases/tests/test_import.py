import csv
import io
import logging
import time

from odoo.tests import tagged
from odoo.tools import mute_logger
from openpyxl import Workbook

from .common import SalesCrmCommon

_logger = logging.getLogger(__name__)

OPTIONS = {"quoting": '"', "separator": ",", "has_headers": True, "encoding": "utf-8"}


class ImportCase(SalesCrmCommon):
    """Imports through ``load()``, which is what RPC clients call, and through the import
    dialog of the web client with a CSV or XLSX file."""

    def _load(self, user, header, *rows, **context):
        """
        :return: the customers, or an empty recordset, and the messages
        """
        Partner = self.env["res.partner"].with_user(user).with_context(**context)
        with mute_logger("odoo.sql_db"):
            result = Partner.load(header, [list(row) for row in rows])
        self.env.flush_all()
        return self.env["res.partner"].browse(result["ids"] or []), result["messages"]

    def _import_file(self, user, file_type, header, *rows, dryrun=False):
        """As :meth:`_load`, by the import dialog."""
        content, mimetype = getattr(self, f"_make_{file_type}")([header, *rows])
        dialog = (
            self.env["base_import.import"]
            .with_user(user)
            .create(
                {
                    "res_model": "res.partner",
                    "file": content,
                    "file_type": mimetype,
                    "file_name": f"customers.{file_type}",
                }
            )
        )
        with mute_logger("odoo.sql_db"):
            result = dialog.execute_import(header, header, dict(OPTIONS), dryrun=dryrun)
        self.env.flush_all()
        return self.env["res.partner"].browse(result["ids"] or []), result["messages"]

    @staticmethod
    def _make_csv(rows):
        stream = io.StringIO()
        csv.writer(stream).writerows(rows)
        return stream.getvalue().encode(), "text/csv"

    @staticmethod
    def _make_xlsx(rows):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return (
            stream.getvalue(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )

    def _find(self, name):
        return (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search([("name", "=like", name)])
        )

    def _prepare_rows(self, count, wrong=None):
        """Rows of customers with salesman, rank and contact.

        :param wrong: dict: number of a row, and what it has in place of the rank
        """
        return [
            [
                f"{chr(65 + number % 26)}{chr(65 + number // 26 % 26)} Import {number}",
                "1",
                "New - CRM",
                f"office{number}@import.example.com",
                ("Anna", "Bert")[number % 2],
                (wrong or {}).get(number, ("Gold", "Silver", "Bronze")[number % 3]),
                f"Person {number}",
                "1",
            ]
            for number in range(count)
        ]

    HEADER = [
        "name",
        "is_company",
        "approval_status",
        "email",
        "main_salesman_id",
        "rank_id",
        "child_ids/name",
        "child_ids/receives_sales_calls",
    ]


@tagged("post_install", "-at_install")
class TestImport(ImportCase):
    def test_the_administrator_imports_customers_with_salesmen_rank_and_contacts(self):
        for way in ("load", "csv", "xlsx"):
            header = [
                "name",
                "is_company",
                "approval_status",
                "main_salesman_id",
                "salesman_ids",
                "rank_id",
                "child_ids/name",
                "child_ids/receives_sales_calls",
            ]
            rows = [
                [f"Opal {way}", "1", "New - CRM", "Anna", "Anna,Bert", "Gold", "Eve", "1"],
                ["", "", "", "", "", "", "Adam", "0"],
                [f"Pearl {way}", "1", "New - CRM", "Bert", "Bert", "Silver", "Cain", "0"],
            ]
            with self.subTest(way=way):
                if way == "load":
                    customers, messages = self._load(self.crm_admin, header, *rows)
                else:
                    customers, messages = self._import_file(self.crm_admin, way, header, *rows)
                self.assertFalse(messages)
                opal, pearl = customers
                self.assertEqual(opal.approval_status, "new")
                self.assertEqual(opal.main_salesman_id, self.employees[self.anna])
                self.assertEqual(
                    opal.salesman_ids, self.employees[self.anna] + self.employees[self.bert]
                )
                self.assertEqual(opal.rank_id, self.env.ref("sales_crm_cases.customer_rank_gold"))
                self.assertEqual(opal.ref[:3], "OPA")
                self.assertEqual(set(opal.child_ids.mapped("name")), {"Eve", "Adam"})
                self.assertEqual(opal.call_contact_id.name, "Eve")
                self.assertEqual(pearl.main_salesman_id, self.employees[self.bert])
                self.assertFalse(pearl.has_call_contact)
                self.assertSees(self.bert, opal)
                self.assertSeesNot(self.anna, pearl)

    def test_the_imports_of_a_salesman_belong_to_him(self):
        for way in ("load", "csv", "xlsx"):
            header = ["name", "is_company", "rank_id", "child_ids/name"]
            row = [f"Topaz {way}", "1", "Gold", "Eve"]
            with self.subTest(way=way):
                if way == "load":
                    customer, messages = self._load(self.anna, header, row)
                else:
                    customer, messages = self._import_file(self.anna, way, header, row)
                self.assertFalse(messages)
                self.assertEqual(customer.approval_status, "new")
                self.assertEqual(customer.main_salesman_id, self.employees[self.anna])
                self.assertSees(self.anna, customer)
                self.assertSees(self.anna, customer.child_ids)
                self.assertSeesNot(self.bert, customer)

    def test_a_salesman_imports_for_himself_and_a_colleague(self):
        customer, messages = self._load(
            self.anna,
            ["name", "is_company", "main_salesman_id", "salesman_ids"],
            ["Topaz", "1", "Bert", "Anna,Bert"],
        )
        self.assertFalse(messages)
        self.assertEqual(customer.main_salesman_id, self.employees[self.bert])
        self.assertEqual(
            customer.salesman_ids, self.employees[self.anna] + self.employees[self.bert]
        )

    def test_a_status_other_than_new_is_refused(self):
        for user in (self.anna, self.crm_admin, self.accounts):
            with self.subTest(user=user.login):
                customers, messages = self._load(
                    user,
                    ["name", "is_company", "approval_status"],
                    ["Fine", "1", "New - CRM"],
                    ["Cheat", "1", "Active"],
                )
                self.assertFalse(customers)
                # Odoo repeats the first error of a batch under the batch's first row
                self.assertEqual(messages[-1]["rows"]["from"], 1)
                for message in messages:
                    self.assertIn("Cheat: a customer starts as “New - CRM”", message["message"])
                self.assertFalse(self._find("Cheat"))
                self.assertFalse(self._find("Fine"))

    def test_the_status_of_an_existing_customer_is_refused(self):
        customer = self._make_customer("Waiting", self.anna, status="new")
        _customers, messages = self._load(
            self.anna,
            [".id", "website", "approval_status"],
            [str(customer.id), "https://example.com", "Active"],
        )
        self.assertTrue(messages)
        self.assertEqual(customer.approval_status, "new")
        self.assertFalse(customer.website)

    def test_an_import_updates_customers(self):
        customer = self.customer_anna
        for user, salesman, city in (
            (self.anna, self.bert, "Hof"),
            (self.crm_admin, self.anna, "Ulm"),
        ):
            with self.subTest(user=user.login):
                _customers, messages = self._load(
                    user,
                    [".id", "city", "rank_id", "salesman_ids", "main_salesman_id"],
                    [str(customer.id), city, "Platinum", "Anna,Bert", salesman.name],
                )
                self.assertFalse(messages)
                self.assertEqual(customer.city, city)
                self.assertEqual(customer.rank_id.name, "Platinum")
                self.assertEqual(customer.main_salesman_id, self.employees[salesman])
                self.assertEqual(
                    customer.salesman_ids, self.employees[self.anna] + self.employees[self.bert]
                )

    def test_a_salesman_does_not_update_the_customers_of_others(self):
        for header, values in (
            (["city"], ["Hof"]),
            (["salesman_ids"], ["Anna"]),
            (["main_salesman_id"], ["Anna"]),
            (["child_ids/name"], ["Spy"]),
        ):
            with self.subTest(header=header):
                customers, messages = self._load(
                    self.anna, [".id", *header], [str(self.customer_bert.id), *values]
                )
                self.assertFalse(customers)
                self.assertTrue(messages)
        self.assertFalse(self.customer_bert.city)
        self.assertEqual(self.customer_bert.salesman_ids, self.employees[self.bert])
        self.assertFalse(self.customer_bert.child_ids)

    def test_an_address_twice_in_one_file_is_named(self):
        header = ["name", "is_company", "email"]
        customers, messages = self._load(
            self.anna, header, ["Jade", "1", "jade@example.com"], ["Ruby", "1", "JADE@example.com"]
        )
        self.assertFalse(customers)
        self.assertIn("example.com", messages[0]["message"])
        self.assertFalse(self._find("Jade") + self._find("Ruby"))

    def test_wrong_rows_are_named_with_their_reason_and_nothing_is_written(self):
        wrong = {17: "Wood", 230: "Tin", 598: "Lead"}
        for way in ("load", "csv"):
            with self.subTest(way=way):
                rows = self._prepare_rows(600, wrong)
                if way == "load":
                    customers, messages = self._load(self.crm_admin, self.HEADER, *rows)
                else:
                    customers, messages = self._import_file(
                        self.crm_admin, "csv", self.HEADER, *rows
                    )
                self.assertFalse(customers)
                self.assertEqual([message["rows"]["from"] for message in messages], list(wrong))
                for message, value in zip(messages, wrong.values(), strict=True):
                    self.assertIn(value, message["message"])
                self.assertFalse(self._find("% Import %"))
                self.assertFalse(
                    self.env["customer.salesman"].search(
                        [("customer_id.name", "=like", "% Import %")]
                    )
                )

    def test_a_trial_run_writes_nothing(self):
        _customers, messages = self._import_file(
            self.crm_admin, "csv", self.HEADER, *self._prepare_rows(10), dryrun=True
        )
        self.assertFalse(messages)
        self.assertFalse(self._find("% Import %"))

    def test_the_queries_of_an_import_grow_less_than_its_rows(self):
        """What each customer costs in queries is bounded: duplicates, addresses and codes are
        looked up per batch, not per row."""
        counts = []
        for number in (20, 220):
            rows = [
                [f"W{number} {row[0]}", *row[1:3], f"{number}{row[3]}", *row[4:]]
                for row in self._prepare_rows(number)
            ]
            before = self.cr.sql_log_count
            customers, messages = self._load(self.crm_admin, self.HEADER, *rows)
            self.assertFalse(messages)
            self.assertEqual(len(customers), number)
            counts.append(self.cr.sql_log_count - before)
        self.assertLess((counts[1] - counts[0]) / 200, 4, counts)


@tagged("post_install", "-at_install", "-standard", "slow")
class TestImportOfManyRows(ImportCase):
    def _load_20000(self, wrong):
        start = time.monotonic()
        result = self._load(self.crm_admin, self.HEADER, *self._prepare_rows(20000, wrong))
        _logger.info("20000 rows, %d wrong: %.1f s", len(wrong), time.monotonic() - start)
        return result

    def test_20000_rows(self):
        customers, messages = self._load_20000({})
        self.assertFalse(messages)
        self.assertEqual(len(customers), 20000)
        self.assertEqual(len(set(customers.mapped("ref"))), 20000)
        self.assertTrue(all(customers.mapped("main_salesman_id")))

    def test_20000_rows_three_of_them_wrong(self):
        wrong = {17: "Wood", 12345: "Tin", 19998: "Lead"}
        customers, messages = self._load_20000(wrong)
        self.assertEqual([message["rows"]["from"] for message in messages], list(wrong))
        self.assertFalse(customers)
        self.assertFalse(self._find("% Import %"))
