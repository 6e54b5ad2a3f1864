from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_handover import SUCCESSOR_DECIDED
from .res_users import ADMINISTRATOR, SALESMAN


class HrEmployee(models.Model):
    """A salesman is an employee; the hierarchy of employees is the sales team (V2, V3)."""

    _inherit = "hr.employee"

    is_salesman = fields.Boolean(
        string="Salesman",
        compute="_compute_is_salesman",
        store=True,
        readonly=False,
        groups="base.group_user",
        help="Offered when salesmen are linked to a customer.",
    )
    customer_link_ids = fields.One2many(
        "customer.salesman", "employee_id", string="Customers", groups="base.group_user"
    )
    sales_target_ids = fields.One2many(
        "sales.target",
        "employee_id",
        string="Targets",
        groups="sales_team.group_sale_salesman",
    )

    is_in_my_team = fields.Boolean(
        compute="_compute_is_in_my_team",
        search="_search_is_in_my_team",
        compute_sudo=False,
        groups="base.group_user",
        export_string_translation=False,
        help="Below me: I may name his delegate and hand his customers over.",
    )
    customer_count = fields.Integer(compute="_compute_customer_count", groups="base.group_user")

    @api.depends_context("uid")
    def _compute_is_in_my_team(self):
        # sudo: whom the user manages is no secret to him; only ids of self come back
        employees = self.sudo().with_context(active_test=False)
        domain = Domain("id", "in", self._origin.ids) & self._get_team_domain()
        team_ids = set(employees._search(domain))
        for employee in self:
            employee.is_in_my_team = employee._origin.id in team_ids

    def _search_is_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        team = self._get_team_domain()
        return Domain.OR(team if wanted else ~team for wanted in value)

    @api.model
    def _get_team_domain(self):
        """The employees whose customers the user may hand over: administrators everybody's,
        managers their team's."""
        if self.env.user.has_group(ADMINISTRATOR):
            return Domain.TRUE
        return self.env["sales.visibility"]._get_managed_domain(with_own=False)

    def _compute_customer_count(self):
        counts = dict(
            self.env["customer.salesman"]._read_group(
                [("employee_id", "in", self.ids), ("customer_id.active", "=", True)],
                ["employee_id"],
                ["__count"],
            )
        )
        for employee in self:
            employee.customer_count = counts.get(employee, 0)

    @api.depends("user_id")
    def _compute_is_salesman(self):
        for employee in self:
            user = employee.user_id
            employee.is_salesman = employee.is_salesman or bool(user and user.has_group(SALESMAN))

    @api.constrains("parent_id")
    def _check_manager_cycle(self):
        if self._has_cycle("parent_id"):
            raise ValidationError(
                self.env._(
                    "%(employee)s cannot be his own manager, directly or through others. "
                    "Choose a manager from outside his team.",
                    employee=self[:1].name,
                )
            )

    def action_view_customers(self):
        """List the customers that are linked to the employee, as far as the user sees them."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "res_partner_action_customers",
            self.env._("Customers of %(employee)s", employee=self.name),
            domain=[("salesman_link_ids.employee_id", "=", self.id), ("is_customer", "=", True)],
        )

    # ------------------------------------------------------------------
    # Successor of who leaves (V8)
    # ------------------------------------------------------------------

    def _ask_for_successor(self, archive):
        """Before somebody is archived to whom customers are linked: whoever may hand them over
        is asked for the successor, and may answer that there is none. Others, as human
        resources, are not stopped: CRM administrators are told.

        :param archive: ``employee`` or ``user``, whom the dialog archives in the end
        :raise RedirectWarning: opens the dialog
        """
        if self.env.su or self.env.context.get("successor_decided") is SUCCESSOR_DECIDED:
            return
        # sudo: links to customers whom the user does not see count, too
        counts = (
            self.env["customer.salesman"]
            .sudo()
            ._read_group([("employee_id", "in", self.ids)], ["employee_id"], ["__count"])
        )
        for employee, count in counts:
            if employee.is_in_my_team:
                raise RedirectWarning(
                    self.env._(
                        "%(employee)s has %(count)s customers. Choose who takes them over, or "
                        "archive without a successor.",
                        employee=employee.name,
                        count=count,
                    ),
                    self.env.ref("sales_crm_cases.customer_handover_wizard_action").id,
                    self.env._("Hand the customers over"),
                    {
                        "default_employee_id": employee.id,
                        "default_archive": archive,
                        "default_is_archiving": True,
                    },
                )
        for employee, count in counts:
            employee._tell_administrators(count)

    def _tell_administrators(self, customer_count):
        """Tell those who can hand the customers over that their salesman was archived."""
        administrators = self.env.ref(ADMINISTRATOR).all_user_ids.filtered("active")
        for lang, readers in administrators.grouped("lang").items():
            env = self.with_context(lang=lang).env
            text = env._(
                "%(employee)s was archived. %(count)s customers are still linked to him: "
                "hand them over under Sales CRM / Team / Hand-overs.",
                employee=self.name,
                count=customer_count,
            )
            env["mail.thread"].message_notify(
                partner_ids=readers.partner_id.ids,
                subject=env._("Customers without a salesman"),
                body=text,
            )

    # ------------------------------------------------------------------
    # Keep the visibility relation in step
    # ------------------------------------------------------------------

    @api.model
    def _get_hierarchy_fields(self):
        """Names of the stored fields on which sight depends."""
        return ["parent_id", "user_id", "active", "company_id"]

    @api.model_create_multi
    def create(self, vals_list):
        employees = super().create(vals_list)
        employees.flush_recordset(self._get_hierarchy_fields())
        self.env["sales.visibility"]._refresh_branch(employees.ids)
        self.env["sales.target"]._give_defaults(
            [
                employee.id
                for employee, vals in zip(employees, vals_list, strict=True)
                if vals.get("is_salesman")
            ]
        )
        return employees

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self.filtered("active")._ask_for_successor("employee")
        result = super().write(vals)
        if vals.keys() & set(self._get_hierarchy_fields()):
            # at once: what records said of the user's sight is forgotten by the refresh
            self.flush_recordset(self._get_hierarchy_fields())
        return result

    def _write_multi(self, vals_list):
        # here, not in write(): user and state also follow from the resource, as stored
        # computed fields that write() never sees
        new_salesmen = self._find_new_salesmen(vals_list)
        result = super()._write_multi(vals_list)
        self.env["sales.target"]._give_defaults(new_salesmen)
        watched = set(self._get_hierarchy_fields())
        changed = [
            record.id for record, vals in zip(self, vals_list, strict=True) if watched & vals.keys()
        ]
        self.env["sales.visibility"]._refresh_branch(changed)
        return result

    def _find_new_salesmen(self, vals_list):
        """Ids of those whom the values make salesmen."""
        ticked = [
            record.id
            for record, vals in zip(self, vals_list, strict=True)
            if vals.get("is_salesman")
        ]
        if not ticked:
            return []
        rows = self.env.execute_query(
            SQL("SELECT id FROM hr_employee WHERE id = ANY(%s) AND is_salesman IS NOT TRUE", ticked)
        )
        return [id_ for [id_] in rows]

    def unlink(self):
        # one by one they tell the visibility relation; a cascade in the database would not.
        # sudo: whoever may delete the employee ends his delegations
        delegations = self.env["sales.delegation"].sudo()
        delegations.search(
            ["|", ("employee_id", "in", self.ids), ("delegate_id", "in", self.ids)]
        ).unlink()
        below = self.env.execute_query(
            SQL(
                "SELECT id FROM hr_employee WHERE parent_id = ANY(%s) AND NOT id = ANY(%s)",
                self.ids,
                self.ids,
            )
        )
        result = super().unlink()
        self.env["sales.visibility"]._refresh_branch([row[0] for row in below])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_linked(self):
        # sudo: links to customers whom the author does not see count, too
        links = (
            self.env["customer.salesman"].sudo().search([("employee_id", "in", self.ids)], limit=1)
        )
        if links:
            raise ValidationError(
                self.env._(
                    "%(employee)s is linked to customers. Hand them over to a colleague first, "
                    "or archive the employee.",
                    employee=links.employee_id.name,
                )
            )
