import os
import random
from collections import Counter
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import sales_visibility_scope_mixin
from .common import SalesCrmCommon
from .plain_sight import ALL_DOCUMENTS, SALESMAN, PlainSight

TOKEN = "Quarz"


@tagged("post_install", "-at_install")
class TestRandomWorld(SalesCrmCommon):
    """A random team with random customers lives through random changes; after each, whatever
    the server tells a user agrees with :class:`PlainSight`.

    After every change, for every user: search and count. For two users drawn at random also
    the check of all records, at once and one by one, for reading and for writing, grouping and
    name search: those for all would take minutes.

    The seed is in the message of a failure; ``SALES_CRM_SEED`` sets another one.
    """

    seed = int(os.environ.get("SALES_CRM_SEED", "19"))
    models = ("res.partner", "crm.lead", "sale.order")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(cls.seed)
        cls.company2 = cls.env["res.company"].create({"name": "Second Company"})
        cls.all_companies = cls.env.company | cls.company2
        people = [cls._make_person(f"person{number}") for number in range(5)]
        cls.salesmen = [cls.boss, cls.manager, cls.anna, cls.bert, cls.stranger, *people]
        cls.spare_users = [cls._make_user(f"spare{number}", SALESMAN) for number in range(2)]
        cls.world_users = [*cls.salesmen, *cls.spare_users, cls.accounts, cls.crm_admin, cls.clerk]
        for user in cls.world_users:
            user.company_ids |= cls.company2
        cls.team = cls.env["hr.employee"].union(*cls.employees.values())
        for number, person in enumerate(people):
            managers = [cls.employees[user] for user in cls.salesmen[: 5 + number]]
            cls.employees[person].parent_id = cls.random.choice(managers)
        cls.department = cls.env["hr.department"].create(
            {"name": "Field", "manager_id": cls.employees[cls.manager].id}
        )
        cls.employees[cls.anna].department_id = cls.employees[cls.bert].department_id = (
            cls.department
        )
        cls.customers = cls.env["res.partner"]
        cls.contacts = cls.env["res.partner"]
        for number in range(16):
            cls._make_family(number)
        vendors = cls.env["res.partner"].create([{"name": f"{TOKEN} vendor {n}"} for n in range(3)])
        partners = [*cls.customers, *cls.contacts, *vendors]
        cls.leads = cls.env["crm.lead"].create(
            [cls._prepare_case(partners) for _number in range(24)]
        )
        cls.orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.random.choice(partners).id,
                    "user_id": cls.random.choice(cls.salesmen).id,
                    "company_id": cls.env.company.id,
                    "team_id": False,
                }
                for number in range(16)
            ]
        )
        cls.env.flush_all()

    @classmethod
    def _make_family(cls, number):
        salesmen = cls.random.sample(cls.salesmen, cls.random.choice((0, 1, 1, 2, 3)))
        customer = cls._make_customer(
            f"{TOKEN} {number} customer",
            *salesmen,
            status=cls.random.choice(("new", "released", "active", "hold")),
            company_id=cls.random.choice((False, False, False, cls.env.company.id)),
        )
        cls.customers |= customer
        cls.contacts |= cls.env["res.partner"].create(
            [
                {"name": f"{TOKEN} contact {number}", "parent_id": customer.id},
                {
                    "name": f"{TOKEN} delivery {number}",
                    "parent_id": customer.id,
                    "type": "delivery",
                },
            ][: cls.random.randrange(3)]
        )

    @classmethod
    def _prepare_case(cls, partners):
        partner = cls.random.choice([*partners, cls.env["res.partner"]])
        companies = (
            [partner.company_id]
            if partner.company_id
            else [cls.env["res.company"], *cls.all_companies]
        )
        return {
            "name": f"{TOKEN} case",
            "type": "opportunity",
            "partner_id": partner.id,
            "user_id": cls.random.choice([*cls.salesmen, cls.env["res.users"]]).id,
            "team_id": False,
            "company_id": cls.random.choice(companies).id,
            "expected_revenue": cls.random.randrange(1000),
        }

    def setUp(self):
        super().setUp()
        self.random = random.Random(self.seed)
        self.team = type(self).team

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    def _get_changes(self):
        """Weights of the changes, by name."""
        return {
            self._change_manager: 4,
            self._change_activity: 2,
            self._attempt_cycle: 1,
            self._make_cycle_in_sql: 1,
            self._unlink_salesman: 4,
            self._link_salesman: 4,
            self._change_main_salesman: 2,
            self._swap_user: 3,
            self._flip_option: 5,
            self._switch_company: 2,
            self._add_employee: 1,
            self._delete_employee: 1,
            self._change_department_manager: 2,
            self._flip_managers_edit: 2,
            self._flip_all_documents: 2,
            self._move_contact: 2,
            self._move_document: 3,
            self._flip_customer: 1,
            self._add_delegation: 3,
            self._change_delegation: 2,
            self._change_collaborators: 3,
        }

    def _pick(self, records):
        return self.random.choice(list(records))

    def _is_below(self, employee, manager):
        seen = self.env["hr.employee"]
        while employee and employee not in seen:
            if employee == manager:
                return True
            seen |= employee
            employee = employee.parent_id
        return False

    def _change_manager(self):
        employee = self._pick(self.team)
        others = [e for e in self.team if not self._is_below(e, employee)]
        employee.parent_id = self.random.choice([*others, self.team.browse()])
        return employee.name, employee.parent_id.name

    def _change_activity(self):
        employee = self._pick(self.team)
        # archived managers stay on the path: the team behind them is not lost
        employee.active = not employee.active
        return employee.name, employee.active

    def _attempt_cycle(self):
        employee = self._pick(self.team.filtered("child_ids") or self.team)
        below = [e for e in self.team if self._is_below(e, employee)]
        with self.assertRaises(ValidationError):
            employee.parent_id = self.random.choice(below)
            self.env.flush_all()
        return employee.name

    def _make_cycle_in_sql(self):
        """And break it by hand some changes later."""
        employee = self._pick(self.team)
        below = self._pick(e for e in self.team if self._is_below(e, employee))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hr_employee SET parent_id = %s WHERE id = %s", [below.id, employee.id]
        )
        self.env.invalidate_all()
        self.env["sales.visibility"]._check_and_repair()
        self.broken = employee
        return employee.name, below.name

    def _unlink_salesman(self):
        customer = self._pick(self.customers)
        links = customer.salesman_link_ids
        if links and self.random.random() < 0.5:
            self._pick(links).unlink()
        else:
            customer.salesman_ids = customer.salesman_ids[1:]
        return customer.name

    def _link_salesman(self):
        customer = self._pick(self.customers)
        employee = self._pick(self.team.filtered("active") - customer.salesman_ids)
        if self.random.random() < 0.5:
            customer.salesman_ids |= employee
        else:
            self.env["customer.salesman"].create(
                {"customer_id": customer.id, "employee_id": employee.id}
            )
        return customer.name, employee.name

    def _change_main_salesman(self):
        customer = self._pick(self.customers)
        customer.main_salesman_id = self._pick(self.team.filtered("active"))
        return customer.name, customer.main_salesman_id.name

    def _swap_user(self):
        employee = self._pick(self.team)
        free = [
            user
            for user in [*self.salesmen, *self.spare_users]
            if not self.team.filtered(lambda e, user=user: e.user_id == user)
        ]
        user = self.random.choice([*free, self.env["res.users"]])
        if self.random.random() < 0.5:
            employee.resource_id.user_id = user
        else:
            employee.user_id = user
        return employee.name, user.login

    def _flip_option(self):
        user = self._pick([*self.salesmen, *self.spare_users])
        self._show_team(user, not user.show_subordinates)
        return user.login, user.show_subordinates

    def _switch_company(self):
        if self.random.random() < 0.5:
            employee = self._pick(self.team)
            employee.company_id = self.all_companies - employee.company_id
            return employee.name, employee.company_id.name
        customer = self._pick(self.customers.filtered(lambda c: not c.child_ids))
        customer.company_id = self.random.choice([False, self.env.company.id])
        return customer.name, customer.company_id.name

    def _add_employee(self):
        employee = self.env["hr.employee"].create(
            {"name": f"Recruit {len(self.team)}", "parent_id": self._pick(self.team).id}
        )
        self.team |= employee
        return employee.name

    def _delete_employee(self):
        employee = self._pick(self.team)
        name = employee.name
        if employee.customer_link_ids:
            with self.assertRaises(ValidationError):
                employee.unlink()
            return name, "refused"
        self.department.filtered(lambda d: d.manager_id == employee).manager_id = False
        self.team -= employee
        employee.unlink()
        return name

    def _change_department_manager(self):
        outside = self.team.filtered(lambda e: e.department_id != self.department)
        members = self.team.filtered(lambda e: e.department_id == self.department)
        outside = outside.filtered(
            lambda e: not any(self._is_below(e, member) for member in members)
        )
        self.department.manager_id = self._pick([*outside, self.team.browse()])
        return self.department.manager_id.name

    def _flip_managers_edit(self):
        company = self._pick(self.all_companies)
        company.managers_edit_team = not company.managers_edit_team
        return company.name, company.managers_edit_team

    def _flip_all_documents(self):
        user = self._pick(self.salesmen)
        group = self.env.ref(ALL_DOCUMENTS)
        if group in user.group_ids:
            user.group_ids = [(3, group.id), (4, self.env.ref(SALESMAN).id)]
        else:
            user.group_ids |= group
        # rights are read anew by the next request
        self.env.invalidate_all()
        return user.login

    def _move_contact(self):
        contact = self._pick(self.contacts)
        contact.parent_id = self._pick(
            [*self.customers.filtered(lambda c: not c.company_id), self.customers.browse()]
        )
        return contact.name, contact.parent_id.name

    def _move_document(self):
        document = self._pick([*self.leads, *self.orders])
        if self.random.random() < 0.5:
            document.user_id = self._pick(self.salesmen)
        else:
            partners = self.customers | self.contacts
            document.partner_id = self._pick(
                partners.filtered(lambda p: not p.company_id or p.company_id == document.company_id)
            )
        return document, document.partner_id.name

    def _change_collaborators(self):
        case = self._pick(self.leads)
        user = self._pick(self.salesmen)
        if user in case.collaborator_ids:
            case.collaborator_ids -= user
        else:
            case.collaborator_ids |= user
        return case, user.login

    def _flip_customer(self):
        customer = self._pick(self.customers)
        customer.approval_status = False if customer.approval_status else "active"
        return customer.name, customer.approval_status

    def _get_random_period(self):
        first = date.today() + timedelta(self.random.randrange(-3, 3))
        return {"date_from": first, "date_to": first + timedelta(self.random.randrange(4))}

    def _add_delegation(self):
        delegators = self.team.filtered("is_salesman")
        delegates = delegators.filtered(lambda e: e.active and e.user_id)
        pairs = [(a, b) for a in delegators for b in delegates if a != b]
        if not pairs:
            return "nobody"
        employee, delegate = self.random.choice(pairs)
        values = self._get_random_period()
        self.env["sales.delegation"].create(
            {"employee_id": employee.id, "delegate_id": delegate.id, **values}
        )
        return employee.name, delegate.name, values

    def _change_delegation(self):
        delegations = self.env["sales.delegation"].search([])
        if not delegations:
            return "none"
        delegation = self._pick(delegations)
        if self.random.random() < 0.4:
            delegation.unlink()
            return "deleted"
        delegation.write(self._get_random_period())
        return delegation.display_name

    def _live(self, number):
        """Do ``number`` random changes and compare after each."""
        changes = self._get_changes()
        self.broken = self.team.browse()
        history = []
        self._compare(f"seed {self.seed}, before the first change")
        for step in range(number):
            if self.broken and self.random.random() < 0.7:
                self.broken.parent_id = False
                self.broken = self.team.browse()
                history.append("break the cycle")
            else:
                [change] = self.random.choices(list(changes), weights=changes.values())
                if self.broken and change in (
                    self._attempt_cycle,
                    self._make_cycle_in_sql,
                    self._change_manager,
                ):
                    continue
                history.append(f"{change.__name__}{change()}")
            self._compare(f"seed {self.seed}, change {step}, the last ones: {history[-5:]}")

    # ------------------------------------------------------------------
    # Comparison
    # ------------------------------------------------------------------

    def _compare(self, message):
        self.env.flush_all()
        self.assertFalse(self.env["sales.visibility"]._get_differences(), message)
        plain = PlainSight(self.env)
        sample = self.random.sample(self.world_users, 2)
        for user in self.world_users:
            companies = (
                self.all_companies if self.random.random() < 0.6 else self._pick(self.all_companies)
            )
            env = self.env(
                user=user, context={"allowed_company_ids": companies.ids, "active_test": False}
            )
            for model_name in self.models:
                model = env[model_name]
                if not model.has_access("read"):
                    continue
                context = f"{message}: {user.login} in {companies.mapped('name')}, {model_name}"
                expected = plain.get_ids(model_name, user.id, "read", companies.ids)
                self.assertEqual(set(model.search([]).ids), expected, f"search, {context}")
                self.assertEqual(model.search_count([]), len(expected), f"count, {context}")
                if model_name == "res.partner":
                    self._compare_customers(model, plain, expected, context)
                if user in sample:
                    editable = set()
                    if model.has_access("write"):
                        editable = plain.get_ids(model_name, user.id, "write", companies.ids)
                    self._compare_closely(model, plain, expected, editable, context)

    def _compare_customers(self, model, plain, expected, context):
        """As the list of customers asks for them."""
        customer_ids = {i for i in expected if plain.partners[i]["approval_status"]}
        with_status = [("approval_status", "!=", False)]
        self.assertEqual(set(model.search(with_status).ids), customer_ids, f"status, {context}")
        self.assertEqual(
            model.search_count(with_status), len(customer_ids), f"count by status, {context}"
        )

    def _compare_closely(self, model, plain, expected, editable, context):
        everything = model.browse(
            self.env[model._name].with_context(active_test=False).search([]).ids
        )
        self.assertEqual(set(everything._filtered_access("read").ids), expected, f"read, {context}")
        self.assertEqual(
            set(everything._filtered_access("write").ids), editable, f"write, {context}"
        )
        for record in self.random.sample(list(everything), 3):
            for operation, allowed in (("read", expected), ("write", editable)):
                record.invalidate_recordset(flush=False)
                self.assertEqual(
                    record.has_access(operation),
                    record.id in allowed,
                    f"{operation} {record}, {context}",
                )
        field_name, rows = {
            "res.partner": ("approval_status", plain.partners),
            "crm.lead": ("user_id", plain.leads),
            "sale.order": ("user_id", plain.orders),
        }[model._name]
        counts = Counter(rows[record_id][field_name] or False for record_id in expected)
        grouped = {
            (group.id if field_name == "user_id" else group) or False: count
            for group, count in model._read_group([], [field_name], ["__count"])
        }
        self.assertEqual(grouped, counts, f"read_group, {context}")
        formatted = {
            (
                row[field_name][0]
                if field_name == "user_id" and row[field_name]
                else row[field_name]
            ): row["__count"]
            for row in model.formatted_read_group([], [field_name], ["__count"])
        }
        # the status of customers is a selection of which the board shows empty columns, too
        self.assertEqual(
            {key: count for key, count in formatted.items() if count},
            counts,
            f"grouping, {context}",
        )
        if model._name == "crm.lead":
            [[total]] = model._read_group([], [], ["expected_revenue:sum"])
            self.assertAlmostEqual(
                total or 0, sum(rows[i]["expected_revenue"] or 0 for i in expected), 2, context
            )
        if model._name == "res.partner":
            token = f"{TOKEN} {self.random.randrange(16)}"
            found = {partner_id for partner_id, _name in model.name_search(token, limit=None)}
            named = {
                i
                for i in expected
                if token.lower() in (plain.partners[i]["complete_name"] or "").lower()
            }
            self.assertEqual(found, named, f"name search {token}, {context}")

    # ------------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------------

    def test_200_changes_with_all_forms_of_the_sql(self):
        """With so few "literal" employees each of the forms gets its share of users."""
        limits = {
            "MAX_LITERAL_EMPLOYEES": 3,
            "MAX_LITERAL_CUSTOMERS": 9,
            "MAX_OPAQUE_CUSTOMERS": 6,
            "MIN_CUSTOMERS_OF_COMPLEMENT": 4,
        }
        with (
            patch.multiple(sales_visibility_scope_mixin, **limits),
            mute_logger("odoo.models.unlink"),
        ):
            self._live(200)

    def test_10_changes_with_teams_named_by_ids(self):
        self._live(10)

    def test_10_changes_with_a_probe_per_row(self):
        with patch.multiple(
            sales_visibility_scope_mixin, MAX_LITERAL_EMPLOYEES=-1, MAX_LITERAL_CUSTOMERS=-1
        ):
            self._live(10)
