from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..visibility_scope import (
    CANDIDATES,
    CUSTOMERS,
    EVERYTHING,
    FEW_RECORDS,
    MAX_OPAQUE_CUSTOMERS,
    UNREAD_PURPOSES,
    VisibilityScope,
)

# A team of up to this many employees is named in the SQL by its ids; whoever
# sees all but this many is described by those he does not see.
MAX_LITERAL_EMPLOYEES = 300
# Up to this many links the customers are named by their ids; reading them takes 1 ms per 2,000.
MAX_LITERAL_CUSTOMERS = 20000
# Below, the customers' ids are the best description, however few employees are hidden.
MIN_CUSTOMERS_OF_COMPLEMENT = 1000


class SalesVisibilityScopeMixin(models.AbstractModel):
    """What of the relation is the current user's: the part of all customers that he sees, in
    the form in which SQL finds it quickest (V1)."""

    _name = "sales.visibility.scope.mixin"
    _description = "What the current user may see"

    # holds no values of records: _get_scope() keeps the scopes of the transaction in its cache
    scope_cache = fields.Boolean(store=False, export_string_translation=False)

    @api.model
    def _get_today(self):
        """The day on which delegations begin and end: the user's own, whatever time zone the
        caller sends."""
        own_tz = self.env.user._get_own_tz()
        own = self if self.env.context.get("tz") == own_tz else self.with_context(tz=own_tz)
        return fields.Date.context_today(own)

    @api.model
    def _get_scope(self, operation="read", purpose=None):
        """The part of all customers on which the user may do ``operation``.

        :param operation: ``read``, or anything else for "may change"
        :param purpose: what for, see visibility_scope.py
        :rtype: VisibilityScope
        """
        if not self.env.user._is_customer_restricted():
            return EVERYTHING
        self._flush_sources()
        mode = "read" if operation == "read" else "write"
        today = self._get_today()
        conditions = self._get_row_conditions(mode, today)
        # a page asks three or four times. The field's cache lives as long as those of
        # the records: any rollback or invalidation drops it, and so does every change
        # of a link or of the relation (_invalidate_sight)
        known = self._fields["scope_cache"]._get_cache(self.env)
        key = (self.env.uid, mode, today)
        if purpose in UNREAD_PURPOSES:
            if purpose == CUSTOMERS and key in known and known[key].has_very_few:
                return known[key]
            return VisibilityScope(uid=self.env.uid, mode=mode, conditions=conditions)
        if key not in known:
            known[key] = self._make_scope(mode, today, conditions)
        return known[key]

    @api.model
    def _knows_very_few(self):
        """Whether the transaction has read the customers that the user sees, and they are few."""
        known = self._fields["scope_cache"]._get_cache(self.env)
        scope = known.get((self.env.uid, "read", self._get_today()))
        return scope is not None and scope.has_very_few

    @api.model
    def _make_scope(self, mode, today, conditions):
        uid = self.env.uid
        links = VisibilityScope(uid=uid, conditions=conditions).get_links()
        expected_count, expects_nearly_all = self._get_expected_size(uid, mode, today)
        expects_many = expects_nearly_all or expected_count > MAX_LITERAL_CUSTOMERS
        revision, customer_ids, shared_case_ids = self._read_few_ids(
            uid, None if expects_many else links
        )
        employee_ids, hidden_ids, user_ids, link_count = self._get_scope_parts(
            uid, mode, today, revision
        )
        if customer_ids is None and hidden_ids is None and link_count <= MAX_LITERAL_CUSTOMERS:
            _revision, customer_ids, _shared_case_ids = self._read_few_ids(uid, links)
        return VisibilityScope(
            uid=uid,
            mode=mode,
            conditions=conditions,
            employee_ids=employee_ids,
            hidden_ids=hidden_ids,
            user_ids=user_ids,
            customer_ids=customer_ids,
            shared_case_ids=shared_case_ids,
        )

    @ormcache("uid", "mode", "today")
    def _get_expected_size(self, uid, mode, today):
        """What the user's part was like when somebody first asked today: it chooses the
        form of the SQL and what to read beforehand, never the answer.

        :return: ``(number of links, whether he sees nearly everybody)``
        """
        revision = self.env["sales.visibility.revision"]._get_current()
        _employees, hidden_ids, _users, link_count = self._get_scope_parts(
            uid, mode, today, revision
        )
        return link_count, hidden_ids is not None

    @api.model
    def _get_name_search_purpose(self):
        """The purpose that serves best where names gave the candidates."""
        if not self.env.user._is_customer_restricted():
            return None
        link_count, sees_nearly_all = self._get_expected_size(
            self.env.uid, "read", self._get_today()
        )
        if sees_nearly_all:
            return None
        return CANDIDATES if link_count <= MAX_LITERAL_CUSTOMERS else FEW_RECORDS

    @api.model
    def _get_customer_list_purpose(self):
        """The purpose that serves best where customers are asked for by their status; None
        where the page's own does."""
        if not self.env.user._is_customer_restricted():
            return None
        link_count, sees_nearly_all = self._get_expected_size(
            self.env.uid, "read", self._get_today()
        )
        return CUSTOMERS if link_count <= MAX_OPAQUE_CUSTOMERS and not sees_nearly_all else None

    @ormcache("uid", "mode", "today", "revision")
    def _get_scope_parts(self, uid, mode, today, revision):
        """Small sets, for literals in the SQL: ``(visible employees, hidden employees,
        users of the visible ones, links as far as they were counted)``; None where a set
        is not small.

        The revision in the key makes the sets right for the transaction. Links come and
        go without it: the last part is a guess, made good by _read_few_ids().
        """
        conditions = self._get_row_conditions(mode, today)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT v.employee_id, e.user_id
                  FROM sales_visibility v JOIN hr_employee e ON e.id = v.employee_id
                 WHERE v.user_id = %s AND %s
                 LIMIT %s
                """,
                uid,
                conditions,
                MAX_LITERAL_EMPLOYEES + 1,
            )
        )
        employee_ids = user_ids = None
        if len(rows) <= MAX_LITERAL_EMPLOYEES:
            employee_ids = tuple(sorted({row[0] for row in rows}))
            user_ids = tuple(sorted({user_id for _employee_id, user_id in rows if user_id} | {uid}))
        [[link_count]] = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FROM (%s LIMIT %s) s
                """,
                VisibilityScope(uid=uid, conditions=conditions).get_links(),
                MAX_LITERAL_CUSTOMERS + 1,
            )
        )
        hidden_ids = None
        if link_count > MIN_CUSTOMERS_OF_COMPLEMENT:
            hidden_ids = self._get_few_hidden_employees(uid, conditions, link_count)
        return employee_ids, hidden_ids, user_ids, link_count

    @api.model
    def _get_few_hidden_employees(self, uid, conditions, link_count):
        """Ids of the employees whom the user does not see, if they are few and have less
        links than those he sees."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id FROM hr_employee e
                 WHERE NOT EXISTS (
                       SELECT 1 FROM sales_visibility v
                        WHERE v.user_id = %s AND v.employee_id = e.id AND %s)
                 LIMIT %s
                """,
                uid,
                conditions,
                MAX_LITERAL_EMPLOYEES + 1,
            )
        )
        hidden_ids = tuple(sorted(row[0] for row in rows))
        if len(hidden_ids) > MAX_LITERAL_EMPLOYEES:
            return None
        [[hidden_count]] = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FROM (
                    SELECT 1 FROM customer_salesman WHERE employee_id IN %s LIMIT %s) s
                """,
                hidden_ids or (None,),
                link_count,
            )
        )
        return hidden_ids if hidden_count < link_count else None

    @api.model
    def _read_few_ids(self, uid, links):
        """The revision, and the ids of the user's customers and of the cases that are shared
        with him as of now; None for ids that are many after all.

        :param links: SQL of the customers' ids; None: they are many
        """
        shared = VisibilityScope(uid=uid).get_shared_cases()
        [[revision, customer_ids, shared_case_ids]] = self.env.execute_query(
            SQL(
                """
                SELECT revision, %(customers)s, ARRAY(%(shared)s LIMIT %(limit)s)
                  FROM sales_visibility_revision WHERE sales_visibility_revision.id = 1
                """,
                customers=SQL("NULL")
                if links is None
                else SQL("ARRAY(%s LIMIT %s)", links, MAX_LITERAL_CUSTOMERS + 1),
                shared=shared,
                limit=MAX_LITERAL_CUSTOMERS + 1,
            )
        )
        return revision, self._get_if_few(customer_ids), self._get_if_few(shared_case_ids)

    @api.model
    def _get_if_few(self, ids):
        few = ids is not None and len(ids) <= MAX_LITERAL_CUSTOMERS
        return sorted(set(ids)) if few else None

    @api.model
    def _get_row_conditions(self, mode, today):
        """SQL on alias ``v``: the rows in force on ``today`` for the mode."""
        conditions = SQL(
            "(v.date_from IS NULL OR v.date_from <= %s) AND (v.date_to IS NULL OR v.date_to >= %s)",
            today,
            today,
        )
        return conditions if mode == "read" else SQL("%s AND v.can_edit", conditions)

    @api.model
    def _get_managed_domain(self, field_name="id", with_own=True):
        """Records whose ``field_name`` is an employee for whom the current user may decide:
        himself and, as far as he shows and may change their records, those below him. What a
        delegation shows him is not his."""
        return self._get_employee_domain(
            field_name, ("own", "team") if with_own else ("team",), only_editable=True
        )

    @api.model
    def _get_employee_domain(self, field_name, reasons, only_editable=False):
        """Records whose ``field_name`` is an employee whose records the current user sees today
        for one of the reasons."""
        self._flush_sources()
        mode = "write" if only_editable else "read"
        conditions = self._get_row_conditions(mode, self._get_today())
        scope = VisibilityScope(
            uid=self.env.uid, conditions=SQL("v.reason IN %s AND %s", tuple(reasons), conditions)
        )
        return scope.get_employee_domain(field_name)

    @api.model
    def _flush_sources(self):
        """Bring what the SQL reads to the database: pending changes of the tree
        refresh the relation when they are flushed."""
        if not self._has_pending_changes():
            return
        self.env["hr.employee"].flush_model(self.env["hr.employee"]._get_hierarchy_fields())
        self.env["customer.salesman"].flush_model(["customer_id", "employee_id", "is_main"])
        self.env["res.partner"].flush_model(["customer_id", "main_salesman_id"])

    @api.model
    def _invalidate_sight(self):
        """Forget what records said of the user's sight in this transaction."""
        self.invalidate_model(["scope_cache"], flush=False)
        self.env["sales.delegation"].invalidate_model(["is_mine"], flush=False)
        self.env["hr.employee"].invalidate_model(["is_in_my_team"], flush=False)
        for model_name in self.env.registry.descendants(["crm.visibility.mixin"], "_inherit"):
            model = self.env[model_name]
            if not model._abstract:
                model.invalidate_model(["crm_visible", "crm_editable"], flush=False)
