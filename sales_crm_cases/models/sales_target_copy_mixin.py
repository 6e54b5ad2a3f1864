from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .sales_target_kind_mixin import AMOUNT_KINDS

SALESMEN = Domain("is_salesman", "=", True) & Domain("active", "=", True)


class SalesTargetCopyMixin(models.AbstractModel):
    """Many targets at once (H7): copied to later months, to other salesmen, from the defaults.

    What is to be is one SELECT, the source, with the columns ``employee_id``, ``month``,
    ``kind``, ``activity_type_id`` and ``value``, and one row per target. It is counted or
    written in one query, however many salesmen there are. The unique index decides about two
    at once: the second finds the targets of the first.
    """

    _name = "sales.target.copy.mixin"
    _description = "Targets in bulk"

    # ------------------------------------------------------------------
    # Sources
    # ------------------------------------------------------------------

    @api.model
    def _get_months(self, first, count):
        """List of the first days of ``count`` months."""
        return [first + relativedelta(months=number) for number in range(count)]

    @api.model
    def _get_forward_source(self, month, months, domain):
        """The targets of a month, for each of some months.

        :param domain: Domain of the employees, as far as the user sets their targets
        """
        return SQL(
            """
            SELECT t.employee_id, m.month, t.kind, t.activity_type_id, t.value
              FROM sales_target t CROSS JOIN unnest(%(months)s::date[]) m(month)
             WHERE t.id IN (%(targets)s) AND t.employee_id IN (%(employees)s)
            """,
            months=months,
            targets=self._search(Domain("month", "=", month), order="id").select(),
            employees=self._search_employees("write", SALESMEN & domain).select(),
        )

    @api.model
    def _get_spread_source(self, employee, months):
        """The targets of one salesman in some months, for all others whom the user sets and who
        have the same currency."""
        # sudo: the currency of the company; what is copied is what the user sees
        currency = employee.sudo().company_id.currency_id
        others = Domain("id", "!=", employee.id)
        others &= Domain("company_id.currency_id", "=", currency.id)
        domain = Domain("employee_id", "=", employee.id) & Domain("month", "in", months)
        return SQL(
            """
            SELECT e.id AS employee_id, t.month, t.kind, t.activity_type_id, t.value
              FROM sales_target t CROSS JOIN (%(employees)s) e
             WHERE t.id IN (%(targets)s)
            """,
            targets=self._search(domain, order="id").select(),
            employees=self._search_employees("write", SALESMEN & others).select(),
        )

    @api.model
    def _get_defaults_source(self, employees, months):
        """The defaults of their companies, for some employees in each of some months.

        :param employees: SQL of their ids
        """
        self.env["sales.target.default"].flush_model()
        return SQL(
            """
            SELECT e.id AS employee_id, m.month, d.kind, d.activity_type_id, d.value
              FROM sales_target_default d
              JOIN hr_employee e ON e.company_id = d.company_id
             CROSS JOIN unnest(%s::date[]) m(month)
             WHERE e.id IN (%s)
            """,
            months,
            employees,
        )

    @api.model
    def _get_values_source(self, values):
        """Targets that are given.

        :param values: dict ``{(employee id, month, kind, activity type id or None): value}``
        """
        keys = [list(column) for column in zip(*values, strict=True)] or [[]] * 4
        return SQL(
            """
            SELECT * FROM unnest(%s::int[], %s::date[], %s::varchar[], %s::int[], %s::numeric[])
                       AS s(employee_id, month, kind, activity_type_id, value)
            """,
            *keys,
            [None if value is None else round(value, 2) for value in values.values()],
        )

    @api.model
    def _get_key_condition(self, alias, other_alias):
        return SQL(
            """
            %(one)s.employee_id = %(other)s.employee_id AND %(one)s.month = %(other)s.month
            AND %(one)s.kind = %(other)s.kind
            AND COALESCE(%(one)s.activity_type_id, 0) = COALESCE(%(other)s.activity_type_id, 0)
            """,
            one=SQL.identifier(alias),
            other=SQL.identifier(other_alias),
        )

    # ------------------------------------------------------------------
    # Count, write
    # ------------------------------------------------------------------

    @api.model
    def _count_source(self, source):
        """
        :return: ``(salesmen, targets that are new, targets that are there with another value)``
        """
        self.flush_model()
        [counts] = self.env.execute_query(
            SQL(
                """
                SELECT count(DISTINCT s.employee_id), count(*) FILTER (WHERE t.id IS NULL),
                       count(*) FILTER (WHERE t.value != s.value)
                  FROM (%s) s LEFT JOIN sales_target t ON %s
                """,
                source,
                self._get_key_condition("t", "s"),
            )
        )
        return counts

    @api.model
    def _write_source(self, source, overwrite=False):
        """Make the targets of a source. No right is asked for: the source names nobody whose
        targets are not to be set.

        :param overwrite: give targets that are there the value; else they are kept
        :return: number of targets that were made or changed
        """
        self.flush_model()
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH written AS (
                    INSERT INTO sales_target AS t
                           (employee_id, month, kind, activity_type_id, value, amount, number,
                            company_id, create_uid, write_uid, create_date, write_date)
                    SELECT s.employee_id, s.month, s.kind, s.activity_type_id, s.value,
                           CASE WHEN s.kind IN %(amounts)s THEN s.value ELSE 0 END,
                           CASE WHEN s.kind IN %(amounts)s THEN 0 ELSE s.value END,
                           e.company_id, %(uid)s, %(uid)s, %(now)s, %(now)s
                      FROM (%(source)s) s JOIN hr_employee e ON e.id = s.employee_id
                      LEFT JOIN sales_target t ON %(same)s
                     WHERE t.id IS NULL OR %(overwrite)s AND t.value != s.value
                     ORDER BY s.employee_id, s.month, s.kind, s.activity_type_id
                        ON CONFLICT (employee_id, month, kind, COALESCE(activity_type_id, 0))
                        DO %(action)s
                    RETURNING 1
                )
                SELECT count(*) FROM written
                """,
                amounts=AMOUNT_KINDS,
                uid=self.env.uid,
                now=self.env.cr.now(),
                source=source,
                # known beforehand to be as it is, a target is not even locked
                same=self._get_key_condition("t", "s"),
                overwrite=overwrite,
                action=SQL(
                    """
                    UPDATE SET value = EXCLUDED.value, amount = EXCLUDED.amount,
                               number = EXCLUDED.number, write_uid = EXCLUDED.write_uid,
                               write_date = EXCLUDED.write_date
                         WHERE t.value != EXCLUDED.value
                    """
                )
                if overwrite
                else SQL("NOTHING"),
            )
        )
        if count:
            self.invalidate_model(flush=False)
        return count

    @api.model
    def _give_defaults(self, employee_ids):
        """Targets for new salesmen, from this month to the end of the year, as the defaults of
        their companies say; those that they have are kept."""
        if not employee_ids:
            return
        month = self._get_this_month()
        months = self._get_months(month, 13 - month.month)
        employees = SQL("SELECT unnest(%s::int[])", list(employee_ids))
        self._write_source(self._get_defaults_source(employees, months))
