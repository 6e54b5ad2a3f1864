import json

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestBookkeepers(SalesCrmCommon):
    """Who keeps books and also sells sees of his customers what he sees of them elsewhere, and
    whatever is of no customer; who only keeps books, and accounts, see all (V1, V6, V7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.env.company.id)], limit=1
        )
        if not cls.bank:
            cls.skipTest(cls, "the company has no chart of accounts")
        books = cls.env.ref("account.group_account_user")
        for user in (cls.anna, cls.manager):
            user.group_ids |= books
        cls.bookkeeper = cls._make_user("bookkeeper", "account.group_account_user")
        cls.vendor = cls.env["res.partner"].create({"name": "Paper Mill"})
        cls.payments = {
            partner: cls._make_payment(partner)
            for partner in (cls.customer_anna, cls.customer_bert, cls.customer_stranger, cls.vendor)
        }
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _make_payment(cls, partner):
        payment = cls.env["account.payment"].create(
            {
                "partner_id": partner.id,
                "amount": 7,
                "journal_id": cls.bank.id,
                "memo": f"Payment of {partner.name}",
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def _make_invoice(cls, partner):
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2026-01-05",
                "invoice_line_ids": [Command.create({"name": "Chair", "price_unit": 7})],
            }
        )
        invoice.action_post()
        return invoice

    def _check(self, user, *seen):
        for partner, payment in self.payments.items():
            check = self.assertSees if partner in seen else self.assertSeesNot
            check(user, payment, f"{user.name}, {partner.name}")

    def test_payments_follow_the_customer(self):
        self._check(self.anna, self.customer_anna, self.vendor)
        self._check(self.manager, self.vendor)
        self._show_team(self.manager)
        self._check(self.manager, self.customer_anna, self.customer_bert, self.vendor)
        self._show_team(self.manager, False)
        self._check(self.manager, self.vendor)
        self._check(self.accounts, *self.payments)
        self._check(self.bookkeeper, *self.payments)
        for user in (self.bert, self.crm_admin, self.clerk):
            self.assertFalse(self.env["account.payment"].with_user(user).has_access("read"))

    def test_payments_are_gone_with_the_link(self):
        payment = self.payments[self.customer_bert]
        self.customer_bert.salesman_ids |= self.employees[self.anna]
        self.assertSees(self.anna, payment)
        message = payment.message_post(body="Paid", message_type="comment")
        file = self.env["ir.attachment"].create(
            {"name": "Receipt", "raw": b"x", "res_model": payment._name, "res_id": payment.id}
        )
        activity = payment.activity_schedule(summary="Ask", user_id=self.anna.id)
        for record in (message, file, activity):
            self.assertSees(self.anna, record)
        self.customer_bert.salesman_ids -= self.employees[self.anna]
        for record in (payment, message, file, activity):
            self.assertSeesNot(self.anna, record)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_payments_of_hidden_customers_are_not_changed(self):
        payments = self.env["account.payment"].with_user(self.anna)
        payment = payments.browse(self.payments[self.customer_bert].id)
        with self.assertRaises(AccessError):
            payment.is_sent = True
        with self.assertRaises(AccessError):
            payment.action_draft()
        with self.assertRaises(AccessError):
            payments.create(
                {"partner_id": self.customer_bert.id, "amount": 7, "journal_id": self.bank.id}
            )
        own = payments.browse(self.payments[self.customer_anna].id)
        own.is_sent = True
        self.assertTrue(own.is_sent)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_payments_are_registered_for_visible_invoices(self):
        own, hidden = map(self._make_invoice, (self.customer_anna, self.customer_bert))
        wizards = self.env["account.payment.register"].with_user(self.anna)
        for values in ({}, {"line_ids": [Command.set(hidden.line_ids.ids)]}):
            with self.assertRaises(AccessError):
                wizards.with_context(
                    active_model="account.move", active_ids=(own | hidden).ids
                ).create(values)
        with self.assertRaises(AccessError):
            wizards.create({"line_ids": [Command.set(hidden.line_ids.ids)]})
        wizard = wizards.with_context(active_model="account.move", active_ids=own.ids).create({})
        payment = wizard._create_payments()
        self.assertEqual(payment.partner_id, self.customer_anna)
        self.assertSees(self.anna, payment.with_env(self.env))

    def test_lines_of_the_bank(self):
        lines = self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": self.bank.id,
                    "partner_id": partner and partner.id,
                    "payment_ref": "Transfer",
                    "amount": 7,
                    "date": "2026-01-05",
                }
                for partner in (self.customer_anna, self.customer_bert, self.vendor, None)
            ]
        )
        own, hidden, of_vendor, nobodys = lines
        for line in (own, of_vendor, nobodys):
            self.assertSees(self.anna, line)
        self.assertSeesNot(self.anna, hidden)
        self.assertSees(self.bookkeeper, hidden)

    def test_entries_of_nobody(self):
        claims = self.customer_anna.property_account_receivable_id
        invoice = self._make_invoice(self.customer_bert)
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-01-05",
                "line_ids": [
                    Command.create({"account_id": claims.id, "partner_id": partner.id, "credit": 3})
                    for partner in (self.customer_anna, self.customer_bert)
                ]
                + [
                    Command.create(
                        {"account_id": invoice.invoice_line_ids.account_id.id, "debit": 6}
                    )
                ],
            }
        )
        entry.action_post()
        own, hidden, nobodys = entry.line_ids
        self.assertSees(self.anna, entry)
        self.assertSees(self.anna, own)
        self.assertSees(self.anna, nobodys)
        self.assertSeesNot(self.anna, hidden)
        claim = invoice.line_ids.filtered(lambda line: line.account_id == claims)
        (claim | hidden).reconcile()
        settlement = hidden.matched_debit_ids
        self.assertSeesNot(self.anna, settlement)
        self.assertSees(self.bookkeeper, settlement)

    def test_dashboard_names_activities_of_visible_customers(self):
        own, hidden = map(self._make_invoice, (self.customer_anna, self.customer_bert))
        for invoice in (own, hidden):
            invoice.activity_schedule(summary=f"Remind {invoice.partner_id.name}")
        journal = own.journal_id.with_user(self.anna)
        told = json.loads(journal.json_activity_data)["activities"]
        self.assertEqual([activity["res_id"] for activity in told], own.ids)
