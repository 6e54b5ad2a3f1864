"""The SQL of "this customer is visible to this user".

One form does not serve all (bench/README.md has the measurements):

* **few customers** are named by their ids: the planner knows how few they are and starts
  from them, also where the condition is one side of an OR;
* whoever sees **nearly everybody** is described by what he does not see: a handful of
  employees and the customers that nobody is linked to;
* **between**, each row probes the two indexes. ``OFFSET 0`` keeps the planner from turning
  the probe into a hash of all links, which would cost more than a page of a list;
* **aggregates** visit all rows anyway: there that hash is what is wanted. So it is where
  **candidates** were found by a name, and the customers are some thousands;
* the list of **customers**, which asks for partners with a status, starts from the main
  salesmen, an index with one entry per customer, and the few links besides.

Which form is used never changes the answer. Records that are given, and candidates, are asked
for by the relation itself, so that nothing of the user's customers need be read before.
"""

from dataclasses import dataclass, field
from functools import cached_property

from odoo.fields import Domain
from odoo.tools import SQL

# What a query is for, as the context key SIGHT_PURPOSE says: a page of a list when absent.
SIGHT_PURPOSE = "crm_sight_purpose"
FEW_RECORDS = "records"
CANDIDATES = "candidates"
AGGREGATE = "aggregate"
CUSTOMERS = "customers"
PURPOSES = (FEW_RECORDS, CANDIDATES, AGGREGATE, CUSTOMERS)
# These ask the relation itself: no query before the one that is wanted.
UNREAD_PURPOSES = (FEW_RECORDS, CANDIDATES, CUSTOMERS)

# Up to this many customers the index on the customer beats a walk through the names, though
# the planner, which takes the pages of the index for unread ones, thinks otherwise.
MAX_OPAQUE_CUSTOMERS = 6000
# Up to this many, what the planner learns of each id costs more than it is worth: it takes any
# array that it cannot see for ten.
MAX_UNPLANNED_CUSTOMERS = 200


