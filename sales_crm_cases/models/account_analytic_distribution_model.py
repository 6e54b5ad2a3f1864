from odoo import models


class AccountAnalyticDistributionModel(models.Model):
    """As the lines: to which accounts a customer's sales go."""

    _name = "account.analytic.distribution.model"
    _inherit = ["account.analytic.distribution.model", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
