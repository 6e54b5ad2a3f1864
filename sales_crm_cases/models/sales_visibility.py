from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, ormcache

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


class SalesVisibility(models.Model):
    """Whose records a user may see (V3).

    The relation is materialised and written only here: the user's own employee
    records and, with "Show items for subordinates" on, everybody below them.
    A row depends on nothing but the chain of managers above its employee, so a
    reorganisation rewrites the rows of the moved branch and no customer.
    """

    _name = "sales.visibility"
    _description = "Whose records a user may see"
    _order = "user_id, depth, employee_id"
    _rec_name = "user_id"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, ondelete="cascade", index=True, readonly=True
    )
    reason = fields.Selection(
        [
            ("own", "Own records"),
            ("team", "Team"),
            ("delegate", "Delegation"),
            ("shared", "Sharing rule"),
        ],
        required=True,
        readonly=True,
    )
    depth = fields.Integer(readonly=True, help="Managers between the two; 0 is the user himself.")
    date_from = fields.Date(readonly=True)
    date_to = fields.Date(readonly=True)
    can_edit = fields.Boolean(readonly=True)
    delegation_id = fields.Many2one("sales.delegation", ondelete="cascade", readonly=True)
    # holds no values of records: _get_scope() keeps the scopes of the transaction in its cache
    scope_cache = fields.Boolean(store=False, export_string_translation=False)

    _hierarchy_unique = models.UniqueIndex(
        "(user_id, employee_id) WHERE reason IN ('own', 'team')",
        "A user sees an employee through the hierarchy once.",
    )
    _delegation_unique = models.UniqueIndex(
        "(delegation_id) WHERE delegation_id IS NOT NULL",
        "A delegation gives sight to one user.",
    )
    _user_employee_idx = models.Index("(user_id, employee_id)")

    # ------------------------------------------------------------------
    # What the current user may see
    # ------------------------------------------------------------------

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
                SELECT count(*) FROM (
                    SELECT 1 FROM sales_visibility v JOIN customer_salesman l ON l.employee_id = v.employee_id
                     WHERE v.user_id = %s AND %s LIMIT %s) s
                """,
                uid,
                conditions,
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
        employees = SQL(
            "SELECT v.employee_id FROM sales_visibility v WHERE v.user_id = %s AND v.reason IN %s AND %s",
            self.env.uid,
            tuple(reasons),
            self._get_row_conditions("write" if only_editable else "read", self._get_today()),
        )
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN (%s)", model._field_to_sql(alias, field_name, query), employees
            )
        )

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

    # ------------------------------------------------------------------
    # Refresh
    # ------------------------------------------------------------------

    @api.model
    def _refresh_branch(self, employee_ids):
        """Recompute who sees the employees and everybody below them.

        :param employee_ids: employees of whom manager, user, state or company changed
        """
        if not employee_ids:
            return
        branch = SQL(
            """
            branch(id) AS (
                SELECT id FROM hr_employee WHERE id = ANY(%s)
                 UNION
                SELECT e.id FROM hr_employee e JOIN branch b ON e.parent_id = b.id
            ),
            chain(employee_id, ancestor_id, depth) AS (
                SELECT id, id, 0 FROM branch
                 UNION ALL
                SELECT c.employee_id, e.parent_id, c.depth + 1
                  FROM chain c JOIN hr_employee e ON e.id = c.ancestor_id
                 WHERE e.parent_id IS NOT NULL
            ) CYCLE ancestor_id SET is_cycle USING path
            """,
            list(employee_ids),
        )
        self._merge_rows(branch, SQL("v.employee_id IN (SELECT id FROM branch)"))
        # whether a delegation counts depends on user and state of the delegate
        self._refresh_delegations(SQL("d.delegate_id = ANY(%s)", list(employee_ids)))

    @api.model
    def _refresh_users(self, user_ids):
        """Recompute what the users see, after a change of their option."""
        if not user_ids:
            return
        self.env["hr.employee"].flush_model(self.env["hr.employee"]._get_hierarchy_fields())
        chain = SQL(
            """
            chain(employee_id, ancestor_id, depth) AS (
                SELECT id, id, 0 FROM hr_employee WHERE user_id = ANY(%s) AND active
                 UNION ALL
                SELECT e.id, c.ancestor_id, c.depth + 1
                  FROM chain c JOIN hr_employee e ON e.parent_id = c.employee_id
            ) CYCLE employee_id SET is_cycle USING path
            """,
            list(user_ids),
        )
        self._merge_rows(chain, SQL("v.user_id = ANY(%s)", list(user_ids)))

    @api.model
    def _refresh_all(self):
        """Recompute the whole relation."""
        self.env["hr.employee"].flush_model(self.env["hr.employee"]._get_hierarchy_fields())
        chain = SQL(
            """
            chain(employee_id, ancestor_id, depth) AS (
                SELECT id, id, 0 FROM hr_employee WHERE user_id IS NOT NULL AND active
                 UNION ALL
                SELECT e.id, c.ancestor_id, c.depth + 1
                  FROM chain c JOIN hr_employee e ON e.parent_id = c.employee_id
            ) CYCLE employee_id SET is_cycle USING path
            """
        )
        self._merge_rows(chain, SQL("TRUE"))
        self._refresh_delegations(SQL("TRUE"))

    @api.model
    def _refresh_delegations(self, concerned):
        """Bring the rows of delegations (V9) to what the delegations say. Their dates are
        asked for whenever the rows are read: nothing has to run at midnight.

        :param concerned: SQL condition on alias ``d`` of sales_delegation
        """
        self.env["sales.delegation"].flush_model()
        self.env["sales.visibility.revision"]._advance()
        self.env.cr.execute(
            SQL(
                """
                WITH fresh AS (%(fresh)s),
                gone AS (
                    DELETE FROM sales_visibility v USING sales_delegation d
                     WHERE v.delegation_id = d.id AND (%(concerned)s)
                       AND NOT EXISTS (SELECT 1 FROM fresh f WHERE f.delegation_id = v.delegation_id)
                )
                INSERT INTO sales_visibility AS v
                       (user_id, employee_id, reason, depth, can_edit, date_from, date_to, delegation_id)
                SELECT user_id, employee_id, 'delegate', 0, TRUE, date_from, date_to, delegation_id
                  FROM fresh
                    ON CONFLICT (delegation_id) WHERE delegation_id IS NOT NULL
                    DO UPDATE SET user_id = EXCLUDED.user_id, employee_id = EXCLUDED.employee_id,
                                  date_from = EXCLUDED.date_from, date_to = EXCLUDED.date_to
                    WHERE (v.user_id, v.employee_id, v.date_from, v.date_to) IS DISTINCT FROM
                          (EXCLUDED.user_id, EXCLUDED.employee_id, EXCLUDED.date_from, EXCLUDED.date_to)
                """,
                fresh=SQL("%s AND (%s)", self._get_fresh_delegations(), concerned),
                concerned=concerned,
            )
        )
        self.invalidate_model(flush=False)
        self._invalidate_sight()

    @api.model
    def _get_fresh_delegations(self):
        """SQL of the rows that follow from the delegations. Only an active delegate gives his
        user sight. What the delegator sees by others, his team or a delegation, is not his to
        pass on."""
        return SQL(
            """
            SELECT d.id AS delegation_id, e.user_id, d.employee_id, d.date_from, d.date_to
              FROM sales_delegation d JOIN hr_employee e ON e.id = d.delegate_id
             WHERE e.active AND e.user_id IS NOT NULL
            """
        )

    def _merge_rows(self, chain, concerned):
        """Bring the rows that are ``concerned`` to what ``chain`` says, writing
        only the differences.

        :param chain: SQL of CTEs, the last ``chain(employee_id, ancestor_id, depth, is_cycle)``
        :param concerned: SQL condition on alias ``v`` of sales_visibility
        """
        self.env["res.users.settings"].flush_model(["user_id", "show_subordinates"])
        self.env["res.company"].flush_model(["managers_edit_team"])
        self.env["sales.visibility.revision"]._advance()
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE %(chain)s,
                fresh AS (%(fresh)s),
                gone AS (
                    DELETE FROM sales_visibility v
                     WHERE v.reason IN ('own', 'team') AND (%(concerned)s)
                       AND NOT EXISTS (SELECT 1 FROM fresh f
                                        WHERE f.user_id = v.user_id AND f.employee_id = v.employee_id)
                )
                INSERT INTO sales_visibility AS v (user_id, employee_id, reason, depth, can_edit)
                SELECT user_id, employee_id, reason, depth, can_edit FROM fresh
                    ON CONFLICT (user_id, employee_id) WHERE reason IN ('own', 'team')
                    DO UPDATE SET reason = EXCLUDED.reason, depth = EXCLUDED.depth, can_edit = EXCLUDED.can_edit
                    WHERE (v.reason, v.depth, v.can_edit)
                          IS DISTINCT FROM (EXCLUDED.reason, EXCLUDED.depth, EXCLUDED.can_edit)
                """,
                chain=chain,
                fresh=self._get_fresh_rows(),
                concerned=concerned,
            )
        )
        self.invalidate_model(flush=False)
        self._invalidate_sight()

    @api.model
    def _get_fresh_rows(self):
        """SQL of the rows that follow from CTE ``chain``. The chain passes through
        archived managers, but only an active employee gives his user sight."""
        return SQL(
            """
            SELECT a.user_id, c.employee_id, min(c.depth) AS depth,
                   CASE WHEN min(c.depth) = 0 THEN 'own' ELSE 'team' END AS reason,
                   min(c.depth) = 0 OR COALESCE(bool_or(o.managers_edit_team), TRUE) AS can_edit
              FROM chain c
              JOIN hr_employee a ON a.id = c.ancestor_id AND a.active AND a.user_id IS NOT NULL
              JOIN hr_employee e ON e.id = c.employee_id
              LEFT JOIN res_company o ON o.id = e.company_id
              LEFT JOIN res_users_settings s ON s.user_id = a.user_id
             WHERE NOT c.is_cycle AND (c.depth = 0 OR s.show_subordinates)
             GROUP BY a.user_id, c.employee_id
            """
        )

    # ------------------------------------------------------------------
    # Check
    # ------------------------------------------------------------------

    @api.model
    def _get_differences(self):
        """Compare the relation with a fresh computation.

        :return: list of ``(user id, employee id)`` that are missing, superfluous or different
        """
        self.env["hr.employee"].flush_model(self.env["hr.employee"]._get_hierarchy_fields())
        self.env["res.users.settings"].flush_model(["user_id", "show_subordinates"])
        self.env["res.company"].flush_model(["managers_edit_team"])
        self.env["sales.delegation"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain(employee_id, ancestor_id, depth) AS (
                    SELECT id, id, 0 FROM hr_employee WHERE user_id IS NOT NULL AND active
                     UNION ALL
                    SELECT e.id, c.ancestor_id, c.depth + 1
                      FROM chain c JOIN hr_employee e ON e.parent_id = c.employee_id
                ) CYCLE employee_id SET is_cycle USING path,
                fresh AS (%(fresh)s),
                stored AS (SELECT * FROM sales_visibility WHERE reason IN ('own', 'team')),
                delegated AS (%(delegated)s)
                SELECT COALESCE(f.user_id, s.user_id), COALESCE(f.employee_id, s.employee_id)
                  FROM fresh f FULL JOIN stored s ON s.user_id = f.user_id AND s.employee_id = f.employee_id
                 WHERE (f.reason, f.depth, f.can_edit) IS DISTINCT FROM (s.reason, s.depth, s.can_edit)
                 UNION
                SELECT COALESCE(d.user_id, v.user_id), COALESCE(d.employee_id, v.employee_id)
                  FROM delegated d FULL JOIN (SELECT * FROM sales_visibility WHERE reason = 'delegate') v
                       ON v.delegation_id = d.delegation_id
                 WHERE (d.user_id, d.employee_id, d.date_from, d.date_to, TRUE) IS DISTINCT FROM
                       (v.user_id, v.employee_id, v.date_from, v.date_to, v.can_edit)
                 ORDER BY 1, 2
                """,
                fresh=self._get_fresh_rows(),
                delegated=self._get_fresh_delegations(),
            )
        )

    @api.model
    def _check_and_repair(self):
        """Repair the relation where it differs from the employees' hierarchy.

        :return: list of the ``(user id, employee id)`` that were repaired
        """
        differences = self._get_differences()
        if differences:
            self._refresh_all()
        return differences

    # ------------------------------------------------------------------
    # Explanation
    # ------------------------------------------------------------------

    def _get_explanation(self):
        """Sentence: why this row gives its user sight, with the path of managers (V10)."""
        self.ensure_one()
        row = self.sudo()  # names of colleagues on the path to a record the user sees
        employee = row.employee_id
        if row.reason == "own":
            return self.env._("You are linked to this customer as its salesman.")
        if row.reason == "team":
            path, manager = [employee], employee.parent_id
            while manager and manager not in path:
                path.append(manager)
                if manager.active and manager.user_id == row.user_id:
                    break
                manager = manager.parent_id
            return self.env._(
                "%(employee)s, who is linked to it, is in your team (%(path)s), and you show items for subordinates.",
                employee=employee.name,
                path=" → ".join(e.name for e in reversed(path)),
            )
        if row.reason == "delegate":
            return self.env._(
                "You stand in for %(employee)s, who is linked to it, until %(date)s.",
                employee=employee.name,
                date=format_date(self.env, row.date_to),
            )
        return self.env._(
            "A sharing rule lets you see the records of %(employee)s.", employee=employee.name
        )
