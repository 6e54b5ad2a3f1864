from datetime import date
from unittest.mock import patch

import psycopg2.errors
from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..recommendation_source import RecommendationSource
from .recommendation_common import RecommendationCommon


@tagged("post_install", "-at_install")
class TestRecommendations(RecommendationCommon, CronMixinCase):
    """What appears, when, once, and when it goes (R1, R2)."""

    def assertState(self, recommendation, state):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(recommendation.state, state)

    # ------------------------------------------------------------------
    # Rank calls
    # ------------------------------------------------------------------

    def test_a_rank_call_appears_two_days_before_and_not_one_day_early(self):
        early, due = self.customer_anna, self.customer_bert
        self._make_due(early, days=3)
        self._make_due(due, days=2)
        self._run()
        self.assertFalse(self._find("rank_call", early))
        recommendation = self._find("rank_call", due)
        self.assertRecordValues(
            recommendation,
            [
                {
                    "customer_id": due.id,
                    "employee_id": self.employees[self.bert].id,
                    "due_date": self._day(2),
                    "state": "open",
                }
            ],
        )

    def test_the_reason_of_a_rank_call_in_words(self):
        self._make_due(days=-1)
        self._make_contact(days=100, receives_sales_calls=True)
        self._run()
        recommendation = self._find("rank_call", self.customer_anna)
        self.assertEqual(recommendation.reason, "Test Platinum, last call 16 days ago, cycle 15")

    def test_without_call_contact_the_reason_says_so(self):
        self._make_due()
        self._run()
        self.assertEqual(
            self._find("rank_call", self.customer_anna).reason,
            "Test Platinum, last call 15 days ago, cycle 15; no contact receives sales calls",
        )

    def test_an_overdue_rank_call_stays(self):
        self._make_due(days=-200)
        self._run()
        self.assertEqual(self._find("rank_call", self.customer_anna).due_date, self._day(-200))

    def test_a_planned_call_suppresses_a_rank_call(self):
        self._make_due()
        self._run()
        recommendation = self._find("rank_call", self.customer_anna)
        planned = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer_anna.id,
                "activity_type_id": self.call_type.id,
                "date_deadline": self._day(5),
                "user_id": self.bert.id,
            }
        )
        self.assertState(recommendation, "expired")
        # cancelled: the reason is back, and so is the same recommendation
        planned.unlink()
        self._run()
        self.assertEqual(self._find("rank_call", self.customer_anna), recommendation)
        self.assertState(recommendation, "open")

    def test_a_logged_call_closes_it_at_once_and_the_next_period_is_another_one(self):
        self._make_due()
        self._run()
        first = self._find("rank_call", self.customer_anna)
        self._log_call(self.customer_anna, 0)
        self.assertState(first, "expired")
        self._run()
        self.assertEqual(self._find("rank_call", self.customer_anna), first)
        self.platinum.call_cycle_days = 1
        self._run()
        second = self._find("rank_call", self.customer_anna) - first
        self.assertRecordValues(second, [{"state": "open", "due_date": self._day(1)}])
        self.assertState(first, "expired")

    def test_a_dismissed_one_is_not_repeated_in_its_period_although_the_date_moves(self):
        self._make_due()
        self._run()
        recommendation = self._find("rank_call", self.customer_anna)
        recommendation.with_user(self.anna).action_dismiss("On holiday until spring")
        self.platinum.call_cycle_days = 14
        self._run()
        self.assertEqual(self._find("rank_call", self.customer_anna), recommendation)
        self.assertState(recommendation, "dismissed")

    def test_a_longer_cycle_closes_it_and_a_shorter_one_brings_it_back(self):
        self._make_due()
        self._run()
        recommendation = self._find("rank_call", self.customer_anna)
        self.platinum.call_cycle_days = 30
        self._run()
        self.assertState(recommendation, "expired")
        self.platinum.call_cycle_days = 16
        self._run()
        self.assertState(recommendation, "open")
        self.assertEqual(recommendation.due_date, self._day(1))

    def test_archived_customers_and_those_without_rank_have_none(self):
        self._make_due()
        self._make_due(self.customer_bert)
        self._run()
        both = self._find("rank_call", self.customer_anna + self.customer_bert)
        self.assertEqual(len(both), 2)
        self.customer_anna.active = False
        self.customer_bert.rank_id = False
        self.env.flush_all()
        for recommendation in both:
            self.assertState(recommendation, "expired")
        self._run()
        self.assertEqual(both.mapped("state"), ["expired", "expired"])

    def test_it_follows_the_main_salesman(self):
        self._make_due()
        self._run()
        recommendation = self._find("rank_call", self.customer_anna)
        self.customer_anna.main_salesman_id = self.employees[self.bert]
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(recommendation.employee_id, self.employees[self.bert])

    # ------------------------------------------------------------------
    # Contracts
    # ------------------------------------------------------------------

    def test_a_contract_appears_thirty_days_before_its_end_and_not_one_day_early(self):
        early, due = self._make_contract(31), self._make_contract(30, name="L-2")
        self._run()
        self.assertFalse(self._find("third_party_contract", early))
        recommendation = self._find("third_party_contract", due)
        self.assertEqual(recommendation.customer_id, self.customer_anna)
        self.assertEqual(recommendation.due_date, self._day(30))
        self.assertIn("L-2", recommendation.reason)

    def test_own_contracts_are_a_kind_of_their_own(self):
        contract = self._make_contract(10, is_own=True, third_party_id=False)
        self._run()
        self.assertTrue(self._find("own_contract", contract))
        self.assertFalse(self._find("third_party_contract", contract))

    def test_with_a_notice_period_the_last_day_of_notice_counts(self):
        contract = self._make_contract(100, notice_days=70)
        self._run()
        recommendation = self._find("third_party_contract", contract)
        self.assertEqual(recommendation.due_date, self._day(30))
        self.assertIn("notice until", recommendation.reason)

    def test_an_expired_contract_is_none(self):
        contract = self._make_contract(-1)
        self._run()
        self.assertFalse(self._find("third_party_contract", contract))

    def test_another_end_closes_it_at_once_and_comes_again_in_time(self):
        contract = self._make_contract(10)
        self._run()
        first = self._find("third_party_contract", contract)
        contract.date_end = self._day(400)
        self.assertState(first, "expired")
        self._run()
        self.assertEqual(self._find("third_party_contract", contract), first)
        contract.date_end = self._day(20)
        self._run()
        self.assertEqual(len(self._find("third_party_contract", contract)), 2)

    def test_a_case_to_win_it_closes_it(self):
        contract = self._make_contract(10)
        self._run()
        recommendation = self._find("third_party_contract", contract)
        contract.with_user(self.anna).action_win()
        self.assertState(recommendation, "expired")
        contract.case_ids.action_set_lost()
        self._run()
        self.assertState(recommendation, "expired")

    def test_win_on_the_recommendation_opens_the_case_and_follows_it_up(self):
        contract = self._make_contract(10)
        self._run()
        recommendation = self._find("third_party_contract", contract)
        action = recommendation.with_user(self.anna).action_win()
        self.assertEqual(action["res_model"], "crm.lead")
        self._run()
        self.assertState(recommendation, "followed")

    def test_a_deleted_contract_closes_it(self):
        contract = self._make_contract(10)
        self._run()
        recommendation = self._find("third_party_contract", contract)
        contract.unlink()
        self.assertState(recommendation, "expired")
        self.assertIn("deleted", recommendation.reason)

    # ------------------------------------------------------------------
    # Quotes
    # ------------------------------------------------------------------

    def test_a_quote_appears_two_days_before_it_expires(self):
        early, due, over = (self._make_quote(days) for days in (3, 2, -1))
        self._run()
        self.assertFalse(self._find("quote_expiry", early + over))
        recommendation = self._find("quote_expiry", due)
        self.assertEqual(recommendation.due_date, self._day(2))
        self.assertIn(due.name, recommendation.reason)

    def test_an_accepted_or_cancelled_quote_closes_it(self):
        accepted, cancelled = self._make_quote(), self._make_quote()
        self._run()
        first = self._find("quote_expiry", accepted)
        second = self._find("quote_expiry", cancelled)
        accepted.action_confirm()
        cancelled._action_cancel()
        self.assertState(first, "expired")
        self.assertState(second, "expired")

    def test_a_prolonged_quote_closes_it(self):
        quote = self._make_quote()
        self._run()
        recommendation = self._find("quote_expiry", quote)
        quote.validity_date = self._day(20)
        self.assertState(recommendation, "expired")

    def test_a_quote_is_recommended_to_whose_it_is_if_he_is_linked(self):
        mine, strangers = self._make_quote(user_id=self.bert.id), self._make_quote()
        strangers.user_id = self.stranger
        self.customer_anna.salesman_ids = [Command.link(self.employees[self.bert].id)]
        self._run()
        self.assertEqual(self._find("quote_expiry", mine).employee_id, self.employees[self.bert])
        self.assertEqual(
            self._find("quote_expiry", strangers).employee_id, self.employees[self.anna]
        )

    # ------------------------------------------------------------------
    # Birthdays and anniversaries
    # ------------------------------------------------------------------

    def test_a_birthday_appears_for_every_linked_salesman_who_wants_it(self):
        self.customer_anna.salesman_ids = [
            Command.link(self.employees[user].id) for user in (self.bert, self.manager)
        ]
        self.manager.with_user(self.manager).recommend_birthdays = False
        early, due = self._make_contact(3), self._make_contact(2)
        self._run()
        self.assertFalse(self._find("birthday", early))
        found = self._find("birthday", due)
        self.assertEqual(found.employee_id, self.employees[self.anna] + self.employees[self.bert])
        self.assertEqual(set(found.mapped("due_date")), {self._day(2)})
        self.assertIn("Birthday of Eve Miller", found[0].reason)

    def test_salesmen_decide_their_own_birthdays(self):
        self.customer_anna.salesman_ids = [Command.link(self.employees[self.bert].id)]
        contact = self._make_contact(1)
        self._run()
        annas = self._find("birthday", contact, employee_id=self.employees[self.anna].id)
        berts = self._find("birthday", contact) - annas
        self.assertSees(self.anna, annas)
        self.assertSeesNot(self.anna, berts)
        annas.with_user(self.anna).action_dismiss("I write a card")
        self.assertState(berts, "open")
        with self.assertRaises(AccessError):
            berts.with_user(self.anna).action_dismiss("He need not")
        self.assertSeesNot(self.manager, annas)
        self._show_team(self.manager)
        self.assertSees(self.manager, annas)
        self.assertSees(self.crm_admin, berts)

    def test_who_does_not_want_birthdays_any_more_loses_them_at_once(self):
        contact = self._make_contact(1)
        self._run()
        recommendation = self._find("birthday", contact)
        self.anna.with_user(self.anna).recommend_birthdays = False
        self.assertState(recommendation, "expired")
        self._run()
        self.assertState(recommendation, "expired")

    def test_archived_contacts_have_no_birthday(self):
        contact = self._make_contact(1)
        self._run()
        recommendation = self._find("birthday", contact)
        contact.active = False
        self.assertState(recommendation, "expired")

    def test_a_contact_who_changes_the_company_is_no_news_for_the_old_salesman(self):
        contact = self._make_contact(1)
        self._run()
        annas = self._find("birthday", contact)
        contact.parent_id = self.customer_bert
        self.assertState(annas, "expired")
        self._run()
        berts = self._find("birthday", contact) - annas
        self.assertEqual(berts.employee_id, self.employees[self.bert])
        self.assertSeesNot(self.anna, berts)

    def test_29_february_is_the_28th_in_other_years(self):
        contact = self._make_contact(100, birthday="1980-02-29")
        for now, day in (
            ("2027-02-26 12:00:00", date(2027, 2, 28)),
            ("2028-02-27 12:00:00", date(2028, 2, 29)),
        ):
            with freeze_time(now):
                self._run()
            self.assertEqual(self._find("birthday", contact)[-1:].due_date, day)
        with freeze_time("2029-02-25 12:00:00"):
            self._run()
        self.assertEqual(len(self._find("birthday", contact)), 2)

    def test_a_birthday_after_the_turn_of_the_year(self):
        contact = self._make_contact(100, birthday="1980-01-01")
        with freeze_time("2026-12-30 12:00:00"):
            self._run()
        self.assertEqual(self._find("birthday", contact).due_date, date(2027, 1, 1))
        with freeze_time("2027-01-01 12:00:00"):
            self._run()
        self.assertState(self._find("birthday", contact), "open")
        with freeze_time("2027-01-02 12:00:00"):
            self._run()
        self.assertState(self._find("birthday", contact), "expired")

    def test_an_anniversary_has_its_own_words(self):
        contact = self._make_contact(100)
        anniversary = self.env["customer.anniversary"].create(
            {"name": "Ten years with us", "date": self._day(1), "partner_id": contact.id}
        )
        self._run()
        recommendation = self._find("birthday", anniversary)
        self.assertIn("Ten years with us of Eve Miller", recommendation.reason)
        anniversary.unlink()
        self.assertState(recommendation, "expired")

    # ------------------------------------------------------------------
    # Runs
    # ------------------------------------------------------------------

    def _make_one_of_each(self):
        self._make_due()
        return {
            "rank_call": self.customer_anna,
            "third_party_contract": self._make_contract(),
            "own_contract": self._make_contract(10, is_own=True, third_party_id=False),
            "quote_expiry": self._make_quote(),
            "birthday": self._make_contact(),
        }

    def _read_rows(self):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT id, xmin::text, ctid::text, xmax::text FROM sales_recommendation ORDER BY id"
            )
        )

    def test_a_second_run_writes_nothing(self):
        subjects = self._make_one_of_each()
        self._run()
        rows = self._read_rows()
        self._run()
        self.assertEqual(self._read_rows(), rows)
        for code, subject in subjects.items():
            self.assertEqual(len(self._find(code, subject)), 1, code)

    def test_the_last_run_is_kept(self):
        kind = self.kinds["quote_expiry"]
        self._run()
        self._make_quote()
        with freeze_time("2030-01-01 10:00:00"):
            self.assertFalse(self._find("quote_expiry", self._make_quote(days=99)))
            self._run()
            self.assertEqual(str(kind.last_run), "2030-01-01 10:00:00")
            told = self.Recommendation.with_user(self.anna).get_last_run()
        self.assertEqual(told, {"last_run": "2030-01-01 10:00:00", "can_run": False})
        self.assertTrue(self.Recommendation.with_user(self.crm_admin).get_last_run()["can_run"])

    def test_the_scheduled_action_goes_on_in_steps(self):
        customers = [self._make_due(self._make_customer(f"Step {n}", self.anna)) for n in range(5)]
        cron = self.env.ref("sales_crm_cases.ir_cron_recommendations")
        generator = "odoo.addons.sales_crm_cases.models.sales_recommendation_generator_mixin"
        with patch(f"{generator}.STEP_SIZE", 2), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        for customer in customers:
            self.assertEqual(len(self._find("rank_call", customer)), 1)

    def test_run_now_is_for_administrators(self):
        self._make_due()
        with self.assertRaises(AccessError):
            self.Recommendation.with_user(self.anna).action_run_now()
        self.assertFalse(self._find("rank_call", self.customer_anna))
        action = self.Recommendation.with_user(self.crm_admin).action_run_now()
        self.assertIn("up to date", action["params"]["message"])
        self.assertTrue(self._find("rank_call", self.customer_anna))

    def test_run_now_does_not_commit_whatever_the_caller_sends(self):
        # a commit inside a test would raise
        self.Recommendation.with_user(self.crm_admin).with_context(
            ir_cron_progress_id=1
        ).action_run_now()

    def test_in_a_large_database_run_now_leaves_it_to_the_scheduled_action(self):
        generator = "odoo.addons.sales_crm_cases.models.sales_recommendation_generator_mixin"
        with (
            patch(f"{generator}.REQUEST_LIMIT", 1),
            self.capture_triggers("sales_crm_cases.ir_cron_recommendations") as triggers,
        ):
            self.Recommendation.with_user(self.crm_admin).action_run_now()
        self.assertEqual(len(triggers.records), 1)

    @mute_logger(
        "odoo.sql_db", "odoo.addons.sales_crm_cases.models.sales_recommendation_generator_mixin"
    )
    def test_a_poisoned_record_is_named_and_the_rest_is_done(self):
        subjects = self._make_one_of_each()
        poisoned = self._make_contact(customer=self.customer_bert, name="Poisoned")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET birthday = 'infinity' WHERE id = %s", [poisoned.id]
        )
        self._run()
        for code, subject in subjects.items():
            self.assertEqual(len(self._find(code, subject)), 1, code)
        kind = self.kinds["birthday"].with_user(self.crm_admin)
        self.assertIn("Kindler Toys", kind.last_error)
        self.assertEqual(len(kind.last_error.splitlines()), 1)
        with self.assertRaises(AccessError):
            kind.with_user(self.anna).read(["last_error"])
        self.env.cr.execute("UPDATE res_partner SET birthday = NULL WHERE id = %s", [poisoned.id])
        self._run()
        self.assertFalse(kind.last_error)

    @mute_logger(
        "odoo.sql_db", "odoo.addons.sales_crm_cases.models.sales_recommendation_generator_mixin"
    )
    def test_a_kind_that_is_wrong_does_not_stop_the_others(self):
        subjects = self._make_one_of_each()
        kind_class = self.env.registry["sales.recommendation.kind"]
        wrong = RecommendationSource(
            model="sale.order",
            tables=SQL("sale_order o"),
            subject=SQL("o.id"),
            customer=SQL("o.customer_id"),
            due_date=SQL("o.no_such_column"),
            period=SQL("''"),
        )
        with patch.object(kind_class, "_get_sources_rank_call", lambda kind, today: [wrong]):
            self._run()
        self.assertIn("no_such_column", self.kinds["rank_call"].last_error)
        self.assertFalse(self._find("rank_call", self.customer_anna))
        self.assertTrue(self._find("birthday", subjects["birthday"]))

    def test_without_open_ones_a_change_of_a_customer_costs_one_query(self):
        customer = self._make_customer("Quiet", self.anna)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.Recommendation._recheck(customer.ids)

    # ------------------------------------------------------------------
    # Kinds
    # ------------------------------------------------------------------

    def test_a_kind_switched_off_closes_its_own_and_makes_none(self):
        contract, quote = self._make_contract(), self._make_quote()
        self._run()
        self.kinds["third_party_contract"].with_user(self.crm_admin).active = False
        recommendation = self._find("third_party_contract", contract)
        self.assertState(recommendation, "expired")
        self.assertState(self._find("quote_expiry", quote), "open")
        self._run()
        self.assertState(recommendation, "expired")
        self.kinds["third_party_contract"].with_user(self.crm_admin).active = True
        self._run()
        self.assertState(recommendation, "open")

    def test_other_days_before(self):
        contract = self._make_contract(40)
        self.kinds["third_party_contract"].with_user(self.crm_admin).lead_days = 40
        self._run()
        self.assertTrue(self._find("third_party_contract", contract))

    def test_impossible_days_before_are_refused(self):
        for days in (-1, 3651):
            with self.subTest(days=days), self.assertRaises(ValidationError) as refused:
                self.kinds["rank_call"].with_user(self.crm_admin).lead_days = days
            self.assertIn("from 0 to 3650", str(refused.exception))

    def test_kinds_are_set_by_administrators_only(self):
        kind = self.kinds["rank_call"]
        for user in (self.anna, self.accounts, self.manager):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                kind.with_user(user).lead_days = 5
        with self.assertRaises(AccessError):
            kind.with_user(self.crm_admin).create({"name": "Mine", "code": "rank_call"})

    def test_a_kind_without_sources_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["sales.recommendation.kind"].create({"name": "Moon", "code": "full_moon"})


