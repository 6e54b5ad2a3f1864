from odoo import models


class AccountAnalyticLine(models.Model):
    """Where analytic accounting is on, Odoo shows every user all lines, with their customers."""

    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
