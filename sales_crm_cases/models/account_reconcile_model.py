from odoo import models


class AccountReconcileModel(models.Model):
    """Rules of bookkeepers for what the bank says of a customer."""

    _name = "account.reconcile.model"
    _inherit = ["account.reconcile.model", "customer.document.mixin"]

    _customer_path = "mapped_partner_id.customer_id"
    _uncustomered_is_public = True
