from ast import literal_eval
from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..models.customer_rank_call_mixin import RANK_CALL_FIELDS
from .common import SalesCrmCommon

CALL, MEETING = "mail.mail_activity_data_call", "mail.mail_activity_data_meeting"
EMAIL, TODO = "mail.mail_activity_data_email", "mail.mail_activity_data_todo"
INSPECTION = "sales_crm_cases.activity_type_inspection"


class RankCallCommon(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the day of those who plan: other users have other time zones
        cls.today = fields.Date.context_today(cls.env["mail.activity"].with_user(cls.anna))
        cls.gold, cls.silver = cls.env["customer.rank"].create(
            [
                {"name": "Test Gold", "call_cycle_days": 30},
                {"name": "Test Silver", "call_cycle_days": 60},
            ]
        )
        cls.customer = cls.customer_anna
        cls.customer.rank_id = cls.gold
        cls.created = cls.customer.create_date.date()
        cls.case = cls._make_case(cls.customer)

    @classmethod
    def _make_case(cls, customer, name="Ovens"):
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": cls.anna.id,
            }
        )

    @classmethod
    def _prepare_activity(cls, document, kind, day, user):
        return {
            "res_model_id": cls.env["ir.model"]._get_id(document._name),
            "res_id": document.id,
            "user_id": user.id,
            "activity_type_id": cls.env.ref(kind).id,
            "summary": "Rank call",
            "date_deadline": day,
        }

    @classmethod
    def _plan(cls, document, day=None, kind=CALL, user=None):
        user = user or cls.anna
        vals = cls._prepare_activity(document, kind, day or cls.today, user)
        return cls.env["mail.activity"].with_user(user).create(vals)

    @classmethod
    def _log(cls, document, day=None, kind=CALL, user=None):
        """A finished activity, as the user makes it on that day."""
        day = day or cls.today
        with freeze_time(f"{day} 12:00:00"):
            activity = cls._plan(document, day, kind, user)
            activity.action_finish("Reached him")
            activity.flush_recordset()  # the day is the one of the computation
        return activity

    def _days(self, days):
        return self.today + timedelta(days=days)

    def assertDates(self, customer, last=False, planned=False, following=False):
        """At once, and when everything is written."""
        expected = (last, planned, following)
        customer = customer.with_env(self.env)
        found = tuple(customer[name] for name in RANK_CALL_FIELDS)
        self.assertEqual(found, expected)
        self.env.flush_all()
        self.env.invalidate_all()
        found = tuple(customer[name] for name in RANK_CALL_FIELDS)
        self.assertEqual(found, expected, "after flush")


