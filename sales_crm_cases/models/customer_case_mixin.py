from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .res_users import APPROVER, SALESMAN

GROUPS = f"{SALESMAN},{APPROVER}"


class CustomerCaseMixin(models.AbstractModel):
    """The cases of a customer; the current one among them, and its status (C1, B3, B5)."""

    _name = "customer.case.mixin"
    _description = "Current case of a customer"

    case_ids = fields.One2many(
        "crm.lead", "customer_id", string="Cases", domain=[("type", "=", "opportunity")]
    )
    has_open_case = fields.Boolean(compute="_compute_has_open_case", store=True, copy=False)
    case_count = fields.Integer(compute="_compute_case_count", groups=SALESMAN)
    current_case_id = fields.Many2one(
        "crm.lead",
        compute="_compute_current_case_id",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=GROUPS,
        domain="[('customer_id', '=', id), ('type', '=', 'opportunity'),"
        " ('won_status', '=', 'pending')]",
        help="The open case that matters now. It stays until it is closed or another one is "
        "chosen; then the newest open case follows.",
    )
    current_process_id = fields.Many2one(
        related="current_case_id.process_id", string="Process of the current case", groups=GROUPS
    )
    current_stage_id = fields.Many2one(
        "crm.stage",
        string="Case status",
        compute="_compute_current_stage_id",
        inverse="_inverse_current_stage_id",
        search="_search_current_stage_id",
        compute_sudo=True,
        groups=GROUPS,
        domain="[('process_id', '=', current_process_id)]",
        help="The status of the current case. Another one moves the case.",
    )

    @api.depends("case_ids.active", "case_ids.won_status", "case_ids.type")
    def _compute_has_open_case(self):
        open_ids = self._get_open_case_ids()
        for partner in self:
            partner.has_open_case = partner._origin in open_ids

    def _compute_case_count(self):
        self._count_records("case_count", "crm.lead", Domain("type", "=", "opportunity"))

    def _get_case_domain(self):
        return [("customer_id", "in", self._origin.ids), ("type", "=", "opportunity")]

    def _get_open_case_ids(self):
        """:return: dict ``{customer: ids of its open cases}``, without customers that have none"""
        # sudo: a colleague's case is the customer's, too
        cases = self.env["crm.lead"].sudo().with_context(active_test=True)
        domain = [("customer_id", "in", self._origin.ids), *cases._get_open_case_domain()]
        return dict(cases._read_group(domain, ["customer_id"], ["id:array_agg"]))

    @api.depends("is_customer", "case_ids.active", "case_ids.won_status", "case_ids.type")
    def _compute_current_case_id(self):
        customers = self.filtered("is_customer")
        (self - customers).current_case_id = False
        if not customers:
            return
        open_ids = customers._get_open_case_ids()
        for customer in customers:
            ids = open_ids.get(customer._origin, [])
            if customer.current_case_id.id not in ids:
                customer.current_case_id = max(ids, default=False)

    @api.constrains("current_case_id")
    def _check_current_case(self):
        customers = self.filtered("current_case_id")
        open_ids = customers._get_open_case_ids()
        for customer in customers:
            case = customer.current_case_id
            if case.id not in open_ids.get(customer, []):
                raise ValidationError(
                    self.env._(
                        "“%(case)s” is no open case of %(customer)s. Choose one of its open cases, or leave "
                        "the current case empty: the newest one is taken.",
                        case=case.name,
                        customer=customer.display_name,
                    )
                )

    @api.depends("current_case_id.stage_id")
    def _compute_current_stage_id(self):
        for partner in self:
            partner.current_stage_id = partner.current_case_id.stage_id

    def _inverse_current_stage_id(self):
        for stage, customers in self.grouped("current_stage_id").items():
            without = customers.filtered(lambda customer: not customer.current_case_id)
            if without and stage:
                raise UserError(
                    self.env._(
                        "%(customer)s has no open case, so there is nothing that could have the status "
                        "“%(status)s”. Open a case first.",
                        customer=without[0].display_name,
                        status=stage.name,
                    )
                )
            cases = customers.current_case_id
            if cases and not stage:
                raise UserError(
                    self.env._("Choose a status for the case “%(case)s”.", case=cases[0].name)
                )
            cases.write({"stage_id": stage.id})

    def _search_current_stage_id(self, operator, value):
        return [("current_case_id.stage_id", operator, value)]

    def write(self, vals):
        result = super().write(vals)
        if "current_case_id" in vals and not vals["current_case_id"]:
            # emptied: the newest one
            self.env.add_to_compute(self._fields["current_case_id"], self)
        return result

    def action_view_cases(self):
        """List the customer's cases (C1)."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "crm_lead_action",
            self.env._("Cases of %(customer)s", customer=self.display_name),
            domain=self._get_case_domain(),
            context={"default_type": "opportunity", "default_partner_id": self.id},
        )
