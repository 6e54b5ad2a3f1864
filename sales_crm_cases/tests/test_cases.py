from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS
from odoo.tests import Form, tagged

from .test_activities import ActivityCommon


@tagged("post_install", "-at_install")
class TestCases(ActivityCommon):
    """Numbers, history, closing, leads (C1, C3, C7, C10)."""

    def test_number(self):
        other = self._make_case("Second", self.shared, self.anna)
        self.assertRegex(self.case.case_number, r"^C\d{5,}$")
        self.assertNotEqual(self.case.case_number, other.case_number)
        self.assertNotEqual(self.case.copy().case_number, self.case.case_number)
        with self.assertRaises(UserError):
            self.case.with_user(self.anna).case_number = "C00000"
        lead = self.env["crm.lead"].create({"name": "Lead", "type": "lead"})
        self.assertFalse(lead.case_number)
        lead.type = "opportunity"
        self.assertTrue(lead.case_number)

    def test_salesman(self):
        self.assertEqual(self.case.salesman_id, self.employees[self.anna])
        found = self.env["crm.lead"].search(
            [("salesman_id", "=", self.employees[self.anna].id), ("id", "=", self.case.id)]
        )
        self.assertEqual(found, self.case)

    # ------------------------------------------------------------------
    # History (C7)
    # ------------------------------------------------------------------

    def _history(self, user=None, **page):
        return self.case.with_user(user or self.anna).get_history(**page)

    def test_history_has_all_kinds_in_time_order(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.shared.id, "opportunity_id": self.case.id, "user_id": self.anna.id}
        )
        self.annas.with_user(self.anna).action_finish("Ordered two")
        self.case.with_user(self.anna).message_post(body="They asked twice", message_type="comment")
        self.env["customer.note"].with_user(self.anna).create(
            {"customer_id": self.shared.id, "case_id": self.case.id, "body": "Ring twice"}
        )
        history = self._history()
        self.assertEqual(history["total"], 5)
        entries = history["entries"]
        self.assertEqual(len(entries), 5)
        self.assertEqual(
            (entries[0]["kind"], entries[0]["title"]), ("activity", "Visit the bakery")
        )
        by_kind = {entry["kind"]: entry for entry in entries[1:]}
        self.assertEqual(set(by_kind), {"activity", "quote", "message", "note"})
        self.assertEqual(by_kind["activity"]["outcome"], "Ordered two")
        self.assertEqual(by_kind["quote"]["title"], order.name)
        self.assertEqual(by_kind["message"]["note"], "They asked twice")
        dates = [entry["date"] for entry in entries[1:]]
        self.assertEqual(dates, sorted(dates, reverse=True))
        self.assertEqual(history["case"]["number"], self.case.case_number)
        order.action_confirm()
        kinds = [entry["kind"] for entry in self._history()["entries"]]
        self.assertIn("order", kinds)
        self.assertNotIn("quote", kinds)

    def test_notes_stay_with_their_customer(self):
        """A case that goes to another customer takes no notes along."""
        self.env["customer.note"].create(
            {"customer_id": self.shared.id, "case_id": self.case.id, "body": "Ring twice"}
        )
        self.case.write({"partner_id": self.customer_stranger.id, "user_id": self.stranger.id})
        kinds = [entry["kind"] for entry in self._history(self.stranger)["entries"]]
        self.assertNotIn("note", kinds)

    def test_history_is_exact_for_a_thousand_entries(self):
        self.env.cr.execute(
            """
            INSERT INTO mail_message (model, res_id, message_type, body, date, author_id)
            SELECT 'crm.lead', %s, 'comment', '<p>Message ' || n || '</p>',
                   now() AT TIME ZONE 'UTC' - n * interval '1 hour', %s
              FROM generate_series(1, 998) n
            """,
            [self.case.id, self.anna.partner_id.id],
        )
        keys, offset = [], 0
        while True:
            page = self._history(offset=offset, limit=200)
            self.assertEqual(page["total"], 1000)
            if not page["entries"]:
                break
            keys += [entry["key"] for entry in page["entries"]]
            offset += 200
        self.assertEqual(len(keys), 1000)
        self.assertEqual(len(set(keys)), 1000)
        self.env.invalidate_all()
        self._history()
        self.env.invalidate_all()
        with self.assertQueryCount(25):
            self._history(limit=200)

    def test_history_is_for_who_sees_the_case(self):
        with self.assertRaises(AccessError):
            self._history(self.stranger)
        with self.assertRaises(AccessError):
            self._history(self.manager)
        self.assertEqual(self._history(self.bert)["total"], 2)
        for page in ({"offset": -1}, {"limit": 0}, {"limit": "50; DROP"}):
            with self.assertRaises(UserError):
                self._history(**page)

    # ------------------------------------------------------------------
    # Close
    # ------------------------------------------------------------------

    def _close(self, user, **values):
        self.env["crm.case.close.wizard"].with_user(user).create(
            {"case_id": self.case.id, **values}
        ).action_close_case()

    def test_close_as_won(self):
        self._close(self.anna, outcome="won", reason="Best price")
        self.assertEqual(self.case.won_status, "won")
        self.assertEqual(self.case.close_reason, "Best price")
        self.assertFalse((self.annas | self.berts).filtered("active"))
        self.assertIn("Best price", self.annas.outcome)
        with self.assertRaises(UserError) as caught:
            self._close(self.anna, outcome="won")
        self.assertIn("closed already", str(caught.exception))

    def test_close_as_lost_asks_why(self):
        with self.assertRaises(UserError):
            self._close(self.anna, outcome="lost")
        self.assertEqual(self.case.won_status, "pending")
        reason = self.env["crm.lost.reason"].create({"name": "Too expensive"})
        self._close(self.anna, outcome="lost", lost_reason_id=reason.id)
        self.assertEqual(self.case.won_status, "lost")
        self.assertEqual(self.case.lost_reason_id, reason)
        self.assertEqual(self._history()["total"], 2, "the history of a lost case stays")

    def test_close_is_refused_to_strangers(self):
        with self.assertRaises(AccessError):
            self._close(self.stranger, outcome="won")

    # ------------------------------------------------------------------
    # Leads (C10)
    # ------------------------------------------------------------------

    def _convert(self, user, lead, **values):
        wizard = (
            self.env["crm.lead2opportunity.partner"]
            .with_user(user)
            .with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids)
            .create({"name": "convert", "action": "create", "lead_id": lead.id, **values})
        )
        wizard.action_apply()
        return wizard

    def test_lead_becomes_customer_contact_and_case(self):
        lead = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create(
                {
                    "name": "Wants a lift",
                    "type": "lead",
                    "partner_name": "Lift Seekers",
                    "contact_name": "Ida Up",
                    "email_from": "ida@lift.example.com",
                    "description": "<p>Third floor</p>",
                    "user_id": self.anna.id,
                }
            )
        )
        self._convert(self.anna, lead)
        customer = lead.customer_id.with_env(self.env)
        self.assertEqual(customer.name, "Lift Seekers")
        self.assertEqual(customer.approval_status, "new")
        self.assertEqual(customer.main_salesman_id, self.employees[self.anna])
        self.assertEqual(lead.partner_id.name, "Ida Up")
        self.assertEqual(lead.type, "opportunity")
        self.assertTrue(lead.case_number)
        self.assertIn("Third floor", lead.description)
        self.assertSeesNot(self.stranger, customer)

    def test_administrator_converts_for_a_salesman(self):
        lead = self.env["crm.lead"].create(
            {"name": "Wants a lift", "type": "lead", "partner_name": "Lift Two", "user_id": False}
        )
        self._convert(self.crm_admin, lead, user_id=self.bert.id)
        self.assertEqual(lead.customer_id.approval_status, "new")
        self.assertEqual(lead.customer_id.salesman_ids, self.employees[self.bert])
        self.assertSees(self.bert, lead)

    def test_conversion_offers_duplicates(self):
        lead = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create({"name": "Again", "type": "lead", "partner_name": "Shared Bakery"})
        )
        wizard = (
            self.env["crm.lead2opportunity.partner"]
            .with_user(self.anna)
            .create({"name": "convert", "action": "create", "lead_id": lead.id})
        )
        self.assertIn(self.shared, wizard.customer_duplicate_ids.with_env(self.env))
        foreign = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create({"name": "Again", "type": "lead", "partner_name": "Secret Metals"})
        )
        wizard = wizard.create({"name": "convert", "action": "create", "lead_id": foreign.id})
        self.assertFalse(wizard.customer_duplicate_ids)
        self.assertEqual(wizard.customer_duplicate_hidden_count, 1)

    # ------------------------------------------------------------------
    # Quotes (C6)
    # ------------------------------------------------------------------

    def _make_order(self, customer, **values):
        product = self.env["product.product"].create({"name": "Oven", "list_price": 100})
        return self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": self.anna.id,
                "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})],
                **values,
            }
        )

    def test_accepted_quotes_are_locked(self):
        order = self._make_order(self.shared)
        order.with_user(self.anna).action_confirm()
        self.assertTrue(order.locked)
        with self.assertRaises(UserError):
            order.with_user(self.anna).order_line.product_uom_qty = 3
        for unlock in (
            order.with_user(self.anna).action_unlock,
            lambda: order.with_user(self.anna).write({"locked": False}),
        ):
            with self.assertRaisesRegex(AccessError, "accepted"):
                unlock()
        order.with_user(self.crm_admin).action_unlock()
        self.assertFalse(order.locked)
        self.env.company.lock_accepted_quotes = False
        free = self._make_order(self.shared)
        free.with_user(self.anna).action_confirm()
        self.assertFalse(free.locked)
        nobody = self.env["res.partner"].create({"name": "No customer"})
        self.env.company.lock_accepted_quotes = True
        native = self._make_order(nobody)
        native.action_confirm()
        self.assertFalse(native.locked, "other orders are as without the app")

    def test_clone_to_another_customer(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Half",
                "item_ids": [
                    (
                        0,
                        0,
                        {
                            "compute_price": "percentage",
                            "percent_price": 50,
                            "applied_on": "3_global",
                        },
                    )
                ],
            }
        )
        self.customer_anna.property_product_pricelist = pricelist
        order = self._make_order(self.shared, opportunity_id=self.case.id, client_order_ref="PO 1")
        wizard = (
            self.env["sale.order.clone.wizard"]
            .with_user(self.anna)
            .create({"order_id": order.id, "partner_id": self.customer_anna.id})
        )
        clone = self.env["sale.order"].browse(wizard.action_clone()["res_id"])
        self.assertEqual(clone.customer_id, self.customer_anna)
        self.assertEqual(clone.partner_invoice_id, self.customer_anna)
        self.assertEqual(clone.pricelist_id, pricelist)
        self.assertEqual(clone.amount_untaxed, 100)
        self.assertFalse(clone.opportunity_id)
        self.assertFalse(clone.client_order_ref)
        self.assertEqual(order.amount_untaxed, 200)
        with self.assertRaises(AccessError):
            wizard.create({"order_id": order.id, "partner_id": self.customer_stranger.id})
        with self.assertRaises(AccessError):
            self.env["sale.order.clone.wizard"].with_user(self.stranger).create(
                {"order_id": order.id, "partner_id": self.customer_stranger.id}
            )


