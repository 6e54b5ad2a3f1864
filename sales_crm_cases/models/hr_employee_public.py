from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


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
    sales_target_ids = fields.One2many(
        "sales.target",
        "employee_id",
        string="Targets",
        search="_search_sales_target_ids",
        readonly=True,
        groups="sales_team.group_sale_salesman",
    )
    is_in_my_team = fields.Boolean(
        compute="_compute_is_in_my_team",
        search="_search_is_in_my_team",
        compute_sudo=False,
        export_string_translation=False,
    )
    customer_count = fields.Integer(compute="_compute_customer_count", groups="base.group_user")

    def _search_customer_link_ids(self, operator, value):
        return self._search_owners("customer.salesman", operator, value)

    def _search_sales_target_ids(self, operator, value):
        return self._search_owners("sales.target", operator, value)

    @api.model
    def _search_owners(self, model_name, operator, value):
        """The employees of records of a model, as far as the user sees the records."""

        def having(domain):
            query = self.env[model_name]._search(domain, order="id")
            return Domain("id", "in", query.subselect(SQL.identifier(query.table, "employee_id")))

        if operator == "any":
            return having(Domain(value))
        if operator != "in":
            return NotImplemented
        found = having(Domain("id", "in", [id_ for id_ in value if id_]))
        return found | ~having(Domain.TRUE) if False in value else found

    @api.depends_context("uid")
    def _compute_is_in_my_team(self):
        for employee in self:
            employee.is_in_my_team = self.env["hr.employee"].browse(employee.id).is_in_my_team

    def _search_is_in_my_team(self, operator, value):
        return self.env["hr.employee"]._search_is_in_my_team(operator, value)

    def _compute_customer_count(self):
        for employee in self:
            employee.customer_count = self.env["hr.employee"].browse(employee.id).customer_count
