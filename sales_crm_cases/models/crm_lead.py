from odoo import api, models


class CrmLead(models.Model):
    """A case is an opportunity; it follows its customer (V1)."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "partner.document.mixin"]

    # the other half of the salesmen's rule, beside the index of customer_id
    _uncustomered_idx = models.Index("(user_id) WHERE customer_id IS NULL")

    @api.depends_context("uid")
    def _compute_potential_lead_duplicates(self):
        """Odoo names similar leads whoever asks: only to those who may see them."""
        super()._compute_potential_lead_duplicates()
        if not self.env.user._is_customer_restricted():
            return
        for lead in self:
            lead.duplicate_lead_ids = (
                lead.duplicate_lead_ids.sudo(False)._filtered_access("read").sudo()
            )
