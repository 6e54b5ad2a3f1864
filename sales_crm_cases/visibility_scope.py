"""The SQL of "this customer is visible to this user".

One form does not serve all (bench/README.md has the measurements):

* a **small team** is named by its ids, and its customers are a sub-select: the
  planner knows from the ids how few there are, and starts from them;
* whoever sees **nearly everybody** is described by what he does not see: a
  handful of employees and the customers that nobody is linked to;
* **between**, each row probes the two indexes. ``OFFSET 0`` keeps the planner
  from turning the probe into a hash of all links.
"""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL


@dataclass(frozen=True)
class VisibilityScope:
    """Whose customers a user sees (or may change), as far as SQL must know it.

    :param uid: the user
    :param conditions: SQL on alias ``v``: his rows of sales_visibility that count
    :param employee_ids: the employees whose customers he sees, if they are few
    :param hidden_ids: the employees whose customers he does not see, if they are few
    :param user_ids: the users of ``employee_ids`` and himself
    """

    uid: int = 0
    conditions: SQL = SQL("TRUE")
    employee_ids: tuple | None = None
    hidden_ids: tuple | None = None
    user_ids: tuple | None = None
    is_everything: bool = False

    def get_customer_domain(self, field_name="customer_id"):
        """Records whose ``field_name``, a stored many2one to a customer, is visible.

        Never true for records without customer.
        """
        if self.is_everything:
            return Domain.TRUE
        if self.employee_ids is not None:
            return Domain(field_name, "in", self._get_linked_customers())
        if self.hidden_ids is not None:
            return Domain(field_name, "!=", False) & Domain(
                field_name, "not in", self._get_hidden_customers()
            )
        return self.get_probe_domain(field_name)

    def get_probe_domain(self, field_name="customer_id"):
        """As :meth:`get_customer_domain`, in the form that suits few given records."""
        if self.is_everything:
            return Domain.TRUE
        return Domain.custom(
            to_sql=lambda model, alias, query: self._get_probe(
                model._field_to_sql(alias, field_name, query)
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

    def _get_linked_customers(self):
        return SQL(
            "SELECT customer_id FROM customer_salesman WHERE employee_id IN %s",
            self.employee_ids or (None,),
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

    def _get_probe(self, customer):
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
            self.uid,
            self.conditions,
        )


EVERYTHING = VisibilityScope(is_everything=True)
