from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmLead(models.Model):
    """Contacts and colleagues who have to do with a case (B5).

    A collaborator reads the case with its messages, files and activities, though he does not
    see its customer: neither the customer's record nor its other documents.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    contact_ids = fields.Many2many(
        "res.partner",
        "crm_lead_contact_rel",
        "lead_id",
        "partner_id",
        string="Further contacts",
        domain="[('customer_id', '=', customer_id), ('id', '!=', customer_id)]",
        help="People of the customer who have to do with the case, besides its contact.",
    )
    collaborator_ids = fields.Many2many(
        "res.users",
        "crm_lead_collaborator_rel",
        "lead_id",
        "user_id",
        string="Collaborators",
        copy=False,
        tracking=True,
        # a text, for the forms: of a list Odoo makes a dependency, and asks for all cases of a user
        # while he is created, before he has the groups that "share" follows from
        domain="[('share', '=', False)]",
        help="They read the case, with its messages, files and activities, also if they do not see "
        "the customer.",
    )
    is_customer_visible = fields.Boolean(
        compute="_compute_is_customer_visible",
        compute_sudo=False,
        export_string_translation=False,
        help="The user sees the customer of the case, and not only the case.",
    )

    @api.depends("partner_id", "customer_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_customer_visible(self):
        visible = (self.partner_id | self.customer_id)._filtered_access("read")
        for lead in self:
            lead.is_customer_visible = (lead.partner_id | lead.customer_id) <= visible

    @api.constrains("contact_ids")
    def _check_contacts(self):
        for lead in self:
            foreign = lead._get_foreign_contacts()
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of the customer of the case “%(case)s”. Add it to the "
                        "customer first, or choose another one.",
                        contact=foreign[0].display_name,
                        case=lead.name,
                    )
                )

    @api.constrains("collaborator_ids")
    def _check_collaborators(self):
        for lead in self:
            outside = lead.collaborator_ids.filtered("share")
            if outside:
                raise ValidationError(
                    self.env._(
                        "%(user)s is no colleague: the case “%(case)s” can be shared with internal users only.",
                        user=outside[0].name,
                        case=lead.name,
                    )
                )

    def _get_foreign_contacts(self):
        return self.contact_ids.filtered(
            lambda contact: not self.customer_id or contact.customer_id != self.customer_id
        )

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        if any("collaborator_ids" in vals for vals in vals_list):
            self.env["sales.visibility"]._invalidate_sight()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if "collaborator_ids" in vals:
            self.env["sales.visibility"]._invalidate_sight()
        if "partner_id" in vals:
            # sudo: the contacts of the former customer may be hidden from the user
            for lead in self.sudo().filtered("contact_ids"):
                foreign = lead._get_foreign_contacts()
                if foreign:
                    lead.contact_ids -= foreign
        return result

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "contact_ids": lambda _name, leads: [
                (4, contact.id) for contact in leads._get_contacts_of_merged()
            ],
        }

    def _get_contacts_of_merged(self):
        """The further contacts of ``self`` that are of the customer whose case they become."""
        # sudo: as above
        leads = self.sudo()
        customer = leads.partner_id[:1].customer_id
        return leads.contact_ids.filtered(lambda contact: contact.customer_id == customer)

    # ------------------------------------------------------------------
    # Sight
    # ------------------------------------------------------------------

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        return super()._get_sight_domain(scope, purpose) | scope.get_shared_domain()

    @api.model
    def _get_sight_dependencies(self):
        return [*super()._get_sight_dependencies(), "collaborator_ids"]

    # What Odoo computes from the customer, for who does not see it: from what the case says.

    @api.depends_context("uid")
    def _compute_commercial_partner_id(self):
        shared = self._filter_of_hidden_customer()
        for lead in shared:
            lead.commercial_partner_id = lead.customer_id
        return super(CrmLead, self - shared)._compute_commercial_partner_id()

    @api.depends_context("uid")
    def _compute_partner_email_update(self):
        shared = self._filter_of_hidden_customer()
        shared.partner_email_update = False
        return super(CrmLead, self - shared)._compute_partner_email_update()

    @api.depends_context("uid")
    def _compute_partner_phone_update(self):
        shared = self._filter_of_hidden_customer()
        shared.partner_phone_update = False
        return super(CrmLead, self - shared)._compute_partner_phone_update()

    @api.depends_context("uid")
    def _compute_potential_lead_duplicates(self):
        # computed as superuser, and they are mostly the customer's other cases
        shared = self.sudo(False)._filter_of_hidden_customer().sudo()
        for lead in shared:
            lead.duplicate_lead_ids = lead
            lead.duplicate_lead_count = 0
        return super(CrmLead, self - shared)._compute_potential_lead_duplicates()

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        # who only reads the case writes to nobody
        shared = self._filter_of_hidden_customer()
        others = super(CrmLead, self - shared)._message_get_suggested_recipients_batch(
            *args, **kwargs
        )
        return {**others, **{lead.id: [] for lead in shared}}

    def _filter_of_hidden_customer(self):
        """The cases that the user sees because they are shared with him, and for no other
        reason."""
        if self.env.su or not self.env.user._is_customer_restricted():
            return self.browse()
        return self.filtered(lambda lead: not lead.is_customer_visible)
