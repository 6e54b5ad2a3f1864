from odoo import models
from odoo.fields import Domain


class AccountInvoiceReport(models.Model):
    _name = "account.invoice.report"
    _inherit = ["account.invoice.report", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _owner_field = "invoice_user_id"

    def _get_uncustomered_domain(self, scope):
        if self.env["account.move"]._user_keeps_books():
            return Domain(self._customer_path, "=", False)
        return super()._get_uncustomered_domain(scope)
