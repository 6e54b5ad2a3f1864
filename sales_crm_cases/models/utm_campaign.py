from odoo import api, models


class UtmCampaign(models.Model):
    """Odoo counts the quotes and invoices of a campaign as superuser, whoever asks."""

    _inherit = "utm.campaign"

    @api.depends_context("uid")
    def _compute_quotation_count(self):
        super()._compute_quotation_count()
        if not self.env.user._is_customer_restricted():
            return
        # with the user's own sight: his part of the figure
        rows = (
            self.env["sale.order"]
            .sudo(False)
            ._read_group([("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"])
        )
        counts = {campaign.id: count for campaign, count in rows}
        for campaign in self:
            campaign.quotation_count = counts.get(campaign.id, 0)

    @api.depends_context("uid")
    def _compute_sale_invoiced_amount(self):
        super()._compute_sale_invoiced_amount()
        if not self.env.user._is_customer_restricted():
            return
        invoices = self.env["account.move"].sudo(False)
        rows = invoices._read_group(
            [
                ("campaign_id", "in", self.ids),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
            ],
            ["campaign_id"],
            ["amount_untaxed_signed:sum"],
        )
        amounts = {campaign.id: amount for campaign, amount in rows}
        for campaign in self:
            campaign.invoiced_amount = amounts.get(campaign.id, 0)
