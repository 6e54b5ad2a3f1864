from collections import defaultdict
from datetime import date
from typing import NamedTuple

SALESMAN = "sales_team.group_sale_salesman"
ALL_DOCUMENTS = "sales_team.group_sale_salesman_all_leads"
APPROVER = "sales_crm_cases.group_customer_approver"


class Sight(NamedTuple):
    """What decides about what one user sees."""

    user_id: int
    groups: frozenset
    company_ids: frozenset
    is_share: bool
    is_restricted: bool
    customer_ids: frozenset
    """customers whom he sees, where he is restricted"""
    owner_ids: frozenset
    """users whose records he sees, where he is restricted"""
    managed_ids: frozenset
    """employees for whom he decides: himself and those below him whom he may edit"""


class PlainSight:
    """What everybody may see, from the raw tables and in plain Python.

    Written without a look at the product's SQL: slow, simple, and read once per change.
    """

    def __init__(self, env):
        self.env = env
        self.groups = {name: env.ref(name).id for name in (SALESMAN, ALL_DOCUMENTS, APPROVER)}
        self.employees = self._rows(
            "SELECT id, user_id, parent_id, active, company_id FROM hr_employee"
        )
        self.users = self._rows("SELECT id, partner_id, share FROM res_users")
        self.companies = self._rows(
            "SELECT id, partner_id, parent_id, managers_edit_team FROM res_company"
        )
        self.partners = self._rows(
            "SELECT id, parent_id, is_company, company_id, approval_status, active, complete_name FROM res_partner"
        )
        self.leads = self._rows(
            "SELECT id, partner_id, user_id, company_id, active, expected_revenue FROM crm_lead"
        )
        self.orders = self._rows(
            "SELECT id, partner_id, user_id, company_id, amount_total FROM sale_order"
        )
        self.with_option = {
            row["user_id"]
            for row in self._rows(
                "SELECT id, user_id, show_subordinates FROM res_users_settings"
            ).values()
            if row["show_subordinates"]
        }
        self.linked = defaultdict(set)
        for link in self._rows(
            "SELECT id, customer_id, employee_id FROM customer_salesman"
        ).values():
            self.linked[link["employee_id"]].add(link["customer_id"])
        self.delegations = self._rows(
            "SELECT id, employee_id, delegate_id, date_from, date_to FROM sales_delegation"
        ).values()
        self.collaborators = defaultdict(set)
        env.cr.execute("SELECT lead_id, user_id FROM crm_lead_collaborator_rel")
        for lead, user in env.cr.fetchall():
            self.collaborators[lead].add(user)
        self.implied, self.direct = defaultdict(set), defaultdict(set)
        env.cr.execute("SELECT gid, hid FROM res_groups_implied_rel")
        for group, other in env.cr.fetchall():
            self.implied[group].add(other)
        env.cr.execute("SELECT uid, gid FROM res_groups_users_rel")
        for user, group in env.cr.fetchall():
            self.direct[user].add(group)
        self.colleagues = {row["partner_id"] for row in self.users.values() if not row["share"]}
        self.own_companies = {row["partner_id"] for row in self.companies.values()}
        self.customer_of = {
            partner_id: self._get_customer(partner_id) for partner_id in self.partners
        }

    def _rows(self, query):
        self.env.cr.execute(query)
        return {row["id"]: row for row in self.env.cr.dictfetchall()}

    def _get_customer(self, partner_id):
        entity = self.partners[partner_id]
        while entity["parent_id"] and not entity["is_company"]:
            entity = self.partners[entity["parent_id"]]
        if partner_id in self.colleagues or entity["id"] in self.own_companies:
            return None
        return entity["id"] if entity["approval_status"] else None

    def _get_groups(self, user_id):
        groups, todo = set(), list(self.direct[user_id])
        while todo:
            group = todo.pop()
            if group not in groups:
                groups.add(group)
                todo += self.implied[group]
        return groups

    def _is_restricted(self, user_id):
        groups = self._get_groups(user_id)
        mine = {name for name, group_id in self.groups.items() if group_id in groups}
        return mine == {SALESMAN}

    def _get_managed(self, user_id, operation):
        """The user's own employees and, with the option, those below them."""
        own = self._get_own(user_id)
        team = set()
        if user_id in self.with_option:
            todo = list(own)
            while todo:
                manager = todo.pop()
                for employee in self.employees.values():
                    if employee["parent_id"] == manager and employee["id"] not in own | team:
                        team.add(employee["id"])
                        todo.append(employee["id"])
        if operation == "write":
            team = {
                e
                for e in team
                if self.companies[self.employees[e]["company_id"]]["managers_edit_team"]
            }
        return own | team

    def _get_own(self, user_id):
        return {e["id"] for e in self.employees.values() if e["user_id"] == user_id and e["active"]}

    def _get_employees(self, user_id, operation):
        """Employees whose records the user may read or write."""
        own, today = self._get_own(user_id), date.today()
        delegators = {
            d["employee_id"]
            for d in self.delegations
            if d["delegate_id"] in own and d["date_from"] <= today <= d["date_to"]
        }
        return self._get_managed(user_id, operation) | delegators

    def get_sight(self, user_id, company_ids):
        """:return: the :class:`Sight` of a user who works in these companies"""
        employees = self._get_employees(user_id, "read")
        return Sight(
            user_id=user_id,
            groups=frozenset(self._get_groups(user_id)),
            company_ids=frozenset(company_ids),
            is_share=self.users[user_id]["share"],
            is_restricted=self._is_restricted(user_id),
            customer_ids=frozenset().union(*(self.linked[employee] for employee in employees)),
            owner_ids=frozenset(
                {user_id} | {self.employees[e]["user_id"] for e in employees} - {None}
            ),
            managed_ids=frozenset(self._get_managed(user_id, "write")),
        )

    def _is_ancestor(self, company_id, company_ids):
        for other in company_ids:
            branch = other
            while branch:
                if branch == company_id:
                    return True
                branch = self.companies[branch]["parent_id"]
        return False

    def get_ids(self, model_name, user_id, operation, company_ids):
        """Ids of all the records, archived ones included, on which the user may do the operation."""
        restricted = self._is_restricted(user_id)
        employees = self._get_employees(user_id, operation)
        customers = set().union(*(self.linked[employee] for employee in employees))
        owners = {user_id} | {self.employees[e]["user_id"] for e in employees} - {None}
        ids = set()
        if model_name == "res.partner":
            for partner in self.partners.values():
                customer = self.customer_of[partner["id"]]
                if restricted and customer and customer not in customers:
                    continue
                if (
                    partner["id"] in self.colleagues
                    or not partner["company_id"]
                    or self._is_ancestor(partner["company_id"], company_ids)
                ):
                    ids.add(partner["id"])
            return ids
        documents = self.leads if model_name == "crm.lead" else self.orders
        for document in documents.values():
            customer = self.customer_of.get(document["partner_id"])
            is_shared = (
                model_name == "crm.lead"
                and operation == "read"
                and user_id in self.collaborators[document["id"]]
            )
            if (restricted and not is_shared) and (
                customer not in customers if customer else document["user_id"] not in owners
            ):
                continue
            if document["company_id"] in company_ids or (
                not document["company_id"] and model_name == "crm.lead"
            ):
                ids.add(document["id"])
        return ids
