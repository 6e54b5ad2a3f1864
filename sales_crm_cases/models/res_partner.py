from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.hr.models.hr_employee import _ALLOW_READ_HR_EMPLOYEE

from .customer_document_mixin import CUSTOMERS
from .res_users import CREATING_USER

# They follow from the approval, the entity and the code: nobody writes them.
SERVER_FIELDS = {"is_customer", "customer_id", "has_shared_code"}
# context keys that put more than the name into a display name
NAME_DETAILS = ("show_address", "show_email", "show_vat")


class ResPartner(models.Model):
    """A customer is a commercial entity with an approval status; each concern of it has
    its mixin."""

    _name = "res.partner"
    _inherit = [
        "res.partner",
        "customer.salesmen.mixin",
        "customer.approval.mixin",
        "customer.approval.lock.mixin",
        "customer.code.mixin",
        "customer.completeness.mixin",
        "customer.duplicate.mixin",
        "customer.contact.mixin",
        "customer.note.mixin",
        "customer.reminder.mixin",
        "customer.third.party.mixin",
        "customer.rank.call.mixin",
        "customer.sales.history.mixin",
        "customer.activity.mixin",
        "customer.recommendation.mixin",
        "crm.search.mixin",
        "customer.business.mixin",
        "customer.case.mixin",
        "privacy.partner.mixin",
        "privacy.block.mixin",
    ]

    rank_id = fields.Many2one("customer.rank", index="btree_not_null", tracking=True)
    rank_color = fields.Integer(related="rank_id.color", export_string_translation=False)
    customer_activity_count = fields.Integer(
        string="Open activities",
        compute="_compute_customer_activity_count",
        groups="sales_team.group_sale_salesman",
    )
    customer_document_count = fields.Integer(compute="_compute_customer_document_count")

    # the customers, by salesman's sight and by what their list shows
    _customer_idx = models.Index("(customer_id) WHERE customer_id IS NOT NULL")
    _unlinked_customer_idx = models.Index(
        "(id) WHERE customer_id = id AND main_salesman_id IS NULL"
    )
    # nearly empty: whoever had a status and became a colleague, for searches by status
    _uncustomered_status_idx = models.Index(
        "(id) WHERE approval_status IS NOT NULL AND customer_id IS NULL"
    )
    _customer_code_unique = models.UniqueIndex(
        "(ref) WHERE approval_status IS NOT NULL AND has_shared_code IS NOT TRUE",
        "Another customer has this code already. Leave it empty to get a new one.",
    )
    _normalized_email_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _sanitized_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")
    _name_trgm_idx = models.Index(lambda registry: _trigram("name", registry))
    _complete_name_trgm_idx = models.Index(lambda registry: _trigram("complete_name", registry))
    _email_trgm_idx = models.Index(lambda registry: _trigram("email", registry))
    _ref_trgm_idx = models.Index(lambda registry: _trigram("ref", registry))
    _vat_trgm_idx = models.Index(lambda registry: _trigram("vat", registry))
    _company_registry_trgm_idx = models.Index(
        lambda registry: _trigram("company_registry", registry)
    )

    def _compute_customer_activity_count(self):
        domain = Domain("is_customer_activity", "=", True)
        self._count_records("customer_activity_count", "mail.activity", domain)

    def _count_records(self, field_name, model_name, domain=Domain.TRUE):
        """Fill a field with how many records of a model the customers have, as far as the user
        sees them.

        :param domain: what else counts for the records
        """
        domain &= Domain("customer_id", "in", self._origin.ids)
        counts = dict(self.env[model_name]._read_group(domain, ["customer_id"], ["__count"]))
        for partner in self:
            partner[field_name] = counts.get(partner._origin, 0)

    @api.depends("privacy_state")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Odoo shows the name of whatever a record points to, and a context adds address, e-mail
        and VAT number: not those of customers whom the user does not see."""
        details = {name: False for name in NAME_DETAILS if self.env.context.get(name)}
        hidden = self._filter_hidden().with_env(self.env) if details else self.browse()
        bare = hidden.with_context(**details)
        super(ResPartner, bare)._compute_display_name()
        for partner, name in zip(hidden, bare.mapped("display_name"), strict=True):
            partner.display_name = name
        result = super(ResPartner, self - hidden)._compute_display_name()
        self._mask_restricted_names()
        return result

    def _compute_same_vat_partner_id(self):
        """Odoo names the partner with the same VAT whoever asks: only to those who may see it."""
        result = super()._compute_same_vat_partner_id()
        for partner in self:
            for name in ("same_vat_partner_id", "same_company_registry_partner_id"):
                match = partner[name].sudo(False)
                if match and not match._filtered_access("read"):
                    partner[name] = False
        return result

    def _compute_customer_document_count(self):
        counts = dict(
            self.env["ir.attachment"]._read_group(
                self._get_customer_document_domain(), ["res_id"], ["__count"]
            )
        )
        families = self._get_family().grouped("commercial_partner_id")
        for partner in self:
            members = families.get(partner.commercial_partner_id, self.browse())
            partner.customer_document_count = sum(
                counts.get(member_id, 0) for member_id in members.ids
            )

    @api.model
    def _get_search_field_domain(self):
        return CUSTOMERS

    def _get_family(self):
        """The customers with all their contacts, as far as the user sees them."""
        return self.with_context(active_test=False).search(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        )

    def _get_customer_document_domain(self):
        return [("res_model", "=", "res.partner"), ("res_id", "in", self._get_family().ids)]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # a default counts as if it were given: users have some of their own
        defaults = self.default_get(["approval_status"])
        vals_list = [self._prepare_customer_values({**defaults, **vals}) for vals in vals_list]
        self._check_status_of_new(vals_list)
        customers = [vals for vals in vals_list if vals.get("approval_status")]
        self._complete_codes(customers)
        creator = self._with_employees_readable()
        if customers and not self.env.su:
            creator = creator._prepare_links_of_new_customer(customers)
        partners = super(ResPartner, creator).create(vals_list).with_env(self.env)
        partners._postpone_codes()
        if not self.env.su and self.env.user._is_customer_restricted():
            # also for contacts: nobody adds one to a customer he may not change
            partners.check_access("write")
        return partners

    def _with_employees_readable(self):
        """Linking salesmen takes read access to employees, which salesmen do not have."""
        return self.with_context(_allow_read_hr_employee=_ALLOW_READ_HR_EMPLOYEE)

    @api.model
    def _prepare_customer_values(self, vals):
        """The values of a new partner, with what makes it a customer."""
        if not self._may_be_customer(vals):
            if not self.env.su or not vals.get("approval_status"):
                vals["approval_status"] = False
        elif (
            not vals.get("approval_status") and not self.env.su and self._is_typed_as_customer(vals)
        ):
            vals["approval_status"] = "new"
        vals["is_customer"] = bool(vals.get("approval_status"))
        if not self.env.su:
            vals.pop("customer_id", None)
            vals["has_shared_code"] = False
        return vals

    @api.model
    def _add_missing_default_values(self, values):
        # dialogs have a default customer, and it is not what a contact typed in them belongs to
        completed = super()._add_missing_default_values(values)
        if "customer_id" not in values:
            completed.pop("customer_id", None)
        return completed

    @api.model
    def _is_typed_as_customer(self, vals):
        """What a salesman types is his customer (K15), and so is whoever gets a salesman."""
        if any(
            vals.get(name) for name in ("salesman_ids", "salesman_link_ids", "main_salesman_id")
        ):
            return True
        return not vals.get("supplier_rank") and self.env.user._is_customer_restricted()

    @api.model
    def _may_be_customer(self, vals):
        """Contacts of a company, and users, are no customers of their own."""
        is_company = vals.get("is_company") or vals.get("company_type") == "company"
        parent_id = vals.get("parent_id", self.env.context.get("default_parent_id"))
        is_user = self.env.context.get("creating_user") is CREATING_USER
        return (is_company or not parent_id) and not is_user

    def _has_field_access(self, field, operation):
        # what we think of a customer is not for his own eyes in the portal
        is_ours = field._module == "sales_crm_cases"
        return super()._has_field_access(field, operation) and (
            not is_ours or self.env.su or self.env.user._is_internal()
        )

    def write(self, vals):
        self._check_status_write(vals)
        self._check_locked_fields(vals)
        self._check_code_write(vals)
        self._check_new_parent(vals)
        vals = {
            name: value for name, value in vals.items() if self.env.su or name not in SERVER_FIELDS
        }
        if "ref" in vals:
            vals["has_shared_code"] = False
        if "approval_status" in vals:
            is_customer = bool(vals["approval_status"])
            if any(partner.is_customer != is_customer for partner in self):
                vals["is_customer"] = is_customer
            if is_customer:
                self._complete_missing_codes(vals)
        if vals.get("parent_id"):
            self._join_customer(vals)
        result = super(ResPartner, self._with_employees_readable()).write(vals)
        if "is_company" in vals or "parent_id" in vals:
            self._check_may_be_customer()
        return result

    def _complete_missing_codes(self, vals):
        if vals.get("ref"):
            return
        without_code = self.filtered(lambda p: not p.approval_status and not p.ref)
        codes = self.env["customer.code.counter"]._take_codes(without_code.mapped("name"))
        for partner, code in zip(without_code, codes, strict=True):
            # sudo: a code that nobody chose is no edit of accounts'
            partner.sudo().ref = code

    def _check_new_parent(self, vals):
        """Nobody moves a contact to a customer that he may not change."""
        if vals.get("parent_id") and not self.env.su:
            self.browse(vals["parent_id"]).check_access("read")
            if self.env.user._is_customer_restricted():
                self.browse(vals["parent_id"]).check_access("write")

    def _join_customer(self, vals):
        """A person typed as a customer, then put under his company, becomes its contact."""
        for partner in self:
            is_company = vals.get("is_company", partner.is_company)
            if not partner.approval_status or is_company:
                continue
            if partner.approval_status != "new":
                raise UserError(
                    self.env._(
                        "%(customer)s is a customer with a status of its own and cannot become a contact. "
                        "Merge the two customers instead.",
                        customer=partner.display_name,
                    )
                )
            # sudo: the customer goes on as a contact of a company that the user may change
            partner.sudo().salesman_link_ids.unlink()
            partner.sudo().approval_status = False

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        locked = self.filtered("is_approval_locked")
        if locked and not self.env.su:
            raise UserError(
                self.env._(
                    "%(customer)s waits for accounts and cannot be deleted now.",
                    customer=locked[0].display_name,
                )
            )

    def signup_get_auth_param(self):
        """Odoo gives every colleague what makes him a portal user of any contact."""
        self.check_access("read")
        return super().signup_get_auth_param()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_customer_documents(self):
        """List what was uploaded to the customer and its contacts (K12)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Documents of %(customer)s", customer=self.display_name),
            "res_model": "ir.attachment",
            "view_mode": "kanban,list,form",
            "domain": self._get_customer_document_domain(),
            "context": {"default_res_model": "res.partner", "default_res_id": self.id},
            "help": self.env._("No document yet. Upload the first one with the button above."),
        }

    def action_view_customer_activities(self):
        """List the customer's activities, the open ones first (C2)."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "mail_activity_action_sales",
            self.env._("Activities of %(customer)s", customer=self.display_name),
            domain=[
                ("is_customer_activity", "=", True),
                ("customer_id", "=", self.commercial_partner_id.id),
            ],
            context={},
        )

    def action_new_quotation(self):
        """Open the dialog for a quote of the customer (K9, C6)."""
        return self._open_entry("quote")

    def action_new_activity(self):
        """Open the dialog for an activity on a case of the customer (K9, C4)."""
        return self._open_entry("activity")

    def action_create_cold_call(self):
        """Open the dialog for a cold call at the customer (K9, C5)."""
        return self._open_entry("cold_call")

    def _open_entry(self, mode):
        self.ensure_one()
        self.check_access("read")
        return self.env["crm.entry.wizard"]._open(mode, self.commercial_partner_id)

    def action_view_home(self):
        """Open the home page of the customer, or of the contact's customer (H5)."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id("sales_crm_cases.customer_home_action")
        return {**action, "params": {"resId": (self.customer_id or self).id}}

    def _get_customer_action(self):
        """Open the customer's form."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "res.partner",
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }


def _trigram(column, registry):
    """Index for name search, which asks for each of its columns with OR."""
    if not registry.has_trigram:
        return ""
    expression = registry.unaccent(column) if registry.has_unaccent else f'"{column}"'
    return f"USING gin ({expression} gin_trgm_ops)"