@tagged("post_install", "-at_install")
class TestRankCalls(RankCallCommon):
    """Last contact, planned and next call of a customer (R6, K7)."""

    # ------------------------------------------------------------------
    # The last contact
    # ------------------------------------------------------------------

    def test_never_contacted_counts_from_the_day_it_was_created(self):
        self.assertDates(self.customer, following=self.created + timedelta(30))

    def test_calls_and_visits_count_mails_and_tasks_do_not(self):
        for kind, counts in (
            (CALL, True),
            (MEETING, True),
            (INSPECTION, True),
            (EMAIL, False),
            (TODO, False),
        ):
            with self.subTest(kind):
                customer = self._make_customer(f"Of {kind}", self.anna, rank_id=self.gold.id)
                self._log(customer, date(2026, 3, 10), kind)
                if counts:
                    self.assertDates(customer, date(2026, 3, 10), following=date(2026, 4, 9))
                else:
                    self.assertDates(customer, following=self.created + timedelta(30))

    def test_it_counts_whoever_did_it_on_whatever_of_the_customer(self):
        self.env["customer.salesman"].create(
            {"customer_id": self.customer.id, "employee_id": self.employees[self.bert].id}
        )
        contact = self.env["res.partner"].create({"name": "Eva", "parent_id": self.customer.id})
        order = self.env["sale.order"].create({"partner_id": contact.id})
        invoice = self.env["account.move"].create(
            {"partner_id": contact.id, "move_type": "out_invoice"}
        )
        day = date(2026, 1, 1)
        for document, user in (
            (self.customer, self.anna),
            (contact, self.bert),
            (self.case, self.bert),
            (order, self.anna),
            (invoice, self.accounts),
        ):
            with self.subTest(document._name):
                self._log(document, day, user=user)
                self.assertDates(self.customer, day, following=day + timedelta(30))
            day += timedelta(days=7)

    def test_the_latest_counts(self):
        self._log(self.customer, date(2026, 3, 10))
        self._log(self.customer, date(2026, 2, 1))
        self.assertDates(self.customer, date(2026, 3, 10), following=date(2026, 4, 9))

    def test_days_are_plain_arithmetic(self):
        for day, cycle, following in (
            (date(2028, 1, 30), 30, date(2028, 2, 29)),
            (date(2027, 1, 30), 30, date(2027, 3, 1)),
            (date(2028, 2, 29), 365, date(2029, 2, 28)),
            (date(2027, 8, 31), 30, date(2027, 9, 30)),
            (date(2027, 12, 31), 1, date(2028, 1, 1)),
        ):
            with self.subTest(day=day, cycle=cycle):
                customer = self._make_customer("Calendar", self.anna, rank_id=self.gold.id)
                self._log(customer, day)
                self.gold.call_cycle_days = cycle
                self.assertDates(customer, day, following=following)

    def test_the_day_is_the_one_that_odoo_stores(self):
        with freeze_time("2026-03-10 23:30:00"):
            call = self._plan(self.customer, date(2026, 3, 11))
            call.with_context(tz="Europe/Brussels").action_finish("Late")
            call.flush_recordset()
        self.assertDates(self.customer, call.date_done, following=call.date_done + timedelta(30))

    def test_a_done_call_that_is_opened_again_is_none(self):
        call = self._log(self.customer)
        call.sudo().action_unarchive()
        self.assertDates(self.customer, planned=self.today, following=self.created + timedelta(30))

    def test_a_call_in_the_chatter_of_odoo_counts(self):
        call = self._plan(self.customer)
        call.action_feedback("Fine")
        self.assertDates(self.customer, call.date_done, following=call.date_done + timedelta(30))

    # ------------------------------------------------------------------
    # The planned call
    # ------------------------------------------------------------------

    def test_the_earliest_planned_call_shows(self):
        following = self.created + timedelta(30)
        late = self._plan(self.case, self._days(9))
        self.assertDates(self.customer, planned=self._days(9), following=following)
        early = self._plan(self.customer, self._days(2), MEETING)
        self._plan(self.customer, self._days(1), EMAIL)
        self.assertDates(self.customer, planned=self._days(2), following=following)
        early.action_reschedule(self._days(12), "Later")
        self.assertDates(self.customer, planned=self._days(9), following=following)
        late.action_cancel()
        self.assertDates(self.customer, planned=self._days(12), following=following)
        early.action_finish("Done")
        self.assertDates(self.customer, early.date_done, following=early.date_done + timedelta(30))

    def test_an_overdue_call_is_planned(self):
        with freeze_time(f"{self._days(-5)} 12:00:00"):
            self._plan(self.customer, self._days(-3))
        self.assertDates(
            self.customer, planned=self._days(-3), following=self.created + timedelta(30)
        )

    def test_next_action_logs_one_and_plans_the_other(self):
        call = self._plan(self.case)
        following = call.action_next({"outcome": "Fine", "date_deadline": self._days(20)})
        self.assertTrue(following)
        self.assertDates(
            self.customer, call.date_done, self._days(20), call.date_done + timedelta(30)
        )

    def test_another_type(self):
        call = self._plan(self.customer, self._days(2))
        call.activity_type_id = self.env.ref(TODO)
        self.assertDates(self.customer, following=self.created + timedelta(30))
        call.activity_type_id = self.env.ref(MEETING)
        self.assertDates(
            self.customer, planned=self._days(2), following=self.created + timedelta(30)
        )

    def test_a_deleted_meeting_takes_its_activity_along(self):
        self.customer.flush_recordset()
        event = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": f"{self._days(4)} 10:00:00",
                "stop": f"{self._days(4)} 11:00:00",
                "user_id": self.anna.id,
            }
        )
        call = self._plan(self.customer, self._days(4), MEETING)
        call.sudo().calendar_event_id = event
        self.assertEqual(self.customer.planned_call_date, self._days(4))
        event.with_user(self.anna).unlink()
        self.assertFalse(call.exists())
        self.assertDates(self.customer, following=self.created + timedelta(30))

    # ------------------------------------------------------------------
    # Another customer
    # ------------------------------------------------------------------

    def test_an_activity_moves_to_another_document(self):
        other = self._make_customer("Other", self.anna, rank_id=self.silver.id)
        call = self._plan(self.customer, self._days(2))
        self.assertEqual(self.customer.planned_call_date, self._days(2))
        call.res_id = other.id
        self.assertDates(self.customer, following=self.created + timedelta(30))
        self.assertDates(other, planned=self._days(2), following=self.created + timedelta(60))

    def test_the_customer_of_a_document_changes(self):
        other = self._make_customer("Other", self.anna, rank_id=self.silver.id)
        self._log(self.case, date(2026, 3, 10))
        self._plan(self.case, self._days(2))
        self.assertEqual(self.customer.last_contact_date, date(2026, 3, 10))
        self.case.partner_id = other
        self.env.flush_all()
        self.assertDates(self.customer, following=self.created + timedelta(30))
        self.assertDates(other, date(2026, 3, 10), self._days(2), date(2026, 5, 9))

    def test_a_customer_that_becomes_a_contact(self):
        person = self._make_customer(
            "Person", self.anna, status="new", is_company=False, rank_id=self.silver.id
        )
        self._log(person, date(2026, 3, 10))
        self.assertDates(person, date(2026, 3, 10), following=date(2026, 5, 9))
        person.parent_id = self.customer
        self.env.flush_all()
        self.assertDates(person)
        self.assertDates(self.customer, date(2026, 3, 10), following=date(2026, 4, 9))

    def test_a_partner_that_becomes_a_customer(self):
        partner = self.env["res.partner"].create(
            {"name": "Not yet", "is_company": True, "rank_id": self.silver.id}
        )
        with freeze_time("2026-03-10 12:00:00"):
            call = self._plan(partner, date(2026, 3, 10), user=self.crm_admin)
            call.action_feedback("Interested")
            call.flush_recordset()
        self.assertDates(partner)
        partner.approval_status = "new"
        self.env.flush_all()
        self.assertDates(partner, date(2026, 3, 10), following=date(2026, 5, 9))

    def _merge(self, twin):
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [twin.id, self.customer.id], self.customer
        )
        self.assertFalse(twin.exists())

    def test_a_merged_customer_brings_its_calls(self):
        twin = self._make_customer("Hopfner Brewery Ltd", self.anna, rank_id=self.silver.id)
        call = self._log(twin, date(2026, 3, 10))
        self._plan(twin, self._days(3))
        self._log(self.customer, date(2026, 2, 1))
        self._merge(twin)
        self.assertEqual(call.exists().res_id, self.customer.id)
        self.assertDates(self.customer, date(2026, 3, 10), self._days(3), date(2026, 4, 9))

    def test_a_merged_customer_brings_the_calls_of_its_cases(self):
        twin = self._make_customer("Hopfner Brewery Ltd", self.anna, rank_id=self.silver.id)
        case = self._make_case(twin)
        self._log(case, date(2026, 3, 10))
        self._plan(case, self._days(3))
        self._log(self.customer, date(2026, 2, 1))
        self._merge(twin)
        self.assertDates(self.customer, date(2026, 3, 10), self._days(3), date(2026, 4, 9))

    def test_contacts_have_no_dates(self):
        contact = self.env["res.partner"].create(
            {"name": "Eva", "parent_id": self.customer.id, "rank_id": self.gold.id}
        )
        self._log(contact)
        self.assertDates(contact)

    # ------------------------------------------------------------------
    # Rank and cycle
    # ------------------------------------------------------------------

    def test_another_rank_and_none(self):
        self._log(self.customer, date(2026, 3, 10))
        self.customer.with_user(self.anna).rank_id = self.silver
        self.assertDates(self.customer, date(2026, 3, 10), following=date(2026, 5, 9))
        self.customer.with_user(self.anna).rank_id = False
        self.assertDates(self.customer, date(2026, 3, 10))

    def test_the_form_shows_the_date_of_the_chosen_rank(self):
        self._log(self.customer, date(2026, 3, 10))
        with Form(self.customer.with_user(self.anna), view="base.view_partner_form") as form:
            form.rank_id = self.silver
            self.assertEqual(form.next_call_date, date(2026, 5, 9))
            form.rank_id = self.env["customer.rank"]
            self.assertFalse(form.next_call_date)
            form.rank_id = self.silver
        self.assertDates(self.customer, date(2026, 3, 10), following=date(2026, 5, 9))

    def test_an_edited_cycle_counts_for_all_customers_at_once(self):
        never = self._make_customer("Never", self.anna, rank_id=self.gold.id)
        archived = self._make_customer("Archived", self.anna, rank_id=self.gold.id, active=False)
        other = self._make_customer("Other", self.anna, rank_id=self.silver.id)
        self._log(self.customer, date(2026, 3, 10))
        self.gold.with_user(self.crm_admin).call_cycle_days = 10
        self.assertDates(self.customer, date(2026, 3, 10), following=date(2026, 3, 20))
        self.assertDates(never, following=self.created + timedelta(10))
        self.assertDates(archived, following=self.created + timedelta(10))
        self.assertDates(other, following=self.created + timedelta(60))

    @mute_logger("odoo.sql_db")
    def test_a_cycle_is_between_a_day_and_ten_years(self):
        for days in (0, 3651, 2**31 - 1):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.gold.with_user(self.crm_admin).call_cycle_days = days
        self.gold.call_cycle_days = 3650
        self.assertDates(self.customer, following=self.created + timedelta(3650))

    def test_a_rank_that_is_deleted(self):
        self._log(self.customer, date(2026, 3, 10))
        self.gold.with_user(self.crm_admin).unlink()
        self.assertDates(self.customer, date(2026, 3, 10))
        self.assertFalse(self.customer.rank_id)

    def test_nobody_else_deletes_a_rank(self):
        for user in (self.anna, self.accounts, self.clerk):
            with self.assertRaises(AccessError):
                self.gold.with_user(user).unlink()
        self.assertTrue(self.customer.next_call_date)

    # ------------------------------------------------------------------
    # Kinds of activity
    # ------------------------------------------------------------------

    def test_what_is_a_contact_follows_the_category_and_can_be_changed(self):
        kind = self.env["mail.activity.type"].create({"name": "Video call"})
        self.assertFalse(kind.counts_as_contact)
        kind.category = "phonecall"
        self.assertTrue(kind.counts_as_contact)
        kind.counts_as_contact = False
        self.assertFalse(kind.counts_as_contact)
        visit = self.env["mail.activity.type"].create({"name": "V", "counts_as_contact": True})
        self.assertTrue(visit.counts_as_contact)

    def test_the_shipped_inspection_counts_also_where_it_was_before(self):
        inspection = self.env.ref(INSPECTION)
        self.assertTrue(inspection.counts_as_contact)
        inspection.counts_as_contact = False
        self.env.add_to_compute(inspection._fields["counts_as_contact"], inspection)
        self.assertTrue(inspection.counts_as_contact)

    def test_a_changed_kind_counts_for_all_customers_at_once(self):
        archived = self._make_customer("Archived", self.anna, rank_id=self.silver.id)
        self._log(archived, date(2026, 3, 11), TODO)
        archived.active = False
        self._log(self.customer, date(2026, 3, 10), TODO)
        self._plan(self.customer, self._days(2), TODO)
        kind = self.env.ref(TODO).with_user(self.crm_admin)
        kind.counts_as_contact = True
        self.assertDates(self.customer, date(2026, 3, 10), self._days(2), date(2026, 4, 9))
        self.assertDates(archived, date(2026, 3, 11), following=date(2026, 5, 10))
        kind.counts_as_contact = False
        self.assertDates(self.customer, following=self.created + timedelta(30))

    # ------------------------------------------------------------------
    # What it costs, and what it leaves alone
    # ------------------------------------------------------------------

    def _read_rows(self, customers):
        """Where the rows lie: another place after each write."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, ctid::text FROM res_partner WHERE id = ANY(%s)", [customers.ids]
        )
        return dict(self.env.cr.fetchall())

    def test_only_rows_that_differ_are_written(self):
        other = self._make_customer("Other", self.anna, rank_id=self.silver.id)
        both = self.customer + other
        self._log(self.customer, date(2026, 3, 10))
        before = self._read_rows(both)
        self.assertFalse(self.env["res.partner"]._sync_rank_calls())
        self.gold.call_cycle_days = 30
        self.assertEqual(self._read_rows(both), before)
        self.gold.call_cycle_days = 31
        after = self._read_rows(both)
        self.assertNotEqual(after[self.customer.id], before[self.customer.id])
        self.assertEqual(after[other.id], before[other.id])
        self.env.ref(EMAIL).counts_as_contact = True
        self.assertEqual(self._read_rows(both), after)

    def test_who_wrote_the_customer_last_is_not_the_caller(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = '2026-01-01', write_uid = %s WHERE id = %s",
            [self.bert.id, self.customer.id],
        )
        self.env.invalidate_all()
        self._log(self.customer)
        self.gold.call_cycle_days = 31
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.customer.last_contact_date)
        self.assertEqual(self.customer.write_uid, self.bert)
        self.assertEqual(fields.Date.to_date(self.customer.write_date), date(2026, 1, 1))

    def test_a_cycle_takes_as_many_queries_for_thirty_customers_as_for_three(self):
        def edit():
            self.gold.call_cycle_days += 1
            self.env.flush_all()

        self._make_many(3)
        edit()
        few = self._measure_queries(edit)
        many = self._make_many(27)
        self.assertEqual(self._measure_queries(edit), few)
        self.assertEqual(
            set(many.mapped("next_call_date")),
            {self.created + timedelta(self.gold.call_cycle_days)},
        )

    def test_activities_in_bulk_take_one_query_for_the_dates(self):
        """Of any number of customers."""
        customers = self._make_many(30)

        def count(some):
            activities = self.env["mail.activity"].create(
                [self._prepare_activity(customer, CALL, self.today, self.anna) for customer in some]
            )
            activities.flush_recordset()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(some.mapped("planned_call_date")), {self.today})
            return self.env.cr.sql_log_count - before

        few, many = count(customers[:3]), count(customers)
        self.assertEqual(few, many)
        self.assertLessEqual(
            many, 3, "the update, its recommendations, and the fetch of what was asked for"
        )

    def _make_many(self, count):
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Many {number}",
                    "is_company": True,
                    "approval_status": "active",
                    "rank_id": self.gold.id,
                }
                for number in range(count)
            ]
        )

    def test_what_went_astray_is_put_right(self):
        self._log(self.customer, date(2026, 3, 10))
        self._plan(self.customer, self._days(2))
        contact = self.env["res.partner"].create({"name": "Eva", "parent_id": self.customer.id})
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE res_partner SET last_contact_date = NULL, planned_call_date = '2020-01-01',
                                   next_call_date = '2020-01-01' WHERE id = ANY(%s)
            """,
            [(self.customer + contact).ids],
        )
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.env.ref("sales_crm_cases.ir_cron_rank_calls").method_direct_trigger()
        self.assertDates(self.customer, date(2026, 3, 10), self._days(2), date(2026, 4, 9))
        self.assertDates(contact)

    # ------------------------------------------------------------------
    # Nobody writes them
    # ------------------------------------------------------------------

    def test_the_dates_cannot_be_set(self):
        wanted = dict.fromkeys(RANK_CALL_FIELDS, "2020-01-01")
        following = self.created + timedelta(30)
        for user in (self.anna, self.crm_admin, self.accounts):
            self.customer.with_user(user).write(wanted)
            self.assertDates(self.customer, following=following)
        typed = (
            self.env["res.partner"]
            .with_user(self.anna)
            .create({"name": "Typed", "is_company": True, "rank_id": self.gold.id, **wanted})
        )
        self.assertDates(typed, following=following)
        imported = (
            self.env["res.partner"]
            .with_user(self.crm_admin)
            .load(["name", "approval_status", "next_call_date"], [["Loaded", "new", "2020-01-01"]])
        )
        self.assertDates(self.env["res.partner"].browse(imported["ids"]))

    @mute_logger("odoo.models")
    def test_nobody_reaches_the_activities_by_the_customer(self):
        line = [(0, 0, {"summary": "x"})]
        for user in (self.anna, self.crm_admin):
            customer = self.customer.with_user(user)
            for act in (
                lambda customer=customer: customer.read(["customer_activity_ids"]),
                lambda customer=customer: customer.write({"customer_activity_ids": line}),
                lambda customer=customer: customer.search(
                    [("customer_activity_ids.summary", "ilike", "x")]
                ),
            ):
                with self.assertRaises(AccessError):
                    act()

    def test_who_sees_the_customer_reads_them(self):
        self._log(self.customer, date(2026, 3, 10))
        for user in (self.anna, self.crm_admin, self.accounts, self.clerk):
            customer = self.customer.with_user(user)
            self.assertEqual(customer.next_call_date, date(2026, 4, 9))
        for user in (self.bert, self.stranger, self.manager):
            with self.assertRaises(AccessError):
                self.customer.with_user(user).read(RANK_CALL_FIELDS)

    # ------------------------------------------------------------------
    # Plan a call
    # ------------------------------------------------------------------

    def _open_dialog(self, customer, user):
        action = customer.with_user(user).action_plan_call()
        wizard = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
        return Form(wizard)

    def _get_planned(self, customer):
        return self.env["mail.activity"].search([("customer_id", "=", customer.id)])

    def test_a_call_is_planned_without_a_case(self):
        contact = self.env["res.partner"].create(
            {"name": "Eva", "parent_id": self.customer.id, "receives_sales_calls": True}
        )
        form = self._open_dialog(self.customer, self.anna)
        self.assertEqual(form.customer_id, self.customer)
        self.assertEqual(form.contact_id, contact)
        self.assertFalse(form.case_id)
        self.assertEqual(form.activity_type_id, self.env.ref(CALL))
        form.date_deadline = self._days(1)
        form.save().action_save()
        call = self._get_planned(self.customer)
        self.assertEqual((call.res_model, call.res_id), ("res.partner", self.customer.id))
        self.assertEqual(call.user_id, self.anna)
        self.assertEqual(call.contact_id, contact)
        self.assertDates(
            self.customer, planned=self._days(1), following=self.created + timedelta(30)
        )

    def test_a_call_is_planned_with_another_contact_and_on_a_case(self):
        other = self.env["res.partner"].create(
            [
                {"name": "Eva", "parent_id": self.customer.id, "receives_sales_calls": True},
                {"name": "Zoe", "parent_id": self.customer.id},
            ]
        )[1]
        form = self._open_dialog(self.customer, self.anna)
        form.contact_id = other
        form.save().action_save()
        call = self._get_planned(self.customer)
        self.assertEqual((call.res_model, call.res_id), ("res.partner", other.id))
        self.assertEqual(call.contact_id, other)
        form = self._open_dialog(self.customer, self.anna)
        form.case_id = self.case
        form.save().action_save()
        self.assertEqual((self._get_planned(self.customer) - call).case_id, self.case)

    def test_what_the_dialog_refuses(self):
        other = self._make_customer("Other", self.anna)
        foreign = self.env["res.partner"].create({"name": "Nobody's", "parent_id": other.id})
        case = self._make_case(other)
        values = {"mode": "call", "customer_id": self.customer.id}
        for wrong in (
            {"contact_id": foreign.id},
            {"case_id": case.id},
            {"date_deadline": self._days(-1)},
            {"date_deadline": False},
            {"activity_type_id": False},
            {"customer_id": False},
        ):
            with self.subTest(wrong), self.assertRaises(UserError):
                wizard = self.env["crm.entry.wizard"].with_user(self.anna)
                wizard.create({**values, **wrong}).action_save()
        self.assertFalse(self._get_planned(self.customer))

    def test_who_may_not_change_the_customer_plans_nothing(self):
        self._show_team(self.manager)
        self.env.company.managers_edit_team = False
        self.assertFalse(self.customer.with_user(self.manager).crm_editable)
        with self.assertRaises(AccessError):
            self._open_dialog(self.customer, self.manager).save().action_save()
        self.env.company.managers_edit_team = True
        self._open_dialog(self.customer, self.manager).save().action_save()
        self.assertEqual(self._get_planned(self.customer).user_id, self.manager)
        for user in (self.bert, self.stranger):
            with self.assertRaises(AccessError):
                self.customer.with_user(user).action_plan_call()
            with self.assertRaises(AccessError):
                self.env["crm.entry.wizard"].with_user(user).create(
                    {"mode": "call", "customer_id": self.customer.id}
                )


