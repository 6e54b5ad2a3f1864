from odoo import api, models
from odoo.fields import Domain


class AccountMove(models.Model):
    """Invoices follow their customer; what is of no CRM customer stays with Odoo's own rules."""

    _name = "account.move"
    _inherit = ["account.move", "customer.document.mixin", "customer.activity.mixin"]

    _customer_path = "partner_id.customer_id"
    _owner_field = "invoice_user_id"
    _activity_customer_field = "partner_id"

    @api.model
    def _get_uncustomered_domain(self, scope):
        if self.env["account.move"]._user_keeps_books():
            return Domain(self._customer_path, "=", False)
        return super()._get_uncustomered_domain(scope)

    @api.model
    def _user_keeps_books(self):
        """Salesmen who also work in accounting see its documents as before."""
        user = self.env.user
        return user.has_group("account.group_account_readonly") or user.has_group(
            "account.group_account_invoice"
        )
