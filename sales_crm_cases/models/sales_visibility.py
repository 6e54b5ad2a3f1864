from odoo import api, fields, models
from odoo.tools import SQL, format_date


class SalesVisibility(models.Model):
    """Whose records a user may see (V3).

    The relation is materialised and written only here: the user's own employee
    records and, with "Show items for subordinates" on, everybody below them.
    A row depends on nothing but the chain of managers above its employee, so a
    reorganisation rewrites the rows of the moved branch and no customer.
    """

    _name = "sales.visibility"
    _inherit = ["sales.visibility.scope.mixin"]
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
        chain = self._get_chain_below(SQL("user_id = ANY(%s)", list(user_ids)))
        self._merge_rows(chain, SQL("v.user_id = ANY(%s)", list(user_ids)))

    @api.model
    def _refresh_all(self):
        """Recompute the whole relation."""
        self._merge_rows(self._get_chain_below(SQL("user_id IS NOT NULL")), SQL("TRUE"))
        self._refresh_delegations(SQL("TRUE"))

    @api.model
    def _get_chain_below(self, condition):
        """SQL of CTE ``chain``: some employees with everybody below them.

        :param condition: SQL condition on hr_employee; of those who are active
        """
        self.env["hr.employee"].flush_model(self.env["hr.employee"]._get_hierarchy_fields())
        return SQL(
            """
            chain(employee_id, ancestor_id, depth) AS (
                SELECT id, id, 0 FROM hr_employee WHERE active AND %s
                 UNION ALL
                SELECT e.id, c.ancestor_id, c.depth + 1
                  FROM chain c JOIN hr_employee e ON e.parent_id = c.employee_id
            ) CYCLE employee_id SET is_cycle USING path
            """,
            condition,
        )

    @api.model
    def _refresh_delegations(self, concerned):
        """Bring the rows of delegations (V9) to what the delegations say. Their dates are
        asked for whenever the rows are read: nothing has to run at midnight.

        :param concerned: SQL condition on alias ``d`` of sales_delegation
        """
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
        self.env["sales.delegation"].flush_model()
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
        self.env["res.users.settings"].flush_model(["user_id", "show_subordinates"])
        self.env["res.company"].flush_model(["managers_edit_team"])
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
        return self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE %(chain)s,
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
                chain=self._get_chain_below(SQL("user_id IS NOT NULL")),
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
