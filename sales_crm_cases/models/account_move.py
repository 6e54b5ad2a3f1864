from odoo import models


class AccountMove(models.Model):
    """Invoices follow their customer; what is of no CRM customer stays with Odoo's own rules."""

    _name = "account.move"
    _inherit = [
        "account.move",
        "account.document.mixin",
        "customer.activity.mixin",
        "team.document.mixin",
    ]

    _team_field = "invoice_user_id"

    _activity_customer_field = "partner_id"

    # the sale history of a customer (K14)
    _sales_history_idx = models.Index(
        "(commercial_partner_id, invoice_date) "
        "WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )
