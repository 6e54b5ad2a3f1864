from odoo import api, fields, models


class CrmEntryWizardLine(models.TransientModel):
    """A line of the quote that the dialog makes (C4, C6)."""

    _name = "crm.entry.wizard.line"
    _inherit = ["record.dialog.mixin"]
    _description = "Line of a quote in a dialog"

    _dialog_records = {"wizard_id": "write"}

    wizard_id = fields.Many2one("crm.entry.wizard", required=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", required=True, domain=[("sale_ok", "=", True)])
    quantity = fields.Float(default=1.0, digits="Product Unit")
    price_unit = fields.Monetary(
        string="Unit price", compute="_compute_price_unit", store=True, readonly=False
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")

    @api.depends("product_id", "quantity", "wizard_id.customer_id")
    def _compute_price_unit(self):
        for line in self:
            pricelist = line.wizard_id.customer_id.property_product_pricelist
            line.price_unit = (
                pricelist._get_product_price(line.product_id, line.quantity or 1.0)
                if line.product_id and pricelist
                else line.product_id.lst_price
            )

    def _prepare_order_line(self):
        return {
            "product_id": self.product_id.id,
            "product_uom_qty": self.quantity,
            "price_unit": self.price_unit,
        }
