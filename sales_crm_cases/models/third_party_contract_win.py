from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .crm_process import NAMED_BY_STEP

# what a contract without notice period leaves to win it: the case closes that long before its end
CLOSING_DAYS = 30
# follow from the cases and their orders
SERVER_FIELDS = {"case_id", "order_id"}


class ThirdPartyContract(models.Model):
    """A contract is won over by an order of one of its cases (R4)."""

    _name = "third.party.contract"
    _inherit = ["third.party.contract"]

    case_ids = fields.One2many(
        "crm.lead",
        "contract_id",
        string="Cases",
        readonly=True,
        copy=False,
        context={"active_test": False},
        groups="sales_team.group_sale_salesman",
    )
    case_id = fields.Many2one(
        "crm.lead",
        string="Latest case",
        compute="_compute_case_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Won by",
        compute="_compute_order_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        copy=False,
        help="The first confirmed order of the contract's cases.",
    )

    @api.depends("case_ids")
    def _compute_case_id(self):
        for contract in self:
            cases = contract.with_context(active_test=False).case_ids
            contract.case_id = cases.sorted("id", reverse=True)[:1]

    @api.depends("case_ids.order_ids.state")
    def _compute_order_id(self):
        for contract in self:
            orders = contract.with_context(active_test=False).case_ids.order_ids
            confirmed = orders.filtered(lambda order: order.state == "sale")
            contract.order_id = confirmed.sorted(lambda order: (order.date_order, order.id))[:1]

    @api.constrains("customer_id")
    def _check_customer_of_cases(self):
        # sudo: cases that the user does not see count, too
        for contract in self.sudo():
            foreign = contract.with_context(active_test=False).case_ids.filtered(
                lambda case, contract=contract: case.customer_id != contract.customer_id
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "The contract %(contract)s has the case %(case)s, so its customer stays.",
                        contract=contract.display_name,
                        case=foreign[0].name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_server_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_server_fields(vals)
        return super().write(vals)

    def _check_server_fields(self, vals):
        if not self.env.su and SERVER_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "Case and order of a contract follow from “Win” and the confirmed order. "
                    "They are not written."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_won(self):
        # sudo: the order may be hidden
        won = self.sudo().filtered("order_id")
        if won and not self.env.su:
            raise UserError(
                self.env._(
                    "The contract %(contract)s was won over by the order %(order)s: it is kept.",
                    contract=won[0].display_name,
                    order=won[0].order_id.name,
                )
            )

    # ------------------------------------------------------------------
    # Win
    # ------------------------------------------------------------------

    def action_win(self):
        """Open the case that wins or renews the contract; make it if there is none (R4).

        :return: action: the form of the case
        :raise UserError: won already, or somebody else presses the button at this moment
        """
        self.ensure_one()
        self.check_access("write")
        self.env["crm.lead"].check_access("create")
        self._lock_or_refuse(
            lambda: self.env._("Somebody else is changing this contract now. Please try again."),
            ["case_ids", "case_id", "order_id"],
        )
        return self._find_or_create_case().get_formview_action()

    def _find_or_create_case(self):
        # sudo: a colleague's case is the contract's case, too
        case = (
            self.env["crm.lead"]
            .sudo()
            .search(
                [("contract_id", "=", self.id), ("won_status", "=", "pending")],
                order="id DESC",
                limit=1,
            )
        )
        if case:
            return case.sudo(False)
        # sudo: the order may be hidden
        order = self.sudo().order_id
        if order:
            raise UserError(
                self.env._(
                    "The contract %(contract)s was won over by the order %(order)s already.",
                    contract=self.display_name,
                    order=order.name,
                )
            )
        cases = self.env["crm.lead"].with_context(case_named=NAMED_BY_STEP)
        case = cases.create(self._prepare_case()).with_env(self.env)
        case.expected_revenue = self.currency_id._convert(
            self.amount, case.company_currency, self.company_id, fields.Date.context_today(self)
        )
        return case

    def _prepare_case(self):
        customer = self.customer_id
        name = self.display_name
        return {
            "type": "opportunity",
            "name": self.env._("Renew %(contract)s", contract=name)
            if self.is_own
            else self.env._("Win %(contract)s", contract=name),
            "partner_id": (customer.call_contact_id or customer.main_contact_id or customer).id,
            "user_id": self.env.uid,
            "date_deadline": self._get_expected_close(),
            "contract_id": self.id,
        }

    def _get_expected_close(self):
        """The last day to give notice, or some weeks before the end; never in the past."""
        close = self.decision_date if self.notice_days else self.date_end - timedelta(CLOSING_DAYS)
        return max(close, fields.Date.context_today(self))

    def action_view_order(self):
        """Open the order that won the contract."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.get_formview_action()
