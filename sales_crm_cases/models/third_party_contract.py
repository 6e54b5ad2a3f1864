from datetime import timedelta
from functools import partial

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_document_mixin import CUSTOMERS

MAX_TERM_MONTHS = 1200


class ThirdPartyContract(models.Model):
    """What a competitor or leasing house holds at a customer, and our own contracts (R4).

    The status follows from the day alone and is not stored: ``won`` once an order of one of the
    contract's cases is confirmed, else ``expired`` from the day after the end, ``expiring`` from
    as many days as the company sets before the end (with a notice period: before the last day
    on which notice can be given), else ``running``.
    """

    _name = "third.party.contract"
    _inherit = [
        "customer.document.mixin",
        "third.party.figures.mixin",
        "recommendation.subject.mixin",
    ]
    _description = "Third-party contract"
    _order = "date_end, id"
    _rec_names_search = ["name", "third_party_id"]
    _check_company_auto = True

    _recommendation_fields = frozenset(
        {"customer_id", "is_own", "order_id", "case_id", "date_end", "decision_date"}
    )

    # who and what
    customer_id = fields.Many2one(
        "res.partner",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain=CUSTOMERS,
    )
    main_salesman_id = fields.Many2one(
        related="customer_id.main_salesman_id", string="Main salesman"
    )
    is_own = fields.Boolean(string="Contract with us")
    third_party_id = fields.Many2one(
        "res.partner",
        compute="_compute_third_party_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
        ondelete="restrict",
        help="The competitor, leasing house or other company that holds the contract.",
    )
    name = fields.Char(string="Number", index="trigram")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    amount = fields.Monetary(string="Value", help="Value of the contract over its whole term.")
    note = fields.Text()
    # when
    date_start = fields.Date(string="Start", required=True)
    date_end = fields.Date(
        string="End", required=True, index=True, help="The last day of the contract."
    )
    term_months = fields.Integer(
        string="Term (months)",
        compute="_compute_term_months",
        store=True,
        precompute=True,
        readonly=False,
        aggregator="avg",
        help="Term and end complete each other. Zero: the end is not that of a whole month.",
    )
    notice_days = fields.Integer(string="Notice period (days)", aggregator="avg")
    decision_date = fields.Date(
        compute="_compute_decision_date",
        store=True,
        precompute=True,
        index=True,
        string="Decided by",
        help="The last day on which notice can be given; without notice period, the end.",
    )
    status = fields.Selection(
        [
            ("running", "Running"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
            ("won", "Won over"),
        ],
        compute="_compute_status",
        search="_search_status",
        compute_sudo=True,
    )
    # what
    item_ids = fields.One2many(
        "third.party.contract.item", "contract_id", string="Items", copy=True
    )
    item_count = fields.Integer(string="Number of items", compute="_compute_item_count")
    yearly_volume = fields.Float(
        compute="_compute_yearly_figures",
        store=True,
        digits=(16, 2),
        help="Volume of all items in a year.",
    )
    yearly_cost = fields.Monetary(
        compute="_compute_yearly_figures",
        store=True,
        help="Volume times rate of all items in a year.",
    )
    _customer_end_idx = models.Index("(customer_id, date_end)")

    # ------------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------------

    @api.depends("name", "third_party_id")
    def _compute_display_name(self):
        for contract in self:
            # sudo: the name alone, as everywhere in Odoo
            third_party = contract.third_party_id.sudo().name or ""
            contract.display_name = (
                f"{contract.name} · {third_party}" if contract.name else third_party
            )

    @api.depends("is_own", "company_id")
    def _compute_third_party_id(self):
        """Contracts with us are with the company."""
        for contract in self:
            # sudo: the name of the own company
            company = contract.company_id.sudo().partner_id
            if contract.is_own:
                contract.third_party_id = company.sudo(False)
            elif contract.third_party_id == company:
                contract.third_party_id = False

    @api.depends("date_start", "date_end")
    def _compute_term_months(self):
        for contract in self:
            if contract.date_start and contract.date_end:
                contract.term_months = self._get_term(contract.date_start, contract.date_end)
            else:
                contract.term_months = contract.term_months

    @api.depends("date_end", "notice_days")
    def _compute_decision_date(self):
        for contract in self:
            end = contract.date_end
            contract.decision_date = end and end - timedelta(
                min(max(contract.notice_days, 0), (end - fields.Date.to_date("1900-01-01")).days)
            )

    @api.depends("date_end", "decision_date", "order_id", "company_id.third_party_expiring_days")
    @api.depends_context("tz", "uid")
    def _compute_status(self):
        today = fields.Date.context_today(self)
        for contract in self:
            days = contract.company_id.third_party_expiring_days
            if contract.order_id:
                contract.status = "won"
            elif not contract.date_end:
                contract.status = False
            elif contract.date_end < today:
                contract.status = "expired"
            elif contract.decision_date <= today + timedelta(days):
                contract.status = "expiring"
            else:
                contract.status = "running"

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._get_status_domain(status) for status in value)

    @api.model
    def _get_status_domain(self, status):
        """The contracts of a status today, where the user is."""
        today = fields.Date.context_today(self)
        won = Domain("order_id", "!=", False)
        open_ones = ~won & Domain("date_end", ">=", today)
        if status == "won":
            return won
        if status == "expired":
            return ~won & Domain("date_end", "<", today)
        if status not in ("running", "expiring"):
            return Domain.FALSE
        # sudo: a number that the status of every contract shows
        settings = self.env["res.company"].sudo().with_context(active_test=False)
        near = Domain.OR(
            Domain("company_id", "in", ids) & Domain("decision_date", "<=", today + timedelta(days))
            for days, ids in settings._read_group(
                [], ["third_party_expiring_days"], ["id:array_agg"]
            )
        )
        return open_ones & (near if status == "expiring" else ~near)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Groups and sorting by status: the same rule as :meth:`_compute_status`."""
        if field_expr != "status":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields["status"], "read")
        column = partial(super()._field_to_sql, alias, query=query)
        days = self.env["res.company"]._fields["third_party_expiring_days"]
        return SQL(
            """
            CASE WHEN %(order)s IS NOT NULL THEN 'won'
                 WHEN %(end)s < %(today)s THEN 'expired'
                 WHEN %(decision)s - (SELECT "setting"."third_party_expiring_days"
                                        FROM res_company AS "setting"
                                       WHERE "setting"."id" = %(company)s) <= %(today)s
                 THEN 'expiring' ELSE 'running' END
            """,
            order=column("order_id"),
            end=column("date_end"),
            decision=column("decision_date"),
            company=column("company_id"),
            today=SQL("%s::date", fields.Date.context_today(self), to_flush=days),
        )

    def _compute_item_count(self):
        counts = dict(
            self.env["third.party.contract.item"]._read_group(
                [("contract_id", "in", self._origin.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.item_count = counts.get(contract._origin, 0)

    @api.depends("item_ids.yearly_volume", "item_ids.yearly_cost")
    def _compute_yearly_figures(self):
        for contract in self:
            contract.yearly_volume = sum(contract.item_ids.mapped("yearly_volume"))
            contract.yearly_cost = sum(contract.item_ids.mapped("yearly_cost"))

    @api.onchange("term_months", "date_start")
    def _onchange_term_months(self):
        start, term = self.date_start, self.term_months
        if start and 0 < term <= MAX_TERM_MONTHS and term != self._get_term(start, self.date_end):
            self.date_end = self._get_end(start, term)

    @api.onchange("company_id")
    def _onchange_company_id(self):
        if self.company_id and not self._origin:
            self.currency_id = self.company_id.currency_id

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("customer_id", "third_party_id", "is_own", "company_id")
    def _check_parties(self):
        # sudo: whose company a partner is
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        third_parties = self.sudo().third_party_id.commercial_partner_id
        own_partners = companies.search([("partner_id", "in", third_parties.ids)]).partner_id
        for contract in self.sudo():
            customer, third_party = contract.customer_id, contract.third_party_id
            if customer.customer_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is no CRM customer. Choose the customer that has the contract.",
                        partner=customer.display_name,
                    )
                )
            if third_party.commercial_partner_id == customer:
                raise ValidationError(
                    self.env._(
                        "%(customer)s cannot hold a contract at itself. Choose another third party.",
                        customer=customer.display_name,
                    )
                )
            if contract.is_own and third_party != contract.company_id.partner_id:
                raise ValidationError(
                    self.env._(
                        "A contract with us is with %(company)s. Leave the third party to it, or "
                        "untick “Contract with us”.",
                        company=contract.company_id.display_name,
                    )
                )
            if not contract.is_own and third_party.commercial_partner_id in own_partners:
                raise ValidationError(
                    self.env._(
                        "%(company)s is one of our companies. Tick “Contract with us”, or choose "
                        "another third party.",
                        company=third_party.display_name,
                    )
                )

    @api.constrains("date_start", "date_end")
    def _check_period(self):
        for contract in self:
            if not contract.date_start or not contract.date_end:
                raise ValidationError(self._get_period_message())
            if contract.date_end < contract.date_start:
                raise ValidationError(
                    self.env._(
                        "The contract %(contract)s ends on %(end)s, before it starts on %(start)s. "
                        "Correct one of the dates.",
                        contract=contract.display_name,
                        end=contract.date_end,
                        start=contract.date_start,
                    )
                )

    @api.constrains("amount", "notice_days")
    def _check_numbers(self):
        self._refuse_negative("amount", "notice_days")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Term and end complete each other; both given must agree.

        :raise ValidationError: neither of them, or a contradiction
        """
        defaults = self._get_given_defaults()
        return super().create([self._prepare_contract({**defaults, **vals}) for vals in vals_list])

    def write(self, vals):
        if "term_months" not in vals:
            result = super().write(vals)
        else:
            rest = {name: value for name, value in vals.items() if name != "term_months"}
            # sudo: the values of what write() will refuse or not
            ends = {
                contract: contract._get_agreed_end(
                    vals,
                    vals.get("date_start", contract.sudo().date_start),
                    # a term alone moves the end
                    vals.get("date_end") or (not vals["term_months"] and contract.sudo().date_end),
                )
                for contract in self
            }
            result = True
            for end in set(ends.values()):
                contracts = self.filtered(lambda contract, end=end: ends[contract] == end)
                super(ThirdPartyContract, contracts).write({**rest, "date_end": end})
        if "customer_id" in vals:
            # nobody gives a contract to a customer that he may not change
            self.check_access("write")
        return result

    @api.model
    def _prepare_contract(self, vals):
        end = self._get_agreed_end(vals, vals.get("date_start"), vals.get("date_end"))
        if not vals.get("date_start") or not end:
            raise ValidationError(self._get_period_message())
        prepared = {name: value for name, value in vals.items() if name != "term_months"}
        prepared["date_end"] = end
        if not vals.get("third_party_id"):
            # of a contract with us: computed
            prepared.pop("third_party_id", None)
        if not vals.get("currency_id") and vals.get("company_id"):
            company = self.env["res.company"].browse(vals["company_id"])
            prepared["currency_id"] = company.currency_id.id
        return prepared

    @api.model
    def _get_period_message(self):
        return self.env._("Give the start of the contract, and its end or its term in months.")

    @api.model
    def _get_given_defaults(self):
        return {
            name: value
            for name, value in self.default_get(["date_start", "date_end", "term_months"]).items()
            if value
        }

    # ------------------------------------------------------------------
    # Start, term, end
    # ------------------------------------------------------------------

    @api.model
    def _get_end(self, start, months):
        """The last day of a term: 12 months from 1 March end on 28 or 29 February."""
        return start + relativedelta(months=months) - timedelta(1)

    @api.model
    def _get_term(self, start, end):
        """Whole months from start to end; 0 if they are not whole."""
        if not start or not end or end < start:
            return 0
        following = end + timedelta(1)
        months = (following.year - start.year) * 12 + following.month - start.month
        return months if months > 0 and self._get_end(start, months) == end else 0

    def _get_agreed_end(self, vals, start, end):
        """The end that values of a contract mean.

        :raise ValidationError: the term is out of range, or contradicts the end
        """
        term = vals.get("term_months") or 0
        start, end = fields.Date.to_date(start), fields.Date.to_date(end)
        if not isinstance(term, int) or not 0 <= term <= MAX_TERM_MONTHS:
            raise ValidationError(
                self.env._(
                    "The term is a number of months from 1 to %(maximum)s.", maximum=MAX_TERM_MONTHS
                )
            )
        if not term or not start:
            return end
        expected = self._get_end(start, term)
        if end and end != expected:
            raise ValidationError(
                self.env._(
                    "A term of %(term)s months from %(start)s ends on %(expected)s, not on %(end)s. "
                    "Correct one of them, or leave one empty.",
                    term=term,
                    start=start,
                    expected=expected,
                    end=end,
                )
            )
        return expected

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open(self):
        """Open the contract on a page of its own; saves the dialog before."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_save_and_new(self):
        """Close the saved dialog and open it for another contract of the customer."""
        self.ensure_one()
        return self._get_dialog_action(default_customer_id=self.customer_id.id)

    def action_view_usage(self):
        """Analyse the usage of the items."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_crm_cases.third_party_contract_usage_action"
        )
        return {**action, "domain": [("contract_id", "=", self.id)], "context": {}}

    @api.model
    def _get_dialog_action(self, **context):
        return self.env["ir.actions.act_window"]._get_dialog(
            self._name,
            self.env._("Add Third Party"),
            context,
            view="third_party_contract_view_form_dialog",
        )

    # ------------------------------------------------------------------
    # Customers that become part of another one
    # ------------------------------------------------------------------

    @api.model
    def _hand_over(self, sources, customer):
        """The contracts of customers that become part of ``customer`` follow them."""
        self.flush_model(["customer_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE third_party_contract SET customer_id = %s WHERE customer_id = ANY(%s)",
                customer.id,
                sources.ids,
            )
        )
        self.env.invalidate_all()