@tagged("post_install", "-at_install")
class TestRecommendationDecisions(RecommendationCommon):
    """Follow up, snooze, dismiss, undo, and who may (R3, V1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_due()
        cls._run()
        cls.recommendation = cls._find("rank_call", cls.customer_anna)
        cls.annas = cls.recommendation.with_user(cls.anna)

    # ------------------------------------------------------------------
    # Follow up
    # ------------------------------------------------------------------

    def test_follow_up_plans_a_call_on_the_customer(self):
        action = self.annas.action_follow_up()
        activity = self.env["mail.activity"].browse(action["res_id"])
        self.assertRecordValues(
            activity,
            [
                {
                    "customer_id": self.customer_anna.id,
                    "user_id": self.anna.id,
                    "activity_type_id": self.call_type.id,
                    "summary": self.annas.reason,
                }
            ],
        )
        self.assertEqual(self.recommendation.state, "followed")
        self.assertEqual(self.recommendation.activity_id, activity)
        self._run()
        self.assertEqual(self.recommendation.state, "followed")

    def test_a_second_press_plans_nothing(self):
        self.annas.action_follow_up()
        before = self.env["mail.activity"].search_count([])
        with self.assertRaises(UserError):
            self.annas.action_follow_up()
        self.assertEqual(self.env["mail.activity"].search_count([]), before)

    def test_a_quote_is_followed_up_on_the_quote(self):
        quote = self._make_quote()
        self._run()
        action = self._find("quote_expiry", quote).with_user(self.anna).action_follow_up()
        activity = self.env["mail.activity"].browse(action["res_id"])
        self.assertEqual((activity.res_model, activity.res_id), ("sale.order", quote.id))
        self.assertEqual(activity.customer_id, self.customer_anna)

    def test_a_birthday_is_followed_up_on_the_day_itself(self):
        contact = self._make_contact(2)
        self._run()
        action = self._find("birthday", contact).with_user(self.anna).action_follow_up()
        activity = self.env["mail.activity"].browse(action["res_id"])
        self.assertEqual((activity.res_id, activity.date_deadline), (contact.id, self._day(2)))

    def test_a_cancelled_follow_up_is_recommended_again(self):
        action = self.annas.action_follow_up()
        self.env["mail.activity"].with_user(self.anna).browse(action["res_id"]).unlink()
        self._run()
        self.assertEqual(self.recommendation.state, "open")

    def test_the_kind_says_what_is_planned(self):
        meeting = self.env.ref("sales_crm_cases.activity_type_inspection")
        self.kinds["rank_call"].activity_type_id = meeting
        action = self.annas.action_follow_up()
        self.assertEqual(
            self.env["mail.activity"].browse(action["res_id"]).activity_type_id, meeting
        )

    # ------------------------------------------------------------------
    # Snooze, dismiss, undo
    # ------------------------------------------------------------------

    def test_snoozed_until_a_day_and_then_open_again(self):
        self.annas.action_snooze(str(self._day(3)))
        self.assertRecordValues(
            self.recommendation, [{"state": "snoozed", "snooze_until": self._day(3)}]
        )
        self._run()
        self.assertEqual(self.recommendation.state, "snoozed")
        with freeze_time(f"{self._day(2)} 12:00:00"):
            self._run()
        self.assertEqual(self.recommendation.state, "snoozed")
        with freeze_time(f"{self._day(3)} 12:00:00"):
            self._run()
        self.assertRecordValues(self.recommendation, [{"state": "open", "snooze_until": False}])

    def test_a_snoozed_one_closes_when_its_reason_goes(self):
        self.annas.action_snooze(self._day(3))
        self._log_call(self.customer_anna, 0)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.recommendation.state, "expired")

    def test_snoozing_into_the_past_is_refused(self):
        for value in (self._day(-5), "2001-01-01", False, "tomorrow", 5, None):
            with self.subTest(value=value), self.assertRaises(UserError):
                self.annas.action_snooze(value)
        self.assertEqual(self.recommendation.state, "open")

    def test_dismissed_with_a_reason(self):
        for value in ("", "  ", False, None, 5):
            with self.subTest(value=value), self.assertRaises(UserError):
                self.annas.action_dismiss(value)
        self.annas.action_dismiss(" On holiday ")
        self.assertRecordValues(
            self.recommendation, [{"state": "dismissed", "dismiss_reason": "On holiday"}]
        )
        self._run()
        self.assertEqual(self._find("rank_call", self.customer_anna), self.recommendation)

    def test_undo_takes_each_back(self):
        for decide in (
            lambda: self.annas.action_dismiss("No"),
            lambda: self.annas.action_snooze(self._day(9)),
            self.annas.action_follow_up,
        ):
            decide()
            self.annas.action_undo()
            self.assertRecordValues(
                self.recommendation,
                [
                    {
                        "state": "open",
                        "dismiss_reason": False,
                        "snooze_until": False,
                        "activity_id": False,
                    }
                ],
            )
        with self.assertRaises(UserError):
            self.annas.action_undo()

    def test_undo_cancels_the_activity_unless_it_is_done(self):
        activity = self.env["mail.activity"].browse(self.annas.action_follow_up()["res_id"])
        self.annas.action_undo()
        self.assertFalse(activity.exists())
        activity = self.env["mail.activity"].browse(self.annas.action_follow_up()["res_id"])
        activity.with_user(self.anna).action_finish("Reached")
        self.annas.action_undo()
        self.assertTrue(activity.exists())
        # the call was made, so the reason has gone
        self.assertEqual(self.recommendation.state, "expired")

    def test_several_at_once_in_the_dialogs(self):
        contract = self._make_contract()
        self._run()
        both = self.annas + self._find("third_party_contract", contract).with_user(self.anna)
        action = both.action_open_snooze()
        dialog = self.env[action["res_model"]].with_user(self.anna)
        with Form(dialog.with_context(**action["context"])) as form:
            self.assertIn("Hopfner Brewery: Test Platinum", form.names)
            form.date = self._day(4)
        form.record.action_save()
        self.assertEqual(both.mapped("state"), ["snoozed", "snoozed"])
        action = both.action_open_dismiss()
        dialog = self.env[action["res_model"]].with_user(self.anna)
        with Form(dialog.with_context(**action["context"])) as form:
            form.reason = "Both sold"
        form.record.action_save()
        self.assertEqual(both.mapped("dismiss_reason"), ["Both sold", "Both sold"])

    # ------------------------------------------------------------------
    # Who sees, who decides
    # ------------------------------------------------------------------

    def test_who_sees_them(self):
        for user in (self.anna, self.accounts, self.crm_admin):
            self.assertSees(user, self.recommendation, user.name)
        for user in (self.bert, self.manager, self.boss, self.stranger, self.other_boss):
            self.assertSeesNot(user, self.recommendation, user.name)
        with self.assertRaises(AccessError):
            self.Recommendation.with_user(self.clerk).search([])
        self._show_team(self.boss)
        self.assertSees(self.boss, self.recommendation)

    def test_whoever_may_not_see_it_cannot_decide_it(self):
        for user in (self.bert, self.stranger, self.manager, self.clerk):
            recommendation = self.recommendation.with_user(user)
            for decide in (
                recommendation.action_follow_up,
                recommendation.action_undo,
                recommendation.action_view_customer,
                recommendation.action_view_subject,
                recommendation.action_open_snooze,
                recommendation.action_win,
                lambda r=recommendation: r.action_dismiss("Mine"),
                lambda r=recommendation: r.action_snooze(self._day(3)),
                lambda r=recommendation: r.read(["reason"]),
            ):
                with self.assertRaises(AccessError) as refused:
                    decide()
                self.assertNotIn("Hopfner", str(refused.exception))
        self.assertEqual(self.recommendation.state, "open")

    def test_groups_and_counts_tell_others_nothing(self):
        domain = [("id", "=", self.recommendation.id)]
        for user in (self.bert, self.stranger, self.manager):
            model = self.Recommendation.with_user(user)
            self.assertEqual(model.search_count(domain), 0)
            self.assertFalse(model.formatted_read_group(domain, ["customer_id"], ["__count"]))
            self.assertFalse(model.name_search("Hopfner"))
        self.assertEqual(self.customer_anna.with_user(self.anna).recommendation_count, 1)

    def test_a_linked_colleague_decides_for_the_customer(self):
        self.customer_anna.salesman_ids = [Command.link(self.employees[self.bert].id)]
        self.recommendation.with_user(self.bert).action_dismiss("I met him")
        self.assertEqual(self.recommendation.state, "dismissed")

    def test_managers_who_only_look_and_accounts_decide_nothing(self):
        self._show_team(self.manager)
        self.env.company.managers_edit_team = False
        for user in (self.manager, self.accounts):
            self.assertSees(user, self.recommendation)
            with self.assertRaises(AccessError):
                self.recommendation.with_user(user).action_dismiss("No")
        self.env.company.managers_edit_team = True
        self.recommendation.with_user(self.manager).action_dismiss("No")

    def test_nobody_writes_them_directly(self):
        for user in (self.anna, self.crm_admin):
            recommendation = self.recommendation.with_user(user)
            for vals in ({"state": "dismissed"}, {"due_date": "2030-01-01"}, {"owner_key": 5}):
                with self.assertRaises(UserError):
                    recommendation.write(vals)
            with self.assertRaises(AccessError):
                recommendation.unlink()
            with self.assertRaises(AccessError):
                recommendation.copy()

    def test_one_per_kind_subject_and_period(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.recommendation.copy()

    def test_a_kind_is_deleted_with_its_recommendations(self):
        contact = self._make_contact(1)
        self._run()
        birthday = self._find("birthday", contact)
        self.assertTrue(birthday)
        # as the app does that brought it, when it is uninstalled; nobody else may
        birthday.kind_id.unlink()
        self.assertFalse(birthday.exists())
        self.assertTrue(self.recommendation.exists())

    def test_mine_are_those_of_whom_i_stand_in_for_too(self):
        self.env["sales.delegation"].create(
            {
                "employee_id": self.employees[self.anna].id,
                "delegate_id": self.employees[self.stranger].id,
                "date_from": self._day(-1),
                "date_to": self._day(1),
            }
        )
        self._show_team(self.manager)
        for user, mine in ((self.anna, True), (self.stranger, True), (self.manager, False)):
            found = self._visible(user, "sales.recommendation", [("is_mine", "=", True)])
            self.assertEqual(self.recommendation in found, mine, user.name)
            self.assertEqual(self.recommendation.with_user(user).is_mine, mine, user.name)

    def test_another_companys_quote_is_no_news(self):
        company = self.env["res.company"].create({"name": "Second"})
        quote = self._make_quote(company_id=company.id)
        self._run()
        recommendation = self._find("quote_expiry", quote)
        self.assertEqual(recommendation.company_id, company)
        self.assertSeesNot(self.anna, recommendation)
        self.anna.company_ids |= company
        model = self.Recommendation.with_user(self.anna).with_context(
            allowed_company_ids=[self.env.company.id, company.id]
        )
        self.assertIn(recommendation, model.search([]).with_env(self.env))

    def test_they_move_along_in_a_hand_over(self):
        contact = self._make_contact(1)
        self.customer_anna.salesman_ids = [Command.link(self.employees[self.stranger].id)]
        self._run()
        birthdays = self._find("birthday", contact)
        annas = birthdays.filtered(lambda each: each.employee_id == self.employees[self.anna])
        self.env["customer.handover"].with_user(self.crm_admin)._start(
            self.employees[self.anna], self.employees[self.bert]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.recommendation.employee_id, self.employees[self.bert])
        self.assertEqual(annas.employee_id, self.employees[self.bert])
        self.assertEqual(annas.state, "open")
        self.assertSees(self.bert, annas)
        self.assertSeesNot(self.anna, annas)
        self._run()
        self.assertEqual(self._find("birthday", contact), birthdays)

    def test_a_successor_who_has_the_birthday_gets_no_second_one(self):
        contact = self._make_contact(1)
        self.customer_anna.salesman_ids = [Command.link(self.employees[self.bert].id)]
        self._run()
        self.env["customer.handover"].with_user(self.crm_admin)._start(
            self.employees[self.anna], self.employees[self.bert]
        )
        self._run()
        birthdays = self._find("birthday", contact)
        self.assertEqual(sorted(birthdays.mapped("state")), ["expired", "open"])
