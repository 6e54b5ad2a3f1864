from markupsafe import Markup
from odoo import api, fields, models


class CustomerVisibilityWizard(models.TransientModel):
    """Why can I see this customer? (V10)"""

    _name = "customer.visibility.wizard"
    _description = "Why can I see this customer?"

    partner_id = fields.Many2one("res.partner", required=True, readonly=True)
    explanation = fields.Html(compute="_compute_explanation")

    @api.constrains("partner_id")
    def _check_partner_id(self):
        # the dialog names its record, also to who made it up by RPC; constraints run as superuser
        self.partner_id.sudo(False).check_access("read")

    @api.depends("partner_id")
    @api.depends_context("uid")
    def _compute_explanation(self):
        for wizard in self:
            reasons = wizard.partner_id.get_visibility_reasons()
            items = Markup("").join(Markup("<li>%s</li>") % reason["text"] for reason in reasons)
            wizard.explanation = Markup("<ul>%s</ul>") % items
