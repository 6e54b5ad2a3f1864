from odoo import models


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "customer.document.mixin"]

    _customer_path = "order_id.customer_id"
    _owner_field = "salesman_id"
