from odoo import api, models
from odoo.exceptions import UserError


class ResPartnerBank(models.Model):
    """Bank accounts follow their customer, and stand still while accounts look at it (K3)."""

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True

    @api.model_create_multi
    def create(self, vals_list):
        self.env["res.partner"].browse(
            {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        )._check_bank_accounts_open()
        return super().create(vals_list)

    def write(self, vals):
        self.partner_id._check_bank_accounts_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self.partner_id._check_bank_accounts_open()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _check_bank_accounts_open(self):
        for partner in self:
            if partner.commercial_partner_id.is_approval_locked and not self.env.su:
                raise UserError(
                    self.env._(
                        "%(customer)s waits for accounts: its bank accounts cannot be changed now.",
                        customer=partner.commercial_partner_id.display_name,
                    )
                )
