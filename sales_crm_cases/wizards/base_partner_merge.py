from odoo import models
from odoo.exceptions import UserError


class BasePartnerMerge(models.TransientModel):
    """Merging customers unites their salesmen. The rest is re-pointed by Odoo's wizard in SQL,
    so what is computed from it is computed again."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys_generic(self, model, src_records, dst_record):
        if model == "res.partner":
            self._merge_salesmen(src_records, dst_record)
            customer = dst_record.commercial_partner_id
            self.env["customer.note"]._hand_over(src_records, customer)
            self.env["customer.reminder"]._hand_over(src_records, customer)
            self.env["third.party.contract"]._hand_over(src_records, customer)
        return super()._update_foreign_keys_generic(model, src_records, dst_record)

    def _update_reference_fields_generic(self, *args, **kwargs):
        # done activities are archived: not moved, they would be deleted with their document
        merging = self.with_context(active_test=False)
        return super(BasePartnerMerge, merging)._update_reference_fields_generic(*args, **kwargs)

    def _merge_salesmen(self, src_partners, dst_partner):
        """Move the links that the destination lacks, and drop the others."""
        # sudo: the wizard itself re-points every table, whoever may read it
        links = src_partners.sudo().salesman_link_ids
        if not links:
            return
        if not dst_partner.approval_status:
            raise UserError(
                self.env._(
                    "%(customer)s is a customer, %(contact)s is not. Choose the customer as the destination.",
                    customer=links.customer_id[0].display_name,
                    contact=dst_partner.display_name,
                )
            )
        employees = links.employee_id
        links.unlink()
        dst_partner.sudo()._set_salesmen(
            (dst_partner.sudo().salesman_link_ids.employee_id | employees).ids
        )

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        family = self.env["res.partner"].browse(partner_ids).exists().commercial_partner_id
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        self.env["sales.recommendation"]._recheck(family.exists().ids)
        # sudo: what is computed again, whoever may read it
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        merged = Partner.search([("commercial_partner_id", "in", family.exists().ids)])
        for name in (
            "customer_id",
            "main_salesman_id",
            "completeness",
            "call_contact_id",
            "has_open_case",
            "current_case_id",
        ):
            self.env.add_to_compute(Partner._fields[name], merged)
        self.env["customer.reminder"]._follow_contacts(merged)
        return result
