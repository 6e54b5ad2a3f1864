from odoo import api, models
from odoo.exceptions import UserError


class ResPartnerBank(models.Model):
    """Bank accounts follow their customer, and stand still while accounts look at it (K3)."""

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        # sudo: whose they are; those of colleagues have stars already
        self.filtered(lambda bank: bank.sudo().partner_id.customer_id)._mask_hidden_names()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        banks = super().create(vals_list)
        banks._check_open()
        return banks

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        # they may have gone to another customer
        self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self._check_open()

    def _check_open(self):
        """
        :raise UserError: the customer of one of the bank accounts waits for accounts
        """
        locked = self.partner_id.commercial_partner_id.filtered("is_approval_locked")
        if locked and not self.env.su:
            raise UserError(
                self.env._(
                    "%(customer)s waits for accounts: its bank accounts cannot be changed now.",
                    customer=locked[0].display_name,
                )
            )
