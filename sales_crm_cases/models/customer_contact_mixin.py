from odoo import api, fields, models
from odoo.tools import escape_psql


class CustomerContactMixin(models.AbstractModel):
    """Whom to talk to at the customer (K8, K10)."""

    _name = "customer.contact.mixin"
    _description = "Contacts of a customer"

    # on the contact
    receives_sales_calls = fields.Boolean(string="Receives sales calls")
    birthday = fields.Date()
    anniversary_ids = fields.One2many("customer.anniversary", "partner_id", string="Anniversaries")

    # on the customer
    call_contact_id = fields.Many2one(
        "res.partner",
        string="Call contact",
        compute="_compute_contacts",
        store=True,
        copy=False,
        help="The contact who receives sales calls; the first, if there are several.",
    )
    has_call_contact = fields.Boolean(
        string="Call contact?", compute="_compute_contacts", store=True, copy=False
    )
    call_contact_label = fields.Char(
        string="Call contact, or that there is none",
        compute="_compute_call_contact",
        compute_sudo=True,
        export_string_translation=False,
    )
    call_contact_phone = fields.Char(
        string="Call contact's phone", compute="_compute_call_contact", compute_sudo=True
    )
    main_contact_id = fields.Many2one(
        "res.partner",
        string="Main contact",
        compute="_compute_contacts",
        store=True,
        copy=False,
        help="The call contact, else the first contact, else the person himself.",
    )
    main_contact_phone = fields.Char(related="main_contact_id.phone", string="Contact phone")
    main_contact_email = fields.Char(related="main_contact_id.email", string="Contact e-mail")

    @api.depends(
        "is_customer",
        "is_company",
        "receives_sales_calls",
        "child_ids.receives_sales_calls",
        "child_ids.active",
        "child_ids.type",
        "child_ids.is_company",
    )
    def _compute_contacts(self):
        for partner in self:
            if not partner.is_customer:
                partner.call_contact_id = partner.main_contact_id = partner.has_call_contact = False
                continue
            people = partner.child_ids.filtered(
                lambda contact: (
                    contact.active and not contact.is_company and contact.type == "contact"
                )
            ).sorted(lambda contact: contact._origin.id or contact.id.origin or 0)
            if not partner.is_company:
                people |= partner
            call_contact = people.filtered("receives_sales_calls")[:1]
            partner.call_contact_id = call_contact
            partner.has_call_contact = bool(call_contact)
            partner.main_contact_id = call_contact or people[:1]

    @api.depends("call_contact_id.name", "call_contact_id.phone")
    @api.depends_context("lang")
    def _compute_call_contact(self):
        for partner in self:
            contact = partner.call_contact_id
            partner.call_contact_label = contact.name or self.env._("No call contact")
            partner.call_contact_phone = contact.phone

    @api.model
    def _create_prospect(self, name, contact_name=False, phone=False, email=False):
        """A customer of whom little is known: New - CRM, the contact takes the sales calls (C5).

        :return: whom to call: the contact, or the customer if no contact was named
        """
        details = {"phone": phone or False, "email": email or False}
        customer = self.create(
            {
                "name": name,
                "is_company": True,
                "approval_status": "new",
                **({} if contact_name else details),
            }
        )
        return customer._create_call_contact(contact_name, details) if contact_name else customer

    def _find_or_create_contact(self, name, details):
        """The customer's contact of that name, whatever its case; a new one if there is none.

        :param details: dict with ``phone`` and ``email``, for what the contact lacks
        """
        self.ensure_one()
        contact = self.env["res.partner"].search(
            [
                ("customer_id", "=", self.id),
                ("name", "=ilike", escape_psql(name)),
            ],
            limit=1,
        )
        if not contact:
            return self._create_call_contact(name, details)
        missing = {key: value for key, value in details.items() if not contact[key]}
        if missing:
            contact.write(missing)
        return contact

    def _create_call_contact(self, name, details):
        return self.create(
            {
                "name": name,
                "parent_id": self.id,
                "type": "contact",
                "receives_sales_calls": not self.call_contact_id,
                **details,
            }
        )

    def action_add_contact(self):
        """Open a new contact of the customer (K9)."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New contact"),
            "res_model": "res.partner",
            "view_mode": "form",
            "views": [(self.env.ref("sales_crm_cases.res_partner_view_form_contact").id, "form")],
            "target": "new",
            "context": {
                "default_parent_id": customer.id,
                "default_type": "contact",
                "default_is_company": False,
                "default_lang": customer.lang,
                "default_user_id": customer.user_id.id,
            },
        }
