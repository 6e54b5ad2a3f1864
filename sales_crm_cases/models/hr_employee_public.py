from odoo import fields, models


class HrEmployeePublic(models.Model):
    """What of an employee's fields is missing here makes Odoo refuse all of them to everybody
    but HR."""

    _inherit = "hr.employee.public"

    is_salesman = fields.Boolean(readonly=True)
    customer_link_ids = fields.One2many("customer.salesman", "employee_id", string="Customers", readonly=True)
    customer_count = fields.Integer(compute="_compute_customer_count", groups="sales_team.group_sale_salesman")

    def _compute_customer_count(self):
        for employee in self:
            employee.customer_count = self.env["hr.employee"].browse(employee.id).customer_count
