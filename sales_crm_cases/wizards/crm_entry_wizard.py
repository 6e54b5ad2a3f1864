from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import clean_context, format_date

from ..models.customer_document_mixin import CUSTOMERS

MODES = [
    ("activity", "New Activity"),
    ("call", "Plan Call"),
    ("cold_call", "Create Cold Call"),
    ("quote", "New Quote"),
]


class CrmEntryWizard(models.TransientModel):
    """New Activity, Plan Call, Create Cold Call and New Quote: one dialog, one Save, all or
    nothing (C4-C6, K9, R6)."""

    _name = "crm.entry.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "New activity, cold call or quote"

    _dialog_records = {"customer_id": "read", "contact_id": "read", "case_id": "read"}

    mode = fields.Selection(MODES, required=True, readonly=True, default="activity")

    customer_id = fields.Many2one(
        "res.partner",
        domain=CUSTOMERS,
    )
    customer_name = fields.Char(string="New customer")
    contact_id = fields.Many2one(
        "res.partner",
        domain="[('customer_id', '=', customer_id), ('id', '!=', customer_id)]",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
    )
    contact_name = fields.Char(string="New contact")
    phone = fields.Char()
    email = fields.Char()
    duplicate_ids = fields.Many2many(
        "res.partner",
        string="Possible duplicates",
        compute="_compute_duplicate_ids",
        compute_sudo=False,
        export_string_translation=False,
    )
    duplicate_hidden_count = fields.Integer(
        compute="_compute_duplicate_ids", compute_sudo=False, export_string_translation=False
    )

    case_id = fields.Many2one(
        "crm.lead",
        domain="[('customer_id', '=', customer_id), ('type', '=', 'opportunity'),"
        " ('won_status', '=', 'pending')]",
        compute="_compute_case_id",
        store=True,
        readonly=False,
    )
    case_name = fields.Char(string="New case")
    case_type_id = fields.Many2one("crm.case.type")
    process_id = fields.Many2one(
        "crm.process", compute="_compute_process_id", export_string_translation=False
    )
    subject_mode = fields.Selection(
        related="process_id.subject_mode", export_string_translation=False
    )
    subject_id = fields.Many2one(
        "crm.process.subject",
        string="Subject of the case",
        domain="[('process_id', '=', process_id)]",
        help="What a new case may be called by the process of your sales team.",
    )

    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity",
        domain=[("res_model", "in", (False, "crm.lead"))],
        default=lambda self: self.env.ref("mail.mail_activity_data_call", False),
    )
    summary = fields.Char(string="Subject")
    date_deadline = fields.Date(string="Due on", default=fields.Date.context_today)
    note = fields.Html()

    with_quote = fields.Boolean(string="With a quote")
    line_ids = fields.One2many("crm.entry.wizard.line", "wizard_id", string="Products")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", export_string_translation=False
    )

    @api.model
    def _open(self, mode, customer=None, case=None):
        """The dialog, for a customer and a case if they are known already."""
        return self.env["ir.actions.act_window"]._get_dialog(
            self._name,
            dict(self._fields["mode"]._description_selection(self.env))[mode],
            {
                "default_mode": mode,
                "default_customer_id": customer.id if customer else False,
                # without one, the newest open case of the customer is offered
                **({"default_case_id": case.id} if case else {}),
                "default_with_quote": mode == "quote",
                "dialog_size": "large",
            },
        )

    # ------------------------------------------------------------------
    # What the dialog offers
    # ------------------------------------------------------------------

    @api.depends("customer_id", "case_id")
    def _compute_contact_id(self):
        for wizard in self:
            customer = wizard.customer_id
            contact = wizard.case_id.partner_id
            if contact.customer_id != customer or contact == customer:
                contact = customer.main_contact_id
            wizard.contact_id = contact if contact != customer else False

    @api.depends("customer_id")
    def _compute_case_id(self):
        for wizard in self:
            if wizard.mode in ("call", "cold_call") or not wizard.customer_id:
                wizard.case_id = False
            elif wizard.case_id.customer_id != wizard.customer_id:
                # the newest open one; emptied, it makes room for a new one
                cases = self.env["crm.lead"]
                wizard.case_id = cases.search(
                    [
                        *cases._get_open_case_domain(),
                        ("customer_id", "=", wizard.customer_id.id),
                    ],
                    order="id DESC",
                    limit=1,
                )

    @api.depends("mode", "case_id")
    def _compute_process_id(self):
        """The process that a new case will follow: that of the user's team."""
        # an open case has its process
        known = self.filtered("case_id")
        known.process_id = False
        if known == self:
            return
        team = self.env["crm.team"]._get_default_team_id(
            user_id=self.env.uid, domain=[("use_opportunities", "=", True)]
        )
        processes = self.env["crm.process"]._get_ids_by_team(team)
        (self - known).process_id = processes.get(team.id, False)

    @api.depends("customer_id", "customer_name", "email", "phone")
    @api.depends_context("uid")
    def _compute_duplicate_ids(self):
        for wizard in self:
            if wizard.customer_id or not (wizard.customer_name or wizard.email or wizard.phone):
                wizard.duplicate_ids = False
                wizard.duplicate_hidden_count = 0
                continue
            wizard.duplicate_ids, wizard.duplicate_hidden_count = self.env[
                "res.partner"
            ]._get_duplicates_of_typed(
                {
                    "name": wizard.customer_name,
                    "is_company": True,
                    "email": wizard.email,
                    "phone": wizard.phone,
                }
            )

    @api.depends("customer_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = (
                wizard.customer_id.property_product_pricelist.currency_id
                or self.env.company.currency_id
            )

    # ------------------------------------------------------------------
    # Save
    # ------------------------------------------------------------------

    def action_save(self):
        """Make all that was filled in.

        :raise UserError: what is missing or wrong; nothing was made then
        """
        self.ensure_one()
        # the defaults with which the dialog was opened are no defaults of what it makes
        return self.with_context(clean_context(self.env.context))._save()

    def _save(self):
        if self.contact_id and self.contact_id.customer_id != self.customer_id:
            raise UserError(
                self.env._(
                    "%(contact)s is no contact of this customer.", contact=self.contact_id.name
                )
            )
        case = self._make_cold_call() if self.mode == "cold_call" else self._make_case()
        if self.mode in ("activity", "call"):
            self._make_activity(case or self._get_call_document())
        order = self._make_quote(case) if self._wants_quote() else None
        if self.mode == "quote":
            return {
                "type": "ir.actions.act_window",
                "res_model": "sale.order",
                "res_id": order.id,
                "view_mode": "form",
            }
        return self.env["ir.actions.client"]._get_notification(self._get_message(case, order))

    def _wants_quote(self):
        return self.mode == "quote" or (self.mode == "activity" and self.with_quote)

    def _get_message(self, case, order):
        if order:
            return self.env._(
                "Planned on the case “%(case)s”; the quote is %(order)s.",
                case=case.name,
                order=order.name,
            )
        if not case:
            return self.env._(
                "Planned with %(customer)s for %(date)s.",
                customer=self.customer_id.name,
                date=format_date(self.env, self.date_deadline),
            )
        return self.env._("Planned on the case “%(case)s”.", case=case.name)

    def _make_cold_call(self):
        return self.env["crm.lead"].create_cold_call(
            {
                "customer_id": (self.contact_id or self.customer_id).id,
                "customer_name": self.customer_name,
                "contact_name": self.contact_name,
                "phone": self.phone,
                "email": self.email,
                "subject": self.subject_id.name or self.summary,
                "date_deadline": self.date_deadline,
                "note": self.note,
            }
        )

    def _make_case(self):
        """The chosen case, or the one typed in the dialog; a call needs none."""
        if not self.customer_id:
            raise UserError(self.env._("Please choose a customer."))
        if self.case_id:
            if self.case_id.customer_id != self.customer_id:
                raise UserError(
                    self.env._("“%(case)s” is a case of another customer.", case=self.case_id.name)
                )
            return self.case_id
        if self.mode == "call":
            return self.env["crm.lead"]
        name = self.subject_id.name or (self.case_name or "").strip()
        if not name:
            raise UserError(self.env._("Please choose a case, or type the name of a new one."))
        contact = self.contact_id or self.customer_id
        cases = self.env["crm.lead"]
        return cases.create(
            {**cases._prepare_case(contact, name), "case_type_id": self.case_type_id.id}
        )

    def _get_call_document(self):
        """The customer; the contact, if it is another one than who would be called anyway."""
        if self.contact_id and self.contact_id != self.customer_id.main_contact_id:
            return self.contact_id
        return self.customer_id

    def _make_activity(self, document):
        if not self.activity_type_id:
            raise UserError(self.env._("Please choose the kind of activity."))
        if not self.date_deadline:
            raise UserError(self.env._("Please give the date on which it is due."))
        return document._plan_activity(
            {
                "activity_type_id": self.activity_type_id.id,
                "summary": self.summary or False,
                "date_deadline": self.date_deadline,
                "note": self.note,
            }
        )

    def _make_quote(self, case):
        if not self.line_ids:
            raise UserError(self.env._("A quote needs at least one product."))
        return self.env["sale.order"].create(
            {
                "partner_id": (self.contact_id or self.customer_id).id,
                "opportunity_id": case.id,
                "user_id": self.env.uid,
                "order_line": [
                    Command.create(line._prepare_order_line()) for line in self.line_ids
                ],
            }
        )
