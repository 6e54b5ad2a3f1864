from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..models.sales_target_copy_mixin import SALESMEN

MAX_MONTHS = 24


class SalesTargetCopyWizard(models.TransientModel):
    """Copy targets to later months, or to all salesmen, and see before how many (H7).

    To copy twice, by two clicks or by two people, is to copy once.
    """

    _name = "sales.target.copy.wizard"
    _description = "Copy targets"

    mode = fields.Selection(
        [("forward", "Copy forward"), ("all", "Apply to all")],
        required=True,
        default="forward",
    )
    month = fields.Date(
        required=True, default=lambda self: self.env["sales.target"]._get_this_month()
    )
    month_label = fields.Char(string="From", compute="_compute_month_label")
    month_count = fields.Integer(
        string="Number of months", required=True, default=lambda self: self._default_month_count()
    )
    source = fields.Selection(
        [("salesman", "Targets of a salesman"), ("defaults", "Default targets")],
        string="Copy",
        required=True,
        default="salesman",
    )
    employee_id = fields.Many2one(
        "hr.employee", string="Salesman", context={"active_test": False}, ondelete="cascade"
    )
    employee_name = fields.Char(
        string="Salesmen named", help="The part of their names by which the grid is filtered."
    )
    overwrite = fields.Boolean(string="Overwrite existing targets")
    # what it comes to
    period = fields.Char(string="To", compute="_compute_counts")
    salesman_count = fields.Integer(string="Salesmen", compute="_compute_counts")
    new_count = fields.Integer(string="New targets", compute="_compute_counts")
    existing_count = fields.Integer(
        string="Existing targets with another value", compute="_compute_counts"
    )
    warning = fields.Char(compute="_compute_counts")

    @api.model
    def _default_month_count(self):
        """Forward to the end of the year; to all, the month alone."""
        month = self.env["sales.target"]._to_month(
            self.env.context.get("default_month") or fields.Date.context_today(self)
        )
        is_forward = self.env.context.get("default_mode", "forward") == "forward"
        return 12 - month.month or 12 if is_forward else 1

    @api.depends("month")
    @api.depends_context("lang")
    def _compute_month_label(self):
        targets = self.env["sales.target"]
        for wizard in self:
            wizard.month_label = wizard.month and targets._format_month(wizard.month)

    @api.depends(
        "mode", "month", "month_count", "source", "employee_id", "employee_name", "overwrite"
    )
    @api.depends_context("uid", "lang", "company")
    def _compute_counts(self):
        targets = self.env["sales.target"]
        for wizard in self:
            months = wizard._get_target_months()
            source = months and wizard._get_source(months)
            counts = targets._count_source(source) if source else (0, 0, 0)
            wizard.salesman_count, wizard.new_count, wizard.existing_count = counts
            wizard.period = " – ".join(
                dict.fromkeys(targets._format_month(month) for month in months[:1] + months[-1:])
            )
            wizard.warning = wizard._get_warning()

    def _get_warning(self):
        if not self.salesman_count:
            is_chosen = self.mode == "forward" or self.source == "defaults" or self.employee_id
            return self._get_nothing_message() if is_chosen else False
        if not self.existing_count:
            return False
        if self.overwrite:
            return self.env._(
                "%(count)s existing targets of these %(salesmen)s salesmen will be overwritten. "
                "Their values are lost.",
                count=self.existing_count,
                salesmen=self.salesman_count,
            )
        return self.env._(
            "%(count)s existing targets have another value. They are kept.",
            count=self.existing_count,
        )

    @api.model
    def _get_nothing_message(self):
        return self.env._(
            "There is nothing to copy: no targets in this month, or none that you may set."
        )

    @api.constrains("month_count")
    def _check_month_count(self):
        for wizard in self:
            if not 1 <= wizard.month_count <= MAX_MONTHS:
                raise ValidationError(
                    self.env._(
                        "Copy to 1 to %(maximum)s months, not to %(count)s.",
                        maximum=MAX_MONTHS,
                        count=wizard.month_count,
                    )
                )

    # ------------------------------------------------------------------
    # What is copied, and where
    # ------------------------------------------------------------------

    def _get_target_months(self):
        """The months that get targets; none while the form is not complete."""
        if not self.month or not 1 <= self.month_count <= MAX_MONTHS:
            return []
        targets = self.env["sales.target"]
        first = targets._to_month(self.month)
        if self.mode == "forward":
            first += relativedelta(months=1)
        return targets._get_months(first, self.month_count)

    def _get_source(self, months):
        """SQL of the targets, see ``sales.target.copy.mixin``; None without a salesman."""
        targets = self.env["sales.target"]
        employee = self.employee_id._origin
        if self.mode == "forward":
            domain = (
                Domain("id", "=", employee.id)
                if employee
                else targets._get_name_domain(self.employee_name)
            )
            return targets._get_forward_source(targets._to_month(self.month), months, domain)
        if self.source == "defaults":
            employees = targets._search_employees("write", SALESMEN)
            return targets._get_defaults_source(employees.select(), months)
        return targets._get_spread_source(employee, months) if employee else None

    def action_copy(self):
        """Make the targets, and say how many.

        :raise UserError: there is nothing to copy, or nobody whose targets the user may set
        """
        self.ensure_one()
        self.check_access("read")
        if not self.salesman_count:
            raise UserError(self._get_nothing_message())
        source = self._get_source(self._get_target_months())
        count = self.env["sales.target"]._write_source(source, self.overwrite)
        return self.env["ir.actions.client"]._get_notification(
            self.env._("Targets that were made or changed: %s", count),
            kind="success" if count else "info",
        )
