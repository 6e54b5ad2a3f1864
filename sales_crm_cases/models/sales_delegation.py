from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date


class SalesDelegation(models.Model):
    """Holiday delegate (V9): in the period the delegate sees and works the delegator's records.

    Sight follows from ``sales.visibility``, which holds a row per delegation with its dates, so
    the date alone opens and closes it. Delegations are not passed on, and neither is the
    delegator's team. They outlive the archiving of the delegator, whose customers must not be
    without anybody, and rest while the delegate is archived or has no user.
    """

    _name = "sales.delegation"
    _description = "Holiday delegate"
    _order = "date_from DESC, id DESC"
    _rec_name = "employee_id"

    employee_id = fields.Many2one(
        "hr.employee",
        string="Salesman",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self._default_employee_id(),
    )
    delegate_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    date_from = fields.Date(string="First day", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Last day", required=True)
    is_mine = fields.Boolean(
        string="May change",
        compute="_compute_is_mine",
        search="_search_is_mine",
        compute_sudo=False,
        export_string_translation=False,
        help="Of myself or of my team.",
    )
    is_in_force = fields.Boolean(string="Today", compute="_compute_is_in_force")

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)",
        "The last day of a delegation is before its first day. Exchange the two dates.",
    )

    @api.model
    def _default_employee_id(self):
        return self.env.user._get_salesman_employee()

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        # sudo: this decides about access; only ids of self come back
        mine = self.sudo().search(self._get_mine_domain() & Domain("id", "in", self._origin.ids))
        for delegation in self:
            delegation.is_mine = not delegation._origin.id or delegation._origin in mine

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self._get_mine_domain()
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    @api.model
    def _get_mine_domain(self):
        return self.env["sales.visibility"]._get_managed_domain("employee_id")

    @api.depends("date_from", "date_to")
    def _compute_is_in_force(self):
        today = self.env["sales.visibility"]._get_today()
        for delegation in self:
            delegation.is_in_force = bool(
                delegation.date_from
                and delegation.date_to
                and delegation.date_from <= today <= delegation.date_to
            )

    @api.depends("employee_id", "delegate_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for delegation in self:
            # sudo: names of colleagues, which hr.employee.public shows to everybody
            delegation.display_name = self.env._(
                "%(delegate)s for %(employee)s, %(first)s – %(last)s",
                delegate=delegation.sudo().delegate_id.name or "",
                employee=delegation.sudo().employee_id.name or "",
                first=format_date(self.env, delegation.date_from),
                last=format_date(self.env, delegation.date_to),
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("employee_id", "delegate_id")
    def _check_people(self):
        for delegation in self:
            employee, delegate = delegation.employee_id, delegation.delegate_id
            if not employee.is_salesman:
                raise ValidationError(
                    self.env._(
                        "%(employee)s is no salesman: there is nothing to stand in for.",
                        employee=employee.name,
                    )
                )
            if delegate == employee or (delegate.user_id and delegate.user_id == employee.user_id):
                raise ValidationError(
                    self.env._(
                        "%(employee)s cannot be his own delegate. Choose a colleague.",
                        employee=employee.name,
                    )
                )
            if not (delegate.active and delegate.is_salesman and delegate.user_id.active):
                raise ValidationError(
                    self.env._(
                        "%(delegate)s cannot stand in: a delegate is an active salesman with a user. "
                        "Choose another colleague.",
                        delegate=delegate.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        if not self.env.su:
            delegations._check_not_over()
        delegations._refresh_sight()
        delegations._tell_people("new")
        return delegations

    def write(self, vals):
        former = {delegation: delegation.delegate_id for delegation in self}
        result = super().write(vals)
        if not vals.keys() & {"employee_id", "delegate_id", "date_from", "date_to"}:
            return result
        # again: whose delegation it is may have changed just now
        self.check_access("write")
        if not self.env.su:
            self._check_not_over()
        self._refresh_sight()
        for delegation, delegate in former.items():
            if delegate == delegation.delegate_id:
                delegation._tell_people("changed")
            else:
                delegation._tell(delegate, "gone")
                delegation._tell_people("new")
        return result

    def unlink(self):
        today = self.env["sales.visibility"]._get_today()
        self.filtered(lambda delegation: delegation.date_to >= today)._tell_people("gone")
        result = super().unlink()
        # their rows went with them
        self.env["sales.visibility.revision"]._advance()
        self.env["sales.visibility"].invalidate_model(flush=False)
        self.env["sales.visibility"]._invalidate_sight()
        return result

    def _check_not_over(self):
        today = self.env["sales.visibility"]._get_today()
        for delegation in self:
            if delegation.date_to < today:
                raise UserError(
                    self.env._(
                        "The period ended on %(last)s: nobody would see anything by it. "
                        "Choose a last day from today on.",
                        last=format_date(self.env, delegation.date_to),
                    )
                )

    def _refresh_sight(self):
        self.env["sales.visibility"]._refresh_delegations(SQL("d.id = ANY(%s)", self.ids))

    # ------------------------------------------------------------------
    # Notices
    # ------------------------------------------------------------------

    def _tell_people(self, event):
        """Tell the delegate and, if somebody else decided, the delegator."""
        for delegation in self:
            delegation._tell(delegation.delegate_id | delegation.employee_id, event)

    def _tell(self, employees, event):
        self.ensure_one()
        # sudo: users of colleagues
        users = employees.sudo().user_id.filtered("active") - self.env.user
        if self.env.su or not users:
            return
        for lang, readers in users.grouped("lang").items():
            delegation = self.with_context(lang=lang)
            subject = {
                "new": delegation.env._("Holiday delegate"),
                "changed": delegation.env._("Holiday delegate: changed"),
                "gone": delegation.env._("Holiday delegate: called off"),
            }[event]
            body = delegation.display_name
            self.env["mail.thread"].with_context(lang=lang).message_notify(
                partner_ids=readers.partner_id.ids, subject=subject, body=body
            )
            readers._tell_on_screen(subject, body)
