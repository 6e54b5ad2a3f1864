from odoo import models
from odoo.fields import Domain


class PaymentTransaction(models.Model):
    """Odoo lets salesmen read every payment: names and addresses of all customers."""

    _name = "payment.transaction"
    _inherit = ["payment.transaction", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"

    def _get_uncustomered_domain(self, scope):
        return Domain(self._customer_path, "=", False)