@tagged("post_install", "-at_install")
class TestEntry(ActivityCommon):
    """New Activity, Create Cold Call, New Quote (C4-C6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Oven", "list_price": 100})

    def _count_all(self):
        return {
            name: self.env[name].with_context(active_test=False).search_count([])
            for name in ("res.partner", "crm.lead", "mail.activity", "sale.order")
        }

    def _entry(self, user, **values):
        return self.env["crm.entry.wizard"].with_user(user).create(values)

    # ------------------------------------------------------------------
    # create_cold_call
    # ------------------------------------------------------------------

    def test_cold_call_at_a_new_prospect(self):
        case = (
            self.env["crm.lead"]
            .with_user(self.anna)
            .create_cold_call(
                {
                    "customer_name": "Cold Storage",
                    "contact_name": "Frida Frost",
                    "phone": "+49 30 1234567",
                    "email": "frida@cold.example.com",
                    "subject": "Freezers",
                    "date_deadline": self.today + timedelta(2),
                    "note": "Ask for Frida",
                }
            )
        )
        customer = case.customer_id
        self.assertEqual((customer.name, customer.approval_status), ("Cold Storage", "new"))
        self.assertEqual(customer.salesman_ids.with_env(self.env), self.employees[self.anna])
        self.assertEqual(case.partner_id.name, "Frida Frost")
        self.assertEqual(case.partner_id.email, "frida@cold.example.com")
        self.assertEqual(customer.call_contact_id, case.partner_id)
        call = self.env["mail.activity"].search([("case_id", "=", case.id)])
        self.assertEqual(call.activity_type_id, self.env.ref("mail.mail_activity_data_call"))
        self.assertEqual(call.user_id, self.anna)
        self.assertEqual(call.date_deadline, self.today + timedelta(2))
        self.assertSeesNot(self.stranger, case.with_env(self.env))

    def test_cold_call_at_an_existing_customer(self):
        cases = self.env["crm.lead"].with_user(self.anna)
        case = cases.create_cold_call({"customer_id": self.shared.id})
        self.assertEqual(case.customer_id.with_env(self.env), self.shared)
        self.assertEqual(case.name, "Cold call")
        with_contact = cases.create_cold_call(
            {"customer_id": self.shared.id, "contact_name": "Ben", "phone": "+49 30 1234567"}
        )
        self.assertEqual(with_contact.partner_id.parent_id.with_env(self.env), self.shared)
        again = cases.create_cold_call({"customer_id": self.shared.id, "contact_name": "ben"})
        self.assertEqual(again.partner_id, with_contact.partner_id, "no second Ben")
        odd = {"customer_id": self.shared.id, "contact_name": r"50%_ O\Neil"}
        first, second = cases.create_cold_call(odd), cases.create_cold_call(odd)
        self.assertEqual(first.partner_id, second.partner_id, "no pattern")

    def test_cold_call_refuses(self):
        before = self._count_all()
        cases = self.env["crm.lead"].with_user(self.anna)
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        for vals, error in (
            ({}, UserError),
            ({"customer_name": "  "}, UserError),
            ({"customer_id": self.customer_stranger.id}, AccessError),
            ({"customer_id": 2**30}, AccessError),
            ({"customer_id": vendor.id}, UserError),
            ({"customer_id": str(self.shared.id)}, UserError),
            ({"customer_name": "Late", "date_deadline": self.today - timedelta(1)}, UserError),
            ({"customer_name": "Forged", "user_id": self.bert.id}, UserError),
        ):
            with self.subTest(vals=vals), self.assertRaises(error):
                cases.create_cold_call(vals)
        before["res.partner"] += 1  # the vendor
        self.assertEqual(self._count_all(), before)
        with self.assertRaises(AccessError):
            self.env["crm.lead"].with_user(self.clerk).create_cold_call({"customer_name": "X"})

    # ------------------------------------------------------------------
    # The dialog
    # ------------------------------------------------------------------

    def test_new_activity_with_new_case_and_quote(self):
        entry = self._entry(
            self.anna,
            mode="activity",
            customer_id=self.customer_anna.id,
            case_name="Second brewery",
            summary="Talk about pipes",
            with_quote=True,
            line_ids=[(0, 0, {"product_id": self.product.id, "quantity": 3})],
        )
        entry.action_save()
        case = self.env["crm.lead"].search([("name", "=", "Second brewery")])
        self.assertEqual(case.customer_id, self.customer_anna)
        self.assertEqual(case.user_id, self.anna)
        activity = self.env["mail.activity"].search([("case_id", "=", case.id)])
        self.assertEqual(activity.summary, "Talk about pipes")
        self.assertEqual(case.order_ids.amount_untaxed, 300)
        self.assertEqual(case.order_ids.user_id, self.anna)

    def test_new_activity_offers_the_open_case(self):
        entry = self._entry(self.anna, mode="activity", customer_id=self.shared.id)
        self.assertEqual(entry.case_id.with_env(self.env), self.case)
        entry.action_save()
        self.assertEqual(
            self.env["mail.activity"].search_count([("case_id", "=", self.case.id)]), 3
        )

    def test_new_quote(self):
        entry = self._entry(
            self.anna,
            mode="quote",
            customer_id=self.shared.id,
            line_ids=[(0, 0, {"product_id": self.product.id, "quantity": 2, "price_unit": 80})],
        )
        action = entry.action_save()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(order.opportunity_id, self.case)
        self.assertEqual(order.amount_untaxed, 160)
        self.assertEqual(order.state, "draft")

    def test_nothing_is_left_of_a_refused_last_step(self):
        """The quote is refused: neither case nor activity stay behind."""
        before = self._count_all()
        other = self.env["res.company"].create({"name": "Other company"})
        foreign_product = self.product.create({"name": "Foreign", "company_id": other.id})
        entry = self._entry(
            self.anna,
            mode="activity",
            customer_id=self.customer_anna.id,
            case_name="Doomed",
            with_quote=True,
        )
        entry.sudo().write({"line_ids": [(0, 0, {"product_id": foreign_product.id})]})
        self.env.flush_all()
        before["res.partner"] += 1  # the company's own
        with self.assertRaises(UserError):
            entry.action_save()
        self.assertEqual(self._count_all(), before)

    def test_dialog_refuses(self):
        before = self._count_all()
        other_case = self._make_case("Brewery", self.customer_anna, self.anna)
        before["crm.lead"] += 1
        base = {"mode": "activity", "customer_id": self.shared.id}
        for values in (
            {"mode": "activity"},
            {**base, "case_id": False},
            {**base, "case_id": other_case.id},
            {**base, "date_deadline": self.today - timedelta(1)},
            {**base, "date_deadline": False},
            {**base, "activity_type_id": False},
            {**base, "with_quote": True},
            {**base, "mode": "quote"},
            {"mode": "cold_call"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._entry(self.anna, **values).action_save()
        self.assertEqual(self._count_all(), before)

    def test_dialog_shows_no_foreign_customer(self):
        for values in (
            {"customer_id": self.customer_stranger.id},
            {"case_id": self._make_case("Secret", self.customer_stranger, self.stranger).id},
        ):
            with self.assertRaises(AccessError):
                self._entry(self.anna, mode="activity", **values)
        typed = self._entry(self.anna, mode="cold_call", customer_name="Secret Metal")
        self.assertFalse(typed.duplicate_ids)
        self.assertEqual(typed.duplicate_hidden_count, 1)
        typed = self._entry(self.anna, mode="cold_call", customer_name="Shared Bakeries")
        self.assertIn(self.shared, typed.duplicate_ids.with_env(self.env))

    def test_buttons_of_the_customer_offer_its_newest_open_case(self):
        shared = self.shared.with_user(self.anna)
        for action in (shared.action_new_activity(), shared.action_new_quotation()):
            dialogs = self.env["crm.entry.wizard"].with_user(self.anna)
            dialog = Form(dialogs.with_context(**action["context"]))
            self.assertEqual(dialog.case_id.with_env(self.env), self.case)

    def test_queries_of_the_dialogs(self):
        """Opening takes 15 at most; saving does not grow with the customer's history."""

        def open_dialog(mode):
            wizard = self.env["crm.entry.wizard"].with_user(self.anna)
            # as the web client asks
            wizard = wizard.with_context(
                default_mode=mode,
                default_customer_id=self.shared.id,
                allowed_company_ids=self.env.company.ids,
                lang="en_US",
                tz="UTC",
            )
            spec = {
                name: {"fields": {"display_name": {}}} if field.type == "many2one" else {}
                for name, field in wizard._fields.items()
                if name not in {"line_ids", "duplicate_ids", *MAGIC_COLUMNS}
            }
            return self._measure_queries(lambda: wizard.onchange({}, [], spec))

        def save():
            entry = self._entry(self.anna, mode="activity", customer_id=self.shared.id)
            return self._measure_queries(entry.action_save)

        for mode in ("activity", "cold_call", "quote"):
            open_dialog(mode)
            self.assertLessEqual(open_dialog(mode), 15, mode)
        save()
        few = save()
        for number in range(30):
            self._make_activity(self.case, self.anna, f"History {number}").action_feedback("Done")
        self.assertLessEqual(save(), few)
