from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition


class MailActivity(models.Model):
    """Lists of activities: who sees the customer sees the activity, and SQL says so (V1).

    Odoo finds the activities that a user may read by reading all of them and asking for each
    document. Our lists ask for ``is_customer_activity`` instead.
    """

    _name = "mail.activity"
    _inherit = ["mail.activity"]

    is_customer_activity = fields.Boolean(
        string="On a customer",
        compute="_compute_is_customer_activity",
        search="_search_is_customer_activity",
        export_string_translation=False,
        help="Lists of salesmen ask for this: who sees the customer sees the activity, so the "
        "database finds them without a look at each document.",
    )

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        # pending changes of the documents' customers reach the activities when they are flushed
        for model_name in self._get_synced_models():
            documents = self.env[model_name]
            documents.flush_model([documents._activity_customer_field])
        return super()._get_sight_domain(scope, purpose)

    @api.model
    def _get_customer_models(self):
        """Models whose records everybody sees who sees their customer."""
        return ["res.partner", "crm.lead", "sale.order"]

    @api.depends("customer_id", "res_model")
    def _compute_is_customer_activity(self):
        models_of_customers = self._get_customer_models()
        for activity in self:
            activity.is_customer_activity = (
                bool(activity.customer_id) and activity.res_model in models_of_customers
            )

    def _search_is_customer_activity(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("customer_id", "!=", False) & Domain(
            "res_model", "in", self._get_customer_models()
        )
        return Domain.OR(found if wanted else ~found for wanted in value)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        """Odoo reads all matching rows to ask for their documents one by one. Where only
        activities of customers are asked for, the rules say it in SQL."""
        domain = Domain(domain)
        if not self.env.su and not bypass_access and self._asks_for_customers_only(domain):
            self.browse().check_access("read")
            domain &= self._get_rules_of_customer_activities()
            domain &= self._get_document_domain()
            bypass_access = True
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.model
    def _get_rules_of_customer_activities(self):
        """The record rules, where all activities have a customer: without the half of the
        sight that is about the others, queries start from the index on the customer."""
        purpose = self._get_sight_purpose()
        scope = self.env["sales.visibility"]._get_scope("read", purpose)
        sight = self._get_leading_sight(scope, purpose)
        if not scope.is_everything:
            # flushes what the sight depends on
            self._get_sight_domain(scope, purpose)
        return (
            self.env["ir.rule"]
            ._compute_domain(self._name, "read")
            .map_conditions(
                lambda condition: (
                    sight
                    if condition.field_expr == "crm_visible"
                    and condition.operator == "in"
                    and list(condition.value) == [True]
                    else condition
                )
            )
        )

    @api.model
    def _get_leading_sight(self, scope, purpose=None):
        """The sight of activities that have a customer, from which a query may start."""
        return scope.get_customer_domain("customer_id", purpose, leading=True)

    @api.model
    def _asks_for_customers_only(self, domain):
        parts = domain.children if isinstance(domain, DomainAnd) else (domain,)
        return self.env.user._works_with_customers() and any(
            isinstance(part, DomainCondition)
            and part.field_expr == "is_customer_activity"
            and (
                (part.operator == "=" and part.value is True)
                or (part.operator == "in" and list(part.value) == [True])
            )
            for part in parts
        )

    @api.model
    def _get_document_domain(self):
        """Documents of models that the user reads and of companies that he works in."""
        found = []
        foreign_ids = set(self.env["res.company"]._get_all_ids()) - set(self.env.companies.ids)
        for model_name in self._get_customer_models():
            documents = self.env[model_name]
            if not documents.has_access("read"):
                continue
            closed_ids = foreign_ids
            if foreign_ids and model_name == "res.partner":
                # as Odoo's own rule for contacts
                closed_ids = foreign_ids - set(self.env.companies.sudo().parent_ids.ids)
            condition = Domain("res_model", "=", model_name)
            if closed_ids:
                # sudo: what is left out here
                condition &= Domain(
                    "res_id",
                    "not in",
                    documents.sudo()
                    .with_context(active_test=False)
                    ._search([("company_id", "in", list(closed_ids))]),
                )
            found.append(condition)
        return Domain.OR(found)
