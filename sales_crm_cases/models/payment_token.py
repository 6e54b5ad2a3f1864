from odoo import models
from odoo.fields import Domain


class PaymentToken(models.Model):
    _name = "payment.token"
    _inherit = ["payment.token", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"

    def _get_uncustomered_domain(self, scope):
        return Domain(self._customer_path, "=", False)
