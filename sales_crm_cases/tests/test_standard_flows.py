from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestStandardFlows(SalesCrmCommon, HttpCase):
    """What every kind of user did before the addon was there, he does with it (V6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Chair", "list_price": 100, "invoice_policy": "order"}
        )
        cls.vendor = cls.env["res.partner"].create({"name": "Vendor", "is_company": True})

    def _needs(self, model_name):
        if model_name not in self.env:
            self.skipTest(f"{model_name} is not installed")

    def _needs_accounting(self):
        for journal_type in ("sale", "purchase", "bank"):
            domain = [("type", "=", journal_type), ("company_id", "=", self.env.company.id)]
            if not self.env["account.journal"].search(domain, limit=1):
                self.skipTest("the company has no chart of accounts")

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    def test_portal_user_of_a_customer(self):
        user = self._make_user("portal", "base.group_portal")
        user.partner_id.parent_id = self.customer_anna
        order = self.env["sale.order"].create(
            {
                "partner_id": user.partner_id.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        order.state = "sent"
        order.message_subscribe(user.partner_id.ids)
        self.authenticate(user.login, user.login)
        self.assertEqual(self.url_open("/my").status_code, 200)
        self.assertEqual(self.url_open("/my/account").status_code, 200)
        answer = self.url_open(f"/my/orders/{order.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(order.name, answer.text)
        self.assertEqual(user.partner_id.with_user(user).name, user.name)

    def test_bank_accounts_of_colleagues_are_named_with_stars(self):
        employee = self.employees[self.anna]
        employee.bank_account_ids = self.env["res.partner.bank"].create(
            {"acc_number": "BE68539007547034", "partner_id": employee.work_contact_id.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        bank = employee.with_user(self.anna).sudo().bank_account_ids.sudo(False)
        self.assertTrue(bank.display_name.endswith("7034"))
        self.assertIn("*", bank.display_name)

    def test_names_of_what_a_salesman_sold(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer_anna.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        line = order.order_line.with_user(self.anna)
        self.assertIn(f"{order.name} - Chair", line.display_name)

    def test_visitor_with_the_link_of_a_quote(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer_anna.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        order.state = "sent"
        answer = self.url_open(order.get_portal_url())
        self.assertEqual(answer.status_code, 200)
        self.assertIn(order.name, answer.text)

    def test_sign_up_and_new_password(self):
        self.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        login, _partner = (
            self.env["res.users"]
            .sudo()
            .signup(
                {"login": "newcomer@example.com", "name": "Newcomer", "password": "a-long-password"}
            )
        )
        user = self.env["res.users"].search([("login", "=", login)])
        self.assertTrue(user.share)
        self.assertFalse(user.partner_id.approval_status)
        user.partner_id.signup_prepare(signup_type="reset")
        self.env.flush_all()
        user.sudo().reset_password(login)

    # ------------------------------------------------------------------
    # Office
    # ------------------------------------------------------------------

    def test_accountant(self):
        self._needs_accounting()
        accountant = self._make_user("accountant", "account.group_account_invoice")
        for move_type, partner in (
            ("out_invoice", self.customer_anna),
            ("in_invoice", self.vendor),
        ):
            move = (
                self.env["account.move"]
                .with_user(accountant)
                .create(
                    {
                        "move_type": move_type,
                        "partner_id": partner.id,
                        "invoice_date": "2026-01-05",
                        "invoice_line_ids": [
                            Command.create(
                                {"name": "x", "quantity": 1, "price_unit": 10, "tax_ids": False}
                            )
                        ],
                    }
                )
            )
            move.action_post()
            self.assertEqual(move.state, "posted")
            wizard = (
                self.env["account.payment.register"]
                .with_user(accountant)
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({})
            )
            wizard.action_create_payments()
            self.assertIn(move.payment_state, ("paid", "in_payment"))

    def test_accountant_who_sells(self):
        """The narrower sight of a salesman does not take the books from him."""
        self._needs_accounting()
        both = self._make_user(
            "both", "account.group_account_invoice,sales_team.group_sale_salesman"
        )
        bill = (
            self.env["account.move"]
            .with_user(both)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.vendor.id,
                    "invoice_date": "2026-01-05",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "x", "quantity": 1, "price_unit": 10, "tax_ids": False}
                        )
                    ],
                }
            )
        )
        bill.action_post()
        self.assertEqual(bill.state, "posted")

    def test_purchaser(self):
        self._needs("purchase.order")
        purchaser = self._make_user("purchaser", "purchase.group_purchase_user")
        for partner in (self.vendor, self.customer_stranger):
            order = (
                self.env["purchase.order"]
                .with_user(purchaser)
                .create(
                    {
                        "partner_id": partner.id,
                        "order_line": [
                            Command.create(
                                {"product_id": self.product.id, "product_qty": 1, "price_unit": 5}
                            )
                        ],
                    }
                )
            )
            order.button_confirm()
            self.assertIn(order.state, ("purchase", "to approve"))

    def test_hr_officer(self):
        officer = self._make_user("officer", "hr.group_hr_user,base.group_partner_manager")
        Employee = self.env["hr.employee"].with_user(officer)
        head = Employee.create({"name": "Head"})
        employee = Employee.create(
            {"name": "New one", "parent_id": head.id, "work_email": "new@example.com"}
        )
        employee.write({"job_title": "Clerk", "parent_id": False})
        employee.work_contact_id.email = "newer@example.com"
        employee.parent_id = head
        employee.action_archive()
        self.assertFalse(employee.active)

    def test_plain_user(self):
        user = self._make_user("plain", "base.group_user")
        user.with_user(user).write({"signature": "<p>Hi</p>", "tz": "Europe/Berlin"})
        self.assertTrue(self.env["res.partner"].with_user(user).search_count([]))
        self.assertTrue(self.customer_stranger.with_user(user).name)
        event = (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Lunch",
                    "start": "2026-05-01 10:00:00",
                    "stop": "2026-05-01 11:00:00",
                    "partner_ids": [
                        Command.set(
                            (user.partner_id + self.anna.partner_id + self.customer_anna).ids
                        )
                    ],
                }
            )
        )
        self.assertEqual(len(event.attendee_ids), 3)
        channel = (
            self.env["discuss.channel"]
            .with_user(user)
            ._get_or_create_chat(self.anna.partner_id.ids)
        )
        message = channel.message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertIn(
            message.id,
            self.env["mail.message"]
            .with_user(self.anna)
            .search([("res_id", "=", channel.id), ("model", "=", "discuss.channel")])
            .ids,
        )

    def test_everybody_reads_the_public_side_of_employees(self):
        for user in (self.clerk, self.anna):
            self.env.invalidate_all()
            rows = (
                self.env["hr.employee"]
                .with_user(user)
                .search([("id", "=", self.employees[self.bert].id)])
                .read([])
            )
            self.assertEqual(rows[0]["is_salesman"], True)
            links = (
                self.customer_bert.with_user(user).salesman_link_ids
                if user == self.clerk
                else self.customer_bert.browse()
            )
            self.assertEqual(rows[0]["customer_link_ids"], links.ids)

    def test_administrator_makes_users_and_companies(self):
        admin = self.env.ref("base.user_admin")
        company = self.env["res.company"].with_user(admin).create({"name": "Daughter"})
        self.assertFalse(company.partner_id.approval_status)
        self.assertTrue(company.partner_id.with_user(self.anna).name)
        user = (
            self.env["res.users"]
            .with_user(admin)
            .create(
                {
                    "name": "Fresh",
                    "login": "fresh@example.com",
                    "group_ids": [Command.set(self.env.ref("base.group_user").ids)],
                }
            )
        )
        self.assertFalse(user.partner_id.approval_status)
        self.assertTrue(user.partner_id.with_user(self.anna).name)

    def test_new_user_signs_in(self):
        user = new_test_user(self.env, login="scc_fresh", groups="sales_team.group_sale_salesman")
        self.authenticate(user.login, user.login)
        self.assertEqual(self.url_open("/odoo").status_code, 200)
        self.assertEqual(
            self.url_open(f"/web/image/res.users/{user.id}/avatar_128").status_code, 200
        )

    # ------------------------------------------------------------------
    # The salesman
    # ------------------------------------------------------------------

    def test_salesman_from_lead_to_invoice(self):
        self._needs_accounting()
        anna = self.anna
        lead = (
            self.env["crm.lead"]
            .with_user(anna)
            .create(
                {
                    "name": "Lead",
                    "type": "lead",
                    "partner_id": self.customer_anna.id,
                    "user_id": anna.id,
                }
            )
        )
        lead.convert_opportunity(self.customer_anna)
        self.assertEqual(lead.type, "opportunity")
        action = lead.action_sale_quotations_new()
        form = Form(self.env["sale.order"].with_user(anna).with_context(**action["context"]))
        form.partner_id = self.customer_anna
        with form.order_line.new() as line:
            line.product_id = self.product
        order = form.save()
        composer = (
            self.env["mail.compose.message"]
            .with_user(anna)
            .with_context(**order.action_quotation_send()["context"])
        )
        composer.create({}).action_send_mail()
        self.assertEqual(order.state, "sent")
        self.env["ir.actions.report"].with_user(anna)._render_qweb_html(
            "sale.report_saleorder", order.ids
        )
        order.action_confirm()
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(anna)
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "delivered"})
        )
        wizard.create_invoices()
        self.assertTrue(order.invoice_ids)
        self.assertEqual(order.invoice_ids.with_user(anna).partner_id, self.customer_anna)

    def test_salesman_types_a_lead_and_makes_its_customer(self):
        lead = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create(
                {
                    "name": "Lead",
                    "type": "lead",
                    "partner_name": "Found Ltd",
                    "contact_name": "Fred",
                    "email_from": "fred@found.example",
                }
            )
        )
        wizard = (
            self.env["crm.lead2opportunity.partner"]
            .with_user(self.anna)
            .with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids)
            .create({"name": "convert", "action": "create"})
        )
        wizard.action_apply()
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.customer_id.approval_status, "new")
        self.assertIn(self.employees[self.anna], lead.customer_id.sudo().salesman_ids)

    def test_salesman_unlinks_himself(self):
        self.customer_anna.salesman_ids |= self.employees[self.bert]
        as_anna = self.customer_anna.with_user(self.anna).with_context(tracking_disable=False)
        as_anna.write({"salesman_ids": [Command.unlink(self.employees[self.anna].id)]})
        self.env.flush_all()
        self.env.cr.precommit.run()
        with self.assertRaises(AccessError):
            as_anna.read(["name"])
