from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import clean_context

# Only the conversion of a lead puts this object into the context.
LEAD_CONVERSION = object()
# In the context while leads are converted one by one: they are numbered together, in the end.
POSTPONED_NUMBERS = object()

COLD_CALL_KEYS = frozenset(
    {
        "customer_id",
        "customer_name",
        "contact_name",
        "phone",
        "email",
        "subject",
        "date_deadline",
        "note",
    }
)


class CrmLead(models.Model):
    """A case is an opportunity; it follows its customer (V1)."""

    _name = "crm.lead"
    _inherit = [
        "crm.lead",
        "partner.document.mixin",
        "crm.case.history.mixin",
        "crm.case.contract.mixin",
        "crm.search.mixin",
        "team.document.mixin",
        "privacy.block.mixin",
    ]

    case_number = fields.Char(readonly=True, copy=False, index="btree_not_null")
    case_type_id = fields.Many2one("crm.case.type", tracking=True, ondelete="restrict")
    salesman_id = fields.Many2one(
        "hr.employee",
        compute="_compute_salesman_id",
        search="_search_salesman_id",
        compute_sudo=True,
        help="The employee of the salesperson, of the case's company first.",
    )
    close_reason = fields.Text(
        copy=False, tracking=True, help="What was written when the case was closed."
    )

    # the other half of the salesmen's rule, beside the index of customer_id
    _uncustomered_idx = models.Index("(user_id) WHERE customer_id IS NULL")

    @api.depends("user_id.employee_ids", "company_id")
    def _compute_salesman_id(self):
        for lead in self:
            employees = lead.user_id.employee_ids
            lead.salesman_id = (
                employees.filtered(lambda e, lead=lead: e.company_id == lead.company_id)
                or employees.filtered(lambda e: e.company_id == self.env.company)
                or employees
            )[:1]

    def _search_salesman_id(self, operator, value):
        if operator.startswith("not ") or operator == "!=":
            return NotImplemented
        return [("user_id.employee_ids", operator, value)]

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

    @api.onchange("email_from", "phone")
    def _onchange_forgotten_address(self):
        return self._warn_if_forgotten()

    # ------------------------------------------------------------------
    # Case number
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(
            [{name: vals[name] for name in vals if name != "case_number"} for vals in vals_list]
        )
        leads._number_cases()
        return leads

    def write(self, vals):
        if "case_number" in vals and not self.env.su:
            raise UserError(self.env._("The number of a case is given by the system."))
        result = super().write(vals)
        if vals.get("type") == "opportunity":
            self._number_cases()
        return result

    def _sync_activities_of(self, document_ids):
        result = super()._sync_activities_of(document_ids)
        self.env["mail.activity"]._sync_cases(case_ids=document_ids)
        return result

    def _number_cases(self):
        """Give cases, and leads that became one, their number."""
        if self.env.context.get("case_numbers") is POSTPONED_NUMBERS:
            return
        # sudo: of what was just written; nothing but the number is put in
        cases = self.sudo().filtered(
            lambda lead: lead.type == "opportunity" and not lead.case_number
        )
        numbers = self.env["ir.sequence"].sudo()._draw_by_code("crm.lead.case", len(cases))
        for case, number in zip(cases, numbers, strict=True):
            case.case_number = number

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "contract_id": lambda _name, leads: leads._get_contract_of_merged().id,
        }

    # ------------------------------------------------------------------
    # Cold call (C5)
    # ------------------------------------------------------------------

    @api.model
    def create_cold_call(self, vals):
        """Make case and call, and for a new prospect customer (New - CRM) and contact: all or
        nothing (C5).

        :param vals: ``customer_id`` (a customer or one of its contacts) or ``customer_name``;
            ``contact_name``, ``phone``, ``email``, ``subject``, ``date_deadline`` (today or
            later; today if empty), ``note``
        :return: the case
        :raise UserError: what is missing or wrong
        :raise AccessError: a customer whom the user does not see
        """
        self._check_cold_call(vals)
        cases = self.with_context(clean_context(self.env.context))
        contact = cases._get_contact_of_call(vals)
        subject = (vals.get("subject") or "").strip() or self.env._("Cold call")
        case = cases.create(cases._prepare_case(contact, subject))
        case._plan_activity(
            {
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "summary": subject,
                "date_deadline": self.env["mail.activity"]._to_date(
                    vals.get("date_deadline") or fields.Date.context_today(self)
                ),
                "note": vals.get("note") or False,
            }
        )
        return case

    @api.model
    def _check_cold_call(self, vals):
        if not isinstance(vals, dict):
            raise UserError(self.env._("Please choose a customer, or type the name of a new one."))
        unknown = set(vals) - COLD_CALL_KEYS
        if unknown:
            raise UserError(
                self.env._("Unknown: %(keys)s.", keys=", ".join(sorted(map(str, unknown))))
            )
        wrong = [
            key
            for key, value in vals.items()
            if key not in ("customer_id", "date_deadline") and value and not isinstance(value, str)
        ]
        if wrong:
            raise UserError(self.env._("%(keys)s: text is expected.", keys=", ".join(wrong)))

    def _get_contact_of_call(self, vals):
        """The partner to call: the given one, or a new prospect."""
        partners = self.env["res.partner"]
        if vals.get("customer_id"):
            if not isinstance(vals["customer_id"], int) or vals["customer_id"] is True:
                raise UserError(self.env._("The customer is given by its id."))
            partner = self._get_visible_partner(vals["customer_id"])
            if not partner.customer_id:
                raise UserError(
                    self.env._(
                        "%(partner)s is not a CRM customer. Type its name as a new customer, or ask "
                        "an administrator.",
                        partner=partner.display_name,
                    )
                )
            details = {name: vals[name] for name in ("phone", "email") if vals.get(name)}
            name = (vals.get("contact_name") or "").strip()
            if name:
                return partner.customer_id._find_or_create_contact(name, details)
            return partner
        name = (vals.get("customer_name") or "").strip()
        if not name:
            raise UserError(self.env._("Please choose a customer, or type the name of a new one."))
        contact_name = (vals.get("contact_name") or "").strip()
        return partners._create_prospect(name, contact_name, vals.get("phone"), vals.get("email"))

    @api.model
    def _get_visible_partner(self, partner_id):
        """
        :raise AccessError: the same for a partner that does not exist and for a hidden one
        """
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner or not partner.has_access("read"):
            raise AccessError(self.env._("This customer does not exist, or you do not see it."))
        return partner

    @api.model
    def _prepare_case(self, contact, subject):
        return {
            "type": "opportunity",
            "name": subject,
            "partner_id": contact.id,
            "user_id": self.env.uid,
        }

    # ------------------------------------------------------------------
    # Open, close (C3)
    # ------------------------------------------------------------------

    @api.model
    def _get_open_case_domain(self):
        """Open cases, among those that are not archived."""
        return [("type", "=", "opportunity"), ("won_status", "=", "pending")]

    def _is_open(self):
        self.ensure_one()
        return self.active and self.won_status == "pending"

    def _close_case(self, outcome, reason, lost_reason):
        """Close an open case, and its open activities with it.

        :param outcome: ``won`` or ``lost``
        :param reason: text, may be empty
        :param lost_reason: record of crm.lost.reason, required for ``lost``
        :raise UserError: closed already, or no reason for a loss
        """
        self.ensure_one()
        self.check_access("write")
        if outcome == "lost" and not lost_reason:
            raise UserError(self.env._("Please choose why the case was lost."))
        self._lock_or_refuse(
            lambda: self.env._(
                "Somebody else is changing this case at this moment. Please try again."
            ),
            ["active", "won_status"],
        )
        if not self._is_open():
            raise UserError(self.env._("The case “%(case)s” is closed already.", case=self.name))
        # sudo: colleagues' activities end with the case, which the user may close
        activities = self.env["mail.activity"].sudo().search([("case_id", "=", self.id)])
        title = self.env._("Case won") if outcome == "won" else self.env._("Case lost")
        if activities:
            activities._action_done(feedback=f"{title}: {reason}" if reason else title)
        if reason:
            self.close_reason = reason
        if outcome == "won":
            self.action_set_won()
        else:
            self.action_set_lost(lost_reason_id=lost_reason.id)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_close_wizard(self):
        """Ask how the case ended (C3)."""
        self.ensure_one()
        self.check_access("write")
        return self.env["ir.actions.act_window"]._get_dialog(
            "crm.case.close.wizard", self.env._("Close this case"), {"default_case_id": self.id}
        )

    def action_new_activity(self):
        """Open the dialog for an activity on the case (C4)."""
        self.ensure_one()
        return self.env["crm.entry.wizard"]._open("activity", self.customer_id, self)

    def action_new_quote(self):
        """Open the dialog for a quote on the case (C6)."""
        self.ensure_one()
        if not self.customer_id:
            return self.action_new_quotation()
        return self.env["crm.entry.wizard"]._open("quote", self.customer_id, self)

    def action_view_case_activities(self):
        """List the activities of the case, done ones too."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "mail_activity_action_sales",
            self.env._("Activities of %(case)s", case=self.name),
            domain=[("is_customer_activity", "=", True), ("case_id", "=", self.id)],
            context={"active_test": False},
        )

    # ------------------------------------------------------------------
    # Leads (C10)
    # ------------------------------------------------------------------

    def _create_customer(self, with_parent=None):
        """What a lead is converted to is a customer, New - CRM, of the lead's salesman."""
        converted = self.with_context(lead_conversion=LEAD_CONVERSION)
        return super(CrmLead, converted)._create_customer(with_parent=with_parent)

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        values = super()._prepare_customer_values(
            partner_name, is_company=is_company, parent_id=parent_id
        )
        if parent_id or self.env.context.get("lead_conversion") is not LEAD_CONVERSION:
            return values
        values["approval_status"] = "new"
        salesman = self.env["res.users"].browse(values.get("user_id") or self.user_id.id)
        # sudo: a colleague's box "Salesman"
        employee = salesman and salesman.sudo()._get_salesman_employee()
        if employee and employee.is_salesman and not self.env.user._is_customer_restricted():
            values["salesman_ids"] = [Command.set(employee.ids)]
        return values
