from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.orm.utils import COLLECTION_TYPES
from odoo.tools import SQL

from ..visibility_scope import CANDIDATES, CUSTOMERS, FEW_RECORDS
from .customer_approval import TRANSITION_SENTINEL
from .res_users import APPROVER, SALESMAN

STATUSES = [
    ("new", "New - CRM"),
    ("released", "Released"),
    ("active", "Active"),
    ("hold", "On hold"),
]
# transition: (status before, status after, group that may do it, needs a reason)
TRANSITIONS = {
    "release": ("new", "released", SALESMAN, False),
    "approve": ("released", "active", APPROVER, False),
    "decline": ("released", "new", APPROVER, True),
    "hold": ("active", "hold", APPROVER, True),
    "unhold": ("hold", "active", APPROVER, False),
}


class CustomerApprovalMixin(models.AbstractModel):
    """The state machine of a customer: released by sales, approved by accounts (K2, K3)."""

    _name = "customer.approval.mixin"
    _description = "Approval of a customer"

    approval_status = fields.Selection(
        STATUSES,
        string="Customer status",
        copy=False,
        tracking=True,
        index="btree_not_null",
        search="_search_approval_status",
        help="Empty: no CRM customer.",
    )
    approval_ids = fields.One2many(
        "customer.approval", "customer_id", string="Approval history", copy=False
    )
    last_approval_id = fields.Many2one(
        "customer.approval",
        compute="_compute_last_approval_id",
        compute_sudo=True,
        string="Last step",
    )
    last_approval_transition = fields.Char(
        compute="_compute_last_approval_id",
        compute_sudo=True,
        export_string_translation=False,
    )
    last_approval_user_id = fields.Many2one(
        "res.users", compute="_compute_last_approval_id", compute_sudo=True, string="Last step by"
    )
    last_approval_date = fields.Datetime(
        compute="_compute_last_approval_id", compute_sudo=True, string="Last step on"
    )
    last_approval_reason = fields.Text(
        compute="_compute_last_approval_id", compute_sudo=True, string="Comment of the last step"
    )

    def _search_approval_status(self, operator, value):
        """The column, and for whoever has few customers what follows from the rules: a
        visible partner with a status is one of his customers, or a colleague who once was
        a customer. The rule alone lets in every partner without customer, and PostgreSQL
        walks through a million names to find sixty."""
        if operator not in ("in", "not in"):
            return NotImplemented
        status = Domain.custom(
            to_sql=lambda model, alias, query: model._fields["approval_status"].condition_to_sql(
                "approval_status", operator, value, model, alias, query
            )
        )
        includes_empty = (False in value) == (operator == "in")
        if self.env.su or includes_empty or self._get_sight_purpose() in (CANDIDATES, FEW_RECORDS):
            return status
        visibility = self.env["sales.visibility"]
        if visibility._get_customer_list_purpose():
            return status & visibility._get_scope("read", CUSTOMERS).get_entity_domain()
        scope = visibility._get_scope("read")
        if scope.is_everything or scope.hidden_ids is not None or scope.customer_ids is None:
            return status
        uncustomered = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                %s = ANY(ARRAY(SELECT u.id FROM res_partner u
                                WHERE u.approval_status IS NOT NULL AND u.customer_id IS NULL))
                """,
                SQL.identifier(alias, "id"),
            )
        )
        return status & (scope.get_customer_domain(leading=True) | uncustomered)

    @api.model
    def _asks_for_status(self, domain):
        """Whether all that the domain finds has a status."""
        domain = Domain(domain)
        return any(
            isinstance(part, DomainCondition)
            and part.field_expr == "approval_status"
            and self._excludes_empty(part.operator, part.value)
            for part in (domain.children if isinstance(domain, DomainAnd) else (domain,))
        )

    @api.model
    def _excludes_empty(self, operator, value):
        values = value if isinstance(value, COLLECTION_TYPES) else [value]
        if operator in ("in", "="):
            return all(values)
        return operator in ("not in", "!=") and not all(values)

    @api.depends("approval_ids")
    def _compute_last_approval_id(self):
        for partner in self:
            last = partner.approval_ids.sorted()[:1]
            partner.last_approval_id = last
            partner.last_approval_transition = last.transition
            partner.last_approval_user_id = last.user_id
            partner.last_approval_date = last.date
            partner.last_approval_reason = last.reason

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_release(self):
        """Send customers that are New - CRM to accounts.

        :raise UserError: another status, or another session was quicker
        :raise AccessError: no salesman of the customer
        """
        self._move("release")
        return True

    def action_approve(self, comment=False):
        """Make released customers Active.

        :param comment: free text for the history
        :raise UserError: another status, released by the same person, or another session was quicker
        :raise AccessError: not accounts
        """
        self._move("approve", comment)
        return True

    def action_decline(self, reason):
        """Send released customers back to New - CRM and tell the salesmen why.

        :raise UserError: no reason, another status, or another session was quicker
        :raise AccessError: not accounts
        """
        self._move("decline", reason)
        return True

    def action_hold(self, reason):
        """Put active customers on hold: no order of theirs is confirmed any more.

        :raise UserError: no reason, another status, or another session was quicker
        :raise AccessError: not accounts
        """
        self._move("hold", reason)
        return True

    def action_unhold(self):
        """Make customers on hold Active again.

        :raise UserError: another status, or another session was quicker
        :raise AccessError: not accounts
        """
        self._move("unhold")
        return True

    def action_open_approval_wizard(self):
        """Ask for the comment of the step named in the context, then do it."""
        transition = self.env.context.get("transition")
        if transition not in TRANSITIONS:
            raise UserError(self.env._("Choose a step: release, approve, decline, hold or unhold."))
        return {
            "type": "ir.actions.act_window",
            "name": dict(
                self.env["customer.approval.wizard"]
                ._fields["transition"]
                ._description_selection(self.env)
            )[transition],
            "res_model": "customer.approval.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.ids, "default_transition": transition},
        }

    def action_view_approvals(self):
        """Open the history of the customer's approval."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approval history"),
            "res_model": "customer.approval",
            "view_mode": "list",
            "domain": [("customer_id", "=", self.commercial_partner_id.id)],
        }

    def _move(self, transition, reason=False):
        """Do one step for all of ``self``, or for none."""
        before, after, group, needs_reason = TRANSITIONS[transition]
        reason = (reason or "").strip()
        if not self.env.su and not self.env.user.has_group(group):
            # sudo: the name of the group
            raise AccessError(
                self.env._(
                    "Only %(group)s may do this step. Ask them, or an administrator for the right.",
                    group=self.env.ref(group).sudo().display_name,
                )
            )
        self.check_access("write")
        if needs_reason and not reason:
            raise UserError(self.env._("Please give a reason: the salesmen are to learn why."))
        self._lock_for_transition()
        for customer in self:
            if customer.approval_status != before:
                raise UserError(customer._get_refusal(before))
            if transition == "approve":
                customer._check_four_eyes()
        # sudo: the steps are the only way to write the history
        history = (
            self.env["customer.approval"]
            .sudo()
            .with_context(customer_transition=TRANSITION_SENTINEL)
        )
        history.create(
            [
                {
                    "customer_id": customer.id,
                    "transition": transition,
                    "user_id": self.env.uid,
                    "reason": reason,
                }
                for customer in self
            ]
        )
        self.with_context(customer_transition=TRANSITION_SENTINEL).write({"approval_status": after})
        self._notify_transition(transition, reason)

    def _lock_for_transition(self):
        """Take the customers, so that of two people who press at once one wins."""
        self._lock_or_refuse(
            lambda: self.env._(
                "Somebody else is changing %(customers)s at this moment. "
                "Reload the page to see the outcome, then try again.",
                customers=", ".join(self.mapped("display_name")),
            ),
            ["approval_status"],
        )

    def _get_refusal(self, expected):
        """Sentence: this step is not possible now, and what happened instead."""
        labels = dict(self._fields["approval_status"]._description_selection(self.env))
        values = {
            "customer": self.display_name,
            "status": labels.get(self.approval_status) or self.env._("no CRM customer"),
            "expected": labels[expected],
        }
        # sudo: the name of who did it
        last = self.last_approval_id.sudo()
        if last:
            return self.env._(
                "%(customer)s is “%(status)s”, this step needs “%(expected)s”. "
                "The last step was “%(step)s” by %(user)s. Reload the page.",
                step=dict(last._fields["transition"]._description_selection(self.env))[
                    last.transition
                ],
                user=last.user_id.name,
                **values,
            )
        return self.env._("%(customer)s is “%(status)s”, this step needs “%(expected)s”.", **values)

    def _check_four_eyes(self):
        """Who released the customer does not approve it, where a company says so (K3)."""
        companies = self.company_id or self.env.user.company_ids
        # sudo: a setting of companies
        if not any(companies.sudo().mapped("approval_four_eyes")):
            return
        # sudo: the step counts even if its author is hidden from the user
        released_by = (
            self.sudo()
            .approval_ids.filtered(lambda a: a.transition == "release")
            .sorted()[:1]
            .user_id
        )
        if released_by == self.env.user:
            raise UserError(
                self.env._(
                    "You released %(customer)s yourself. Somebody else of accounts has to approve it.",
                    customer=self.display_name,
                )
            )

    def _notify_transition(self, transition, reason):
        """Tell the salesmen what accounts did, in their inbox or mail and on screen."""
        if transition not in ("approve", "decline", "hold", "unhold"):
            self._notify_waiting_count()
            return
        for customer in self:
            # sudo: accounts need no right on employees to tell them
            users = customer.sudo().salesman_link_ids.employee_id.user_id - self.env.user
            for lang, readers in users.filtered("active").grouped("lang").items():
                customer.with_context(lang=lang)._tell_salesmen(readers, transition, reason)
        self._notify_waiting_count()

    def _tell_salesmen(self, users, transition, reason):
        """Send one step of accounts to the users, who share a language."""
        text = {
            "approve": self.env._("Approved: quotes of this customer can be confirmed."),
            "decline": self.env._("Declined by accounts."),
            "hold": self.env._("On hold: no order of this customer can be confirmed."),
            "unhold": self.env._("Released from hold."),
        }[transition]
        body = f"{text} {reason}" if reason else text
        self.message_notify(
            partner_ids=users.partner_id.ids,
            subject=self.env._("%(customer)s: %(text)s", customer=self.display_name, text=text),
            body=body,
        )
        kind = "warning" if transition in ("decline", "hold") else "success"
        users._tell_on_screen(self.display_name, body, kind)

    def _notify_waiting_count(self):
        """Have the counters of accounts' "Waiting for approval" read again."""
        # sudo: members of a group
        approvers = self.env.ref(APPROVER).sudo().all_user_ids.filtered("active")
        approvers._bus_send("sales_crm_cases/waiting_for_approval", {})

    @api.model
    @api.readonly
    def get_waiting_for_approval(self):
        """The list "Waiting for approval" of accounts, and how many are in it.

        :return: dict with ``count``, ``res_model``, ``domain``; count 0 for who is not accounts
        """
        domain = [("approval_status", "=", "released")]
        count = self.search_count(domain) if self._user_is_approver() else 0
        return {"count": count, "res_model": "res.partner", "domain": domain}

    # ------------------------------------------------------------------
    # Guards of create() and write()
    # ------------------------------------------------------------------

    @api.model
    def _check_status_of_new(self, vals_list):
        """Nobody but superuser code makes a customer in another status than New - CRM."""
        if self.env.su:
            return
        for vals in vals_list:
            if vals.get("approval_status") not in (None, False, "new"):
                raise UserError(
                    self.env._(
                        "%(customer)s: a customer starts as “New - CRM”. Leave the status empty, "
                        "then release it and have accounts approve it.",
                        customer=vals.get("name") or "",
                    )
                )

    def _check_status_write(self, vals):
        """The status moves by the steps alone; a contact may become a customer."""
        if (
            "approval_status" not in vals
            or self.env.su
            or self.env.context.get("customer_transition") is TRANSITION_SENTINEL
        ):
            return
        for partner in self:
            status = vals["approval_status"]
            if (partner.approval_status or False) == (status or False):
                continue
            if status == "new" and not partner.approval_status:
                continue
            raise UserError(
                self.env._(
                    "The status of %(customer)s cannot be set directly. Use Release, Approve, "
                    "Decline or On hold on the customer.",
                    customer=partner.display_name,
                )
            )

    @api.constrains("approval_status")
    def _check_may_be_customer(self):
        # sudo: write() asks, too, and not all may read who is a user
        for partner in self.sudo():
            if not partner.approval_status:
                continue
            if partner.ref_company_ids or (not partner.partner_share and partner.user_ids):
                raise ValidationError(
                    self.env._(
                        "%(partner)s is one of your own companies or a colleague and cannot be a CRM customer.",
                        partner=partner.display_name,
                    )
                )
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s. Make %(customer)s the customer: "
                        "its contacts follow it.",
                        contact=partner.display_name,
                        customer=partner.commercial_partner_id.display_name,
                    )
                )
