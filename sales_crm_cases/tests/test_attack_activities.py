import contextlib
import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .attack_common import TOKEN
from .test_activities import ActivityCommon


@tagged("post_install", "-at_install")
class TestAttackActivities(ActivityCommon, HttpCase):
    """What nobody gets out of activities and cases, and what nobody changes in them.

    ``anna`` is linked to the shared customer, ``bert`` too; the stranger's customer is hidden
    from both. ``former`` planned and did activities on a customer that he lost.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.former = cls._make_person("former", cls.manager)
        cls.clerk_with_contacts = cls._make_user(
            "clerk_with_contacts", "base.group_user,base.group_partner_manager"
        )
        cls.anna.password = "anna-and-her-password"
        cls.anna.group_ids |= cls.env.ref("base.group_partner_manager") | cls.env.ref(
            "base.group_allow_export"
        )
        cls.portal = new_test_user(cls.env, login="scc_portal_activity", groups="base.group_portal")
        cls.secret = cls._make_customer(
            f"{TOKEN} Metals", cls.stranger, cls.former, phone="+4930777555123"
        )
        cls.secret_case = cls._make_case(f"{TOKEN} case", cls.secret, cls.stranger)
        cls.closed_secret_case = cls._make_case(f"{TOKEN} closed", cls.secret, cls.stranger)
        cls.closed_secret_case.action_set_won()
        cls.secret_activity = cls._make_activity(cls.secret_case, cls.stranger, f"{TOKEN} call")
        cls.formers = cls._make_activity(cls.secret_case, cls.former, f"{TOKEN} visit")
        cls.secret_done = cls._make_activity(cls.secret_case, cls.stranger, f"{TOKEN} done")
        cls.secret_done.action_finish(f"{TOKEN} outcome")
        cls.secret.salesman_link_ids.filtered(
            lambda link: link.employee_id == cls.employees[cls.former]
        ).unlink()
        cls.env.flush_all()
        cls.env.invalidate_all()

    def setUp(self):
        super().setUp()
        self.enterContext(
            mute_logger(
                "odoo.sql_db",
                "odoo.http",
                "odoo.models",
                "odoo.addons.base.models.ir_rule",
                "odoo.addons.base.models.ir_model",
                "odoo.addons.rpc.controllers.json2",
                "odoo.addons.web.controllers.export",
            )
        )

    def _refused(self, method, *arguments, **keywords):
        """The message with which a call was refused; a refusal leaves nothing."""
        before = self._snapshot()
        with self.assertRaises(UserError) as caught:
            method(*arguments, **keywords)
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._snapshot(), before, "something is left of a refused call")
        self.assertNotIn(TOKEN, str(caught.exception))
        return str(caught.exception)

    def _snapshot(self):
        self.env.flush_all()
        self.cr.execute(
            "SELECT (SELECT array_agg(a::text ORDER BY id) FROM (SELECT id, active, summary, note,"
            " user_id, date_deadline, date_done, outcome, feedback, customer_id, case_id,"
            " postpone_count FROM mail_activity) a),"
            " (SELECT count(*) FROM mail_activity_postponement), (SELECT count(*) FROM crm_lead)"
        )
        return self.cr.fetchone()

    def _silent(self, method, *arguments, **keywords):
        """What a call answers or raises, without a word of the hidden customer."""
        try:
            with self.cr.savepoint() as savepoint:
                result = method(*arguments, **keywords)
                result = result.ids if hasattr(result, "ids") else result
                text = json.dumps(result, default=str)
                savepoint.rollback()
        except Exception as error:  # noqa: BLE001 whatever it is, it must not tell anything
            result, text = None, f"{type(error).__name__}: {error}"
        self.env.invalidate_all()
        self.assertNotIn(TOKEN, text, getattr(method, "__name__", ""))
        self.assertNotIn("777555123", text)
        return result

    # ------------------------------------------------------------------
    # A colleague's activity
    # ------------------------------------------------------------------

    def test_no_way_around_the_colleague(self):
        """Commands of x2many fields, related fields of the document, meetings."""
        berts = self.berts
        lonely = self._make_case("Lonely", self.shared, self.anna)
        alone = self._make_activity(lonely, self.bert, "Bert alone")
        case = self.case.with_user(self.anna)
        attempts = {
            "update": lambda: case.write(
                {"activity_ids": [Command.update(berts.id, {"summary": "Mine"})]}
            ),
            "delete": lambda: case.write({"activity_ids": [Command.delete(berts.id)]}),
            "clear": lambda: case.write({"activity_ids": [Command.clear()]}),
            "set": lambda: case.write({"activity_ids": [Command.set([])]}),
            "take": lambda: lonely.with_user(self.anna).write(
                {"activity_ids": [Command.link(berts.id)]}
            ),
            "related summary": lambda: lonely.with_user(self.anna).write(
                {"activity_summary": "Mine"}
            ),
            "related type": lambda: lonely.with_user(self.anna).write(
                {"activity_type_id": self.env.ref("mail.mail_activity_data_email").id}
            ),
            "chatter": lambda: lonely.with_user(self.anna).activity_feedback(
                ["mail.mail_activity_data_call"], feedback="Done", only_automated=False
            ),
            "chatter unlink": lambda: lonely.with_user(self.anna).activity_unlink(
                ["mail.mail_activity_data_call"], only_automated=False
            ),
            "chatter reschedule": lambda: lonely.with_user(self.anna).activity_reschedule(
                ["mail.mail_activity_data_call"],
                date_deadline=self.today + timedelta(9),
                only_automated=False,
            ),
            "feedback and next": lambda: alone.with_user(self.anna).action_feedback_schedule_next(
                feedback="x"
            ),
            "done and next": lambda: alone.with_user(self.anna).action_done_schedule_next(),
            "customer": lambda: berts.with_user(self.anna).write({"customer_id": False}),
            "nothing": lambda: berts.with_user(self.anna).write({"user_id": False}),
        }
        for name, attempt in attempts.items():
            with self.subTest(name):
                self.assertIn("Bert", self._refused(attempt))

    def test_meeting_of_a_colleague(self):
        """Nobody moves or deletes an activity by its meeting."""
        meeting_type = self.env.ref("mail.mail_activity_data_meeting")
        event = (
            self.env["calendar.event"]
            .with_user(self.bert)
            .create(
                {
                    "name": "Tasting",
                    "start": fields.Datetime.now() + timedelta(days=4),
                    "stop": fields.Datetime.now() + timedelta(days=4, hours=1),
                    "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "res_id": self.case.id,
                    "activity_ids": [
                        Command.create(
                            {
                                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                                "res_id": self.case.id,
                                "activity_type_id": meeting_type.id,
                                "summary": "Tasting",
                                "date_deadline": self.today + timedelta(days=4),
                                "user_id": self.bert.id,
                            }
                        )
                    ],
                }
            )
        )
        activity = event.activity_ids.with_env(self.env)
        self.assertEqual(activity.user_id, self.bert)
        mine = event.with_user(self.anna)
        later = fields.Datetime.now() + timedelta(days=9)
        for name, attempt in {
            "move": lambda: mine.write({"start": later, "stop": later + timedelta(hours=1)}),
            "rename": lambda: mine.write({"name": "Mine"}),
            "owner": lambda: mine.write({"user_id": self.anna.id}),
            "command": lambda: mine.write({"activity_ids": [Command.delete(activity.id)]}),
            "clear": lambda: mine.write({"activity_ids": [Command.clear()]}),
            "delete": mine.unlink,
            "with meeting": lambda: activity.with_user(self.anna).unlink_w_meeting(),
        }.items():
            with self.subTest(name):
                self._refused(attempt)
                self.assertTrue(activity.exists())
        event.with_user(self.bert).write({"start": later, "stop": later + timedelta(hours=1)})
        self.assertEqual(activity.date_deadline, later.date())
        self.assertEqual(activity.postpone_count, 1)
        activity.with_user(self.bert).action_finish("Liked it")
        event.with_user(self.bert).unlink()
        self.assertTrue(activity.exists(), "history stays when its meeting is deleted")
        self.assertFalse(activity.calendar_event_id)

    def test_deleting_an_own_meeting_cancels_its_activity(self):
        event = self.env["calendar.event"].create(
            {"name": "Own", "start": "2030-01-01 10:00:00", "stop": "2030-01-01 11:00:00"}
        )
        self.annas.calendar_event_id = event
        event.with_user(self.anna).unlink()
        self.assertFalse(self.annas.exists())
        self.assertIn("Call about the ovens", self.case.message_ids[0].body)

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    def test_history_stays_whatever_is_written(self):
        self.annas.with_user(self.anna).action_finish("Ordered two")
        done = self.annas.with_context(active_test=False)
        other_case = self._make_case("Other", self.shared, self.anna)
        for user in (self.anna, self.crm_admin):
            mine = done.with_user(user)
            for vals in (
                {"customer_id": False},
                {"customer_id": self.customer_anna.id},
                {"case_id": other_case.id},
                {"res_id": other_case.id},
                {"first_deadline": self.today},
                {"postponement_ids": [Command.clear()]},
                {"postponement_ids": [Command.create({"date_from": self.today})]},
            ):
                with self.subTest(user=user.login, vals=vals):
                    self._refused(mine.write, vals)
            self._refused(mine.action_unarchive)
            self._refused(
                self.case.with_user(user).with_context(active_test=False).write,
                {"activity_ids": [Command.update(done.id, {"note": "x"})]},
            )

    def test_history_is_not_invented(self):
        """A done activity was planned and finished: nobody writes one that never was."""
        mine = self.env["mail.activity"].with_user(self.anna)
        base = {
            "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
            "res_id": self.case.id,
            "user_id": self.anna.id,
            "summary": "Invented",
        }
        past = self.today - timedelta(days=40)
        self._refused(
            mine.create, {**base, "active": False, "date_deadline": past, "date_done": past}
        )
        self._refused(mine.create, {**base, "active": False, "date_deadline": self.today})
        self._refused(self.annas.with_user(self.anna).write, {"date_done": past})
        self._refused(self.annas.with_user(self.anna).write, {"active": False, "date_done": past})
        made = mine.create({**base, "date_deadline": self.today, "date_done": past})
        self.assertFalse(made.date_done)
        made = mine.create({**base, "date_deadline": self.today, "customer_id": False})
        self.assertEqual(made.customer_id.with_env(self.env), self.shared)
        made = mine.with_context(
            default_customer_id=self.customer_anna.id, default_case_id=False
        ).create({**base, "date_deadline": self.today})
        self.assertEqual(made.customer_id.with_env(self.env), self.shared)
        self.assertEqual(made.case_id.with_env(self.env), self.case)
        self._refused(
            mine.with_context(default_active=False).create, {**base, "date_deadline": past}
        )

    def test_documents_with_history_are_not_deleted(self):
        contact = self.env["res.partner"].create({"name": "Baker", "parent_id": self.shared.id})
        order = self.env["sale.order"].create({"partner_id": self.shared.id})
        for user, document in (
            (self.anna, contact),
            (self.crm_admin, self.case),
            (self.crm_admin, order),
        ):
            self._make_activity(document, self.anna, "Kept").with_user(self.anna).action_finish("x")
            with self.subTest(document._name):
                self.assertIn("archive", self._refused(document.with_user(user).unlink).lower())
                self.assertTrue(document.exists())
        fresh = self._make_case("Without history", self.shared, self.anna)
        self._make_activity(fresh, self.anna, "Open")
        fresh.with_user(self.crm_admin).unlink()
        self.assertFalse(fresh.exists())

    # ------------------------------------------------------------------
    # A hidden customer
    # ------------------------------------------------------------------

    def test_moving_an_activity_to_a_hidden_document(self):
        """The refusal of a closed case does not name a case that the user does not see."""
        mine = self.annas.with_user(self.anna)
        model_id = self.env["ir.model"]._get_id("res.partner")
        for vals in (
            {"res_id": self.secret_case.id},
            {"res_id": self.closed_secret_case.id},
            {"res_model_id": model_id, "res_id": self.secret.id},
            {"res_model_id": model_id, "res_id": self.secret.id, "user_id": self.bert.id},
        ):
            with self.subTest(vals=vals):
                self._refused(mine.write, vals)
        self.env.company.one_open_activity_per_case = True
        self._refused(mine.write, {"res_id": self.secret_case.id})
        self.env.company.one_open_activity_per_case = False
        other = self._make_case("Other", self.shared, self.anna)
        mine.write({"res_id": other.id})
        self.assertEqual(self.annas.case_id, other)

    def test_what_others_learn(self):
        """Who does not see the customer gets the same answer for each of its activities, done
        or open, his own former one included, as for one that was never there."""
        every = self.secret_activity | self.formers | self.secret_done
        self.env.invalidate_all()
        for user in (self.anna, self.former, self.manager, self.portal):
            activities = self.env["mail.activity"].with_user(user).with_context(active_test=False)
            for activity in every:
                one = activities.browse(activity.id)
                for method, arguments in (
                    ("read", [["summary"]]),
                    ("web_read", [{"case_id": {"fields": {"display_name": {}}}, "summary": {}}]),
                    ("export_data", [["summary", "case_id/name", "customer_id/name"]]),
                    ("write", [{"summary": "x"}]),
                    ("write", [{"postpone_count": 0}]),
                    ("write", [{"note": "x"}]),
                    ("write", [{"date_deadline": self.today}]),
                    ("write", [{"active": False}]),
                    ("unlink", []),
                    ("copy", []),
                    ("action_finish", ["x"]),
                    ("action_next", [{"outcome": "x", "date_deadline": str(self.today)}]),
                    ("action_reschedule", [str(self.today), "x"]),
                    ("action_done", []),
                    ("action_feedback", ["x"]),
                    ("action_feedback_schedule_next", ["x"]),
                    ("action_close_dialog", []),
                    ("action_open_document", []),
                    ("action_new_quote", []),
                    ("action_close_case", []),
                    ("action_create_calendar_event", []),
                    ("activity_format", []),
                    ("get_summary", []),
                    ("action_cancel", []),
                    ("action_reschedule_tomorrow", []),
                ):
                    with self.subTest(user=user.id, method=method, activity=activity.id):
                        self._silent(getattr(one, method), *arguments)
                self.assertTrue(activity.exists())
            domain = [("id", "in", every.ids)]
            quick = [*domain, ("is_customer_activity", "=", True)]
            if user == self.portal:
                continue
            for asked in (domain, quick):
                self.assertFalse(activities.search(asked))
                self.assertEqual(activities.search_count(asked), 0)
                self.assertFalse(
                    activities.formatted_read_group(asked, ["customer_id"], ["__count"])
                )
                self.assertFalse(activities.web_search_read(asked, {"summary": {}})["records"])
            self.assertFalse(activities.name_search(TOKEN))
            for name in ("case_id", "customer_id", "contact_id", "postponement_ids"):
                with self.subTest(user=user.login, name=name):
                    self._silent(
                        activities.search, [("is_customer_activity", "=", True), (name, "!=", 0)]
                    )
            self._silent(activities.get_activity_data, "crm.lead", [], 50, 0, True)
            self._silent(self.env["res.users"].with_user(user)._get_activity_groups)
        postponements = self.env["mail.activity.postponement"]
        self.secret_activity.with_user(self.stranger).action_reschedule(
            self.today + timedelta(9), TOKEN
        )
        for user in (self.anna, self.former, self.manager):
            theirs = postponements.with_user(user)
            self.assertFalse(theirs.search([("reason", "=", TOKEN)]))
            self.assertFalse(
                theirs.formatted_read_group([("reason", "=", TOKEN)], [], ["__count"])[0]["__count"]
            )
        self.assertTrue(postponements.with_user(self.accounts).search([("reason", "=", TOKEN)]))
        for user in (self.portal, self.clerk):
            with self.assertRaises(AccessError):
                postponements.with_user(user).search([("reason", "=", TOKEN)])

    def test_dialogs_with_made_up_contexts(self):
        """Defaults, active records and ids of a hidden customer make no dialog speak."""
        order = self.env["sale.order"].create(
            {"partner_id": self.secret.id, "opportunity_id": self.secret_case.id}
        )
        contexts = (
            {"default_customer_id": self.secret.id},
            {"default_case_id": self.secret_case.id},
            {"default_activity_id": self.secret_activity.id},
            {"default_activity_ids": self.secret_activity.ids},
            {"default_activity_ids": [Command.set(self.secret_activity.ids)]},
            {"default_order_id": order.id, "default_partner_id": self.secret.id},
            {"active_model": "crm.lead", "active_ids": self.secret_case.ids},
            {"active_model": "mail.activity", "active_id": self.secret_activity.id},
            {"active_model": "res.partner", "active_id": self.secret.id},
            {"default_res_model": "crm.lead", "default_res_ids": str(self.secret_case.ids)},
            {
                "default_res_model": "res.partner",
                "default_res_ids": str(self.secret.ids),
                "default_activity_user_id": self.anna.id,
            },
        )
        values = {
            "crm.entry.wizard": {"mode": "activity", "summary": "x", "customer_name": "x"},
            "crm.case.close.wizard": {"outcome": "won"},
            "mail.activity.next.wizard": {"outcome": "x"},
            "mail.activity.reschedule.wizard": {"date": str(self.today), "reason": "x"},
            "sale.order.clone.wizard": {},
            "mail.activity.schedule": {},
        }
        for user in (self.anna, self.former, self.manager):
            for model_name, vals in values.items():
                for context in contexts:
                    dialog = self.env[model_name].with_user(user).with_context(**context)
                    names = list(dialog._fields)
                    spec = {name: {} for name in names}
                    with self.subTest(user=user.login, model=model_name, context=list(context)):
                        self._silent(dialog.default_get, names)
                        self._silent(dialog.onchange, vals, names, spec)
                        self._silent(dialog.onchange, {}, [], spec)
                        self._silent(dialog.web_save, vals, spec)
                        self._silent(self._run_dialog, dialog, vals)

    def _run_dialog(self, dialog, vals):
        made = dialog.create(vals)
        result = made.read()
        for name in (
            "action_save",
            "action_close_case",
            "action_next",
            "action_reschedule",
            "action_clone",
            "action_schedule_activities",
        ):
            if hasattr(made, name):
                return [result, getattr(made, name)()]
        return result

    def test_schedule_wizard(self):
        """Odoo's own dialog plans nothing in the past, on closed cases or hidden customers."""
        closed = self._make_case("Closed", self.shared, self.anna)
        closed.action_set_won()
        wizard = self.env["mail.activity.schedule"].with_user(self.anna)
        call = self.env.ref("mail.mail_activity_data_call")

        def schedule(document, days):
            wizard.create(
                {
                    "res_model": document._name,
                    "res_ids": str(document.ids),
                    "activity_type_id": call.id,
                    "summary": "By Odoo's dialog",
                    "date_deadline": self.today + timedelta(days),
                    "activity_user_id": self.anna.id,
                }
            ).action_schedule_activities()

        for document, days in (
            (self.case, -1),
            (closed, 1),
            (self.secret_case, 1),
            (self.secret, 1),
            (self.case | self.secret_case, 1),
        ):
            with self.subTest(document=document, days=days):
                self._refused(schedule, document, days)
        schedule(self.case, 1)
        self.assertTrue(
            self.env["mail.activity"].search(
                [("summary", "=", "By Odoo's dialog"), ("case_id", "=", self.case.id)]
            )
        )

    def test_quote_of_another_customer_on_a_case(self):
        """A quote of a hidden customer on a visible case, and the other way round, tells
        nothing through its activities."""
        foreign, mine = self.env["sale.order"].create(
            [
                {"partner_id": self.secret.id, "opportunity_id": self.case.id},
                {"partner_id": self.shared.id, "opportunity_id": self.secret_case.id},
            ]
        )
        self._make_activity(foreign, self.stranger, f"{TOKEN} on the quote", note=TOKEN)
        visible = self._make_activity(mine, self.anna, "Ask for the order")
        self._silent(self.case.with_user(self.anna).get_history)
        self.assertEqual(
            self.case.with_user(self.anna).get_history()["total"],
            2,
            "only what the user sees is counted",
        )
        listed = self._silent(
            visible.with_user(self.anna).web_read,
            {
                "case_id": {"fields": {"display_name": {}}},
                "contact_id": {"fields": {"display_name": {}}},
                "contact_phone": {},
                "customer_id": {"fields": {"display_name": {}}},
            },
        )
        self.assertTrue(listed)
        self.assertTrue(self._silent(visible.with_user(self.anna).get_summary))
        # and they come together again with the customer
        mine.partner_id = self.secret
        self.env.flush_all()
        self.assertEqual(visible.case_id, self.secret_case)
        mine.partner_id = self.shared
        self.env.flush_all()
        self.assertFalse(visible.case_id)
        self.secret_case.partner_id = self.shared
        self.env.flush_all()
        self.assertEqual(visible.case_id, self.secret_case)

    def test_documents_keep_their_customer(self):
        """The customer of a case or a quote follows from its contact, whoever writes it."""
        order = self.env["sale.order"].create(
            {"partner_id": self.shared.id, "user_id": self.anna.id}
        )
        contact = self.env["res.partner"].create({"name": "Baker", "parent_id": self.shared.id})
        for document in (self.case, order, self.shared, contact):
            mine = document.with_user(self.anna)
            for customer in (False, self.customer_anna.id):
                with self.subTest(document=document._name, customer=customer):
                    self._silent(mine.write, {"customer_id": customer})
                    with self.cr.savepoint() as savepoint:
                        with contextlib.suppress(UserError):
                            mine.write({"customer_id": customer})
                        self.env.flush_all()
                        self.env.invalidate_all()
                        self.assertEqual(document.customer_id, self.shared)
                        savepoint.rollback()
            if document._name == "res.partner":
                loose = (
                    self.env["res.partner"]
                    .with_user(self.clerk_with_contacts)
                    .with_context(default_customer_id=self.shared.id)
                    .create({"name": "Loose", "customer_id": self.shared.id})
                )
                self.assertFalse(loose.customer_id)
                continue
            made = (
                self.env[document._name]
                .with_user(self.anna)
                .with_context(default_customer_id=self.customer_anna.id)
                .create({"name": "Made up", "partner_id": self.shared.id})
            )
            self.assertEqual(made.customer_id.with_env(self.env), self.shared)

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    def test_quick_list_agrees_with_the_rules(self):
        """However the domain is written, for every kind of user."""
        done = self._make_activity(self.case, self.anna, "Done")
        done.with_user(self.anna).action_finish("x")
        on_user = self._make_activity(self.clerk.partner_id, self.anna, "Of no customer")
        lost = self._make_case("Lost", self.shared, self.anna)
        on_lost = self._make_activity(lost, self.anna, "On a lost case")
        lost.action_set_lost()
        every = (
            self.annas
            | self.berts
            | self.secret_activity
            | self.formers
            | self.secret_done
            | done
            | on_user
            | on_lost
        )
        self._show_team(self.manager)
        leaf = ("is_customer_activity", "=", True)
        forms = {
            "and": ([leaf], True),
            "nested and": (["&", ("id", "!=", 0), "&", leaf, ("id", "!=", 0)], True),
            "in": ([("is_customer_activity", "in", [True])], True),
            "not equal": ([("is_customer_activity", "!=", False)], True),
            "double negation": (["!", "!", leaf], True),
            "not": (["!", leaf], False),
            "equal false": ([("is_customer_activity", "=", False)], False),
            "not in": ([("is_customer_activity", "not in", [True])], False),
            "both": ([("is_customer_activity", "in", [True, False])], None),
            "neither": ([("is_customer_activity", "in", [])], "none"),
            "or": (["|", leaf, ("id", "=", 0)], True),
        }
        on_customers = every - on_user
        for user in (
            self.anna,
            self.bert,
            self.stranger,
            self.former,
            self.manager,
            self.boss,
            self.accounts,
            self.accounts2,
            self.crm_admin,
            self.clerk,
        ):
            for active_test in (True, False):
                mine = (
                    self.env["mail.activity"].with_user(user).with_context(active_test=active_test)
                )
                readable = every.with_user(user)._filtered_access("read").with_env(self.env)
                if active_test:
                    readable = readable.filtered("active")
                for name, (domain, wanted) in forms.items():
                    if user == self.clerk and wanted is not True:
                        continue  # without rights in Sales all is as Odoo has it
                    expected = {
                        True: readable & on_customers,
                        False: readable - on_customers,
                        None: readable,
                        "none": readable.browse(),
                    }[wanted]
                    found = mine.search([("id", "in", every.ids), *domain]).with_env(self.env)
                    with self.subTest(user=user.login, form=name, active_test=active_test):
                        self.assertEqual(set(found.ids), set(expected.ids))

    def test_accounts_and_administrators_see_all(self):
        for user in (self.accounts, self.accounts2, self.crm_admin):
            mine = self.env["mail.activity"].with_user(user)
            found = mine.search([("is_customer_activity", "=", True)])
            with self.subTest(user.login):
                self.assertLessEqual(set(found.ids), set(self.env["mail.activity"].search([]).ids))

    # ------------------------------------------------------------------
    # Dialogs
    # ------------------------------------------------------------------

    def test_save_does_what_is_in_the_dialog(self):
        """The context in which a dialog was opened has no say when it is saved."""
        other = self._make_case("Other case", self.shared, self.anna)
        wizard = self.env["crm.entry.wizard"].with_user(self.anna)
        dialog = wizard.create(
            {
                "mode": "activity",
                "customer_id": self.shared.id,
                "case_id": other.id,
                "summary": "Here",
            }
        )
        dialog.with_context(
            default_customer_id=self.customer_anna.id,
            default_case_id=self.case.id,
            default_user_id=self.bert.id,
            default_active=False,
            default_type="lead",
        ).action_save()
        made = self.env["mail.activity"].search([("summary", "=", "Here")])
        self.assertEqual(made.case_id, other)
        self.assertEqual(made.customer_id, self.shared)
        self.assertEqual(made.user_id, self.anna)
        dialog = wizard.create(
            {"mode": "cold_call", "customer_name": "Prospect Ltd", "summary": "Cold"}
        )
        dialog.with_context(
            default_customer_id=self.shared.id,
            default_type="lead",
            default_approval_status="active",
            default_parent_id=self.shared.id,
            default_active=False,
        ).action_save()
        prospect = self.env["res.partner"].search([("name", "=", "Prospect Ltd")])
        self.assertEqual(prospect.approval_status, "new")
        self.assertFalse(prospect.parent_id)
        self.assertEqual(prospect.case_ids.type, "opportunity")

    def test_contact_of_another_customer_is_refused(self):
        contact = self.env["res.partner"].create(
            {"name": "Other baker", "parent_id": self.customer_anna.id}
        )
        dialog = (
            self.env["crm.entry.wizard"]
            .with_user(self.anna)
            .create(
                {
                    "mode": "activity",
                    "customer_id": self.shared.id,
                    "contact_id": contact.id,
                    "case_id": False,
                    "case_name": "Mixed",
                    "summary": "Here",
                }
            )
        )
        self._refused(dialog.action_save)

    def test_line_in_a_dialog_of_a_colleague(self):
        theirs = (
            self.env["crm.entry.wizard"]
            .with_user(self.bert)
            .create({"mode": "quote", "customer_id": self.shared.id})
        )
        product = self.env["product.product"].create({"name": "Oven"})
        lines = self.env["crm.entry.wizard.line"].with_user(self.anna)
        self._refused(lines.create, {"wizard_id": theirs.id, "product_id": product.id})

    def test_wrong_arguments_are_refused(self):
        mine = self.annas.with_user(self.anna)
        good = {"outcome": "Fine", "date_deadline": str(self.today)}
        for method, arguments in (
            ("action_reschedule", [str(self.today), ["a"]]),
            ("action_reschedule", [str(self.today), {"a": 1}]),
            ("action_reschedule", [[1], "x"]),
            ("action_reschedule", [20260101, "x"]),
            ("action_finish", [["x"]]),
            ("action_next", [["outcome"]]),
            ("action_next", [{**good, "outcome": 5}]),
            ("action_next", [{**good, "date_deadline": 5}]),
            ("action_next", [{**good, "activity_type_id": "x"}]),
            ("action_next", [{**good, "activity_type_id": 999999999}]),
        ):
            with self.subTest(method=method, arguments=arguments):
                self._refused(getattr(mine, method), *arguments)
        for vals in (
            {"customer_name": ["x"]},
            {"customer_id": "1"},
            {"customer_id": True},
            {"customer_name": "x", "date_deadline": "someday"},
            {"customer_name": "x", "date_deadline": str(self.today - timedelta(1))},
        ):
            with self.subTest(vals=vals):
                self._refused(self.env["crm.lead"].with_user(self.anna).create_cold_call, vals)

    def test_next_action_of_a_type_for_a_colleague(self):
        """The type plans the next one for somebody else: that one stays his."""
        call = self.env.ref("mail.mail_activity_data_call")
        email = self.env.ref("mail.mail_activity_data_email")
        email.default_user_id = self.bert
        call.write({"chaining_type": "trigger", "triggered_next_type_id": email.id})
        following = self.annas.with_user(self.anna).action_next(
            {"outcome": "Fine", "summary": "Mine", "date_deadline": self.today + timedelta(2)}
        )
        self.assertEqual(following.user_id.with_env(self.env), self.anna)
        self.assertEqual(following.summary, "Mine")
        self.assertEqual(
            self.env["mail.activity"].search_count([("case_id", "=", self.case.id)]), 2
        )

    # ------------------------------------------------------------------
    # From outside
    # ------------------------------------------------------------------

    def test_json_2(self):
        expires = fields.Datetime.now() + timedelta(days=1)
        key = self.env["res.users.apikeys"].with_user(self.anna)._generate("rpc", "x", expires)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

        def call(model, method, **keywords):
            answer = self.url_open(
                f"/json/2/{model}/{method}", data=json.dumps(keywords), headers=headers
            )
            self.assertNotIn(TOKEN, answer.text)
            return answer

        step = {"activity_step": True, "su": True, "postpone_reason": "x"}
        for method, keywords in (
            ("write", {"vals": {"summary": "x"}}),
            ("action_finish", {"outcome": "x"}),
            ("action_reschedule", {"date": str(self.today), "reason": "x"}),
            ("action_next", {"vals": {"outcome": "x", "date_deadline": str(self.today)}}),
            ("get_summary", {}),
            ("unlink", {}),
        ):
            for activity in (self.secret_activity, self.berts):
                answer = call("mail.activity", method, ids=activity.ids, context=step, **keywords)
                if activity == self.berts and method == "get_summary":
                    self.assertEqual(answer.status_code, 200)
                else:
                    self.assertEqual(answer.status_code, 403, f"{method} {answer.text}")
        for method in ("_action_done", "_lock_open", "_sync_cases", "_close_case"):
            self.assertNotEqual(
                call("mail.activity", method, ids=self.annas.ids).status_code, 200, method
            )
        past = str(self.today - timedelta(3))
        answer = call(
            "mail.activity",
            "create",
            vals_list=[{"res_model": "crm.lead", "res_id": self.case.id, "date_deadline": past}],
            context=step,
        )
        self.assertEqual(answer.status_code, 422, answer.text)
        for name in ("get_history", "action_view_history", "action_open_close_wizard"):
            self.assertEqual(call("crm.lead", name, ids=self.secret_case.ids).status_code, 403)
        answer = call(
            "mail.activity", "action_finish", ids=self.annas.ids, outcome="By RPC", context=step
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        self.annas.invalidate_recordset()
        self.assertEqual(self.annas.outcome, "By RPC")

    def test_chatter_routes(self):
        self.authenticate(self.anna.login, "anna-and-her-password")
        for activity in (self.secret_activity, self.berts):
            for method, arguments in (
                ("action_feedback", []),
                ("action_feedback_schedule_next", []),
                ("action_done_schedule_next", []),
                ("activity_format", []),
                ("unlink", []),
            ):
                answer = self.url_open(
                    f"/web/dataset/call_kw/mail.activity/{method}",
                    data=json.dumps(
                        {
                            "params": {
                                "model": "mail.activity",
                                "method": method,
                                "args": [activity.ids, *arguments],
                                "kwargs": {},
                            }
                        }
                    ),
                    headers={"Content-Type": "application/json"},
                )
                self.assertNotIn(TOKEN, answer.text)
                if not (activity == self.berts and method == "activity_format"):
                    self.assertIn("error", answer.json(), method)
            self.assertTrue(activity.exists().active)
