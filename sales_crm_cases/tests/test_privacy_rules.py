from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models import privacy_rule
from ..models.privacy_engine import PrivacyEngine
from .privacy_common import PrivacyCommon


class PrivacyRuleCommon(PrivacyCommon):
    """Rules, and people of whom nobody has heard for some time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.officer | cls.officer2).company_ids = cls.env["res.company"].search([])

    def _make_rule(self, outcome="none", period=365, unit="days", user=None, **values):
        return (
            self.env["privacy.rule"]
            .with_user(user or self.officer)
            .create({"outcome": outcome, "period": period, "period_unit": unit, **values})
        ).sudo()

    def _make_case(self, partner, won, days=400):
        case = self.env["crm.lead"].create(
            {"name": "Boiler", "type": "opportunity", "partner_id": partner.id}
        )
        if won:
            case.action_set_won()
        else:
            case.action_set_lost()
        self._age(case, days, "date_closed")
        return case

    def _propose(self):
        with self.enter_registry_test_mode():
            self.env.ref("sales_crm_cases.ir_cron_privacy_rules").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["privacy.request"].search([("state", "=", "proposed")])

    def _get_listed(self):
        """The people on the lists."""
        return (
            self.env["privacy.request.line"]
            .search([("state", "=", "waiting"), ("request_id.state", "=", "proposed")])
            .partner_id
        )

    def assertListed(self, *partners):
        self._propose()
        self.assertEqual(self._get_listed(), self.env["res.partner"].union(*partners))


@tagged("post_install", "-at_install")
class TestPrivacyRules(PrivacyRuleCommon):
    """Who is due, and who never is (G4)."""

    def test_without_a_rule_nothing_happens(self):
        self._make_old("Ancient", 9999)
        self.assertListed()

    def test_the_last_day_of_the_period(self):
        self._make_rule(period=365)
        self._make_old("Kept", 364)
        due = self._make_old("Due", 365)
        self.assertListed(due)
        self.assertEqual(due.with_user(self.officer).privacy_age, 365)

    def test_months_and_years(self):
        rule = self._make_rule(period=2, unit="years")
        limit = fields.Date.subtract(self.today, years=2)
        due = self._make_old("Due", (self.today - limit).days)
        self._make_old("Kept", (self.today - limit).days - 1)
        self.assertListed(due)
        rule.write({"period": 25, "period_unit": "months"})
        self.assertListed()

    def test_outcomes(self):
        people = {
            outcome: self._make_old(f"Person {outcome}")
            for outcome in ("none", "lost", "won", "ordered", "invoiced")
        }
        self._make_case(people["lost"], won=False)
        self._make_case(people["won"], won=True)
        order = self._make_quote(people["ordered"])
        order.action_confirm()
        order.write({"date_order": self.today - timedelta(400), "invoice_status": "invoiced"})
        invoice = self._make_invoice(people["invoiced"], invoice_date="2020-01-01")
        self._pay(invoice)
        self._age(order, 400)
        rule = self._make_rule("none")
        self.assertListed(people["none"])
        rule.outcome = "lost"
        self.assertListed(people["lost"])
        rule.outcome = "won"
        self.assertListed(people["won"], people["ordered"])
        rule.outcome = "invoiced"
        self.assertListed(people["invoiced"])
        rule.outcome = "any"
        self.assertListed(*people.values())

    def _pay(self, invoice):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({}).action_create_payments()
        # as after the statement of the bank
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET payment_state = 'paid' WHERE id = %s", [invoice.id]
        )
        self.env.invalidate_all()

    def test_the_longest_period_wins(self):
        person = self._make_old("Both", 400)
        self._make_case(person, won=False)
        self._make_case(person, won=True)
        short = self._make_rule("lost", 100)
        # what has no rule has no end
        self.assertListed()
        rule = self._make_rule("won", 500)
        self.assertListed()
        rule.period = 400
        self.assertListed(person)
        self.assertEqual(self._propose().rule_id, rule)
        general = self._make_rule("any", 450)
        self.assertListed()
        general.active = False
        self.assertListed(person)
        short.period = 401
        self.assertListed()

    def test_a_loss_counts_from_its_day(self):
        self._make_rule("lost", 365)
        person = self._make_old("Long known", 2000)
        case = self._make_case(person, won=False, days=364)
        self.assertListed()
        self._age(case, 365, "date_closed")
        self.assertListed(person)

    def test_who_has_something_open_is_never_taken(self):
        self._make_rule("any", 1)
        names = ("case", "invoice", "contract", "rival", "order", "activity", "to-do", "portal")
        people = {name: self._make_old(f"Open {name}") for name in names}
        lead = self.env["crm.lead"].create(
            {"name": "Boiler", "type": "opportunity", "partner_id": people["case"].id}
        )
        self._age(lead, 400)
        self._make_invoice(people["invoice"], invoice_date="2020-01-01")
        people["contract"].approval_status = "active"
        contract = self.env["third.party.contract"].create(
            {
                "customer_id": people["contract"].id,
                "third_party_id": people["rival"].id,
                "date_start": "2020-01-01",
                "date_end": "2036-01-01",
            }
        )
        order = self._make_quote(people["order"], date_order="2020-01-01 10:00:00")
        order.action_confirm()
        order.write({"date_order": "2020-01-01 10:00:00", "invoice_status": "to invoice"})
        people["activity"].approval_status = "active"
        for name in ("activity", "to-do"):
            people[name].activity_schedule("mail.mail_activity_data_todo", user_id=self.anna.id)
        self.env["res.users"].create(
            {
                "login": "portal@zyxwora.example",
                "partner_id": people["portal"].id,
                "group_ids": [fields.Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        free = self._make_old("Nothing open")
        self._age(self.anna.partner_id | self.env.company.partner_id, 400)
        self._age(self.env.ref("base.public_partner"), 400)
        gone = self.bert.partner_id
        self.bert.active = False
        self._age(gone, 400)
        self.assertListed(free)
        contract.date_end = "2021-01-01"
        lead.action_set_lost()
        self._age(lead, 400, "date_closed")
        people["to-do"].activity_ids.unlink()
        self.assertListed(free, *(people[name] for name in ("case", "contract", "rival", "to-do")))

    def test_contacts_go_and_stay_with_their_company(self):
        self._make_rule("any", 365)
        company = self._make_old("Old Works", 400, is_company=True)
        contact = self._make_old("Eve", 364, parent_id=company.id)
        self.assertListed()
        self._age(contact, 365)
        self.assertListed(company)
        contact.with_user(self.officer).action_touch()
        self.assertListed()
        self._age(contact, 400, "touch_date")
        case = self._make_case(contact, won=False, days=10)
        self.assertListed()
        self._age(case, 400, "date_closed")
        self.assertListed(company)

    def test_archived_people_are_taken(self):
        self._make_rule()
        person = self._make_old("Archived", active=False)
        self.assertListed(person)

    def test_whoever_is_needed_again_leaves_the_list(self):
        rule = self._make_rule()
        names = ("touched", "called", "planned", "deleted", "child", "stays")
        people = {name: self._make_old(f"Person {name}") for name in names}
        people["called"].approval_status = "active"
        self._age(people["called"], 400)
        self.assertListed(*people.values())
        people["touched"].with_user(self.officer).action_touch()
        activity = people["called"].activity_schedule(
            "mail.mail_activity_data_call", user_id=self.anna.id
        )
        activity.action_feedback(feedback="Lives")
        people["planned"].activity_schedule("mail.mail_activity_data_call", user_id=self.anna.id)
        people["child"].parent_id = self.customer_anna
        people.pop("deleted").unlink()
        self.assertListed(people["stays"])
        request = self.env["privacy.request"].search([("state", "=", "proposed")])
        self.assertEqual(request.person_count, 1)
        rule.with_user(self.officer).period = 500
        self.assertListed()
        self.assertEqual(request.state, "done")
        rule.period = 300
        self.assertListed(people["stays"])
        rule.active = False
        self.assertListed()

    def test_twice_changes_nothing_and_a_list_is_topped_up(self):
        self._make_rule()
        first = self._make_old("First")
        self.assertListed(first)
        request = self._propose()
        self.assertListed(first)
        second = self._make_old("Second")
        self.assertListed(first, second)
        self.assertEqual(self._propose(), request)
        self.assertEqual(request.person_count, 2)
        self.assertEqual(len(request.line_ids), 2)

    def test_whoever_is_asked_for_by_hand_is_not_proposed(self):
        self._make_rule()
        people = self.env["res.partner"].create([{"name": f"Crowd {n}"} for n in range(101)])
        self._age(people, 400)
        self.assertEqual(self._anonymize(people).state, "approval")
        self.assertListed()

    def test_many_in_steps_and_a_run_that_goes_on(self):
        rule = self._make_rule()
        people = self.env["res.partner"].create([{"name": f"Crowd {n}"} for n in range(7)])
        self._age(people, 400)
        self._make_old("Young", 10)
        with patch.object(privacy_rule, "STEP_SIZE", 3):
            self.assertFalse(self.env["privacy.rule"]._run_step())
            self.assertEqual(rule.position, people[2].id)
            self.assertEqual(self._get_listed(), people[:3])
            self.assertFalse(rule.last_run)
            self.assertListed(people)
        self.assertEqual(rule.position, 0)
        self.assertTrue(rule.last_run)

    def test_people_of_two_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        here, there, shared = (
            self._make_old(name, company_id=company and company.id)
            for name, company in (
                ("Here", self.env.company),
                ("There", elsewhere),
                ("Shared", None),
            )
        )
        rule = self._make_rule(company_id=self.env.company.id)
        self.assertListed(here)
        self.assertEqual(self._propose().company_id, self.env.company)
        with self.assertRaises(AccessError):
            rule.with_user(self.officer).company_id = elsewhere
        with self.assertRaises(AccessError):
            self._make_rule(company_id=False)
        with self.assertRaises(AccessError):
            self._make_rule(company_id=elsewhere.id)
        default = self.env["privacy.rule"].with_user(self.officer).default_get(["company_id"])
        self.assertEqual(default["company_id"], self.env.company.id)
        self.officer2.company_ids |= elsewhere
        general = self._make_rule(company_id=False, period=100, user=self.officer2)
        # shared people are kept as long as the longest rule of any company says
        self.assertListed(here, there, shared)
        rule.period = 401
        self.assertListed(there)
        with self.assertRaises(AccessError):
            general.with_user(self.officer).period = 5
        with self.assertRaises(AccessError):
            general.with_user(self.officer).unlink()
        foreign = self._propose()
        self.assertEqual(foreign.company_id, elsewhere)
        with self.assertRaises(AccessError):
            foreign.with_user(self.officer).read(["state"])
        with self.assertRaises(AccessError):
            foreign.with_user(self.officer).action_approve()
        with self.assertRaises(AccessError):
            foreign.line_ids.with_user(self.officer).action_keep()

    def test_bad_periods_are_refused(self):
        for period, unit in ((0, "days"), (-1, "years"), (101, "years"), (10**9, "days")):
            with self.assertRaises(ValidationError) as error:
                self._make_rule(period=period, unit=unit)
            self.assertIn("No order", str(error.exception))
        rule = self._make_rule(period=100, unit="years")
        with self.assertRaises(ValidationError):
            rule.period = 0


@tagged("post_install", "-at_install")
class TestPrivacyProposals(PrivacyRuleCommon):
    """What officers do with the lists, and what becomes of the people (G4)."""

    def setUp(self):
        super().setUp()
        self.rule = self._make_rule()
        self.person = self._make_old("Marla Waits", email="marla@zyxwora.example")

    def test_nobody_but_an_officer_may(self):
        request = self._propose()
        for user in (self.anna, self.boss, self.accounts, self.crm_admin, self.clerk):
            with self.assertRaises(AccessError):
                self.env["privacy.rule"].with_user(user).search([]).read()
            with self.assertRaises(AccessError):
                self._make_rule(user=user)
            for act in (
                self.rule.with_user(user).action_approve,
                self.rule.with_user(user).action_run,
                lambda user=user: self.rule.with_user(user).write({"period": 1}),
                self.rule.with_user(user).unlink,
                request.with_user(user).action_approve,
                request.with_user(user).action_keep_all,
                request.line_ids.with_user(user).action_keep,
            ):
                with self.assertRaises(AccessError):
                    act()
        self.assertEqual((self.rule.period, request.state), (365, "proposed"))
        with self.assertRaises(AccessError):
            request.line_ids.with_user(self.officer).write({"state": "kept"})

    def test_approve_and_work_off(self):
        request = self._propose()
        self.assertEqual(request.line_ids.since, self.today - timedelta(400))
        self.assertTrue(request.with_user(self.officer).can_approve)
        request.with_user(self.officer).action_approve()
        self.assertEqual(request.state, "running")
        self.assertEqual(request.approver_id, self.officer)
        self.assertEqual(self.person.name, "Marla Waits")
        for act in (request.with_user(self.officer).action_approve,):
            with self.assertRaises(UserError):
                act()
        with self.assertRaises(UserError):
            request.with_user(self.officer).action_keep_all()
        with self.assertRaises(UserError):
            request.line_ids.with_user(self.officer).action_keep()
        self._work_off()
        self.assertEqual(request.state, "done")
        self.assertEqual(self.person.name, "Anonymised")
        self.assertListed()
        self.assertNotIn("Marla", str(request.read()) + str(request.line_ids.read()))

    def test_keep_a_person(self):
        other = self._make_old("Other")
        request = self._propose()
        line = request.line_ids.filtered(lambda line: line.partner_id == self.person)
        line.with_user(self.officer).action_keep()
        self.assertEqual(line.state, "kept")
        self.assertEqual(self.person.touch_date, self.today)
        self.assertEqual(request.person_count, 1)
        request.with_user(self.officer).action_approve()
        self._work_off()
        self.assertEqual(self.person.name, "Marla Waits")
        self.assertEqual(other.name, "Anonymised")
        self.assertEqual(request.state, "done")

    def test_keep_all(self):
        request = self._propose()
        request.with_user(self.officer).action_keep_all()
        self.assertEqual(self.person.touch_date, self.today)
        self.assertEqual(request.state, "done")
        self.assertListed()

    def test_whoever_is_needed_after_the_approval_stays(self):
        other = self._make_old("Other")
        request = self._propose()
        other.activity_schedule("mail.mail_activity_data_call", user_id=self.anna.id)
        request.with_user(self.officer).action_approve()
        self.person.with_user(self.officer).action_touch()
        self._work_off()
        self.assertEqual(self.person.name, "Marla Waits")
        self.assertEqual(set(request.line_ids.mapped("state")), {"kept"})
        self.assertEqual(request.state, "done")

    def test_more_than_a_hundred_take_a_second_officer(self):
        people = self.env["res.partner"].create([{"name": f"Crowd {n}"} for n in range(100)])
        self._age(people, 400)
        request = self._propose()
        request.with_user(self.officer).action_approve()
        self.assertEqual(request.state, "approval")
        with self.assertRaises(AccessError):
            request.with_user(self.officer).action_approve()
        self._work_off()
        self.assertEqual(people[0].name, "Crowd 0")
        request.with_user(self.officer2).action_reject()
        self.assertEqual(set(request.line_ids.mapped("state")), {"kept"})
        again = self._propose()
        self.assertEqual(again.person_count, 101)
        again.with_user(self.officer2).action_approve()
        again.with_user(self.officer).action_approve()
        self._work_off()
        self.assertEqual(again.state, "done")
        self.assertEqual(set((people | self.person).mapped("name")), {"Anonymised"})

    def test_an_automatic_rule_takes_a_second_officer_once(self):
        rule = self.rule
        rule.with_user(self.officer).mode = "automatic"
        self.assertListed(self.person)
        with self.assertRaises(AccessError):
            rule.with_user(self.officer).action_approve()
        rule.with_user(self.officer).write({"approver_id": self.officer2.id})
        self.assertFalse(rule.approver_id)
        rule.with_user(self.officer2).action_approve()
        with self.assertRaises(UserError):
            rule.with_user(self.officer2).action_approve()
        rule.with_user(self.officer).period = 366
        self.assertFalse(rule.approver_id)
        rule.with_user(self.officer2).action_approve()
        self._propose()
        request = self.env["privacy.request"].search([("rule_id", "=", rule.id)])
        self.assertEqual((request.state, request.approver_id), ("running", self.officer2))
        self._work_off()
        self.assertEqual(request.state, "done")
        self.assertEqual(self.person.name, "Anonymised")

    def test_one_who_fails_stops_nobody(self):
        people = self.person | self._make_old("Other")
        request = self._propose()
        request.with_user(self.officer).action_approve()
        original = PrivacyEngine._mark_people

        def fail(engine, subject_ids, *args):
            original(engine, subject_ids, *args)
            if self.person.id in subject_ids:
                raise ValueError("Marla may not be in the log")

        with (
            patch.object(PrivacyEngine, "_mark_people", fail),
            self.assertLogs(
                "odoo.addons.sales_crm_cases.models.privacy_request_run", "ERROR"
            ) as logs,
        ):
            self._work_off()
        self.assertEqual(request.state, "failed")
        self.assertEqual(request.line_ids.mapped("state"), ["failed", "done"])
        self.assertEqual(request.line_ids[0].error, "ValueError")
        self.assertEqual(people.mapped("name"), ["Marla Waits", "Anonymised"])
        self.assertNotIn("Marla", str(logs.output))
        # the next night it is tried again
        self.assertListed(self.person)

    def test_what_was_topped_up_meanwhile_is_looked_at_again(self):
        request = self._propose()
        seen = request.newest_line
        self._make_old("Newcomer")
        self._propose()
        clicked = request.with_user(self.officer).with_context(privacy_seen_line=seen)
        with self.assertRaises(UserError):
            clicked.action_approve()
        self.assertEqual(request.state, "proposed")
        clicked.with_context(privacy_seen_line=request.newest_line).action_approve()
        self.assertEqual(request.state, "running")

    def test_officers_are_told_once_and_without_names(self):
        def get_messages():
            return self.env["mail.message"].search(
                [("partner_ids", "in", self.officer.partner_id.ids)]
            )

        before = get_messages()
        self._propose()
        message = get_messages() - before
        self.assertEqual(len(message), 1)
        self.assertTrue(
            self.env["mail.message"].search(
                [("partner_ids", "in", self.officer2.partner_id.ids), ("body", "=", message.body)]
            )
        )
        self.assertIn("decision: 1.", message.body)
        self.assertNotIn("Marla", message.body)
        self.assertNotIn(self.anna.partner_id, message.notified_partner_ids)
        self._propose()
        self.assertEqual(get_messages() - before, message)

    def test_a_used_rule_is_not_deleted(self):
        self._propose()
        with self.assertRaises(UserError):
            self.rule.with_user(self.officer).unlink()
        self._make_rule("lost").with_user(self.officer).unlink()
