from markupsafe import Markup
from odoo import api, fields, models


class CustomerVisibilityWizard(models.TransientModel):
    """Why can I see this customer? (V10)"""

    _name = "customer.visibility.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Why can I see this customer?"

    _dialog_records = {"partner_id": "read"}

    partner_id = fields.Many2one("res.partner", required=True, readonly=True)
    explanation = fields.Html(compute="_compute_explanation")

    @api.depends("partner_id")
    @api.depends_context("uid")
    def _compute_explanation(self):
        for wizard in self:
            reasons = wizard.partner_id.get_visibility_reasons()
            items = Markup("").join(Markup("<li>%s</li>") % reason["text"] for reason in reasons)
            wizard.explanation = Markup("<ul>%s</ul>") % items
