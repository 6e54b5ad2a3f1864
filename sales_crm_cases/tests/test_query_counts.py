import threading
from ast import literal_eval
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestQueryCounts(SalesCrmCommon):
    """The main pages take as many queries for thirty customers as for three, for a salesman
    and for his manager, who shows the team."""

    # page: queries at most, as a restricted user with warm registry caches: what is
    # Odoo's own and, for lists and figures, one of ours: the ids of the customers. Searches
    # by status, as the list of customers is, do without it
    PAGES = {
        "customer list": 6,
        "customers by status": 5,
        "customer count": 5,
        "count by status": 2,
        "name search": 3,
        "check access": 1,
        "check and read": 3,
        "case list": 5,
        "case count": 2,
        "pipeline": 3,
    }
    # as the web client sends it: else the user is read for his time zone
    CONTEXT = {"lang": "en_US", "tz": "UTC"}
    CUSTOMER_SPEC = {
        "complete_name": {},
        "email": {},
        "approval_status": {},
        "user_id": {"fields": {"display_name": {}}},
    }
    CASE_SPEC = {
        "name": {},
        "partner_id": {"fields": {"display_name": {}}},
        "stage_id": {"fields": {"display_name": {}}},
        "expected_revenue": {},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._show_team(cls.manager)
        cls.customers = cls.customer_anna | cls._grow(2)

    @classmethod
    def _grow(cls, count):
        """More customers of Anna's, each with a contact and a case."""
        customers = cls.env["res.partner"]
        for number in range(count):
            customer = cls._make_customer(f"Grown {number}", cls.anna)
            cls.env["res.partner"].create({"name": "Contact", "parent_id": customer.id})
            cls.env["crm.lead"].create(
                {
                    "name": f"Case {number}",
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": cls.anna.id,
                    "expected_revenue": 10,
                }
            )
            customers += customer
        return customers

    def _get_calls(self, env):
        partners, cases = env["res.partner"], env["crm.lead"]
        mine, opportunities = [("is_visible_customer", "=", True)], [("type", "=", "opportunity")]
        with_status = [("approval_status", "!=", False)]
        records = partners.browse(self.customers.ids)
        return {
            "customer list": lambda: partners.web_search_read(mine, self.CUSTOMER_SPEC, limit=80),
            "customers by status": lambda: partners.web_search_read(
                with_status, self.CUSTOMER_SPEC, limit=80
            ),
            "customer count": lambda: partners.search_count(mine, limit=10001),
            "count by status": lambda: partners.search_count(with_status, limit=10001),
            "name search": lambda: partners.name_search("Grown", limit=8),
            "check access": lambda: records.check_access("read"),
            "check and read": lambda: (
                records.check_access("read"),
                records.web_read(self.CUSTOMER_SPEC),
            ),
            "case list": lambda: cases.web_search_read(opportunities, self.CASE_SPEC, limit=80),
            "case count": lambda: cases.search_count(opportunities, limit=10001),
            "pipeline": lambda: cases.web_read_group(
                opportunities, ["stage_id"], ["expected_revenue:sum"]
            ),
        }

    def _count(self, user, page):
        """Queries of the page in an empty record cache."""
        env = self.env(user=user, context=self.CONTEXT, su=False)
        return self._measure_queries(self._get_calls(env)[page])

    def _count_all(self, user):
        for page in self.PAGES:
            self._count(user, page)  # warms the registry's caches
        return {page: self._count(user, page) for page in self.PAGES}

    def _check(self, user):
        few = self._count_all(user)
        self.customers |= self._grow(27)
        many = self._count_all(user)
        self.assertEqual(few, many)
        excess = {page: count for page, count in many.items() if count > self.PAGES[page]}
        self.assertFalse(excess, f"of {many}")

    def test_pages_of_salesman(self):
        self._check(self.anna)

    def test_pages_of_manager(self):
        self._check(self.manager)

    def test_lists_agree_for_every_description_of_sight(self):
        """Few customers, and the two ways to describe many; by status, with and without the
        condition that starts from the main salesmen."""
        self.env["res.partner"].create({"name": "No customer"})
        former = self._make_customer("Former", self.stranger)
        # a customer who became a colleague is visible again, status and all
        self.env["res.users"].create(
            {
                "name": "Former",
                "login": "scc_former",
                "partner_id": former.id,
                "group_ids": [(6, 0, self.env.ref("base.group_user").ids)],
            }
        )
        main_outside = self._make_customer("Main outside", self.stranger, self.anna)
        main_inside = self._make_customer("Main inside", self.anna, self.stranger, status="new")
        moved = self._make_customer("Moved", self.anna)
        gained = self._make_customer("Gained", self.stranger)
        self.env["res.partner"].create({"name": "Contact", "parent_id": main_outside.id})
        self.env.flush_all()
        visibility_class = self.registry["sales.visibility"]
        for user in (self.anna, self.manager):
            self._check_lists_agree(user, main_outside | main_inside | moved, gained)
        # within the same transaction, and nothing flushed
        moved.salesman_ids = self.employees[self.stranger]
        gained.main_salesman_id = self.employees[self.anna]
        main_outside.main_salesman_id = self.employees[self.anna]
        main_inside.main_salesman_id = self.employees[self.stranger]
        for user in (self.anna, self.manager):
            visible, hidden = main_outside | main_inside | gained, moved
            self._check_lists_agree(user, visible, hidden)
            with patch.object(visibility_class, "_get_customer_list_purpose", return_value=None):
                self._check_lists_agree(user, visible, hidden)

    def _check_lists_agree(self, user, visible, hidden):
        partners = self.env["res.partner"].with_user(user)
        # first: it has to flush what it reads
        with_status = partners.search([("approval_status", "!=", False)])
        mine = partners.search([("is_visible_customer", "=", True)])
        others = partners.search([("is_visible_customer", "=", False)])
        everybody = partners.search([])
        self.assertLessEqual(visible, with_status)
        self.assertFalse((hidden | self.customer_stranger) & everybody)
        self.assertEqual(mine, everybody.filtered("is_visible_customer"))
        self.assertEqual(others, everybody - mine)
        self.assertEqual(with_status, everybody.filtered("approval_status"))
        for domain, expected in (
            ([("approval_status", "=", "new")], "new"),
            ([("approval_status", "in", ["new", "hold"])], "new"),
            ([("approval_status", "not in", [False, "new"])], "active"),
            (["!", ("approval_status", "in", [False, "active"])], "new"),
        ):
            self.assertEqual(
                partners.search(domain),
                everybody.filtered(lambda p, status=expected: p.approval_status == status),
                domain,
            )
        self.assertEqual(
            partners.search([("approval_status", "=", False)]),
            everybody.filtered(lambda p: not p.approval_status),
        )
        # what the menu opens, and its pager
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_crm_cases.res_partner_action_customers"
        )
        customers = partners.search(literal_eval(action["domain"]))
        self.assertEqual(customers, mine.filtered("approval_status"))
        self.assertEqual(partners.search_count(literal_eval(action["domain"])), len(customers))
        groups = partners._read_group(
            literal_eval(action["domain"]), ["approval_status"], ["id:recordset"]
        )
        self.assertEqual(partners.union(*(records for _status, records in groups)), customers)


