from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..visibility_scope import SIGHT_PURPOSE
from .customer_salesman import LINKS_OF_NEW_CUSTOMER


class CustomerSalesmenMixin(models.AbstractModel):
    """The customer's salesmen, and by them who sees the customer (V1-V4, V10)."""

    _name = "customer.salesmen.mixin"
    _inherit = ["crm.visibility.mixin"]
    _description = "Salesmen of a customer"

    is_customer = fields.Boolean(
        string="CRM customer",
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="Has an approval status. Set once, so that the steps of the approval do not "
        "touch the customer's documents.",
    )
    customer_id = fields.Many2one(
        "res.partner",
        string="CRM customer of the contact",
        compute="_compute_customer_id",
        store=True,
        copy=False,
        ondelete="set null",
        help="The customer to which this contact belongs. Empty: as visible as without this app.",
    )
    salesman_link_ids = fields.One2many(
        "customer.salesman", "customer_id", string="Salesmen links", copy=False
    )
    salesman_ids = fields.Many2many(
        "hr.employee",
        string="Salesmen",
        compute="_compute_salesman_ids",
        compute_sudo=True,  # whoever sees the customer sees who is linked to it
        inverse="_inverse_salesman_ids",
        search="_search_salesman_ids",
        domain=[("is_salesman", "=", True)],
        context={"active_test": False},
    )
    main_salesman_id = fields.Many2one(
        "hr.employee",
        string="Main salesman",
        compute="_compute_main_salesman_id",
        inverse="_inverse_main_salesman_id",
        store=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain=[("is_salesman", "=", True)],
        tracking=True,
    )
    is_visible_customer = fields.Boolean(
        string="My customer",
        compute="_compute_is_visible_customer",
        search="_search_is_visible_customer",
        compute_sudo=False,
        export_string_translation=False,
        help="A CRM customer, or a contact of one, that I may see. Lists of customers ask for "
        "this: the database then starts from my customers, not from everybody's names.",
    )

    # ------------------------------------------------------------------
    # Which customer a contact belongs to
    # ------------------------------------------------------------------

    @api.depends(
        "commercial_partner_id.is_customer",
        "partner_share",
        "commercial_partner_id.ref_company_ids",
    )
    def _compute_customer_id(self):
        for partner in self:
            entity = partner.commercial_partner_id
            # colleagues and own companies stay visible to everybody: without them
            # nobody could sign in, print or invoice
            is_public = not partner.partner_share or entity.ref_company_ids
            partner.customer_id = entity if entity.is_customer and not is_public else False

    # ------------------------------------------------------------------
    # Links
    # ------------------------------------------------------------------

    @api.depends("salesman_link_ids.employee_id")
    def _compute_salesman_ids(self):
        for partner in self:
            partner.salesman_ids = partner.salesman_link_ids.employee_id

    def _inverse_salesman_ids(self):
        for partner in self:
            # sudo: the right to change the customer was checked by write() or create()
            partner.sudo()._set_salesmen(partner.salesman_ids.ids)

    def _search_salesman_ids(self, operator, value):
        if operator.startswith("not "):
            return NotImplemented
        linked = Domain("salesman_link_ids.employee_id", operator, value)
        if operator == "in" and False in value:
            linked |= Domain("salesman_link_ids", "=", False)
        return linked

    @api.depends("salesman_link_ids.is_main", "salesman_link_ids.employee_id")
    def _compute_main_salesman_id(self):
        for partner in self:
            # never empty while anybody is linked: the SQL of sight relies on it
            links = partner.salesman_link_ids.sorted(
                lambda link: (not link.is_main, link._origin.id)
            )
            partner.main_salesman_id = links[:1].employee_id

    def _inverse_main_salesman_id(self):
        customers = self.sudo()  # as in _inverse_salesman_ids
        # in one go for those without links: an import has thousands of them
        first_links = [
            {
                "customer_id": customer.id,
                "employee_id": customer.main_salesman_id.id,
                "is_main": True,
            }
            for customer in customers
            if customer.main_salesman_id and not customer.salesman_link_ids
        ]
        self.env["customer.salesman"].sudo().create(first_links)
        linked_ids = {vals["customer_id"] for vals in first_links}
        for customer in customers.filtered(lambda c: c.id not in linked_ids):
            customer._set_main_salesman(customer.main_salesman_id)

    def _set_salesmen(self, employee_ids):
        """Link exactly these employees to the customer."""
        self.ensure_one()
        links = self.salesman_link_ids
        surplus = links.filtered(lambda link: link.employee_id.id not in employee_ids)
        missing = set(employee_ids) - set(links.employee_id.ids)
        # first the new ones: with the exclusive setting the old one has to go before
        if any(links.employee_id.company_id.mapped("exclusive_salesman")):
            surplus.unlink()
            surplus = surplus.browse()
        self.env["customer.salesman"].create(
            [{"customer_id": self.id, "employee_id": eid} for eid in employee_ids if eid in missing]
        )
        surplus.unlink()

    def _set_main_salesman(self, employee):
        """Make the employee the main salesman, linking him if he is not."""
        self.ensure_one()
        links = self.salesman_link_ids
        old_main = links.filtered("is_main")
        if old_main.employee_id == employee:
            return
        if not employee:
            old_main.unlink()
            return
        link = links.filtered(lambda link: link.employee_id == employee)
        if employee.company_id.exclusive_salesman:
            (links - link).unlink()
        elif old_main:
            old_main.is_main = False
            old_main.flush_recordset(["is_main"])
        if link:
            link.is_main = True
        else:
            self.env["customer.salesman"].create(
                {"customer_id": self.id, "employee_id": employee.id, "is_main": True}
            )

    @api.model
    def _prepare_links_of_new_customer(self, vals_list):
        """Link customers that a salesman types to him (K15), and check that he can be. Who sees
        all customers may leave them to others: he is linked where he names nobody.

        :return: ``self`` in the context in which they are to be created
        """
        employee = self.env.user._get_salesman_employee()
        is_restricted = self.env.user._is_customer_restricted()
        if is_restricted and not employee:
            raise UserError(
                self.env._(
                    "You have no active employee record, so no customer can be linked to you. "
                    "Ask an administrator to create an employee for your user."
                )
            )
        if not is_restricted:
            names = {"salesman_ids", "salesman_link_ids", "main_salesman_id"}
            vals_list = [vals for vals in vals_list if not any(vals.get(name) for name in names)]
            # sudo: a salesman cannot read employees
            if not employee.sudo().is_salesman:
                return self
        for vals in vals_list:
            wanted = self._get_linked_ids(vals.pop("salesman_ids", None) or [])
            main_id = vals.pop("main_salesman_id", None) or employee.id
            ids = [main_id, *(i for i in wanted if i != main_id)]
            if employee.id not in ids and not employee.company_id.exclusive_salesman:
                ids.append(employee.id)
            vals["salesman_link_ids"] = [
                Command.create({"employee_id": i, "is_main": i == main_id}) for i in ids
            ]
        return self.with_context(links_of_new_customer=LINKS_OF_NEW_CUSTOMER)

    @api.model
    def _get_linked_ids(self, commands):
        """Ids that many2many commands link to a new record."""
        ids = []
        for command in commands:
            if isinstance(command, int):
                ids.append(command)
            elif command[0] == Command.LINK:
                ids.append(command[1])
            elif command[0] == Command.SET:
                ids.extend(command[2])
        return ids

    def _unsubscribe_salesmen(self, employees):
        """Stop sending the customers' messages to salesmen who lost sight of them."""
        for user in employees.sudo().user_id:
            # sudo: the customer is hidden from the author of the change, perhaps
            lost = self.sudo() - self.with_user(user)._filtered_access("read").sudo()
            if not lost:
                continue
            followers = self.env["mail.followers"].sudo()
            for model_name in self._get_followed_models():
                documents = (
                    self.env[model_name]
                    .sudo()
                    .with_context(active_test=False)
                    ._search([("customer_id", "in", lost.ids)])
                )
                followers.search(
                    [
                        ("res_model", "=", model_name),
                        ("res_id", "in", documents),
                        ("partner_id", "=", user.partner_id.id),
                    ]
                ).unlink()

    @api.model
    def _get_followed_models(self):
        """Models with followers that carry their customer."""
        return ["res.partner", "crm.lead", "sale.order"]

    # ------------------------------------------------------------------
    # Sight
    # ------------------------------------------------------------------

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        return Domain("customer_id", "=", False) | scope.get_customer_domain(purpose=purpose)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        # three letters and more are found by index, so few records are left to ask for:
        # quicker than with the ids of thousands of customers
        asked = self
        if len((name or "").strip()) > 2:
            purpose = self.env["sales.visibility"]._get_name_search_purpose()
            asked = self.with_context(**{SIGHT_PURPOSE: purpose}) if purpose else self
        return super(CustomerSalesmenMixin, asked).name_search(name, domain, operator, limit)

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        purpose = self._get_sight_purpose() or self._get_purpose_of_customers(domain)
        asked = self.with_context(**{SIGHT_PURPOSE: purpose}) if purpose else self
        records = super(CustomerSalesmenMixin, asked).search_fetch(
            domain, field_names, offset, limit, order
        )
        return records.with_env(self.env)

    @api.model
    def _get_aggregate_purpose(self, domain):
        return self._get_purpose_of_customers(domain) or super()._get_aggregate_purpose(domain)

    @api.model
    def _get_purpose_of_customers(self, domain):
        """The purpose of a search for customers by their status; None for other searches."""
        if self.env.su or not self._asks_for_status(domain):
            return None
        return self.env["sales.visibility"]._get_customer_list_purpose()

    @api.depends_context("uid")
    def _compute_is_visible_customer(self):
        for partner in self:
            partner.is_visible_customer = bool(partner.customer_id) and partner.crm_visible

    def _search_is_visible_customer(self, operator, value):
        if operator != "in":
            return NotImplemented
        purpose = self._get_sight_purpose()
        scope = self.env["sales.visibility"]._get_scope("read", purpose)
        if scope.is_everything:
            mine = Domain("customer_id", "!=", False)
            return Domain.OR(mine if wanted else ~mine for wanted in value)
        return Domain.OR(
            scope.get_customer_domain(purpose=purpose, leading=True)
            if wanted
            else ~scope.get_customer_domain(purpose=purpose)
            for wanted in value
        )

    def get_visibility_reasons(self):
        """Why the current user sees this customer (V10).

        :return: list of dicts ``{"reason": code, "text": sentence}``; empty if he does not see it.
            Codes: ``administrator``, ``accounts``, ``all_documents``, ``no_customer``, ``own``,
            ``team``, ``delegate``, ``shared``, ``not_restricted``
        """
        self.ensure_one()
        if not self.has_access("read"):
            return []
        user = self.env.user
        if not self.customer_id:
            return [
                self._make_reason(
                    "no_customer",
                    self.env._(
                        "This contact is not a CRM customer: everybody sees it who sees contacts."
                    ),
                )
            ]
        if not user._is_customer_restricted():
            return [self._make_reason(*user._get_unrestricted_reason())]
        today = self.env["sales.visibility"]._get_today()
        # sudo: the managers' names on the path to a customer the user sees
        rows = (
            self.env["sales.visibility"]
            .sudo()
            .search(
                [
                    ("user_id", "=", user.id),
                    (
                        "employee_id",
                        "in",
                        self.customer_id.sudo().salesman_link_ids.employee_id.ids,
                    ),
                    "|",
                    ("date_from", "=", False),
                    ("date_from", "<=", today),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", today),
                ]
            )
        )
        return [self._make_reason(row.reason, row._get_explanation()) for row in rows]

    @api.model
    def _make_reason(self, reason, text):
        return {"reason": reason, "text": text}

    def action_explain_visibility(self):
        """Open "Why can I see this customer?" (V10)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why can I see this customer?"),
            "res_model": "customer.visibility.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    def action_maintain_salesmen(self):
        """Open "Maintain Customer Salesmen" (V2)."""
        self.ensure_one()
        customer = self.commercial_partner_id
        customer.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Maintain Customer Salesmen"),
            "res_model": "customer.salesman.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_id": customer.id},
        }
