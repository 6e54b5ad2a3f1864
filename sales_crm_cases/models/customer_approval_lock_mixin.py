from odoo import api, fields, models
from odoo.exceptions import UserError

from .res_users import APPROVER


class CustomerApprovalLockMixin(models.AbstractModel):
    """While accounts look at a released customer, what they look at stands still (K3)."""

    _name = "customer.approval.lock.mixin"
    _description = "Lock of a released customer"

    is_approval_locked = fields.Boolean(
        compute="_compute_is_approval_locked",
        export_string_translation=False,
        help="Identity and financial fields wait for accounts.",
    )
    is_approver = fields.Boolean(
        compute="_compute_is_approval_locked", export_string_translation=False
    )

    @api.depends("approval_status")
    @api.depends_context("uid")
    def _compute_is_approval_locked(self):
        is_approver = self._user_is_approver()
        for partner in self:
            partner.is_approver = is_approver
            partner.is_approval_locked = partner.approval_status == "released" and not is_approver

    def _user_is_approver(self):
        return self.env.user.has_group(APPROVER)

    def _check_locked_fields(self, vals):
        """While accounts look at a released customer, its identity stands still (K3)."""
        if self.env.su or self._user_is_approver():
            return
        touched = self._get_locked_fields() & vals.keys()
        if not touched:
            return
        for partner in self.filtered("is_approval_locked"):
            changed = [
                name
                for name in touched
                if partner._fields[name].convert_to_write(partner[name], partner) != vals[name]
                and (partner[name] or vals[name])
            ]
            if changed:
                labels = [
                    partner._fields[name]._description_string(self.env) for name in sorted(changed)
                ]
                raise UserError(
                    self.env._(
                        "%(customer)s waits for accounts. Until they have approved or declined it, "
                        "these fields cannot be changed: %(fields)s.",
                        customer=partner.display_name,
                        fields=", ".join(labels),
                    )
                )

    @api.model
    def _get_locked_fields(self):
        """Names of the identity and financial fields."""
        names = {
            "name",
            "company_type",
            "is_company",
            "parent_id",
            "company_id",
            "ref",
            "vat",
            "company_registry",
            "street",
            "street2",
            "zip",
            "city",
            "state_id",
            "country_id",
            "bank_ids",
            "active",
            "property_payment_term_id",
            "property_product_pricelist",
            "specific_property_product_pricelist",
            "property_account_position_id",
            "property_account_receivable_id",
            "credit_limit",
            "use_partner_credit_limit",
        }
        return names & self._fields.keys()

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Forms show as read-only what the server would refuse while the customer waits."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for node in arch.xpath("//field[@name][not(ancestor::field)]"):
                if node.get("name") in self._get_locked_fields():
                    own = node.get("readonly")
                    node.set(
                        "readonly",
                        f"is_approval_locked or ({own})" if own else "is_approval_locked",
                    )
        return arch, view
