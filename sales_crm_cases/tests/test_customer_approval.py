from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestCustomerApproval(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._make_customer("Newcomer", cls.anna, status="new")
        cls.product = cls.env["product.product"].create({"name": "Chair", "list_price": 100})

    def _order(self, customer=None, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": (customer or self.customer).id,
                "order_line": [(0, 0, {"product_id": self.product.id})],
                **values,
            }
        )

    def test_the_way_of_a_customer_and_its_history(self):
        self.customer.with_user(self.anna).action_release()
        self.assertEqual(self.customer.approval_status, "released")
        self.customer.with_user(self.accounts).action_decline("VAT is missing")
        self.assertEqual(self.customer.approval_status, "new")
        self.customer.with_user(self.anna).action_release()
        self.customer.with_user(self.accounts).action_approve("fine")
        self.customer.with_user(self.accounts).action_hold("unpaid")
        self.customer.with_user(self.accounts).action_unhold()
        self.assertEqual(self.customer.approval_status, "active")
        history = self.customer.approval_ids.sorted("id")
        self.assertEqual(
            history.mapped("transition"),
            ["release", "decline", "release", "approve", "hold", "unhold"],
        )
        self.assertEqual(history[1].reason, "VAT is missing")
        self.assertEqual(history[1].user_id, self.accounts)

    def test_every_other_step_is_refused(self):
        allowed = {
            ("new", "release"),
            ("released", "approve"),
            ("released", "decline"),
            ("active", "hold"),
            ("hold", "unhold"),
        }
        steps = {
            "release": (self.anna, ()),
            "approve": (self.accounts, ()),
            "decline": (self.accounts, ("no",)),
            "hold": (self.accounts, ("no",)),
            "unhold": (self.accounts, ()),
        }
        for status in ("new", "released", "active", "hold"):
            for step, (user, arguments) in steps.items():
                with self.subTest(status=status, step=step), self.cr.savepoint() as savepoint:
                    self.customer.approval_status = status
                    act = getattr(self.customer.with_user(user), f"action_{step}")
                    if (status, step) in allowed:
                        act(*arguments)
                    else:
                        with self.assertRaisesRegex(UserError, "this step needs"):
                            act(*arguments)
                        self.assertEqual(self.customer.approval_status, status)
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_only_accounts_decide(self):
        self.customer.with_user(self.anna).action_release()
        for user in (self.anna, self.manager, self.clerk):
            with self.assertRaises(AccessError):
                self.customer.with_user(user).action_approve()

    def test_nobody_goes_around_the_steps(self):
        foreign = self.env["res.partner"]
        for user in (self.anna, self.accounts, self.crm_admin, self.env.ref("base.user_admin")):
            as_user = self.customer.with_user(user)
            for attempt in (
                lambda as_user=as_user: as_user.write({"approval_status": "active"}),
                lambda as_user=as_user: as_user.with_context(customer_transition=True).write(
                    {"approval_status": "active"}
                ),
                lambda as_user=as_user: as_user.write({"approval_status": False}),
                lambda user=user: foreign.with_user(user).create(
                    {"name": "Cheat", "approval_status": "active"}
                ),
                lambda user=user: (
                    foreign.with_user(user)
                    .with_context(default_approval_status="active")
                    .create({"name": "Cheat"})
                ),
                lambda as_user=as_user: as_user.copy({"approval_status": "active"}),
                lambda user=user: (
                    self.env["customer.approval"]
                    .with_user(user)
                    .create(
                        {
                            "customer_id": self.customer.id,
                            "transition": "approve",
                            "user_id": user.id,
                        }
                    )
                ),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    attempt()
        self.assertEqual(self.customer.approval_status, "new")
        self.assertFalse(self.customer.copy().approval_status)

    def test_nobody_makes_a_status_his_own_default(self):
        for user, values in ((self.anna, {"supplier_rank": 1}), (self.crm_admin, {})):
            self.env["ir.default"].with_user(user).set(
                "res.partner", "approval_status", "active", user_id=True
            )
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "starts as"):
                self.env["res.partner"].with_user(user).create({"name": "Cheat", **values})

    def test_history_cannot_be_changed(self):
        self.customer.with_user(self.anna).action_release()
        step = self.customer.approval_ids
        for user in (self.env.user, self.env.ref("base.user_admin"), self.accounts):
            with self.assertRaises(UserError):
                step.with_user(user).write({"reason": "changed"})
            with self.assertRaises(UserError):
                step.with_user(user).unlink()

    def test_four_eyes(self):
        self.accounts.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self.customer.with_user(self.accounts).action_release()
        with self.assertRaisesRegex(UserError, "yourself"):
            self.customer.with_user(self.accounts).action_approve()
        self.env.company.approval_four_eyes = False
        self.customer.with_user(self.accounts).action_approve()

    def test_decline_needs_a_reason(self):
        self.customer.with_user(self.anna).action_release()
        for reason in ("", "  ", False, None):
            with self.assertRaisesRegex(UserError, "reason"):
                self.customer.with_user(self.accounts).action_decline(reason)
        self.assertEqual(self.customer.approval_status, "released")

    def test_identity_stands_still_while_released(self):
        self.customer.with_user(self.anna).action_release()
        for values in (
            {"name": "Other"},
            {"vat": "DE1"},
            {"street": "Elsewhere"},
            {"bank_ids": [(0, 0, {"acc_number": "1"})]},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.customer.with_user(self.anna).write(values)
        self.customer.with_user(self.anna).write(
            {"website": "https://example.com", "name": "Newcomer"}
        )
        self.customer.with_user(self.accounts).write({"name": "Corrected"})

    def test_bank_accounts_stand_still_while_released(self):
        self.anna.group_ids |= self.env.ref("base.group_partner_manager")
        self.customer.with_user(self.anna).action_release()
        banks = self.env["res.partner.bank"].with_user(self.anna)
        other = banks.create({"acc_number": "1", "partner_id": self.customer_anna.id})
        for attempt in (
            lambda: banks.create({"acc_number": "2", "partner_id": self.customer.id}),
            lambda: banks.with_context(default_partner_id=self.customer.id).create(
                {"acc_number": "3"}
            ),
            lambda: other.write({"partner_id": self.customer.id}),
        ):
            with self.assertRaisesRegex(UserError, "waits for accounts"), self.env.cr.savepoint():
                attempt()
        self.assertFalse(self.customer.bank_ids)
        self.assertEqual(other.partner_id, self.customer_anna)
        other.with_user(self.accounts).partner_id = self.customer

    def test_who_left_is_not_told(self):
        self.customer.salesman_ids |= self.employees[self.bert]
        self.bert.active = False
        self.customer.with_user(self.anna).action_release()
        self.customer.with_user(self.accounts).action_decline("VAT is missing")
        message = self.env["mail.message"].search(
            [("res_id", "=", self.customer.id), ("message_type", "=", "user_notification")]
        )
        self.assertEqual(message.notified_partner_ids, self.anna.partner_id)

    def test_salesmen_are_told(self):
        self.customer.with_user(self.anna).action_release()
        self.customer.with_user(self.accounts).action_decline("VAT is missing")
        message = self.env["mail.message"].search(
            [
                ("model", "=", "res.partner"),
                ("res_id", "=", self.customer.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        self.assertIn(self.anna.partner_id, message.notified_partner_ids)
        self.assertIn("VAT is missing", message.body)

    def test_quote_yes_order_no_until_active(self):
        order = self._order()
        for status in ("new", "released", "hold"):
            self.customer.approval_status = status
            for attempt in (
                order.with_user(self.anna).action_confirm,
                lambda: order.with_user(self.anna).write({"state": "sale"}),
                lambda: order.sudo().write({"state": "sale"}),
                lambda: order.with_user(self.crm_admin).copy({"state": "sale"}),
            ):
                with self.subTest(status=status), self.assertRaises(UserError):
                    attempt()
        self.customer.approval_status = "active"
        order.with_user(self.anna).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_an_order_is_not_moved_to_who_is_not_active(self):
        order = self._order(self.customer_anna, user_id=self.anna.id).with_user(self.anna)
        with self.assertRaisesRegex(UserError, "approved the customer"):
            order.write({"state": "sale", "partner_id": self.customer.id})
        order.action_confirm()
        for user in (self.anna, self.crm_admin):
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "approved"):
                order.with_user(user).partner_id = self.customer
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer_anna.id}
        )
        order.partner_id = contact
        self.assertEqual(order.state, "sale")

    def test_what_a_salesman_types_has_a_status_whatever_he_sends(self):
        model = self.env["res.partner"].with_user(self.anna)
        partners = model.create(
            {"name": "Cheat", "is_company": True, "approval_status": False}
        ) | model.with_context(creating_user=True).create({"name": "Cheat", "is_company": True})
        self.assertEqual(partners.mapped("approval_status"), ["new", "new"])

    def test_override_needs_the_right_and_a_reason(self):
        order = self._order(user_id=self.anna.id)
        with self.assertRaises(AccessError):
            order.with_user(self.anna).action_confirm_with_reason("please")
        self.anna.group_ids |= self.env.ref("sales_crm_cases.group_release_override")
        with self.assertRaises(UserError):
            order.with_user(self.anna).action_confirm_with_reason(" ")
        with self.assertRaises(UserError):
            order.with_user(self.anna).with_context(release_override=True).action_confirm()
        with self.assertRaises(AccessError):
            order.with_user(self.anna).release_override_reason = "a reason that nobody gave"
        order.with_user(self.anna).action_confirm_with_reason("paid in advance")
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.release_override_reason, "paid in advance")

    def test_credit_limit(self):
        self.env.company.account_use_credit_limit = True
        customer = self.customer_anna
        customer.write({"use_partner_credit_limit": True, "credit_limit": 50})
        order = self._order(customer)
        with self.assertRaisesRegex(UserError, "credit limit"):
            order.with_user(self.anna).action_confirm()
        customer.credit_limit = 500
        order.with_user(self.anna).action_confirm()

    def test_waiting_list_counts_what_it_opens(self):
        self.customer.with_user(self.anna).action_release()
        waiting = self.env["res.partner"].with_user(self.accounts).get_waiting_for_approval()
        self.assertEqual(waiting["count"], self.env["res.partner"].search_count(waiting["domain"]))
        self.assertFalse(
            self.env["res.partner"].with_user(self.anna).get_waiting_for_approval()["count"]
        )
