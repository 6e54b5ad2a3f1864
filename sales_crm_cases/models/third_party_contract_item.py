from odoo import api, fields, models


class ThirdPartyContractItem(models.Model):
    """What is under a contract: a machine, a vehicle, a service (R4)."""

    _name = "third.party.contract.item"
    _inherit = ["customer.document.mixin", "third.party.figures.mixin"]
    _description = "Item of a third-party contract"
    _order = "contract_id, id"

    _customer_path = "contract_id.customer_id"

    contract_id = fields.Many2one(
        "third.party.contract", required=True, index=True, ondelete="cascade"
    )
    customer_id = fields.Many2one(related="contract_id.customer_id")
    company_id = fields.Many2one(related="contract_id.company_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="set null", help="If it is one of ours."
    )
    name = fields.Char(
        string="Description",
        compute="_compute_name",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    quantity = fields.Float(default=1, digits="Product Unit")
    amount = fields.Monetary(string="Value")
    usage_ids = fields.One2many(
        "third.party.contract.usage", "item_id", string="Item usage", copy=True
    )
    yearly_volume = fields.Float(compute="_compute_yearly_figures", store=True, digits=(16, 2))
    yearly_cost = fields.Monetary(compute="_compute_yearly_figures", store=True)

    @api.depends("product_id")
    def _compute_name(self):
        for item in self:
            item.name = item.name or item.product_id.display_name

    @api.depends("usage_ids.yearly_volume", "usage_ids.yearly_cost")
    def _compute_yearly_figures(self):
        for item in self:
            item.yearly_volume = sum(item.usage_ids.mapped("yearly_volume"))
            item.yearly_cost = sum(item.usage_ids.mapped("yearly_cost"))

    @api.constrains("quantity", "amount")
    def _check_numbers(self):
        self._refuse_negative("quantity", "amount")

    def write(self, vals):
        result = super().write(vals)
        if "contract_id" in vals:
            # nobody moves an item to a contract that he may not change
            self.check_access("write")
        return result
