from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SalesCrmCommon


class ActivityCommon(SalesCrmCommon):
    """Anna and Bert share a customer with a case; each has an activity on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the day of those who plan: other users have other time zones
        cls.today = fields.Date.context_today(cls.env["mail.activity"].with_user(cls.anna))
        cls.shared = cls._make_customer("Shared Bakery", cls.anna, cls.bert)
        cls.case = cls._make_case("New ovens", cls.shared, cls.anna)
        cls.annas = cls._make_activity(cls.case, cls.anna, "Call about the ovens")
        cls.berts = cls._make_activity(cls.case, cls.bert, "Visit the bakery")

    @classmethod
    def _make_case(cls, name, customer, user, **values):
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": user.id,
                **values,
            }
        )

    @classmethod
    def _make_activity(cls, document, user, summary, days=3, **values):
        return cls.env["mail.activity"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id(document._name),
                "res_id": document.id,
                "user_id": user.id,
                "activity_type_id": cls.env.ref("mail.mail_activity_data_call").id,
                "summary": summary,
                "date_deadline": cls.today + timedelta(days=days),
                **values,
            }
        )

    def _plan(self, user, document, days=1, **values):
        """As the user does."""
        return (
            self.env["mail.activity"]
            .with_user(user)
            .create(
                {
                    "res_model_id": self.env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "user_id": user.id,
                    "summary": "Planned",
                    "date_deadline": self.today + timedelta(days=days),
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestActivities(ActivityCommon):
    # ------------------------------------------------------------------
    # Colleagues (V5)
    # ------------------------------------------------------------------

    def test_colleagues_activity_is_read_only(self):
        """Seen, greyed, and refused for edit, done, reschedule, cancel and delete."""
        berts = self.berts.with_user(self.anna)
        self.assertSees(self.anna, self.berts)
        self.assertFalse(berts.can_write)
        self.assertTrue(self.annas.with_user(self.anna).can_write)
        attempts = {
            "edit": lambda: berts.write({"summary": "Mine now"}),
            "take over": lambda: berts.write({"user_id": self.anna.id}),
            "done": berts.action_done,
            "feedback": lambda: berts.action_feedback("Done for you"),
            "finish": lambda: berts.action_finish("Done for you"),
            "reschedule": lambda: berts.action_reschedule(self.today + timedelta(9), "Later"),
            "native reschedule": berts.action_reschedule_tomorrow,
            "next": lambda: berts.action_next(
                {"outcome": "x", "date_deadline": self.today + timedelta(1)}
            ),
            "cancel": berts.action_cancel,
            "delete": berts.unlink,
            "archive": berts.action_archive,
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(AccessError) as caught:
                attempt()
            self.assertIn("Bert", str(caught.exception), name)
        self.assertTrue(self.berts.active)
        self.assertEqual(self.berts.summary, "Visit the bakery")
        self.assertEqual(self.berts.user_id, self.bert)

    def test_managers_edit_as_the_company_says(self):
        self._show_team(self.manager)
        self.assertTrue(self.annas.with_user(self.manager).can_write)
        self.annas.with_user(self.manager).action_reschedule(self.today + timedelta(9), "Too early")
        self.env.company.managers_edit_team = False
        self.env.invalidate_all()
        listed = self.env["mail.activity"].with_user(self.manager)
        listed = listed.search([("is_customer_activity", "=", True)])
        self.assertIn(self.berts, listed.with_env(self.env))
        self.assertFalse(self.berts.with_user(self.manager).can_write)
        with self.assertRaises(AccessError):
            self.berts.with_user(self.manager).write({"summary": "From above"})

    def test_administrators_edit_all(self):
        self.berts.with_user(self.crm_admin).summary = "By the administrator"

    def test_activity_without_owner_is_everybodys(self):
        self.berts.user_id = False
        self.berts.with_user(self.anna).user_id = self.anna
        self.assertEqual(self.berts.user_id, self.anna)

    def test_stranger_learns_nothing(self):
        self.assertSeesNot(self.stranger, self.annas)
        for method, args in (
            ("get_summary", []),
            ("action_edit", []),
            ("action_view_customer", []),
            ("action_view_case_history", []),
            ("action_open_next", []),
            ("action_reschedule", [self.today, "x"]),
            ("action_finish", ["x"]),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(self.annas.with_user(self.stranger), method)(*args)
        self.annas.with_user(self.anna).action_reschedule(self.today + timedelta(7), "Secret")
        postponements = self.env["mail.activity.postponement"]
        self.assertTrue(postponements.with_user(self.anna).search([]))
        self.assertFalse(
            postponements.with_user(self.stranger).search([("activity_id", "=", self.annas.id)])
        )

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    def test_list_is_what_the_customers_say(self):
        """The quick search agrees with Odoo's own, for every kind of user."""
        foreign = self._make_activity(
            self._make_case("Secret", self.customer_stranger, self.stranger),
            self.stranger,
            "Secret call",
        )
        on_customer = self._make_activity(self.customer_anna, self.anna, "On the customer")
        activities = self.annas | self.berts | foreign | on_customer
        expected = {
            self.anna: self.annas | self.berts | on_customer,
            self.bert: self.annas | self.berts,
            self.stranger: foreign,
            self.manager: self.browse_none(),
            self.crm_admin: activities,
        }
        for user, visible in expected.items():
            mine = self.env["mail.activity"].with_user(user)
            domain = [("is_customer_activity", "=", True), ("id", "in", activities.ids)]
            with self.subTest(user=user.login):
                self.assertEqual(mine.search(domain).with_env(self.env), visible)
                self.assertEqual(mine.search_count(domain), len(visible))
                grouped = mine._read_group(domain, ["user_id"], ["__count"])
                self.assertEqual(sum(count for _user, count in grouped), len(visible))
        self._show_team(self.manager)
        self.assertEqual(
            self.env["mail.activity"]
            .with_user(self.manager)
            .search([("is_customer_activity", "=", True), ("id", "in", activities.ids)])
            .with_env(self.env),
            self.annas | self.berts | on_customer,
        )

    def browse_none(self):
        return self.env["mail.activity"]

    def test_count_on_the_customer_is_the_list_behind_it(self):
        customer = self.shared.with_user(self.anna)
        self.assertEqual(customer.customer_activity_count, 2)
        action = customer.action_view_customer_activities()
        listed = self.env["mail.activity"].with_user(self.anna).search(action["domain"])
        self.assertEqual(listed.with_env(self.env), self.annas | self.berts)

    def test_list_respects_companies(self):
        """A case of a company in which the user does not work is not in the list."""
        other = self.env["res.company"].create({"name": "Other company"})
        self.anna.company_ids += other
        hidden = self._make_case("Abroad", self.shared, self.anna, company_id=other.id)
        activity = self._make_activity(hidden, self.anna, "Abroad")
        mine = self.env["mail.activity"].with_user(self.anna)
        domain = [("is_customer_activity", "=", True), ("id", "=", activity.id)]
        here = mine.with_context(allowed_company_ids=self.env.company.ids)
        self.assertFalse(here.search(domain))
        both = mine.with_context(allowed_company_ids=[self.env.company.id, other.id])
        self.assertEqual(both.search(domain), activity)

    def test_or_does_not_open_the_list(self):
        """The quick search is for activities of customers alone, however the domain is built."""
        foreign = self._make_activity(self.customer_stranger, self.stranger, "Secret")
        clerk = self.env["mail.activity"].with_user(self.clerk)
        for user in (self.anna, self.clerk):
            mine = self.env["mail.activity"].with_user(user)
            found = mine.search(["|", ("is_customer_activity", "=", True), ("id", "=", foreign.id)])
            self.assertNotIn(foreign, found.with_env(self.env))
        self.assertFalse(clerk.search([("is_customer_activity", "=", True)]))

    def test_queries_of_the_list_do_not_grow(self):
        spec = {
            "summary": {},
            "customer_id": {"fields": {"display_name": {}}},
            "case_id": {"fields": {"display_name": {}}},
            "contact_id": {"fields": {"display_name": {}}},
            "contact_phone": {},
            "date_deadline": {},
            "can_write": {},
        }
        domain = [("is_customer_activity", "=", True)]

        def count():
            activities = self.env["mail.activity"].with_user(self.anna)
            return self._measure_queries(lambda: activities.web_search_read(domain, spec, limit=80))

        def grow(amount):
            for number in range(amount):
                customer = self._make_customer(f"Many {number}", self.anna)
                case = self._make_case(f"Many {number}", customer, self.anna)
                self._make_activity(case, self.anna, "One of many")

        grow(2)
        count()  # warms the registry's caches
        few = count()
        grow(20)
        count()
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 14)

    # ------------------------------------------------------------------
    # Reschedule, next action, done
    # ------------------------------------------------------------------

    def test_reschedule_keeps_the_first_date_the_number_and_the_reasons(self):
        first = self.annas.date_deadline
        mine = self.annas.with_user(self.anna)
        mine.action_reschedule(first + timedelta(5), "Customer is away")
        mine.action_reschedule(fields.Date.to_string(first + timedelta(8)), "Away again")
        mine.action_reschedule(first + timedelta(1), "Back earlier")
        self.assertEqual(self.annas.date_deadline, first + timedelta(1))
        self.assertEqual(self.annas.first_deadline, first)
        self.assertEqual(self.annas.postpone_count, 2, "an earlier date is no postponement")
        self.assertEqual(
            self.annas.postponement_ids.sorted("id").mapped("reason"),
            ["Customer is away", "Away again", "Back earlier"],
        )
        # also where the date is changed by hand
        mine.date_deadline = first + timedelta(4)
        self.assertEqual(self.annas.postpone_count, 3)

    def test_reschedule_refuses(self):
        mine = self.annas.with_user(self.anna)
        before = self.annas.date_deadline
        for date, reason, message in (
            (before + timedelta(1), " ", "reason"),
            (self.today - timedelta(1), "Back in time", "in the past"),
            ("someday", "Soon", "date"),
            (False, "Soon", "date"),
        ):
            with self.assertRaises(UserError) as caught:
                mine.action_reschedule(date, reason)
            self.assertIn(message, str(caught.exception))
        self.assertEqual(self.annas.date_deadline, before)
        self.assertFalse(self.annas.postponement_ids)

    def test_reschedule_removes_the_warning(self):
        self.annas.date_deadline = self.today - timedelta(3)
        warnings = [("is_customer_activity", "=", True), ("date_deadline", "<", self.today)]
        mine = self.env["mail.activity"].with_user(self.anna)
        self.assertIn(self.annas, mine.search(warnings).with_env(self.env))
        self.annas.with_user(self.anna).action_reschedule(self.today, "Today then")
        self.assertNotIn(self.annas, mine.search(warnings).with_env(self.env))

    def test_next_action_closes_and_opens(self):
        visit = self.env.ref("sales_crm_cases.activity_type_inspection")
        following = self.annas.with_user(self.anna).action_next(
            {
                "outcome": "Wants to see them baking",
                "activity_type_id": visit.id,
                "summary": "Show the ovens",
                "date_deadline": self.today + timedelta(2),
                "note": "<p>Bring flour</p>",
            }
        )
        self.assertFalse(self.annas.active)
        self.assertEqual(self.annas.outcome, "Wants to see them baking")
        self.assertEqual(self.annas.date_done, self.today)
        self.assertEqual(following.case_id.with_env(self.env), self.case)
        self.assertEqual(following.user_id, self.anna)
        self.assertEqual(following.activity_type_id, visit)
        self.assertEqual(following.first_deadline, self.today + timedelta(2))

    def test_next_action_is_all_or_nothing(self):
        mine = self.annas.with_user(self.anna)
        good = {"outcome": "Fine", "date_deadline": self.today + timedelta(2)}
        for wrong in (
            {"outcome": ""},
            {"date_deadline": self.today - timedelta(1)},
            {"date_deadline": False},
            {"user_id": self.bert.id},
        ):
            with self.assertRaises(UserError):
                mine.action_next({**good, **wrong})
            self.assertTrue(self.annas.active, wrong)
            self.assertFalse(self.annas.outcome)
            self.assertEqual(
                self.env["mail.activity"].search_count([("case_id", "=", self.case.id)]), 2
            )

    def test_next_action_uses_what_the_type_plans_by_itself(self):
        call = self.env.ref("mail.mail_activity_data_call")
        call.write(
            {
                "chaining_type": "trigger",
                "triggered_next_type_id": self.env.ref("mail.mail_activity_data_email").id,
            }
        )
        visit = self.env.ref("sales_crm_cases.activity_type_inspection")
        following = self.annas.with_user(self.anna).action_next(
            {
                "outcome": "Fine",
                "activity_type_id": visit.id,
                "summary": "Only this one",
                "date_deadline": self.today + timedelta(2),
            }
        )
        planned = self.env["mail.activity"].search(
            [("case_id", "=", self.case.id), ("user_id", "=", self.anna.id)]
        )
        self.assertEqual(planned, following.with_env(self.env))
        self.assertEqual(planned.activity_type_id, visit)

    def test_done_twice_is_refused(self):
        mine = self.annas.with_user(self.anna)
        mine.action_finish("Done")
        with self.assertRaises(UserError) as caught:
            mine.action_finish("Done again")
        self.assertIn("already", str(caught.exception))
        messages = self.case.message_ids.filtered("mail_activity_type_id")
        self.assertEqual(len(messages), 1)

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    def test_done_activities_stay_as_they_were(self):
        self.annas.with_user(self.anna).action_finish("Ordered two")
        done = self.annas.with_context(active_test=False)
        for user in (self.anna, self.crm_admin):
            mine = done.with_user(user)
            for vals in (
                {"outcome": "Ordered three"},
                {"note": "<p>Other</p>"},
                {"feedback": "Other"},
                {"active": True},
                {"date_done": self.today - timedelta(4)},
                {"user_id": self.bert.id},
            ):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    mine.write(vals)
            with self.assertRaises(UserError):
                mine.unlink()
        self.assertEqual(done.outcome, "Ordered two")

    def test_counted_fields_are_the_servers(self):
        with self.assertRaises(UserError):
            self.annas.with_user(self.anna).write({"postpone_count": 0})
        made = self._plan(self.anna, self.case, first_deadline="2001-01-01", postpone_count=9)
        self.assertEqual(made.first_deadline, made.date_deadline)
        self.assertEqual(made.postpone_count, 0)

    def test_activities_of_an_archived_salesman_are_left_for_others(self):
        self.anna.action_archive()
        self.assertTrue(self.annas.exists().active)
        self.assertFalse(self.annas.user_id)
        self.annas.with_user(self.bert).user_id = self.bert

    def test_cancelled_activities_leave_a_line(self):
        self.annas.with_user(self.anna).action_cancel()
        self.assertFalse(self.annas.exists())
        self.assertIn("Call about the ovens", self.case.message_ids[0].body)
        self.assertEqual(self.case.message_ids[0].author_id, self.anna.partner_id)

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    def test_planning_refuses_the_past(self):
        with self.assertRaises(UserError) as caught:
            self._plan(self.anna, self.case, days=-1)
        self.assertIn("in the past", str(caught.exception))

    def test_planning_refuses_closed_cases(self):
        won = self._make_case("Won", self.shared, self.anna)
        won.action_set_won()
        lost = self._make_case("Lost", self.shared, self.anna)
        lost.action_set_lost()
        for case in (won, lost):
            with self.subTest(case.name), self.assertRaises(UserError) as caught:
                self._plan(self.anna, case)
            self.assertIn("closed", str(caught.exception))

    def test_planning_refuses_foreign_customers(self):
        case = self._make_case("Secret", self.customer_stranger, self.stranger)
        for document in (self.customer_stranger, case):
            with self.subTest(document._name), self.assertRaises(AccessError):
                self._plan(self.anna, document)

    def test_one_open_activity_per_case(self):
        self._plan(self.anna, self.case)  # off: several are fine
        self.env.company.one_open_activity_per_case = True
        with self.assertRaises(UserError) as caught:
            self._plan(self.anna, self.case)
        self.assertIn("Next action", str(caught.exception))
        lonely = self._make_case("Lonely", self.shared, self.anna)
        only = self._plan(self.anna, lonely)
        only.action_next({"outcome": "Fine", "date_deadline": self.today})
        self.assertEqual(self.env["mail.activity"].search_count([("case_id", "=", lonely.id)]), 1)

    def test_activity_of_a_quote_belongs_to_its_case(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.shared.id, "opportunity_id": self.case.id}
        )
        activity = self._make_activity(order, self.anna, "Ask for the order")
        self.assertEqual(activity.case_id, self.case)
        self.assertEqual(activity.customer_id, self.shared)
        order.opportunity_id = False
        self.assertFalse(activity.case_id)

    def test_meeting_ends_before_it_starts(self):
        with self.assertRaises(UserError):
            self.env["calendar.event"].with_user(self.anna).create(
                {
                    "name": "Backwards",
                    "start": "2030-01-01 10:00:00",
                    "stop": "2030-01-01 09:00:00",
                    "opportunity_id": self.case.id,
                }
            )

    def test_summary(self):
        self.annas.with_user(self.anna).action_reschedule(self.today + timedelta(6), "Away")
        summary = self.annas.with_user(self.bert).get_summary()
        self.assertEqual(summary["title"], "Call about the ovens")
        self.assertFalse(summary["can_write"])
        self.assertEqual(summary["customer"]["id"], self.shared.id)
        self.assertEqual(summary["case"]["number"], self.case.case_number)
        self.assertEqual([line["reason"] for line in summary["postponements"]], ["Away"])

    def test_summary_of_an_activity_without_a_case(self):
        activity = self.shared.with_user(self.anna)._plan_activity({"date_deadline": self.today})
        summary = activity.get_summary()
        self.assertEqual(summary["customer"]["id"], self.shared.id)
        # an empty recordset would reach the web client as a text
        self.assertIs(summary["case"], False)

    def test_dialogs(self):
        """Reschedule, done and next action through their dialogs, as the web client does."""
        reschedule = self.env["mail.activity.reschedule.wizard"].with_user(self.anna)
        reschedule.create(
            {
                "activity_ids": [(6, 0, self.annas.ids)],
                "date": self.today + timedelta(20),
                "reason": "Fair",
            }
        ).action_reschedule()
        self.assertEqual(self.annas.date_deadline, self.today + timedelta(20))
        next_action = self.env["mail.activity.next.wizard"].with_user(self.anna)
        dialog = next_action.create({"activity_id": self.annas.id, "outcome": "Fine"})
        self.assertTrue(dialog.activity_type_id)
        self.assertGreaterEqual(dialog.date_deadline, self.today)
        dialog.action_next()
        self.assertEqual(self.annas.outcome, "Fine")
        for model, vals in (
            ("mail.activity.next.wizard", {"activity_id": self.berts.id, "outcome": "x"}),
            (
                "mail.activity.reschedule.wizard",
                {"activity_ids": [(6, 0, self.berts.ids)], "date": self.today, "reason": "x"},
            ),
        ):
            for user in (self.anna, self.stranger):
                with (
                    self.subTest(model=model, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    self.env[model].with_user(user).create(vals)
