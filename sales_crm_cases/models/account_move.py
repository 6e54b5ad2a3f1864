from odoo import api, fields, models

from .privacy_partner_mixin import KEEPERS


class AccountMove(models.Model):
    """Invoices follow their customer; what is of no CRM customer stays with Odoo's own rules."""

    _name = "account.move"
    _inherit = [
        "account.move",
        "account.document.mixin",
        "customer.activity.mixin",
        "team.document.mixin",
        "privacy.document.mixin",
    ]

    _team_field = "invoice_user_id"

    _activity_customer_field = "partner_id"

    # a copy of the name that stays in posted invoices of people who were anonymised
    invoice_partner_display_name = fields.Char(groups=",".join(KEEPERS))

    # the sale history of a customer (K14)
    _sales_history_idx = models.Index(
        "(commercial_partner_id, invoice_date) "
        "WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        self._mask_restricted_documents()
        return result
