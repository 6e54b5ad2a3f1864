from odoo import models


class AccountAnalyticAccount(models.Model):
    """Odoo shows every user all analytic accounts, with the names of their customers."""

    _name = "account.analytic.account"
    _inherit = ["account.analytic.account", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
