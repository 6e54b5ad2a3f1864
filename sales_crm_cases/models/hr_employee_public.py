from odoo import api, fields, models
from odoo.fields import Domain


class HrEmployeePublic(models.Model):
    """What of an employee's fields is missing here makes Odoo refuse all of them to everybody
    but HR."""

    _inherit = "hr.employee.public"

    is_salesman = fields.Boolean(readonly=True)
    # with a search of its own: Odoo's, by ids, would find links to hidden customers, too
    customer_link_ids = fields.One2many(
        "customer.salesman",
        "employee_id",
        string="Customers",
        search="_search_customer_link_ids",
        readonly=True,
    )
    is_in_my_team = fields.Boolean(
        compute="_compute_is_in_my_team",
        search="_search_is_in_my_team",
        compute_sudo=False,
        export_string_translation=False,
    )
    customer_count = fields.Integer(compute="_compute_customer_count", groups="base.group_user")

    def _search_customer_link_ids(self, operator, value):
        if operator == "any":
            domain = Domain(value)
        elif operator == "in" and False not in value:
            domain = Domain("id", "in", list(value))
        else:
            return NotImplemented
        return Domain("id", "in", self.env["customer.salesman"].search(domain).employee_id.ids)

    @api.depends_context("uid")
    def _compute_is_in_my_team(self):
        for employee in self:
            employee.is_in_my_team = self.env["hr.employee"].browse(employee.id).is_in_my_team

    def _search_is_in_my_team(self, operator, value):
        return self.env["hr.employee"]._search_is_in_my_team(operator, value)

    def _compute_customer_count(self):
        for employee in self:
            employee.customer_count = self.env["hr.employee"].browse(employee.id).customer_count
