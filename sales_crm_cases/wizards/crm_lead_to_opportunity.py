from odoo import api, fields, models

from ..models.crm_lead import POSTPONED_NUMBERS
from ..models.customer_code_mixin import PostponedCodes


class CrmLead2opportunityPartner(models.TransientModel):
    """Conversion of a lead offers the customers that may be meant (C10)."""

    _inherit = "crm.lead2opportunity.partner"

    customer_duplicate_ids = fields.Many2many(
        "res.partner",
        string="Possible duplicates",
        compute="_compute_customer_duplicates",
        compute_sudo=False,
        export_string_translation=False,
    )
    customer_duplicate_hidden_count = fields.Integer(
        compute="_compute_customer_duplicates",
        compute_sudo=False,
        export_string_translation=False,
    )

    @api.depends("lead_id", "action")
    def _compute_customer_duplicates(self):
        for wizard in self:
            lead = wizard.lead_id
            visible, hidden_count = self.env["res.partner"]._get_duplicates_of_typed(
                {
                    "name": lead.partner_name or lead.contact_name or lead.name,
                    "is_company": bool(lead.partner_name),
                    "email": lead.email_from,
                    "phone": lead.phone,
                }
            )
            wizard.customer_duplicate_ids = visible
            wizard.customer_duplicate_hidden_count = hidden_count

    def _convert_and_allocate(self, leads, user_ids, team_id=False):
        """Odoo converts one lead after the other. What numbers the customers and cases does so
        once for all."""
        codes = PostponedCodes()
        converted = leads.with_context(postponed_codes=codes, case_numbers=POSTPONED_NUMBERS)
        result = super()._convert_and_allocate(converted, user_ids, team_id=team_id)
        self.env["res.partner"]._give_postponed_codes(codes)
        leads._number_cases()
        return result
