from odoo import models


class AccountReconcileModelLine(models.Model):
    """The entries that such a rule makes for a customer."""

    _name = "account.reconcile.model.line"
    _inherit = ["account.reconcile.model.line", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
