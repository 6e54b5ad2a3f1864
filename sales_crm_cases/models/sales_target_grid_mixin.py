from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .sales_home_dashboard_mixin import TABLE_TYPES
from .sales_target_copy_mixin import SALESMEN
from .sales_target_kind_mixin import AMOUNT_KINDS

PAGE_SIZE = 80
MAX_PAGE_SIZE = 200
# more than anybody types between two saves
MAX_CELLS = 5000


class SalesTargetGridMixin(models.AbstractModel):
    """The screen "Targets" (H7): a month's targets of all salesmen, or a year's of one.

    Both come as one table, in plain values. Where a cell is follows from the ``cell`` of the
    table, of its row and of its column, which together are the key of a target.
    """

    _name = "sales.target.grid.mixin"
    _description = "Grid of targets"

    # ------------------------------------------------------------------
    # Load
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_grid(self, month=False, offset=0, limit=PAGE_SIZE, search=""):
        """The targets of a month: rows salesmen, columns kinds (H7).

        :param month: any day of it; by default the current one
        :param offset: how many salesmen to leave out, in the order of their names
        :param limit: how many to show
        :param search: part of their names
        :return: dict with ``title``; ``cell``; ``columns``: dicts ``key``, ``label``, ``cell``,
            ``is_amount``, ``is_shown``, ``total`` (of all salesmen, in the currency
            ``currency_id``); ``rows``: dicts ``key``, ``label``, ``cell``, ``currency_id``,
            ``rate`` (to the former), ``is_active``, ``is_editable`` and ``values`` by the key of
            the column; ``count``, how many salesmen there are; ``may_set``: some of them are
            the user's to set
        :raise AccessError: for who has no right in Sales
        """
        self.check_access("read")
        month = self._to_month(month or self._get_this_month())
        employees, count = self._read_page(month, search, offset, limit)
        targets = self.search_fetch(
            Domain("month", "=", month) & Domain("employee_id", "in", employees.ids),
            ["employee_id", "kind", "activity_type_id", "value"],
            order="id",
        )
        values = {
            (
                target.employee_id.id,
                self._get_column_key(target.kind, target.activity_type_id.id),
            ): target.value
            for target in targets
        }
        totals = self._get_totals(month, search)
        columns = self._get_kinds([key for key, _total in totals])
        for column in columns:
            column["total"] = sum(total for key, total in totals if key == column["key"])
        rates = employees.company_id._get_rates_to_current()
        settable = set(self._search_employees("write", Domain("id", "in", employees.ids)))
        return {
            "title": self._format_month(month),
            "month": fields.Date.to_string(month),
            "is_this_month": month == self._get_this_month(),
            "cell": {"month": fields.Date.to_string(month)},
            "columns": columns,
            "rows": [
                {
                    "key": employee.id,
                    "label": employee.name,
                    "cell": {"employee_id": employee.id},
                    "currency_id": employee.company_id.currency_id.id,
                    "rate": rates[employee.company_id],
                    "is_active": employee.active,
                    "is_editable": employee.id in settable and employee.is_salesman,
                    "values": {
                        column["key"]: value
                        for column in columns
                        if (value := values.get((employee.id, column["key"]))) is not None
                    },
                }
                for employee in employees
            ],
            "currency_id": self.env.company.currency_id.id,
            "count": count,
            "may_set": bool(settable) or self._sets_anybody(),
        }

    @api.model
    @api.readonly
    def get_year(self, employee_id, month=False):
        """The targets of a salesman in a year: rows kinds, columns months (H7).

        :param month: any day of the year; by default the current one
        :return: dict as of :meth:`get_grid`, and ``employee_id``, ``employee``; without totals
        :raise UserError: the targets of this salesman are not the user's to see; says no more
        """
        self.check_access("read")
        month = self._to_month(month or self._get_this_month())
        employee = self._find_employee(employee_id)
        months = self._get_months(month.replace(month=1), 12)
        targets = self.search_fetch(
            Domain("month", "in", months) & Domain("employee_id", "=", employee.id),
            ["month", "kind", "activity_type_id", "value"],
            order="id",
        )
        values = {
            (self._get_column_key(target.kind, target.activity_type_id.id), target.month): (
                target.value
            )
            for target in targets
        }
        is_editable = employee.is_salesman and bool(
            self._search_employees("write", Domain("id", "=", employee.id))
        )
        return {
            "title": str(month.year),
            "month": fields.Date.to_string(month),
            "is_this_month": month.year == self._get_this_month().year,
            "employee_id": employee.id,
            "employee": employee.name,
            "cell": {"employee_id": employee.id},
            "columns": [
                {
                    "key": fields.Date.to_string(column),
                    "label": self._format_month(column, "LLL"),
                    "cell": {"month": fields.Date.to_string(column)},
                    "is_amount": False,
                    "is_shown": True,
                }
                for column in months
            ],
            "rows": [
                {
                    **row,
                    "currency_id": employee.company_id.currency_id.id,
                    "is_editable": is_editable,
                    "values": {
                        fields.Date.to_string(column): value
                        for column in months
                        if (value := values.get((row["key"], column))) is not None
                    },
                }
                for row in self._get_kinds([key for key, _month in values])
            ],
            "currency_id": employee.company_id.currency_id.id,
            "count": 1,
            "may_set": is_editable,
        }

    @api.model
    def _get_column_key(self, kind, type_id):
        return f"activities_{type_id}" if kind == "activities" else kind

    @api.model
    def _get_kinds(self, used):
        """All kinds, activities by type; those types without targets are for the user to add.

        :param used: keys of kinds that have targets
        """
        kinds = [
            {
                "key": kind,
                "label": label,
                "cell": {"kind": kind, "activity_type_id": False},
                "is_amount": kind in AMOUNT_KINDS,
                "is_shown": True,
            }
            for kind, label in self._get_kind_labels().items()
            if kind != "activities"
        ]
        shown_types = [self.env.ref(xmlid, False) for xmlid in TABLE_TYPES]
        shown = set(used) | {
            self._get_column_key("activities", each.id) for each in shown_types if each
        }
        # sudo: the names of the types
        types = self.env["mail.activity.type"].sudo().with_context(active_test=False)
        for each in types.search_fetch(
            [("res_model", "in", [False, "res.partner", "crm.lead", "sale.order"])],
            ["name", "active"],
        ):
            key = self._get_column_key("activities", each.id)
            if each.active or key in used:
                kinds.append(
                    {
                        "key": key,
                        "label": each.name,
                        "cell": {"kind": "activities", "activity_type_id": each.id},
                        "is_amount": False,
                        "is_shown": key in shown,
                    }
                )
        return kinds

    # ------------------------------------------------------------------
    # Salesmen
    # ------------------------------------------------------------------

    @api.model
    def _read_page(self, month, search, offset, limit):
        """The salesmen whom the user sees, and who of the former ones had targets in the month.

        :return: ``(employees of the page, number of all)``; the former as superuser
        """
        with_targets = Domain("sales_target_ids", "any!", Domain("month", "=", month))
        domain = (SALESMEN | with_targets) & self._get_name_domain(search)
        domain &= self._get_employee_domain("read")
        domain &= Domain("company_id", "in", self.env.companies.ids)
        # sudo: names of those whom the user sees
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        page = employees.search_fetch(
            domain,
            ["name", "company_id", "active", "is_salesman"],
            offset=max(int(offset or 0), 0),
            limit=min(max(int(limit or PAGE_SIZE), 1), MAX_PAGE_SIZE),
            order="name, id",
        )
        return page, employees.search_count(domain)

    @api.model
    def _get_name_domain(self, search):
        return (
            Domain("name", "ilike", search) if search and isinstance(search, str) else Domain.TRUE
        )

    @api.model
    def _find_employee(self, employee_id):
        employee = self.env["hr.employee"]
        if isinstance(employee_id, int) and employee_id is not True:
            employee = employee.browse(
                self._search_employees("read", Domain("id", "=", employee_id))
            )
        if not employee:
            raise UserError(
                self.env._(
                    "There is no such salesman, or his targets are not yours to see. Go back to "
                    "the month."
                )
            )
        # sudo: the user sees his targets
        return employee.sudo()

    @api.model
    def _sets_anybody(self):
        return bool(self._search_employees("write", SALESMEN, limit=1))

    # ------------------------------------------------------------------
    # Totals
    # ------------------------------------------------------------------

    @api.model
    def _get_totals(self, month, search):
        """Sums of a month, of all whom the user sees.

        :return: list of ``(key of the kind, sum)``, one or more per kind
        """
        domain = Domain("month", "=", month)
        if search:
            # sudo, by "any!": the names of those whom the user sees
            domain &= Domain("employee_id", "any!", self._get_name_domain(search))
        groups = self.with_context(active_test=False)._read_group(
            domain, ["kind", "activity_type_id", "company_id"], ["value:sum"]
        )
        companies = self.env["res.company"].union(*(group[2] for group in groups))
        rates = companies._get_rates_to_current()
        return [
            (
                self._get_column_key(kind, activity_type.id),
                value * rates[company] if kind in AMOUNT_KINDS else value,
            )
            for kind, activity_type, company, value in groups
        ]

    # ------------------------------------------------------------------
    # Save
    # ------------------------------------------------------------------

    @api.model
    def save_cells(self, cells):
        """Set and remove targets, all or nothing (H7). What is as it was is not written.

        :param cells: dicts with ``employee_id``, ``month``, ``kind``, for activities
            ``activity_type_id``, and ``value``, a number; False removes the target
        :return: number of targets that were made, changed or removed
        :raise AccessError: somebody's targets are not the user's to set
        :raise UserError, ValidationError: something is no cell of the grid, or negative
        """
        for operation in ("create", "write", "unlink"):
            self.check_access(operation)
        values = self._read_cells(cells)
        removed = self._find_targets([key for key, value in values.items() if value is False])
        count = len(removed)
        removed.unlink()
        kept = {key: value for key, value in values.items() if value is not False}
        if kept:
            count += self._write_source(self._get_values_source(kept), overwrite=True)
        return count

    @api.model
    def _find_targets(self, keys):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT t.id FROM sales_target t JOIN (%s) k ON %s",
                self._get_values_source(dict.fromkeys(keys)),
                self._get_key_condition("t", "k"),
            )
        )
        return self.browse(id_ for (id_,) in rows)

    @api.model
    def _read_cells(self, cells):
        """What a caller sends, once it is known to be right.

        :return: dict ``{key of a target: number, or False}``
        """
        if not isinstance(cells, list) or len(cells) > MAX_CELLS:
            raise UserError(self.env._("Save at most %(count)s targets at once.", count=MAX_CELLS))
        values = {self._read_key(cell): self._read_value(cell.get("value")) for cell in cells}
        self._check_may_set(employee_id for employee_id, _month, _kind, _type_id in values)
        # sudo: the names of those whose targets the user sets
        employees = self.env["hr.employee"].sudo().browse({key[0] for key in values})
        types = self.env["mail.activity.type"].browse({key[3] for key in values if key[3]})
        if types != types.exists():
            raise UserError(self.env._("This activity type was deleted. Load the page again."))
        for (employee_id, month, kind, type_id), value in values.items():
            if value is not False and not self._is_value(value):
                raise ValidationError(
                    self._get_value_message(
                        self._get_name(
                            employees.browse(employee_id).name,
                            types.browse(type_id).name or self._get_kind_labels()[kind],
                            month,
                        ),
                        value,
                    )
                )
        kept = {key[0] for key, value in values.items() if value is not False}
        self._check_salesmen(employees.browse(kept))
        return values

    @api.model
    def _read_value(self, value):
        return False if value is None else value

    @api.model
    def _read_key(self, cell):
        def is_id(value):
            return isinstance(value, int) and value is not True and value > 0

        if isinstance(cell, dict):
            employee_id, kind = cell.get("employee_id"), cell.get("kind")
            type_id = cell.get("activity_type_id") or None
            month = self._to_month(cell.get("month"))
            if (
                is_id(employee_id)
                and month
                and isinstance(kind, str)
                and kind in self._get_kind_labels()
                and is_id(type_id) == (kind == "activities")
                and (type_id is None or kind == "activities")
            ):
                return employee_id, month, kind, type_id
        raise UserError(
            self.env._(
                "A target is for a salesman, a month and a kind; one of activities, and no other, "
                "has an activity type."
            )
        )
