from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .common import SalesCrmCommon

FIRST, LAST = date(2031, 7, 7), date(2031, 7, 18)


@tagged("post_install", "-at_install")
class TestSalesDelegation(SalesCrmCommon):
    """Anna is on holiday and Bert stands in (V9). No job runs in these tests: the date alone
    decides."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2031-07-01 12:00:00"))

    def _delegate(self, user=None, delegator=None, delegate=None, **values):
        return (
            self.env["sales.delegation"]
            .with_user(user or self.anna)
            .create(
                {
                    "employee_id": self.employees[delegator or self.anna].id,
                    "delegate_id": self.employees[delegate or self.bert].id,
                    "date_from": FIRST,
                    "date_to": LAST,
                    **values,
                }
            )
        )

    def _on(self, moment):
        """The same transaction at another time."""
        self.env.flush_all()
        self.env.invalidate_all()
        return freeze_time(moment)

    def assertSeesOn(self, moment, user, record):
        with self._on(moment):
            self.assertSees(user, record, moment)

    def assertSeesNotOn(self, moment, user, record):
        with self._on(moment):
            self.assertSeesNot(user, record, moment)

    # ------------------------------------------------------------------
    # Sight
    # ------------------------------------------------------------------

    def test_callers_do_not_choose_the_day(self):
        """The time zone of the request is the caller's; the day is the user's own."""
        self._delegate()
        for moment, tz in (
            ("2031-07-06 12:00:00", "Pacific/Kiritimati"),
            ("2031-07-19 09:00:00", "Pacific/Pago_Pago"),
        ):
            with self._on(moment):
                forged = self.customer_anna.with_user(self.bert).with_context(tz=tz)
                self.assertFalse(forged.has_access("read"), moment)
                self.assertFalse(forged.search([("id", "=", forged.id)]), moment)

    def test_what_is_said_of_a_delegation_goes_by_the_same_day(self):
        delegation = self._delegate(date_to="2031-07-07")
        with self._on("2031-07-06 12:00:00"):
            forged = delegation.with_user(self.bert).with_context(tz="Pacific/Kiritimati")
            self.assertFalse(forged.is_in_force)
        with self._on("2031-07-08 09:00:00"), self.assertRaisesRegex(UserError, "period ended"):
            delegation.with_user(self.anna).with_context(tz="Pacific/Pago_Pago").write(
                {"date_from": "2031-07-06"}
            )

    def test_the_date_alone_opens_and_closes_sight(self):
        self._delegate()
        self.assertFalse(self.env["sales.visibility"]._get_differences())
        self.assertSeesNotOn("2031-07-06 12:00:00", self.bert, self.customer_anna)
        self.assertSeesOn("2031-07-07 12:00:00", self.bert, self.customer_anna)
        self.assertSeesOn("2031-07-18 12:00:00", self.bert, self.customer_anna)
        self.assertSeesNotOn("2031-07-19 12:00:00", self.bert, self.customer_anna)

    def test_the_day_is_that_of_the_delegates_time_zone(self):
        self._delegate()
        self._delegate(delegate=self.stranger)
        self.bert.tz = "Pacific/Auckland"  # there it is the 7th already
        self.stranger.tz = "America/Los_Angeles"
        self.assertSeesOn("2031-07-06 13:00:00", self.bert, self.customer_anna)
        self.assertSeesNotOn("2031-07-07 05:00:00", self.stranger, self.customer_anna)

    def test_the_delegate_works_the_records(self):
        self._delegate()
        case = self.env["crm.lead"].create(
            {
                "name": "Case",
                "type": "opportunity",
                "partner_id": self.customer_anna.id,
                "user_id": self.anna.id,
            }
        )
        pool = self.env["crm.lead"].create(
            {"name": "No customer yet", "type": "opportunity", "user_id": self.anna.id}
        )
        with self._on("2031-07-10"):
            self.customer_anna.with_user(self.bert).city = "Hof"
            case.with_user(self.bert).expected_revenue = 12
            self.assertSees(self.bert, pool)
            self.assertTrue(
                self.env["sale.order"]
                .with_user(self.bert)
                .create({"partner_id": self.customer_anna.id})
            )
        with self._on("2031-07-19"):
            for record in (self.customer_anna, case, pool):
                self.assertFalse(record.with_user(self.bert).has_access("write"))

    def test_the_explanation_names_the_delegation(self):
        self._delegate()
        with self._on("2031-07-10"):
            [reason] = self.customer_anna.with_user(self.bert).get_visibility_reasons()
        self.assertEqual(reason["reason"], "delegate")
        self.assertIn("You stand in for Anna", reason["text"])
        self.assertIn("07/18/2031", reason["text"])

    def test_neither_delegations_nor_the_team_are_passed_on(self):
        self._show_team(self.manager)
        self._delegate(self.crm_admin, delegator=self.manager, delegate=self.stranger)
        self._delegate()
        self._delegate(self.crm_admin, delegator=self.bert, delegate=self.stranger)
        with self._on("2031-07-10"):
            self.assertSees(self.bert, self.customer_anna)
            self.assertSees(self.stranger, self.customer_bert)
            self.assertSeesNot(self.stranger, self.customer_anna)

    def test_overlapping_delegations(self):
        self._delegate()
        later = self._delegate(date_from=date(2031, 7, 15), date_to=date(2031, 7, 30))
        self._delegate(delegate=self.stranger)
        self.assertSeesOn("2031-07-16", self.bert, self.customer_anna)
        self.assertSeesOn("2031-07-16", self.stranger, self.customer_anna)
        self.assertSeesOn("2031-07-25", self.bert, self.customer_anna)
        later.unlink()
        self.assertSeesOn("2031-07-16", self.bert, self.customer_anna)
        self.assertSeesNotOn("2031-07-25", self.bert, self.customer_anna)

    def test_changes_count_at_once(self):
        delegation = self._delegate(date_from=date(2031, 6, 30))
        self.assertSees(self.bert, self.customer_anna)
        delegation.date_from = date(2031, 7, 2)
        self.assertSeesNot(self.bert, self.customer_anna)
        delegation.write(
            {"delegate_id": self.employees[self.stranger].id, "date_from": date(2031, 7, 1)}
        )
        self.assertSees(self.stranger, self.customer_anna)
        delegation.unlink()
        self.assertSeesNot(self.stranger, self.customer_anna)
        self.assertFalse(self.env["sales.visibility"]._get_differences())

    def test_people_who_leave(self):
        self._delegate(date_from=date(2031, 6, 30))
        self.employees[self.bert].active = False
        self.assertSeesNot(self.bert, self.customer_anna, "rests while the delegate is archived")
        self.employees[self.bert].active = True
        self.employees[self.anna].active = False
        self.assertSees(self.bert, self.customer_anna, "somebody has to look after them")
        successor = self._make_user("successor", "sales_team.group_sale_salesman")
        self.employees[self.bert].user_id = successor
        self.assertSees(successor, self.customer_anna)
        self.assertSeesNot(self.bert, self.customer_anna)
        self.assertFalse(self.env["sales.visibility"]._get_differences())
        self.customer_bert.salesman_link_ids.unlink()
        with mute_logger("odoo.models.unlink"):
            self.employees[self.bert].unlink()
        self.assertFalse(self.env["sales.delegation"].search([]))
        self.assertFalse(self.env["sales.visibility"].search([("reason", "=", "delegate")]))

    def test_the_check_repairs(self):
        delegation = self._delegate()
        self.env.cr.execute("UPDATE sales_visibility SET date_to = NULL WHERE reason = 'delegate'")
        self.env.invalidate_all()
        differences = self.env["sales.visibility"]._check_and_repair()
        self.assertEqual(differences, [(self.bert.id, self.employees[self.anna].id)])
        self.assertFalse(self.env["sales.visibility"]._get_differences())
        row = self.env["sales.visibility"].search([("delegation_id", "=", delegation.id)])
        self.assertEqual(row.date_to, LAST)

    # ------------------------------------------------------------------
    # Who may, and what is refused
    # ------------------------------------------------------------------

    def test_a_salesman_decides_for_himself_only(self):
        delegation = self._delegate()
        for user, delegator in (
            (self.bert, self.anna),
            (self.anna, self.bert),
            (self.manager, self.anna),  # he hides his team
            (self.stranger, self.anna),
        ):
            with self.assertRaises(AccessError):
                self._delegate(user, delegator=delegator, delegate=self.boss)
        with self.assertRaises(AccessError):
            delegation.with_user(self.bert).date_to = date(2032, 1, 1)
        with self.assertRaises(AccessError):
            delegation.with_user(self.bert).unlink()
        with self.assertRaises(AccessError):
            self._delegate(self.clerk)
        own = self._delegate(self.bert, delegator=self.bert, delegate=self.anna)
        with self.assertRaises(AccessError):
            # to make himself the delegate of somebody else
            own.write(
                {
                    "employee_id": self.employees[self.stranger].id,
                    "delegate_id": self.employees[self.bert].id,
                }
            )

    def test_a_delegate_decides_nothing_for_the_delegator(self):
        self._delegate(date_from=date(2031, 7, 1))
        with self.assertRaises(AccessError):
            self._delegate(self.bert, delegate=self.stranger)

    def test_managers_and_administrators_decide_for_others(self):
        self._show_team(self.manager)
        self._delegate(self.manager)
        self._delegate(self.crm_admin, delegator=self.stranger)
        self.env.company.managers_edit_team = False
        with self.assertRaises(AccessError):
            self._delegate(self.manager)

    def test_who_sees_delegations(self):
        delegation = self._delegate()
        self.assertSees(self.anna, delegation)
        self.assertSees(self.bert, delegation)
        self.assertSees(self.crm_admin, delegation)
        self.assertSeesNot(self.stranger, delegation)
        self.assertSeesNot(self.manager, delegation)
        self._show_team(self.manager)
        self.assertSees(self.manager, delegation)

    def _assert_refused(self, error, message, **values):
        with self.assertRaisesRegex(error, message), self.env.cr.savepoint():
            self._delegate(**values)

    def test_refused(self):
        clerk = self.env["hr.employee"].create({"name": "Clerk", "user_id": self.clerk.id})
        userless = self.env["hr.employee"].create({"name": "Userless", "is_salesman": True})
        second = self.env["hr.employee"].create(
            {
                "name": "Anna elsewhere",
                "user_id": self.anna.id,
                "company_id": self.env["res.company"].create({"name": "Elsewhere"}).id,
            }
        )
        for delegate, message in (
            (self.employees[self.anna], "own delegate"),
            (second, "own delegate"),
            (clerk, "active salesman with a user"),
            (userless, "active salesman with a user"),
        ):
            self._assert_refused(ValidationError, message, delegate_id=delegate.id)
        with mute_logger("odoo.sql_db"):
            self._assert_refused(CheckViolation, "dates_in_order", date_to=date(2031, 7, 6))
        self._assert_refused(
            UserError, "ended on", date_from=date(2031, 6, 1), date_to=date(2031, 6, 30)
        )
        self.assertFalse(self.env["sales.delegation"].search([]))

    # ------------------------------------------------------------------
    # Form and notice
    # ------------------------------------------------------------------

    def test_form_starts_with_oneself(self):
        form = Form(self.env["sales.delegation"].with_user(self.anna))
        self.assertEqual(form.employee_id, self.employees[self.anna])
        form.delegate_id = self.employees[self.bert]
        form.date_to = LAST
        delegation = form.save()
        self.assertTrue(delegation.is_mine)
        self.assertTrue(delegation.is_in_force)

    def test_the_delegate_is_told(self):
        (self.bert | self.anna).notification_type = "inbox"
        self._delegate()
        messages = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.bert.partner_id.id)]
        )
        self.assertEqual(len(messages), 1)
        self.assertIn("Anna", messages.mail_message_id.body)
        self._delegate(self.crm_admin)
        self.assertTrue(
            self.env["mail.notification"].search(
                [("res_partner_id", "=", self.anna.partner_id.id)]
            ),
            "somebody else decided",
        )

    def test_each_is_told_in_his_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.anna.lang = "de_DE"
        (self.bert | self.anna).notification_type = "inbox"
        self._delegate(self.crm_admin)
        for user, words in (
            (self.bert, "Bert for Anna, 07/07/2031"),
            (self.anna, "Bert für Anna, 07.07.2031"),
        ):
            told = self.env["mail.notification"].search(
                [("res_partner_id", "=", user.partner_id.id)]
            )
            self.assertIn(words, told.mail_message_id.body)
