from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

GROUPS = "sales_team.group_sale_salesman,sales_crm_cases.group_customer_approver"


class CustomerCaseMixin(models.AbstractModel):
    """The current case of a customer, and its status (B3, B5)."""

    _name = "customer.case.mixin"
    _description = "Current case of a customer"

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

    @api.depends("is_customer", "case_ids.active", "case_ids.won_status", "case_ids.type")
    def _compute_current_case_id(self):
        customers = self.filtered("is_customer")
        (self - customers).current_case_id = False
        if not customers:
            return
        # sudo: a colleague's case is the customer's, too
        open_ids = dict(
            self.env["crm.lead"]
            .sudo()
            ._read_group(
                [
                    ("customer_id", "in", customers._origin.ids),
                    ("type", "=", "opportunity"),
                    ("won_status", "=", "pending"),
                ],
                ["customer_id"],
                ["id:array_agg"],
            )
        )
        for customer in customers:
            ids = open_ids.get(customer._origin, [])
            if customer.current_case_id.id not in ids:
                customer.current_case_id = max(ids, default=False)

    @api.constrains("current_case_id")
    def _check_current_case(self):
        # sudo: the case of a customer that the user sees
        for customer in self.sudo().filtered("current_case_id"):
            case = customer.current_case_id
            if (
                case.customer_id != customer
                or case.type != "opportunity"
                or case.won_status != "pending"
                or not case.active
            ):
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
