from odoo import api, models
from odoo.fields import Domain

from odoo.addons.sales_crm_cases.models.customer_handover import HandoverDocuments


class SupportTicket(models.Model):
    _name = "support.ticket"
    _inherit = ["support.ticket", "partner.document.mixin"]


class CustomerHandover(models.Model):
    _inherit = "customer.handover"

    @api.model
    def _get_handover_documents(self):
        return {
            **super()._get_handover_documents(),
            "support.ticket": HandoverDocuments(
                "user_id", Domain("is_closed", "=", False), self.env._("Open tickets")
            ),
        }
