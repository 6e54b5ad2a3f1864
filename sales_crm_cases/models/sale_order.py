from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .res_users import ADMINISTRATOR

OVERRIDE_GROUP = "sales_crm_cases.group_release_override"
# Only the wizard that asked for a reason puts this object into the context.
OVERRIDE_SENTINEL = object()


class SaleOrder(models.Model):
    """Quotes follow their customer (V1); orders are confirmed for active customers (K4)."""

    _name = "sale.order"
    _inherit = [
        "sale.order",
        "partner.document.mixin",
        "recommendation.subject.mixin",
        "team.document.mixin",
        "privacy.document.mixin",
    ]

    _recommendation_fields = frozenset({"customer_id", "state", "validity_date", "user_id"})

    release_override_reason = fields.Text(
        string="Reason for the override",
        readonly=True,
        copy=False,
        tracking=True,
        help="Why the order was confirmed although its customer was not cleared.",
    )
    release_block = fields.Text(
        compute="_compute_release_block",
        compute_sudo=True,
        help="Why the order cannot be confirmed now; empty if it can.",
    )

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        self._mask_restricted_documents()
        return result

    def _has_field_access(self, field, operation):
        # the reason is given with the confirmation that it allows, or not at all
        is_reason = operation == "write" and field.name == "release_override_reason"
        if is_reason and not (self.env.su or self._is_overriding()):
            return False
        return super()._has_field_access(field, operation)

    def _is_overriding(self):
        """Whether an order is being confirmed with a reason."""
        return self.env.context.get("release_override") is OVERRIDE_SENTINEL

    @api.depends(
        "customer_id.approval_status", "amount_total", "currency_id", "partner_id", "state"
    )
    def _compute_release_block(self):
        for order in self:
            order.release_block = (
                order._get_release_block() if order.state in ("draft", "sent") else False
            )

    def _get_release_block(self, customer=None):
        """Sentence: why the customer is not cleared for this order (K4); False if it is.

        :param customer: another one than the order's; empty: no CRM customer
        """
        self.ensure_one()
        customer = self.customer_id if customer is None else customer
        if not customer:
            return False
        if customer.approval_status == "hold":
            return self.env._(
                "%(customer)s is on hold. Ask accounts to release it.",
                customer=customer.display_name,
            )
        if customer.approval_status != "active":
            labels = dict(customer._fields["approval_status"]._description_selection(self.env))
            return self.env._(
                "%(customer)s is “%(status)s”. An order can be confirmed once accounts have approved the customer.",
                customer=customer.display_name,
                status=labels.get(customer.approval_status, ""),
            )
        excess = self._get_credit_excess(customer.with_company(self.company_id))
        if excess > 0:
            return self.env._(
                "With this order %(customer)s would be %(amount)s over its credit limit.",
                customer=customer.display_name,
                amount=self.company_id.currency_id.format(excess),
            )
        return False

    def _get_credit_excess(self, customer):
        """What the customer would owe beyond its limit, in company currency; 0 without limit."""
        if not (self.company_id.account_use_credit_limit and customer.use_partner_credit_limit):
            return 0.0
        amount = self.currency_id._convert(
            self.amount_total,
            self.company_id.currency_id,
            self.company_id,
            self.date_order or fields.Date.today(),
        )
        return customer.credit + customer.credit_to_invoice + amount - customer.credit_limit

    def _check_release(self, customer=None):
        """Refuse to confirm orders of customers that are not cleared.

        :param customer: for whom they will be, where that changes
        :raise UserError: what is in the way, and what to do
        """
        for order in self:
            # sudo: credit of the customer is known to accounts only; the sentence says what is needed
            block = order.sudo()._get_release_block(customer)
            if not block:
                continue
            if self._is_overriding() and order.release_override_reason:
                continue
            if not self.env.su and self.env.user.has_group(OVERRIDE_GROUP):
                block += " " + self.env._(
                    "You may confirm it with a reason: “Confirm with reason”."
                )
            raise UserError(self.env._("%(order)s: %(block)s", order=order.name, block=block))

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._check_release()
        return orders

    def write(self, vals):
        self._check_release_of_write(vals)
        if not vals.get("locked", True):
            self._check_unlock()
        result = super().write(vals)
        if "opportunity_id" in vals:
            self.flush_recordset(["opportunity_id"])
        return result

    def _check_release_of_write(self, vals):
        """An order that is sold, or becomes it, is of a customer who is cleared: also of the one
        to whom it is moved."""
        if not vals.keys() & {"partner_id", "state"}:
            return
        customer = None
        if "partner_id" in vals:
            # sudo: the order's, whom the user is about to give it
            customer = self.env["res.partner"].sudo().browse(vals["partner_id"] or []).customer_id
        for order in self:
            is_sold = vals.get("state", order.state) == "sale"
            is_moved = customer is not None and order.customer_id != customer
            if is_sold and (is_moved or order.state != "sale"):
                order._check_release(customer)

    def _check_unlock(self):
        """What a customer accepted is unlocked by those to whom Odoo offers it (C6).

        :raise AccessError: not an administrator of sales
        """
        locked = self.filtered(lambda order: order.locked and order.customer_id)
        if locked and not self.env.su and not self.env.user.has_group(ADMINISTRATOR):
            raise AccessError(
                self.env._(
                    "%(order)s was accepted by the customer and is locked. Ask an administrator of "
                    "Sales to unlock it.",
                    order=locked[0].display_name,
                )
            )

    def _write_multi(self, vals_list):
        # the case of their activities follows, see mail.activity
        result = super()._write_multi(vals_list)
        changed = [
            order.id
            for order, vals in zip(self, vals_list, strict=True)
            if "opportunity_id" in vals or "customer_id" in vals
        ]
        if changed:
            self.env["mail.activity"]._sync_cases(order_ids=changed)
        return result

    def action_confirm(self):
        # before anything of the confirmation is done
        self.filtered(lambda order: order.state in ("draft", "sent"))._check_release()
        result = super().action_confirm()
        self._lock_accepted()
        return result

    def _lock_accepted(self):
        """What a customer accepted does not change any more (C6); whoever may unlocks it."""
        accepted = self.filtered(
            lambda order: (
                order.state == "sale"
                and order.customer_id
                and not order.locked
                and order.company_id.lock_accepted_quotes
            )
        )
        if accepted:
            accepted.action_lock()

    def action_open_clone_wizard(self):
        """Ask for whom the quote is cloned (C6)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Clone to another customer"),
            "res_model": "sale.order.clone.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _clone_for(self, partner):
        """A copy for another customer: his addresses, terms, taxes and prices, no case.

        :param partner: the customer, or a contact of it
        """
        self.ensure_one()
        self.check_access("read")
        partner.check_access("read")
        # what Odoo would fill in for him
        fresh = self.new({"partner_id": partner.id, "company_id": self.company_id.id})
        names = (
            "partner_invoice_id",
            "partner_shipping_id",
            "pricelist_id",
            "fiscal_position_id",
            "payment_term_id",
        )
        values = {name: fresh[name].id for name in names}
        clone = self.copy(
            {
                **values,
                "partner_id": partner.id,
                "opportunity_id": False,
                "user_id": self.env.uid,
                "client_order_ref": False,
            }
        )
        clone._recompute_taxes()
        clone._recompute_prices()
        return clone

    def action_open_override_wizard(self):
        """Ask for the reason to confirm although the customer is not cleared."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm with reason"),
            "res_model": "sale.order.override.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_confirm_with_reason(self, reason):
        """Confirm although the customer is not cleared (K4).

        :param reason: kept on the order and in its chatter
        :raise UserError: no reason
        :raise AccessError: without the override right
        """
        self.check_access("write")
        if not self.env.user.has_group(OVERRIDE_GROUP):
            raise AccessError(
                self.env._("You may not override the approval of customers. Ask accounts.")
            )
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Please give the reason for confirming this order."))
        orders = self.with_context(release_override=OVERRIDE_SENTINEL)
        orders.release_override_reason = reason
        return orders.action_confirm()
