from odoo import api, models


class AccountDocumentMixin(models.AbstractModel):
    """Invoices, and what is made of them: whoever keeps the books sees those of no CRM customer."""

    _name = "account.document.mixin"
    _inherit = ["customer.document.mixin"]
    _description = "Accounting document of a customer"

    _customer_path = "partner_id.customer_id"
    _owner_field = "invoice_user_id"

    @api.model
    def _shows_uncustomered(self):
        return self._user_keeps_books() or super()._shows_uncustomered()

    @api.model
    def _user_keeps_books(self):
        """Salesmen who also work in accounting see its documents as before."""
        user = self.env.user
        return user.has_group("account.group_account_readonly") or user.has_group(
            "account.group_account_invoice"
        )
