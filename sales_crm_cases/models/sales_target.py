from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..visibility_scope import FEW_RECORDS
from .res_users import ADMINISTRATOR

# one target of each
KEY = ("employee_id", "month", "kind", "activity_type_id")
FIRST_YEAR, LAST_YEAR = 1990, 2200


class SalesTarget(models.Model):
    """What a salesman is to reach in a month (H7).

    A salesman sees his own, a manager those of the team that he shows, a delegate those of whom
    he stands in for. Administrators set them, and managers those of the team that they show and
    may edit. Nobody sets his own: those of a manager are set by who is above him.
    """

    _name = "sales.target"
    _inherit = [
        "crm.visibility.mixin",
        "sales.target.kind.mixin",
        "sales.target.copy.mixin",
        "sales.target.grid.mixin",
    ]
    _description = "Target of a salesman"
    _order = "month DESC, id"
    _rec_names_search = ["employee_id"]

    employee_id = fields.Many2one(
        "hr.employee",
        string="Salesman",
        required=True,
        ondelete="cascade",
        context={"active_test": False},
    )
    month = fields.Date(
        required=True,
        default=lambda self: self._get_this_month(),
        help="The first day of the month, whichever day you give.",
    )
    company_id = fields.Many2one(related="employee_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    # the value, where it can be added up
    amount = fields.Monetary(compute="_compute_figures", store=True, precompute=True)
    number = fields.Float(compute="_compute_figures", store=True, precompute=True, digits=(16, 2))

    _key_unique = models.UniqueIndex(
        "(employee_id, month, kind, COALESCE(activity_type_id, 0))",
        "The salesman has a target of this kind for the month already. Change that one.",
    )
    _month_idx = models.Index("(month DESC, id)")

    # ------------------------------------------------------------------
    # Defaults, computed fields
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if values.get("month"):
            values["month"] = self._to_month(values["month"])
        return values

    @api.depends("kind", "value")
    def _compute_figures(self):
        for target in self:
            target.amount = target.value if target.is_amount else 0
            target.number = 0 if target.is_amount else target.value

    @api.depends("employee_id", "month", "kind", "activity_type_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for target in self:
            # sudo: the name alone, as everywhere in Odoo
            target.display_name = self._get_name(
                target.employee_id.sudo().name, target._get_kind_label(), target.month
            )

    @api.model
    def _get_name(self, employee_name, kind_label, month):
        month = month and self._format_month(month)
        return " · ".join(part for part in (employee_name, kind_label, month) if part)

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------

    @api.model
    def _get_this_month(self):
        return fields.Date.context_today(self).replace(day=1)

    @api.model
    def _to_month(self, day):
        """The first day of the month of a date.

        :raise UserError: no date, or of another century
        """
        if not day:
            return day
        try:
            day = fields.Date.to_date(day)
        except (TypeError, ValueError):
            day = None
        if not day or not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise UserError(
                self.env._(
                    "This is no month of a target. Give a date from %(first)s to %(last)s.",
                    first=FIRST_YEAR,
                    last=LAST_YEAR,
                )
            )
        return day.replace(day=1)

    @api.model
    def _format_month(self, month, date_format="LLLL yyyy"):
        return format_date(self.env, month, date_format=date_format)

    # ------------------------------------------------------------------
    # Who sees and sets whose
    # ------------------------------------------------------------------

    @api.model
    def _get_employee_domain(self, operation, field_name="id"):
        """Records whose ``field_name`` is an employee whose targets the user may read, or set.

        :param operation: ``read``, or anything else for setting
        """
        visibility = self.env["sales.visibility"]
        if operation == "read":
            # the relation itself: a salesman's customers have nothing to do with it
            return visibility._get_scope("read", FEW_RECORDS).get_employee_domain(field_name)
        if self.env.user.has_group(ADMINISTRATOR):
            return Domain.TRUE
        return visibility._get_managed_domain(field_name, with_own=False)

    @api.model
    def _get_operation_domain(self, operation, purpose=None):
        return self._get_employee_domain(operation, "employee_id")

    @api.model
    def _get_sight_dependencies(self):
        return ["employee_id"]

    @api.model
    def _search_employees(self, operation, domain, limit=None):
        """Query of the employees whose targets the user may read, or set, in the companies that
        are ticked; archived ones too."""
        # sudo: a salesman cannot read employees
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        domain &= Domain("company_id", "in", self.env.companies.ids)
        return employees._search(domain & self._get_employee_domain(operation), limit=limit)

    @api.model
    def _check_may_set(self, employee_ids):
        """Before anything is looked for: a duplicate would tell of a hidden target.

        :raise AccessError: the targets of somebody among them are not the user's to set
        """
        wanted = {id_ for id_ in employee_ids if id_}
        if not self.env.su and wanted:
            allowed = self._search_employees("write", Domain("id", "in", list(wanted)))
            if wanted - set(allowed):
                raise AccessError(self._get_refusal("write"))

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not result or not self or not self.browse().has_access(operation):
            return result
        return result[0], lambda: AccessError(self._get_refusal(operation))

    @api.model
    def _get_refusal(self, operation):
        if operation == "read":
            return self.env._(
                "You see your own targets, and your team's while you show items for "
                "subordinates, in the companies that are ticked."
            )
        return self.env._(
            "Targets are set by CRM administrators, and by managers for their team as long as "
            "they show items for subordinates and may edit them; nobody sets his own. Ask your "
            "manager or a CRM administrator."
        )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("employee_id")
    def _check_employee(self):
        # sudo: a salesman cannot read employees
        self._check_salesmen(self.sudo().employee_id)

    @api.model
    def _check_salesmen(self, employees):
        others = employees.filtered(lambda employee: not employee.is_salesman)
        if others:
            raise ValidationError(
                self.env._(
                    "%(employee)s is no salesman and has no targets. Tick “Salesman” on the "
                    "employee first.",
                    employee=others[0].name,
                )
            )

    @api.model
    def _refuse_duplicates(self, keys, own_ids=()):
        """
        :param keys: list of tuples of the values of KEY, after the change
        :param own_ids: the targets that are changed
        :raise ValidationError: names the target that is there already, or comes twice
        """
        counts = Counter(key for key in keys if all(key[:3]))
        targets = self._find_targets(counts) - self.browse(own_ids)
        twice = [key for key, count in counts.items() if count > 1]
        if targets or twice:
            target = targets[:1] or self.new(dict(zip(KEY, twice[0], strict=True)))
            raise ValidationError(
                self.env._(
                    "There is a target “%(target)s” already. Change that one.",
                    target=target.display_name,
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(list(KEY))
        vals_list = [self._normalize({**defaults, **vals}) for vals in vals_list]
        self._check_may_set(vals.get("employee_id") for vals in vals_list)
        self._refuse_duplicates(
            [tuple(vals.get(name) or None for name in KEY) for vals in vals_list]
        )
        return super().create(vals_list)

    def write(self, vals):
        vals = self._normalize(vals)
        if not vals.keys().isdisjoint(KEY):
            self.check_access("write")
            self._check_may_set([vals.get("employee_id")])
            self._refuse_duplicates(
                [tuple(target._get_key_after(vals)) for target in self], self.ids
            )
        return super().write(vals)

    @api.model
    def _normalize(self, vals):
        return {**vals, "month": self._to_month(vals["month"])} if "month" in vals else vals

    def _get_key_after(self, vals):
        for name in KEY:
            field = self._fields[name]
            value = vals[name] if name in vals else field.convert_to_write(self[name], self)
            yield value or None
