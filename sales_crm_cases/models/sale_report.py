from odoo import models


class SaleReport(models.Model):
    _name = "sale.report"
    _inherit = ["sale.report", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _owner_field = "user_id"
