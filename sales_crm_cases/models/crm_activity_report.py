from odoo import models


class CrmActivityReport(models.Model):
    _name = "crm.activity.report"
    _inherit = ["crm.activity.report", "customer.document.mixin"]

    _customer_path = "lead_id.customer_id"
    _owner_field = "user_id"
