from odoo import api, fields, models


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
