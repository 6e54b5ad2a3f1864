from odoo import models


class AccountPayment(models.Model):
    """Whoever keeps books reads every payment: who also sells, those of his customers."""

    _name = "account.payment"
    _inherit = ["account.payment", "account.document.mixin"]

    _owner_field = None