@dataclass(frozen=True)
class VisibilityScope:
    """Whose customers a user sees (or may change), as far as SQL must know it.

    :param uid: the user
    :param mode: ``read`` or ``write``, what he may do there
    :param conditions: SQL on alias ``v``: his rows of sales_visibility that count
    :param employee_ids: the employees whose customers he sees, if they are few
    :param hidden_ids: the employees whose customers he does not see, if that is the
        shorter description
    :param user_ids: the users of ``employee_ids`` and himself
    :param customer_ids: the customers, if they are few
    :param shared_case_ids: the cases that are shared with him (B5), if they were read
    """

    uid: int = 0
    mode: str = "read"
    conditions: SQL = field(default_factory=lambda: SQL("TRUE"))
    employee_ids: tuple | None = None
    hidden_ids: tuple | None = None
    user_ids: tuple | None = None
    customer_ids: list | None = None
    shared_case_ids: list | None = None
    is_everything: bool = False

    @cached_property
    def _customer_array(self):
        # one parameter: a list of thousands takes PostgreSQL longer to parse than to search
        return "{%s}" % ",".join(map(str, self.customer_ids))

    @property
    def has_very_few(self):
        """The customers were read, and are so few that naming them is best, whatever for."""
        return self.customer_ids is not None and len(self.customer_ids) <= MAX_UNPLANNED_CUSTOMERS

    def get_customer_domain(self, field_name="customer_id", purpose=None, leading=False):
        """Records whose ``field_name``, a stored many2one to a customer, is visible.

        Never true for records without customer.

        :param purpose: None for a page of a list, or one of PURPOSES
        :param leading: the condition stands alone, not beside another one with OR, and
            the query should start from it
        """
        if self.is_everything:
            return Domain.TRUE
        if purpose == FEW_RECORDS:
            return self._get_probe_domain(field_name)
        if self.hidden_ids is not None:
            return Domain(field_name, "!=", False) & Domain(
                field_name, "not in", self._get_hidden_customers()
            )
        if self.customer_ids is not None:
            return self._get_literal_domain(field_name, leading)
        if purpose in (AGGREGATE, CANDIDATES, CUSTOMERS):
            return Domain(field_name, "in", self.get_links())
        return self._get_probe_domain(field_name)

    def _get_probe_domain(self, field_name):
        return Domain.custom(
            to_sql=lambda model, alias, query: self.get_probe(
                model._field_to_sql(alias, field_name, query)
            )
        )

    def get_entity_domain(self):
        """The visible customers themselves, on res.partner and without their contacts. For
        queries that start from this condition, beside a rule that guarantees it.

        The sub-selects become arrays of which the planner expects ten ids: it takes the two
        indexes of an OR, and not a walk through the names. A partner with a status is a customer
        itself; or has none, having become a colleague, and is visible to everybody.
        """
        if self.has_very_few:
            others = Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "(%s IS NOT NULL AND %s IS NULL)",
                    SQL.identifier(alias, "approval_status"),
                    SQL.identifier(alias, "customer_id"),
                )
            )
            return self._get_literal_domain("id", leading=True) | others
        others = SQL(
            """
            SELECT l.customer_id
              FROM sales_visibility v JOIN customer_salesman l ON l.employee_id = v.employee_id
             WHERE v.user_id = %s AND %s AND l.is_main IS NOT TRUE
             UNION ALL
            SELECT id FROM res_partner WHERE approval_status IS NOT NULL AND customer_id IS NULL
            """,
            self.uid,
            self.conditions,
        )
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%(main)s = ANY(ARRAY(%(employees)s)) OR %(id)s = ANY(ARRAY(%(others)s)))",
                main=SQL.identifier(alias, "main_salesman_id"),
                id=SQL.identifier(alias, "id"),
                employees=self._get_employees(),
                others=others,
            )
        )

    def get_owner_domain(self, field_name="user_id"):
        """Records that belong to the user or to somebody whose records he sees,
        by ``field_name``, a stored many2one to a user."""
        if self.is_everything:
            return Domain.TRUE
        if self.user_ids is not None:
            return Domain(field_name, "in", self.user_ids)
        return Domain(field_name, "in", self._get_users())

    def get_shared_domain(self, field_name="id"):
        """Records whose ``field_name`` is a case that is shared with the user, to read.

        Cases that were read are named: beside the customers with OR they are one more index,
        and where none fits they are hashed. Who has none pays nothing.
        """
        if self.mode != "read" or self.shared_case_ids == []:
            return Domain.FALSE
        if self.shared_case_ids is None:
            ids = SQL("ARRAY(%s)", self.get_shared_cases())
        else:
            ids = SQL("%s::int[]", "{%s}" % ",".join(map(str, self.shared_case_ids)))
        # IS NOT NULL: as in _get_literal_domain
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%(field)s IS NOT NULL AND %(field)s = ANY(%(ids)s))",
                field=model._field_to_sql(alias, field_name, query),
                ids=ids,
            )
        )

    def get_shared_cases(self):
        """SQL of the ids of the cases that are shared with the user."""
        return SQL("SELECT lead_id FROM crm_lead_collaborator_rel WHERE user_id = %s", self.uid)

    def get_employee_domain(self, field_name):
        """Records whose ``field_name``, the stored id of an employee, is somebody whose records
        the user sees."""
        if self.is_everything:
            return Domain.TRUE
        if self.employee_ids is not None:
            return Domain(field_name, "in", self.employee_ids)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN (%s)", model._field_to_sql(alias, field_name, query), self._get_employees()
            )
        )

    def filter_owners(self, env, user_ids):
        """Those of some users who are the user or somebody whose records he sees.

        :param user_ids: few; the users of a page of records
        :return: set of ids
        """
        if self.is_everything:
            return set(user_ids)
        env["hr.employee"].flush_model(["user_id"])
        rows = env.execute_query(
            SQL(
                """
                SELECT e.user_id FROM hr_employee e
                 WHERE e.user_id = ANY(%s) AND EXISTS (
                       SELECT 1 FROM sales_visibility v
                        WHERE v.user_id = %s AND v.employee_id = e.id AND %s OFFSET 0)
                """,
                list(user_ids),
                self.uid,
                self.conditions,
            )
        )
        return {self.uid, *(user_id for (user_id,) in rows)}

    def _get_literal_domain(self, field_name, leading):
        ids = SQL("%s::int[]", self._customer_array)
        if self.has_very_few or (leading and len(self.customer_ids) <= MAX_OPAQUE_CUSTOMERS):
            # the cast makes it a value: ANY (SELECT …) would be a sub-query
            ids = SQL("(SELECT %s)::int[]", ids)
        # IS NOT NULL: else NOT would find neither the hidden customers' records nor the others
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%(field)s IS NOT NULL AND %(field)s = ANY(%(ids)s))",
                field=model._field_to_sql(alias, field_name, query),
                ids=ids,
            )
        )

    def _get_employees(self):
        return SQL(
            "SELECT v.employee_id FROM sales_visibility v WHERE v.user_id = %s AND %s",
            self.uid,
            self.conditions,
        )

    def _get_users(self):
        return SQL(
            """
            SELECT %s UNION ALL
            SELECT e.user_id FROM sales_visibility v JOIN hr_employee e ON e.id = v.employee_id
             WHERE v.user_id = %s AND %s AND e.user_id IS NOT NULL
            """,
            self.uid,
            self.uid,
            self.conditions,
        )

    def _get_hidden_customers(self):
        """Customers without any salesman, and those whose salesmen are all hidden."""
        unlinked = SQL(
            "SELECT id FROM res_partner WHERE customer_id = id AND main_salesman_id IS NULL"
        )
        if not self.hidden_ids:
            return unlinked
        return SQL(
            """
            %(unlinked)s UNION ALL
            SELECT customer_id FROM customer_salesman l
             WHERE employee_id IN %(hidden)s
               AND NOT EXISTS (SELECT 1 FROM customer_salesman o
                                WHERE o.customer_id = l.customer_id
                                  AND o.employee_id NOT IN %(hidden)s)
            """,
            unlinked=unlinked,
            hidden=self.hidden_ids,
        )

    def get_links(self):
        """SQL of the ids of the visible customers, some of them twice."""
        if self.employee_ids is not None:
            return SQL(
                "SELECT customer_id FROM customer_salesman WHERE employee_id IN %s",
                self.employee_ids or (None,),
            )
        return SQL(
            """
            SELECT l.customer_id
              FROM sales_visibility v JOIN customer_salesman l ON l.employee_id = v.employee_id
             WHERE v.user_id = %s AND %s
            """,
            self.uid,
            self.conditions,
        )

    def get_probe(self, customer, user=None):
        """SQL of whether one customer is visible.

        :param customer: SQL of its id
        :param user: SQL of the id of the user who sees it, if it is not the scope's own
        """
        if self.employee_ids is not None:
            return SQL(
                """
                EXISTS (SELECT 1 FROM customer_salesman l
                         WHERE l.customer_id = %s AND l.employee_id IN %s OFFSET 0)
                """,
                customer,
                self.employee_ids or (None,),
            )
        return SQL(
            """
            EXISTS (SELECT 1 FROM customer_salesman l JOIN sales_visibility v ON v.employee_id = l.employee_id
                     WHERE l.customer_id = %s AND v.user_id = %s AND %s OFFSET 0)
            """,
            customer,
            user or self.uid,
            self.conditions,
        )


EVERYTHING = VisibilityScope(is_everything=True)
