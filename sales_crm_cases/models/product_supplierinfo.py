from odoo import models


class ProductSupplierinfo(models.Model):
    """A customer that also sells to us: who does not see it does not see its prices and name."""

    _name = "product.supplierinfo"
    _inherit = ["product.supplierinfo", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
