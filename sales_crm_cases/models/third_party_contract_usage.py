from odoo import api, fields, models

PERIODS_PER_YEAR = {
    "day": 365,
    "week": 52,
    "month": 12,
    "quarter": 4,
    "half_year": 2,
    "year": 1,
}


class ThirdPartyContractUsage(models.Model):
    """How much an item is used, and what a unit costs: pages, hours, kilometres (R4)."""

    _name = "third.party.contract.usage"
    _inherit = ["customer.document.mixin", "third.party.figures.mixin"]
    _description = "Item usage of a third-party contract"
    _order = "item_id, id"
    _rec_name = "kind"

    _customer_path = "item_id.contract_id.customer_id"

    item_id = fields.Many2one(
        "third.party.contract.item", required=True, index=True, ondelete="cascade"
    )
    contract_id = fields.Many2one(related="item_id.contract_id")
    customer_id = fields.Many2one(related="item_id.contract_id.customer_id")
    third_party_id = fields.Many2one(related="item_id.contract_id.third_party_id")
    date_end = fields.Date(related="item_id.contract_id.date_end")
    currency_id = fields.Many2one(related="item_id.contract_id.currency_id")
    kind = fields.Char(required=True, help="What is counted, for example “Pages in colour”.")
    volume = fields.Float(
        string="Volume per period",
        digits=(16, 2),
        aggregator=None,
        help="Of all pieces of the item together.",
    )
    period = fields.Selection(
        [
            ("day", "Day"),
            ("week", "Week"),
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("half_year", "Half-year"),
            ("year", "Year"),
        ],
        required=True,
        default="month",
    )
    rate = fields.Float(
        digits=(16, 6), aggregator="avg", help="Price of one unit, in the contract's currency."
    )
    yearly_volume = fields.Float(compute="_compute_yearly_figures", store=True, digits=(16, 2))
    yearly_cost = fields.Monetary(compute="_compute_yearly_figures", store=True)

    @api.depends("volume", "period", "rate", "currency_id")
    def _compute_yearly_figures(self):
        for usage in self:
            usage.yearly_volume = usage.volume * PERIODS_PER_YEAR.get(usage.period, 0)
            usage.yearly_cost = usage.yearly_volume * usage.rate

    @api.constrains("volume", "rate")
    def _check_numbers(self):
        self._refuse_negative("volume", "rate")

    def write(self, vals):
        result = super().write(vals)
        if "item_id" in vals:
            # nobody moves usage to a contract that he may not change
            self.check_access("write")
        return result
