from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .process_common import ProcessCommon


@tagged("post_install", "-at_install")
class TestCustomerCase(ProcessCommon):
    """The current case of a customer, and its status (B3, B5)."""

    def setUp(self):
        super().setUp()
        self.customer = self.customer_anna
        self.second = self._make_case("Second")
        self.env.flush_all()

    def assertCurrent(self, case, customer=None):
        customer = customer or self.customer
        # as stored: no compute is left to be done later
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(customer.current_case_id, case)
        found = self.env["res.partner"].search([("current_case_id", "in", case.ids)])
        self.assertEqual(found, customer if case else customer.browse())

    def test_the_first_stays_until_it_is_closed(self):
        self.assertCurrent(self.case)
        third = self._make_case("Third")
        self.assertCurrent(self.case)
        self.case.action_set_won()
        self.assertCurrent(third)
        third.action_set_lost()
        self.assertCurrent(self.second)
        self.second.stage_id = self.lost
        self.assertCurrent(self.case.browse())
        third.action_restore()
        self.assertCurrent(third)

    def test_another_one_is_chosen(self):
        self.customer.with_user(self.anna).current_case_id = self.second.id
        self.assertCurrent(self.second)
        third = self._make_case("Third")
        self.case.stage_id = self.offer
        self.assertCurrent(self.second)
        self.customer.with_user(self.anna).current_case_id = False
        self.assertCurrent(third)

    def test_only_open_cases_of_the_customer(self):
        won, lead = self._make_case("Won"), self._make_case("Lead", type="lead")
        lost, archived = self._make_case("Lost"), self._make_case("Archived")
        won.action_set_won()
        lost.action_set_lost()
        archived.active = False
        foreign = self._make_case("Foreign", partner_id=self.customer_bert.id, user_id=self.bert.id)
        for case in (won, lost, archived, lead, foreign):
            with (
                self.subTest(case.name),
                self.assertRaises(ValidationError) as caught,
                self.cr.savepoint(),
            ):
                self.customer.current_case_id = case
            self.assertIn(case.name, str(caught.exception))
            self.env.invalidate_all()
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer.id})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            contact.current_case_id = self.case
        self.env.invalidate_all()
        self.assertCurrent(self.case)

    def test_who_edits_the_customer_chooses(self):
        for user in (self.stranger, self.bert, self.manager, self.clerk):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.customer.with_user(user).current_case_id = self.second.id
        # nobody learns of a case by choosing it
        foreign = self._make_case("Foreign", partner_id=self.customer_bert.id, user_id=self.bert.id)
        with self.assertRaises(AccessError) as caught, self.cr.savepoint():
            self.customer.with_user(self.anna).current_case_id = foreign.id
        self.assertNotIn("Foreign", str(caught.exception))
        self.customer.with_user(self.crm_admin).current_case_id = self.second.id
        self.assertCurrent(self.second)

    def test_who_reads_it(self):
        for user in (self.anna, self.accounts, self.crm_admin):
            [values] = self.customer.with_user(user).read(["current_case_id", "current_stage_id"])
            self.assertEqual(values["current_case_id"], (self.case.id, "Two lifts"))
            self.assertEqual(values["current_stage_id"], (self.prospect.id, "Prospect"))
        with self.assertRaises(AccessError):
            self.customer.with_user(self.clerk).read(["current_case_id"])
        self.assertNotIn("current_stage_id", self.customer.with_user(self.clerk).fields_get())

    def test_deleted_moved_and_merged_cases(self):
        self.case.unlink()
        self.assertCurrent(self.second)
        other = self._make_customer("Other", self.anna)
        self.second.partner_id = other
        self.assertCurrent(self.second, other)
        self.assertFalse(self.customer.current_case_id)
        one = self._make_case("One")
        self.env.flush_all()
        two = self._make_case("Two")
        two.stage_id = self.offer
        self.assertEqual(self.customer.current_case_id, one)
        merged = (one + two).merge_opportunity()
        self.assertCurrent(merged)
        merged.type = "lead"
        self.assertCurrent(merged.browse())

    def test_merged_customers(self):
        other = self._make_customer("Hopfner Brewing", self.anna)
        newer = self._make_case("Newer", partner_id=other.id)
        self.case.action_set_won()
        self.second.action_set_lost()
        self.assertFalse(self.customer.current_case_id)
        self.env["base.partner.merge.automatic.wizard"].create(
            {
                "dst_partner_id": self.customer.id,
                "partner_ids": [(6, 0, (self.customer + other).ids)],
            }
        ).action_merge()
        self.assertCurrent(newer)

    def test_contacts_count_for_their_customer(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer.id})
        (self.case + self.second).action_set_lost()
        case = self._make_case("By a contact", partner_id=contact.id)
        self.assertCurrent(case)
        self.assertFalse(contact.current_case_id)
        self.assertFalse(self.customer.copy().current_case_id)

    def test_who_becomes_a_customer_gets_a_current_case(self):
        partner = self.env["res.partner"].create({"name": "Not yet", "is_company": True})
        case = self._make_case("Early", partner_id=partner.id)
        self.assertFalse(partner.current_case_id)
        partner.approval_status = "new"
        self.assertCurrent(case, partner)
        partner.approval_status = False
        self.assertFalse(partner.current_case_id)

    # ------------------------------------------------------------------
    # Status
    # ------------------------------------------------------------------

    def test_the_status_on_the_customer_moves_the_case(self):
        customer = self.customer.with_user(self.anna)
        self.assertEqual(customer.current_stage_id, self.prospect.with_user(self.anna))
        customer.web_save({"current_stage_id": self.offer.id}, {"current_stage_id": {}})
        self.assertStatus(self.case, self.offer, probability=60)
        self.case.stage_id = self.prospect
        self.assertEqual(customer.current_stage_id.id, self.prospect.id)
        customer.write({"current_case_id": self.second.id, "current_stage_id": self.offer.id})
        self.assertStatus(self.second, self.offer)
        self.assertStatus(self.case, self.prospect)
        customer.current_stage_id = self.order.id
        self.assertStatus(self.second, self.order, "won", probability=100)
        self.assertCurrent(self.case)
        customer.current_stage_id = self.lost.id
        self.assertStatus(self.case, self.lost, "lost")
        self.assertCurrent(self.case.browse())

    def test_the_status_obeys_the_same_rules(self):
        customer = self.customer.with_user(self.anna)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            customer.current_stage_id = self.report.id
        self.env.invalidate_all()
        with self.assertRaises(UserError), self.cr.savepoint():
            customer.current_stage_id = False
        self.env.invalidate_all()
        self.assertStatus(self.case, self.prospect)
        idle = self._make_customer("Idle", self.anna).with_user(self.anna)
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            idle.current_stage_id = self.offer.id
        self.assertIn("Idle", str(caught.exception))
        for user in (self.stranger, self.bert, self.manager, self.accounts):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.customer.with_user(user).current_stage_id = self.offer.id

    def test_several_customers_at_once(self):
        other = self._make_customer("Other", self.anna)
        case = self._make_case("Case of the other", partner_id=other.id)
        (self.customer + other).with_user(self.anna).write({"current_stage_id": self.offer.id})
        self.assertStatus(self.case, self.offer)
        self.assertStatus(case, self.offer)
        found = (
            self.env["res.partner"]
            .with_user(self.anna)
            .search([("current_stage_id", "=", self.offer.id)])
        )
        self.assertEqual(found.with_env(self.env), self.customer + other)
        found = (
            self.env["res.partner"]
            .with_user(self.bert)
            .search([("current_stage_id", "=", self.offer.id)])
        )
        self.assertFalse(found)