@tagged("post_install", "-at_install")
class TestRankCallPlan(RankCallCommon):
    """The list of who is to be called (R6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.overdue = cls.customer
        cls._log(cls.overdue, cls.today - timedelta(40))
        cls.due = cls._make_customer("Due", cls.anna, rank_id=cls.gold.id)
        cls._log(cls.due, cls.today - timedelta(30))
        cls.later = cls._make_customer("Later", cls.anna, rank_id=cls.gold.id)
        cls._log(cls.later, cls.today - timedelta(1))
        cls.planned = cls._make_customer("Planned", cls.anna, rank_id=cls.gold.id)
        cls._log(cls.planned, cls.today - timedelta(50))
        cls._plan(cls.planned, cls.today + timedelta(1))
        cls.unranked = cls._make_customer("Unranked", cls.anna)
        cls.colleagues = cls.customer_bert
        cls.colleagues.rank_id = cls.gold
        cls.foreign = cls.customer_stranger
        cls.foreign.rank_id = cls.gold
        cls.all = cls.overdue + cls.due + cls.later + cls.planned + cls.colleagues + cls.foreign
        cls.action = cls.env.ref("sales_crm_cases.customer_rank_call_action")
        cls.domain = Domain(literal_eval(cls.action.domain))

    def _list(self, user, domain=Domain.TRUE, order="next_call_date, id"):
        partners = self.env["res.partner"].with_user(user).with_context(tz=user.tz)
        found = partners.search(self.domain & Domain(domain), order=order)
        return found.with_env(self.env) & self.all

    def _get_filter(self, name, user):
        arch = etree.fromstring(self.action.search_view_id.arch)
        [node] = arch.xpath(f"//filter[@name='{name}']")
        return literal_eval(node.get("domain").replace("uid", str(user.id)))

    def test_the_most_urgent_first(self):
        arch = etree.fromstring(
            self.env["res.partner"].get_view(
                self.env.ref("sales_crm_cases.customer_rank_call_view_list").id, "list"
            )["arch"]
        )
        found = self._list(self.anna, order=arch.get("default_order"))
        self.assertEqual(found.ids, (self.planned + self.overdue + self.due + self.later).ids)

    def test_everybody_sees_his_customers_and_no_others(self):
        self.assertEqual(self._list(self.bert), self.colleagues)
        self.assertEqual(self._list(self.stranger), self.foreign)
        self.assertFalse(self._list(self.other_boss))
        self.assertFalse(self._list(self.manager))
        self._show_team(self.manager)
        self.assertEqual(self._list(self.manager), self.all - self.foreign)
        for user in (self.accounts, self.crm_admin):
            self.assertEqual(self._list(user), self.all)

    def test_an_unlinked_salesman_learns_nothing_by_totals(self):
        partners = self.env["res.partner"].with_user(self.other_boss)
        domain = self.domain & Domain("id", "in", self.all.ids)
        self.assertEqual(partners.search_count(domain), 0)
        for groupby in ("rank_id", "main_salesman_id", "next_call_date:month"):
            self.assertFalse(partners.formatted_read_group(domain, [groupby], ["__count"]))
        [total] = partners.formatted_read_group(
            domain, [], ["next_call_date:max", "last_contact_date:min", "__count"]
        )
        self.assertEqual(total["__count"], 0)
        self.assertFalse(total["next_call_date:max"] or total["last_contact_date:min"])
        condition = [("id", "=", self.foreign.id), ("next_call_date", ">", "2000-01-01")]
        self.assertFalse(partners.search(condition))

    def test_filters(self):
        for name, expected in (
            ("filter_due", self.overdue + self.due),
            ("filter_overdue", self.overdue),
            ("filter_planned", self.planned),
            ("filter_not_planned", self.overdue + self.due + self.later),
            ("filter_main", self.overdue + self.due + self.later + self.planned),
            ("filter_no_call_contact", self.overdue + self.due + self.later + self.planned),
            ("filter_never", self.env["res.partner"]),
        ):
            with self.subTest(name):
                found = self._list(self.anna, self._get_filter(name, self.anna))
                self.assertEqual(set(found.ids), set(expected.ids))

    def test_this_week(self):
        week = self._get_filter("filter_week", self.anna)
        for days, is_in in ((0, True), (-7, False), (7, False)):
            following = self.today + timedelta(days)
            self.gold.call_cycle_days = (following - self.overdue.last_contact_date).days
            self.assertEqual(self.overdue.next_call_date, following)
            self.assertEqual(self.overdue in self._list(self.anna, week), is_in, following)

    def test_my_customers_of_a_manager_are_his_own(self):
        self._show_team(self.manager)
        own = self._make_customer("Own", self.manager, rank_id=self.gold.id)
        type(self).all |= own
        found = self._list(self.manager, self._get_filter("filter_main", self.manager))
        self.assertEqual(found, own)

    def test_the_customers_list_finds_who_is_due(self):
        arch = etree.fromstring(self.env.ref("sales_crm_cases.res_partner_view_search").arch)
        [node] = arch.xpath("//filter[@name='filter_call_due']")
        found = self._visible(self.anna, domain=literal_eval(node.get("domain"))) & self.all
        self.assertEqual(found, self.overdue + self.due)

    def test_without_a_call_contact_the_list_says_so(self):
        self.env["res.partner"].create(
            {
                "name": "Eva",
                "parent_id": self.due.id,
                "receives_sales_calls": True,
                "phone": "+32 2 555 01 01",
            }
        )
        [none, eva] = (
            (self.overdue + self.due)
            .with_user(self.anna)
            .read(["call_contact_label", "call_contact_phone", "has_call_contact"])
        )
        self.assertEqual(none["call_contact_label"], "No call contact")
        self.assertFalse(none["call_contact_phone"] or none["has_call_contact"])
        self.assertEqual(eva["call_contact_label"], "Eva")
        self.assertEqual(eva["call_contact_phone"], "+32 2 555 01 01")

    def test_the_menu_is_for_salesmen(self):
        menu = self.env.ref("sales_crm_cases.customer_rank_call_menu")
        for user, sees in ((self.anna, True), (self.crm_admin, True), (self.clerk, False)):
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(menu.id in visible, sees, user.name)

    def test_views_open_for_everybody(self):
        for user in (self.anna, self.manager, self.crm_admin):
            views = (
                self.env["res.partner"]
                .with_user(user)
                .get_views([(view.view_id.id, view.view_mode) for view in self.action.view_ids])
            )
            self.assertEqual(set(views["views"]), {"list", "calendar", "form"})


@tagged("post_install", "-at_install")
class TestRankCallTour(RankCallCommon, HttpCase):
    def test_rank_calls(self):
        self.customer.name = "Own Customer"
        self._log(self.customer, self.today - timedelta(40))
        self.start_tour("/odoo", "sales_crm_rank_calls", login=self.anna.login, timeout=300)
        self.assertEqual(self.customer.planned_call_date, self.today)
        call = self.env["mail.activity"].search([("customer_id", "=", self.customer.id)])
        self.assertEqual(call.summary, "Ask about the ovens")
