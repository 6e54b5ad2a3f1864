from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmCaseContractMixin(models.AbstractModel):
    """The contract that a case is to win or to renew (R4)."""

    _name = "crm.case.contract.mixin"
    _description = "Contract of a case"

    contract_id = fields.Many2one(
        "third.party.contract",
        string="Third-party contract",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
        domain="[('customer_id', '=', customer_id)]",
    )

    @api.constrains("contract_id", "partner_id")
    def _check_contract_id(self):
        # sudo: the customer of a contract that the user sees by its case
        for lead in self.sudo():
            if lead.contract_id and lead.contract_id.customer_id != lead.customer_id:
                raise ValidationError(
                    self.env._(
                        "The contract %(contract)s is not one of the customer of the case %(case)s. "
                        "Choose a contract of this customer.",
                        contract=lead.contract_id.display_name,
                        case=lead.name,
                    )
                )

    def _get_contract_of_merged(self):
        """The first contract of ``self`` that is the customer's whose case they become."""
        # sudo: as above
        leads = self.sudo()
        customer = leads.partner_id[:1].customer_id
        return leads.contract_id.filtered(lambda contract: contract.customer_id == customer)[:1]
