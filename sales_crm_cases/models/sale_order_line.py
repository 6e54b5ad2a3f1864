from odoo import api, models


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "customer.document.mixin", "privacy.document.mixin"]

    _customer_path = "order_id.customer_id"
    _owner_field = "salesman_id"
    _privacy_field = "order_partner_id"

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if not self.env.su:
            # Odoo gives the names to the superuser's records, whose values are not the user's
            for line in self:
                line.display_name = line.sudo().display_name
        self._mask_restricted_documents()
        self._mask_hidden_names()
        return result
