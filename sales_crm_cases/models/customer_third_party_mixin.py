from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_case_mixin import GROUPS


class CustomerThirdPartyMixin(models.AbstractModel):
    """The contracts of a customer, with third parties and with us (R4, K8)."""

    _name = "customer.third.party.mixin"
    _description = "Third-party contracts of a customer"

    third_party_contract_ids = fields.One2many(
        "third.party.contract",
        "customer_id",
        string="Third-party contracts",
        copy=False,
        groups=GROUPS,
    )
    third_party_contract_count = fields.Integer(
        string="Number of contracts",
        compute="_compute_third_party_contract_count",
        groups=GROUPS,
    )
    is_active_business = fields.Boolean(
        string="In business",
        compute="_compute_is_active_business",
        search="_search_is_active_business",
        help="Has an open case, or a contract with us that runs today.",
    )

    def _compute_third_party_contract_count(self):
        self._count_records("third_party_contract_count", "third.party.contract")

    # ------------------------------------------------------------------
    # In business: by date, so that it is right on the day without a job
    # ------------------------------------------------------------------

    @api.depends(
        "has_open_case",
        "third_party_contract_ids.is_own",
        "third_party_contract_ids.date_start",
        "third_party_contract_ids.date_end",
    )
    @api.depends_context("tz", "uid")
    def _compute_is_active_business(self):
        # sudo: a contract in the hands of a colleague counts, too
        contracts = self.env["third.party.contract"].sudo()
        holders = contracts._read_group(
            [*self._get_running_domain(), ("customer_id", "in", self._origin.ids)], ["customer_id"]
        )
        ids = {customer.id for [customer] in holders}
        for partner in self:
            partner.is_active_business = partner.has_open_case or partner._origin.id in ids

    def _search_is_active_business(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: as above
        contracts = self.env["third.party.contract"].sudo()._search(self._get_running_domain())
        active = Domain("has_open_case", "=", True) | Domain(
            "id", "in", contracts.subselect("customer_id")
        )
        return Domain.OR(active if wanted else ~active for wanted in value)

    @api.model
    def _get_running_domain(self):
        today = fields.Date.context_today(self)
        return [("is_own", "=", True), ("date_start", "<=", today), ("date_end", ">=", today)]

    def _field_to_sql(self, alias, field_expr, query=None):
        """Groups by "In business"."""
        if field_expr != "is_active_business":
            return super()._field_to_sql(alias, field_expr, query)
        # sudo: as above
        contracts = self.env["third.party.contract"].sudo()._search(self._get_running_domain())
        return SQL(
            "(COALESCE(%s, FALSE) OR %s IN %s)",
            super()._field_to_sql(alias, "has_open_case", query),
            SQL.identifier(alias, "id"),
            contracts.subselect("customer_id"),
        )

    # ------------------------------------------------------------------
    # A customer that becomes part of another one, buttons
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals or "is_company" in vals:
            # sudo: the contracts follow, whoever may read them
            contracts = self.env["third.party.contract"].sudo()
            for partner in contracts.search([("customer_id", "in", self.ids)]).customer_id:
                if partner.commercial_partner_id != partner:
                    contracts._hand_over(partner, partner.commercial_partner_id)
        return result

    def action_add_third_party(self):
        """Open the dialog for a contract of the customer (K9)."""
        self.ensure_one()
        self.check_access("read")
        return self.env["third.party.contract"]._get_dialog_action(
            default_customer_id=self.commercial_partner_id.id
        )

    def action_view_third_party_contracts(self):
        """List the customer's contracts (R4)."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self.env["ir.actions.act_window"]._get_named(
            "third_party_contract_action",
            self.env._("Contracts of %(customer)s", customer=customer.display_name),
            domain=[("customer_id", "=", customer.id)],
            context={"default_customer_id": customer.id},
        )
