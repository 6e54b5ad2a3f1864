from odoo import api, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "account.document.mixin", "privacy.document.mixin"]

    _customer_path = "move_id.partner_id.customer_id"
    _owner_field = None

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        self._mask_restricted_documents()
        return result

    @api.model
    def _get_uncustomered_domain(self, scope):
        if self._shows_uncustomered():
            # entries of nobody, as opening balances, have items of customers
            return super()._get_uncustomered_domain(scope) & (
                Domain("partner_id", "=", False)
                | Domain("partner_id.customer_id", "=", False)
                | Domain("partner_id", "any!", scope.get_customer_domain())
            )
        uncustomered = Domain(self._customer_path, "=", False)
        return uncustomered & Domain("move_id", "any!", scope.get_owner_domain("invoice_user_id"))

    @api.model
    def _get_sight_dependencies(self):
        return [*super()._get_sight_dependencies(), "partner_id"]
