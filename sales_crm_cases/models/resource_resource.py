from odoo import models


class ResourceResource(models.Model):
    _inherit = "resource.resource"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"user_id", "active", "company_id"}:
            # the employee's stored copies decide about sight: bring them up to date at once.
            # sudo: whoever may change the resource changes them
            employees = self.env["hr.employee"].sudo().with_context(active_test=False)
            linked = employees.search([("resource_id", "in", self.ids)])
            linked.flush_recordset(employees._get_hierarchy_fields())
        return result