@tagged("post_install", "-at_install")
class TestConversionCounts(SalesCrmCommon):
    """What is looked up for many leads or activities is looked up once."""

    @contextmanager
    def _statements(self):
        """The list of SQL statements that are sent meanwhile."""
        thread = threading.current_thread()
        if not hasattr(thread, "query_hooks"):
            thread.query_hooks = []
        statements = []

        def hook(_cr, query, *_details):
            statements.append(str(query))

        self.env.flush_all()
        thread.query_hooks.append(hook)
        try:
            yield statements
            self.env.flush_all()
        finally:
            thread.query_hooks.remove(hook)

    def _convert(self, count):
        """Convert new leads, as the CRM administrator.

        :return: the leads, and the statements
        """
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {number} of {count}",
                    "type": "lead",
                    "partner_name": f"Quarry {number} of {count}",
                    "user_id": self.anna.id,
                }
                for number in range(count)
            ]
        )
        wizards = self.env["crm.lead2opportunity.partner.mass"].with_user(self.crm_admin)
        wizard = wizards.with_context(active_model="crm.lead", active_ids=leads.ids).create(
            {"deduplicate": False}
        )
        with self._statements() as statements:
            wizard.action_mass_convert()
        return leads, statements

    def test_converted_leads_are_numbered_together(self):
        self._convert(1)  # warms the registry's caches
        counts = []
        for count in (2, 6):
            leads, statements = self._convert(count)
            counts.append(
                {
                    part: sum(part in statement for statement in statements)
                    for part in ("customer_code_counter", "nextval")
                }
            )
            codes = leads.partner_id.mapped("ref")
            self.assertEqual(len(set(codes)), count)
            self.assertTrue(all(code.startswith("QUA") for code in codes))
            self.assertEqual(len(set(leads.mapped("case_number")) - {False}), count)
            self.assertEqual(leads.partner_id.main_salesman_id, self.employees[self.anna])
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(counts[1]["nextval"], 1)

    def test_a_single_lead_gets_its_numbers(self):
        leads, _statements = self._convert(1)
        self.assertTrue(leads.partner_id.ref)
        self.assertTrue(leads.case_number)

    def test_numbers_follow_the_sequence(self):
        sequences = self.env["ir.sequence"]
        own = self.env.ref("sales_crm_cases.sequence_case")
        first = own.number_next_actual
        drawn = sequences._draw_by_code("crm.lead.case", 3)
        self.assertEqual(drawn, [own.get_next_char(first + step) for step in range(3)])
        self.assertEqual(
            sequences._draw_by_code("crm.lead.case", 1), [own.get_next_char(first + 3)]
        )
        self.assertEqual(sequences._draw_by_code("crm.lead.case", 0), [])
        self.assertEqual(sequences._draw_by_code("no.such.code", 2), [False, False])
        # as Odoo: that of the company before that of all
        of_company = sequences.create(
            {
                "name": "Ours",
                "code": "crm.lead.case",
                "prefix": "Q",
                "company_id": self.env.company.id,
            }
        )
        self.assertEqual(sequences._draw_by_code("crm.lead.case", 2), ["Q1", "Q2"])
        of_company.implementation = "no_gap"
        self.assertEqual(len(set(sequences._draw_by_code("crm.lead.case", 2))), 2)

    def test_an_activity_of_no_customer_asks_for_no_document(self):
        product = self.env["product.template"].create({"name": "Chair"})
        activity = product.activity_schedule(summary="Measure", user_id=self.anna.id)
        self.env.flush_all()
        self.env.add_to_compute(activity._fields["customer_id"], activity)
        with self.assertQueryCount(0, flush=False):
            self.assertFalse(activity.customer_id)
