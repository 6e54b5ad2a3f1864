from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


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

    customer_count = fields.Integer(compute="_compute_customer_count", groups="base.group_user")

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
            user = employee.sudo().user_id
            employee.is_salesman = employee.is_salesman or bool(
                user and user.has_group("sales_team.group_sale_salesman")
            )

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
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_crm_cases.res_partner_action_customers"
        )
        return {
            **action,
            "name": self.env._("Customers of %(employee)s", employee=self.name),
            "domain": [("salesman_link_ids.employee_id", "=", self.id), ("is_customer", "=", True)],
        }

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
        return employees

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & set(self._get_hierarchy_fields()):
            # at once: what records said of the user's sight is forgotten by the refresh
            self.flush_recordset(self._get_hierarchy_fields())
        return result

    def _write_multi(self, vals_list):
        # here, not in write(): user and state also follow from the resource, as stored
        # computed fields that write() never sees
        result = super()._write_multi(vals_list)
        watched = set(self._get_hierarchy_fields())
        changed = [
            record.id for record, vals in zip(self, vals_list, strict=True) if watched & vals.keys()
        ]
        self.env["sales.visibility"]._refresh_branch(changed)
        return result

    def unlink(self):
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
