from odoo import api, fields, models
from odoo.exceptions import ValidationError

# In the context of res.partner.create() only: links of customers that are being
# typed. Callers from outside cannot forge an object.
LINKS_OF_NEW_CUSTOMER = object()


class CustomerSalesman(models.Model):
    """Who is linked to a customer (V2). A customer has at most one main salesman,
    and one as soon as he has any."""

    _name = "customer.salesman"
    _inherit = ["customer.document.mixin"]
    _description = "Salesman of a customer"
    _order = "is_main DESC, id"
    _rec_name = "employee_id"

    customer_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    employee_id = fields.Many2one(
        "hr.employee", required=True, ondelete="restrict", string="Salesman"
    )
    is_main = fields.Boolean(string="Main salesman")

    _customer_employee_unique = models.UniqueIndex(
        "(customer_id, employee_id)", "This salesman is linked to the customer already."
    )
    _main_unique = models.UniqueIndex(
        "(customer_id) WHERE is_main",
        "A customer has one main salesman only. Untick the other one first.",
    )
    _employee_customer_idx = models.Index("(employee_id, customer_id)")
    # the links that the customer's main salesman does not tell: a small part of all
    _additional_idx = models.Index("(employee_id, customer_id) WHERE is_main IS NOT TRUE")

    @api.constrains("employee_id")
    def _check_employee_active(self):
        for link in self:
            if not link.employee_id.active:
                raise ValidationError(
                    self.env._(
                        "%(employee)s is archived and cannot be linked to %(customer)s. "
                        "Choose a salesman who is active.",
                        employee=link.employee_id.name,
                        customer=link.customer_id.display_name,
                    )
                )

    @api.constrains("customer_id")
    def _check_customer_is_commercial_entity(self):
        for link in self:
            entity = link.customer_id.commercial_partner_id
            if entity != link.customer_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s. "
                        "Link the salesman to %(customer)s: its contacts follow it.",
                        contact=link.customer_id.display_name,
                        customer=entity.display_name,
                    )
                )

    @api.constrains("customer_id", "employee_id")
    def _check_exclusive(self):
        """One salesman per customer where the company says so (V11)."""
        exclusive = self.filtered("employee_id.company_id.exclusive_salesman").customer_id
        for customer, count in self._read_group(
            [("customer_id", "in", exclusive.ids)], ["customer_id"], ["__count"]
        ):
            if count > 1:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has a salesman already, and this company allows one "
                        "salesman per customer. Unlink the other one first.",
                        customer=customer.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # what a default links is checked as if it were given
        defaults = self.default_get(["customer_id", "is_main"])
        vals_list = [{**defaults, **vals} for vals in vals_list]
        customers = self.env["res.partner"].browse(
            {vals["customer_id"] for vals in vals_list if vals.get("customer_id")}
        )
        creator = self
        if self.env.context.get("links_of_new_customer") is LINKS_OF_NEW_CUSTOMER:
            # sudo: nobody sees a customer that has no salesman yet
            creator = self.sudo()
        else:
            # before the link exists: it must not give its author the right to make it
            customers.check_access("write")
        self._complete_main(customers, vals_list)
        links = super(CustomerSalesman, creator).create(vals_list).with_env(self.env)
        self.env["sales.visibility"]._invalidate_sight()
        links._sync_salesperson()
        return links

    def write(self, vals):
        if not self.env.su and {"customer_id", "employee_id"} & vals.keys():
            for link in self:
                if any(
                    link[name].id != vals[name]
                    for name in ("customer_id", "employee_id")
                    if name in vals
                ):
                    # sudo: the names of the two
                    raise ValidationError(
                        self.env._(
                            "The link between %(employee)s and %(customer)s cannot be turned into "
                            "another one. Remove it and add the other.",
                            employee=link.sudo().employee_id.name,
                            customer=link.sudo().customer_id.display_name,
                        )
                    )
        if vals.get("is_main"):
            # sudo: a colleague's link counts, too
            for customer_links in self.sudo().grouped("customer_id").values():
                main = customer_links.customer_id.salesman_link_ids.filtered("is_main")
                if len(customer_links) > 1 or main - customer_links:
                    raise ValidationError(
                        self._get_second_main_message(customer_links.customer_id.id)
                    )
        result = super().write(vals)
        self.env["sales.visibility"]._invalidate_sight()
        self._sync_salesperson()
        return result

    def unlink(self):
        customers, employees = self.customer_id, self.employee_id
        result = super().unlink()
        self.env["sales.visibility"]._invalidate_sight()
        self._appoint_main(customers)
        customers._unsubscribe_salesmen(employees)
        return result

    @api.model
    def _complete_main(self, customers, vals_list):
        """Make the first link of a customer without main salesman the main one."""
        # sudo: colleagues' links count, whoever adds one
        has_main = set(
            self.sudo()
            .search([("customer_id", "in", customers.ids), ("is_main", "=", True)])
            .customer_id.ids
        )
        for vals in vals_list:
            if vals.get("is_main"):
                if vals["customer_id"] in has_main:
                    raise ValidationError(self._get_second_main_message(vals["customer_id"]))
                has_main.add(vals["customer_id"])
        for vals in vals_list:
            customer_id = vals.get("customer_id")
            if customer_id and customer_id not in has_main:
                vals["is_main"] = True
                has_main.add(customer_id)

    @api.model
    def _get_second_main_message(self, customer_id):
        # sudo: the names of the two
        customer = self.env["res.partner"].sudo().browse(customer_id)
        return self.env._(
            "%(customer)s has a main salesman already: %(salesman)s. A customer has one main salesman. "
            "Untick the other one first.",
            customer=customer.display_name,
            salesman=customer.main_salesman_id.name,
        )

    @api.model
    def _appoint_main(self, customers):
        """Let the oldest link follow a main salesman who was unlinked."""
        # sudo: the author may have unlinked himself and not see the customer any more
        links = self.sudo().search([("customer_id", "in", customers.ids)], order="is_main DESC, id")
        for links_of_customer in links.grouped("customer_id").values():
            if not links_of_customer[0].is_main:
                links_of_customer[0].is_main = True
        customers.sudo().filtered(lambda c: not c.salesman_link_ids).user_id = False

    def _sync_salesperson(self):
        """Keep Odoo's salesperson of the customer, by which standard apps assign
        documents, equal to the main salesman."""
        # sudo: follows from the link, which the user was allowed to make
        mains = self.sudo().filtered("is_main")
        for user, links in mains.grouped(lambda link: link.employee_id.user_id).items():
            customers = links.customer_id.filtered(lambda c, user=user: c.user_id != user)
            # Odoo subscribes who creates a customer without a look at who follows it already
            own = customers.filtered(
                lambda c, user=user: user.id == self.env.uid and c._is_born_now()
            )
            own.with_context(tracking_disable=True).write({"user_id": user.id})
            (customers - own).write({"user_id": user.id})
