from odoo import models


class AccountMove(models.Model):
    """Invoices follow their customer; what is of no CRM customer stays with Odoo's own rules."""

    _name = "account.move"
    _inherit = ["account.move", "account.document.mixin", "customer.activity.mixin"]

    _activity_customer_field = "partner_id"
