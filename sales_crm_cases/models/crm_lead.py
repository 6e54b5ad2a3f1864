from odoo import api, fields, models


class CrmLead(models.Model):
    """A case is an opportunity; it follows its customer (V1)."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.document.mixin", "customer.activity.mixin"]

    _owner_field = "user_id"

    customer_id = fields.Many2one(
        "res.partner",
        string="CRM customer",
        related="partner_id.customer_id",
        store=True,
        index="btree_not_null",
        precompute=True,
    )

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
