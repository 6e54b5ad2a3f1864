from ast import literal_eval
from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SalesCrmCommon


class ReminderCommon(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the day is the owner's; tests of midnight choose another
        (cls.anna + cls.bert + cls.manager).tz = "UTC"
        cls.eve = cls.env["res.partner"].create(
            {
                "name": "Eve",
                "parent_id": cls.customer_anna.id,
                "birthday": "1980-05-04",
                "phone": "+49 30 1",
            }
        )

    @classmethod
    def _make_reminder(cls, user=None, **vals):
        return (
            cls.env["customer.reminder"]
            .with_user(user or cls.anna)
            .create({"name": "Ask for the price list", "date": "2026-05-04", **vals})
        )

    def _on(self, day):
        """Noon of a day, in the same transaction."""
        self.env.flush_all()
        self.env.invalidate_all()
        return freeze_time(f"{day} 12:00:00")

    def _get_reminders(self, user, domain=()):
        """All that the user gets, archived ones too."""
        reminders = self.env["customer.reminder"].with_user(user)
        return reminders.with_context(active_test=False).search(list(domain))


@tagged("post_install", "-at_install")
class TestCustomerReminder(ReminderCommon):
    """The days of a reminder (R5)."""

    # ------------------------------------------------------------------
    # The next day
    # ------------------------------------------------------------------

    def test_the_next_day_of_what_comes_back_every_year(self):
        for first, today, expected in (
            ("1980-05-04", "2026-05-03", date(2026, 5, 4)),
            ("1980-05-04", "2026-05-04", date(2026, 5, 4)),
            ("1980-05-04", "2026-05-05", date(2027, 5, 4)),
            ("1980-12-31", "2026-12-31", date(2026, 12, 31)),
            ("1980-01-01", "2026-12-31", date(2027, 1, 1)),
            # what begins later does not come before
            ("2029-05-04", "2026-01-01", date(2029, 5, 4)),
        ):
            with self.subTest(first=first, today=today), self._on(today):
                reminder = self._make_reminder(date=first, repeat_yearly=True)
                self.assertEqual(reminder.next_date, expected)

    def test_29_february_is_the_28th_in_other_years(self):
        for today, expected in (
            ("2027-01-01", date(2027, 2, 28)),
            ("2027-02-28", date(2027, 2, 28)),
            ("2027-03-01", date(2028, 2, 29)),
            ("2028-02-28", date(2028, 2, 29)),
            ("2028-02-29", date(2028, 2, 29)),
            ("2028-03-01", date(2029, 2, 28)),
            ("2100-01-01", date(2100, 2, 28)),
        ):
            with self.subTest(today=today), self._on(today):
                reminder = self._make_reminder(date="1976-02-29", repeat_yearly=True)
                self.assertEqual(reminder.next_date, expected)

    def test_29_february_over_the_years(self):
        with self._on("2026-11-01"):
            reminder = self._make_reminder(date="1976-02-29", repeat_yearly=True)
        days = []
        for _year in range(6):
            with self._on(reminder.next_date):
                days.append(reminder.next_date)
                reminder.action_done()
        self.assertEqual(
            days,
            [
                date(2027, 2, 28),
                date(2028, 2, 29),
                date(2029, 2, 28),
                date(2030, 2, 28),
                date(2031, 2, 28),
                date(2032, 2, 29),
            ],
        )

    def test_the_day_of_a_single_reminder_is_its_date(self):
        with self._on("2026-05-10"):
            self.assertEqual(self._make_reminder().next_date, date(2026, 5, 4))
            self.assertEqual(self._make_reminder(date="2030-01-01").next_date, date(2030, 1, 1))

    def test_the_day_stays_when_it_has_passed(self):
        with self._on("2026-05-01"):
            reminder = self._make_reminder(repeat_yearly=True)
        with self._on("2028-07-01"):
            reminder.name = "Another name"
            reminder.customer_id = self.customer_anna
            self.assertEqual(reminder.next_date, date(2026, 5, 4))
            self.assertEqual(self._get_due(self.anna), reminder)

    def test_a_changed_date_sets_the_day_anew(self):
        with self._on("2026-05-01"):
            reminder = self._make_reminder(repeat_yearly=True)
            reminder.action_postpone("2026-08-01")
        with self._on("2026-06-01"):
            reminder.date = "2020-03-03"
            self.assertEqual(reminder.next_date, date(2027, 3, 3))
            reminder.repeat_yearly = False
            self.assertEqual(reminder.next_date, date(2020, 3, 3))

    def test_the_day_is_the_day_where_the_owner_is(self):
        """Whatever time zone the request names, and whoever acts for him."""
        for tz, moment, expected in (
            ("Pacific/Auckland", "2026-05-04 11:59:00", date(2026, 5, 4)),
            ("Pacific/Auckland", "2026-05-04 12:01:00", date(2027, 5, 4)),
            ("America/Los_Angeles", "2026-05-05 06:59:00", date(2026, 5, 4)),
            ("America/Los_Angeles", "2026-05-05 07:01:00", date(2027, 5, 4)),
        ):
            self.anna.tz = tz
            for creator in (
                self.env["customer.reminder"].with_user(self.anna).with_context(tz="UTC"),
                self.env["customer.reminder"].with_context(tz="UTC"),
            ):
                with self.subTest(tz=tz, moment=moment), freeze_time(moment):
                    reminder = creator.create(
                        {
                            "name": "Birthday",
                            "date": "1980-05-04",
                            "repeat_yearly": True,
                            "owner_id": self.anna.id,
                        }
                    )
                    self.assertEqual(reminder.next_date, expected)

    # ------------------------------------------------------------------
    # Done
    # ------------------------------------------------------------------

    def test_done_archives_a_single_reminder(self):
        reminder = self._make_reminder()
        self.assertTrue(reminder.action_done())
        self.assertFalse(reminder.active)
        self.assertEqual(reminder.next_date, date(2026, 5, 4))
        reminder.action_done()
        self.assertFalse(reminder.active)
        # a slip: it is open again, and can be done on the same day
        reminder.action_unarchive()
        reminder.action_done()
        self.assertFalse(reminder.active)

    def test_done_moves_a_yearly_reminder(self):
        for today, expected in (
            ("2026-05-01", date(2027, 5, 4)),  # some days early
            ("2026-05-04", date(2027, 5, 4)),
            ("2027-01-01", date(2027, 5, 4)),  # late
            ("2029-05-04", date(2030, 5, 4)),  # years late
            ("2029-05-05", date(2030, 5, 4)),
        ):
            with self._on("2026-04-01"):
                reminder = self._make_reminder(repeat_yearly=True)
            with self.subTest(today=today), self._on(today):
                reminder.action_done()
                self.assertTrue(reminder.active)
                self.assertEqual(reminder.next_date, expected)
                self.assertEqual(reminder.last_done, fields.Date.to_date(today))

    def test_a_second_press_skips_no_year(self):
        with self._on("2026-04-01"):
            reminder = self._make_reminder(repeat_yearly=True)
        with self._on("2026-05-04"):
            for _press in range(3):
                reminder.action_done()
                self.env.invalidate_all()
            self.assertEqual(reminder.next_date, date(2027, 5, 4))
        with self._on("2027-05-03"):
            reminder.action_done()
            self.assertEqual(reminder.next_date, date(2028, 5, 4))

    def test_several_are_done_at_once(self):
        with self._on("2026-05-04"):
            single, yearly = self._make_reminder(), self._make_reminder(repeat_yearly=True)
            yearly.action_done()
            (single + yearly).action_done()
            self.assertEqual((single + yearly).mapped("active"), [False, True])
            self.assertEqual(yearly.next_date, date(2027, 5, 4))

    # ------------------------------------------------------------------
    # Postpone
    # ------------------------------------------------------------------

    def test_postpone_moves_this_time_only(self):
        with self._on("2026-05-04"):
            reminder = self._make_reminder(date="1980-05-04", repeat_yearly=True)
            self.assertTrue(reminder.action_postpone("2026-05-20"))
            self.assertEqual(reminder.next_date, date(2026, 5, 20))
            self.assertEqual(reminder.date, date(1980, 5, 4))
            self.assertFalse(self._get_due(self.anna))
        with self._on("2026-05-20"):
            reminder.action_done()
            self.assertEqual(reminder.next_date, date(2027, 5, 4))
            # postponed again on the day it was done: done again is no second press
            reminder.action_postpone(date(2026, 5, 20))
            reminder.action_done()
            self.assertEqual(reminder.next_date, date(2027, 5, 4))

    def test_what_cannot_be_postponed(self):
        with self._on("2026-05-04"):
            reminder, done = self._make_reminder(), self._make_reminder()
            done.action_done()
            for value in (False, "", None, "soon", "2026-13-01", 7, [1], "2026-05-03"):
                with self.subTest(value=value), self.assertRaises(UserError):
                    reminder.action_postpone(value)
            with self.assertRaisesRegex(UserError, "in the past"):
                reminder.action_postpone("2025-12-31")
            with self.assertRaisesRegex(UserError, "is done"):
                (reminder + done).action_postpone("2026-06-01")
            self.assertEqual(reminder.next_date, date(2026, 5, 4))

    def test_the_dialog_postpones(self):
        with self._on("2026-05-04"):
            reminders = self._make_reminder() + self._make_reminder(name="Second")
            action = reminders.action_open_postpone()
            wizard = Form(
                self.env[action["res_model"]].with_user(self.anna).with_context(**action["context"])
            )
            self.assertEqual(wizard.date, date(2026, 5, 5))
            self.assertEqual(wizard.reminder_names, "Ask for the price list, Second")
            wizard.date = "2026-05-11"
            wizard.save().action_postpone()
            self.assertEqual(reminders.mapped("next_date"), [date(2026, 5, 11)] * 2)

    # ------------------------------------------------------------------
    # Customer and contact
    # ------------------------------------------------------------------

    def test_the_contact_brings_its_customer(self):
        reminder = self._make_reminder(contact_id=self.eve.id)
        self.assertEqual(reminder.customer_id, self.customer_anna)
        free = self._make_reminder()
        self.assertFalse(free.customer_id)
        free.contact_id = self.eve
        self.assertEqual(free.customer_id, self.customer_anna)
        free.contact_id = False
        self.assertEqual(free.customer_id, self.customer_anna)

    def test_customer_and_contact_belong_together(self):
        second = self._make_customer("Second", self.anna)
        of_second = self.env["res.partner"].create({"name": "Bob", "parent_id": second.id})
        vendor = self.env["res.partner"].create({"name": "Vendor", "is_company": True})
        clerk_of_vendor = self.env["res.partner"].create({"name": "V", "parent_id": vendor.id})
        reminder = self._make_reminder(contact_id=self.eve.id)
        for vals in (
            {"customer_id": second.id, "contact_id": self.eve.id},
            {"customer_id": self.customer_anna.id, "contact_id": clerk_of_vendor.id},
            {"contact_id": clerk_of_vendor.id},
            {"customer_id": vendor.id},
            {"customer_id": self.eve.id},
        ):
            with self.subTest(vals=vals):
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    self._make_reminder(**vals)
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    reminder.write({"customer_id": self.customer_anna.id, **vals})
        for vals in ({"customer_id": second.id}, {"customer_id": False}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError), self.cr.savepoint():
                reminder.write(vals)
        reminder.contact_id = of_second
        self.assertEqual(reminder.customer_id, second)

    def test_the_form_fills_in(self):
        second = self._make_customer("Second", self.anna)
        form = Form(self.env["customer.reminder"].with_user(self.anna))
        form.contact_id = self.eve
        self.assertEqual(form.customer_id, self.customer_anna)
        self.assertEqual(form.phone, "+49 30 1")
        form.kind = "birthday"
        self.assertEqual(form.name, "Birthday of Eve")
        self.assertEqual(form.date, date(1980, 5, 4))
        self.assertTrue(form.repeat_yearly)
        reminder = form.save()
        self.assertEqual(reminder.owner_id, self.anna)
        with Form(reminder) as form:
            form.customer_id = second
            self.assertFalse(form.contact_id)
            form.customer_id = self.env["res.partner"]
        self.assertFalse(reminder.customer_id)

    def test_view_customer(self):
        reminder = self._make_reminder(contact_id=self.eve.id)
        self.assertEqual(reminder.action_view_customer()["res_id"], self.customer_anna.id)
        with self.assertRaises(UserError):
            self._make_reminder().action_view_customer()

    def test_whom_to_call(self):
        self.customer_bert.phone = "+49 30 2"
        anyone = self._make_reminder(customer_id=self.customer_anna.id)
        self.assertEqual(anyone.phone, "+49 30 1")
        self.assertEqual(
            self._make_reminder(self.bert, customer_id=self.customer_bert.id).phone, "+49 30 2"
        )
        self.assertFalse(self._make_reminder().phone)

    def test_the_button_of_the_customer_counts_what_it_lists(self):
        self.customer_anna.salesman_ids |= self.employees[self.bert]
        mine = self._make_reminder(contact_id=self.eve.id)
        mine += self._make_reminder(customer_id=self.customer_anna.id)
        self._make_reminder(customer_id=self.customer_anna.id).action_done()
        self._make_reminder(self.bert, customer_id=self.customer_anna.id)
        self._make_reminder()
        for user, count in ((self.anna, 2), (self.bert, 1), (self.crm_admin, 0)):
            customer = self.customer_anna.with_user(user)
            self.assertEqual(customer.customer_reminder_count, count)
            self.assertEqual(customer.sudo().customer_reminder_count, count)
            action = customer.action_view_reminders()
            found = self.env["customer.reminder"].with_user(user).search(action["domain"])
            self.assertEqual(len(found), count)
            self.assertEqual(action["context"], {"default_customer_id": self.customer_anna.id})

    def test_the_dialog_is_filled_from_where_it_is_opened(self):
        vendor = self.env["res.partner"].create({"name": "Vendor", "is_company": True})
        for partner, customer, contact in (
            (self.customer_anna, self.customer_anna, vendor.browse()),
            (self.eve, self.customer_anna, self.eve),
            (vendor, vendor.browse(), vendor.browse()),
        ):
            action = partner.with_user(self.anna).action_add_reminder()
            model = self.env[action["res_model"]].with_user(self.anna)
            form = Form(model.with_context(**action["context"]))
            form.name, form.date = "Visit", "2026-05-04"
            reminder = form.save()
            self.assertEqual((reminder.customer_id, reminder.contact_id), (customer, contact))
        with self.assertRaises(AccessError):
            self.customer_bert.with_user(self.anna).action_add_reminder()

    # ------------------------------------------------------------------
    # Due
    # ------------------------------------------------------------------

    def _get_due(self, user):
        reminders = self.env["customer.reminder"].with_user(user)
        return reminders.search(reminders._get_due_domain(reminders._get_today()))

    def _count_due(self):
        """As a digest does: of all owners at once."""
        reminders = self.env["customer.reminder"].sudo()
        domain = reminders._get_due_domain(date(2026, 5, 4))
        return dict(reminders._read_group(domain, ["owner_id"], ["__count"]))

    def assertDue(self, expected):
        with self._on("2026-05-04"):
            self.assertEqual(self._count_due(), expected)
            for user in (self.anna, self.bert, self.manager, self.crm_admin):
                self.assertEqual(len(self._get_due(user)), expected.get(user, 0), user.login)

    def test_counts_of_all_owners_are_those_of_their_lists(self):
        with self._on("2026-05-01"):
            self._make_reminder(self.anna)
            self._make_reminder(self.anna, date="2026-05-05")
            self._make_reminder(self.anna, date="2026-05-03").action_done()
            self._make_reminder(self.anna, contact_id=self.eve.id)
            self._make_reminder(self.bert, customer_id=self.customer_bert.id)
            self._make_reminder(self.crm_admin, customer_id=self.customer_bert.id)
            self._show_team(self.manager)
            self._make_reminder(self.manager, customer_id=self.customer_anna.id)
        self.assertDue({self.anna: 2, self.bert: 1, self.crm_admin: 1, self.manager: 1})
        self._show_team(self.manager, False)
        self.customer_bert.salesman_ids = self.employees[self.anna]
        self.assertDue({self.anna: 2, self.crm_admin: 1})

    def test_delegates_are_reminded_in_their_period_only(self):
        with self._on("2026-05-01"):
            self.env["sales.delegation"].create(
                {
                    "employee_id": self.employees[self.anna].id,
                    "delegate_id": self.employees[self.bert].id,
                    "date_from": "2026-05-01",
                    "date_to": "2026-05-04",
                }
            )
            self._make_reminder(self.anna, customer_id=self.customer_anna.id)
            own = self._make_reminder(self.bert, customer_id=self.customer_anna.id)
        self.assertDue({self.anna: 1, self.bert: 1})
        with self._on("2026-05-05"):
            self.assertSeesNot(self.bert, own)

    def test_who_is_no_salesman_any_more_is_not_counted(self):
        self._make_reminder(self.anna)
        self.anna.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        with self._on("2026-05-04"):
            self.assertEqual(self._count_due(), {})

    def test_filters_by_week_and_month(self):
        for day, this_week, this_month in (
            ("2026-04-30", False, False),
            ("2026-05-01", False, True),
            ("2026-05-11", True, True),
            ("2026-05-17", True, True),
            ("2026-05-18", False, True),
            ("2026-06-01", False, False),
        ):
            reminder = self._make_reminder(date=day)
            with self.subTest(day=day), self._on("2026-05-13"):
                for name, expected in (("filter_week", this_week), ("filter_month", this_month)):
                    found = self._search_by_filter(name)
                    self.assertEqual(reminder in found, expected, name)

    def _search_by_filter(self, name):
        self.env["res.lang"]._lang_get("en_US").week_start = "1"
        reminders = self.env["customer.reminder"].with_user(self.anna)
        arch = reminders.with_context(lang="en_US").get_view(
            self.env.ref("sales_crm_cases.customer_reminder_view_search").id, "search"
        )["arch"]
        [node] = etree.fromstring(arch).iterfind(f".//filter[@name='{name}']")
        return reminders.with_context(lang="en_US").search(literal_eval(node.get("domain")))


@tagged("post_install", "-at_install")
class TestCustomerReminderAccess(ReminderCommon):
    """Private to their owner (R5, V1)."""

    def setUp(self):
        super().setUp()
        self.enterContext(
            mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
        )

    def _make_everybodys_reason(self):
        """Anna's reminders, with all that shows her customer to others."""
        self.customer_anna.salesman_ids |= self.employees[self.bert]
        self._show_team(self.manager)
        self._show_team(self.boss)
        today = fields.Date.today()
        self.env["sales.delegation"].create(
            {
                "employee_id": self.employees[self.anna].id,
                "delegate_id": self.employees[self.stranger].id,
                "date_from": today - timedelta(2),
                "date_to": today + timedelta(2),
            }
        )
        return self._make_reminder(
            name="Salary talk", customer_id=self.customer_anna.id
        ) + self._make_reminder(name="Salary talk, free")

    def test_nobody_gets_the_reminders_of_somebody_else(self):
        reminders = self._make_everybodys_reason()
        system = new_test_user(
            self.env, login="scc_system", groups="base.group_system,sales_team.group_sale_manager"
        )
        others = (self.bert, self.manager, self.boss, self.stranger, self.crm_admin, system)
        for user in others:
            self.assertTrue(self.customer_anna.with_user(user).has_access("read"), user.login)
            model = self.env["customer.reminder"].with_user(user).with_context(active_test=False)
            self.assertFalse(model.search([]), user.login)
            self.assertEqual(model.search_count([("name", "ilike", "Salary")]), 0)
            self.assertEqual(model.name_search("Salary"), [])
            self.assertFalse(model._read_group([], ["owner_id"], ["__count"]))
            self.assertFalse(model.formatted_read_group([], ["customer_id"], ["__count"]))
            self.assertEqual(self.customer_anna.with_user(user).customer_reminder_count, 0)
            for record in reminders:
                self._assert_refused(user, record)
        for record in reminders:
            self.assertSees(self.anna, record)

    def test_the_dialog_tells_others_nothing(self):
        reminder = self._make_reminder()
        wizard = (
            self.env["customer.reminder.postpone.wizard"]
            .with_user(self.anna)
            .create({"reminder_ids": reminder.ids})
        )
        self.assertEqual(wizard.reminder_names, "Ask for the price list")
        self.env.flush_all()
        self.env.invalidate_all()
        foreign = wizard.with_user(self.crm_admin)
        self.assertFalse(foreign.reminder_ids)
        self.assertFalse(foreign.reminder_names)
        self.assertFalse(foreign.search([("reminder_ids.name", "ilike", "price")]))

    def _assert_refused(self, user, record):
        mine = record.with_user(user)
        user.group_ids |= self.env.ref("base.group_allow_export")
        wizard = self.env["customer.reminder.postpone.wizard"].with_user(user)
        for attempt in (
            lambda: mine.read(["name"]),
            lambda: mine.export_data(["name", "next_date"]),
            lambda: mine.display_name,
            lambda: mine.write({"name": "Mine"}),
            lambda: mine.write({"owner_id": user.id}),
            mine.copy,
            mine.unlink,
            mine.action_done,
            lambda: mine.action_postpone("2099-01-01"),
            mine.action_open_postpone,
            mine.action_view_customer,
            lambda: wizard.create({"reminder_ids": record.ids}),
        ):
            with self.assertRaises(AccessError, msg=user.login), self.cr.savepoint():
                attempt()
        self.env.invalidate_all()
        for operation in ("read", "write", "unlink"):
            self.assertFalse(mine.has_access(operation))

    def test_who_is_no_salesman_has_none(self):
        for user in (self.accounts, self.clerk):
            model = self.env["customer.reminder"].with_user(user)
            for operation in ("read", "create", "write", "unlink"):
                self.assertFalse(model.has_access(operation), user.login)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._make_reminder(user)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.eve.with_user(user).action_remind_birthday()

    def test_a_reminder_is_seen_as_long_as_its_customer(self):
        reminder = self._make_reminder(contact_id=self.eve.id)
        free = self._make_reminder()
        self.customer_anna.salesman_ids = self.employees[self.bert]
        self.assertSeesNot(self.anna, reminder)
        self.assertSeesNot(self.bert, reminder)
        self.assertSees(self.anna, free)
        for attempt in (reminder.unlink, reminder.action_done, lambda: reminder.read(["phone"])):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
        self.customer_anna.salesman_ids |= self.employees[self.anna]
        self.assertSees(self.anna, reminder)

    def test_it_takes_the_sight_of_the_customer_not_the_right_to_edit_it(self):
        self._show_team(self.manager)
        self.env.company.managers_edit_team = False
        self.assertFalse(self.customer_anna.with_user(self.manager).has_access("write"))
        reminder = self._make_reminder(self.manager, contact_id=self.eve.id, repeat_yearly=True)
        self.env.invalidate_all()
        self.assertTrue(reminder.crm_editable)
        self.assertTrue(reminder.search([("id", "=", reminder.id), ("crm_editable", "=", True)]))
        reminder.name = "Mine"
        reminder.action_done()
        reminder.action_postpone("2099-01-01")
        self.eve.with_user(self.manager).action_remind_birthday()
        reminder.unlink()

    def test_customers_that_one_does_not_see_are_refused(self):
        bob = self.env["res.partner"].create(
            {"name": "Bob", "parent_id": self.customer_bert.id, "birthday": "1990-01-01"}
        )
        reminder = self._make_reminder()
        model = self.env["customer.reminder"].with_user(self.anna)
        for attempt in (
            lambda: self._make_reminder(customer_id=self.customer_bert.id),
            lambda: self._make_reminder(contact_id=bob.id),
            lambda: reminder.write({"customer_id": self.customer_bert.id}),
            lambda: reminder.write({"contact_id": bob.id}),
            lambda: bob.with_user(self.anna).action_remind_birthday(),
            lambda: (self.eve + bob).with_user(self.anna).action_remind_birthday(),
            lambda: model.with_context(default_contact_id=bob.id).create(
                {"name": "X", "date": "2026-01-01"}
            ),
        ):
            with self.assertRaises(AccessError) as refusal, self.cr.savepoint():
                attempt()
            self.assertNotIn("Kindler", str(refusal.exception))
            self.assertNotIn("Bob", str(refusal.exception))
        defaults = model.with_context(
            default_customer_id=self.customer_bert.id, default_contact_id=bob.id
        ).default_get(["customer_id", "contact_id"])
        self.assertFalse(defaults)

    def test_nobody_makes_reminders_for_others(self):
        reminder = self._make_reminder()
        self.env["ir.default"].set("customer.reminder", "owner_id", self.bert.id)
        for attempt in (
            lambda: self._make_reminder(owner_id=self.bert.id),
            lambda: self._make_reminder(owner_id=False),
            lambda: self._make_reminder(self.crm_admin, owner_id=self.bert.id),
            lambda: reminder.write({"owner_id": self.bert.id}),
            lambda: reminder.write({"owner_id": False}),
        ):
            with self.assertRaisesRegex(UserError, "private"), self.cr.savepoint():
                attempt()
        self.assertEqual(self._make_reminder().owner_id, self.anna)
        model = self.env["customer.reminder"].with_user(self.anna)
        foreign = model.with_context(default_owner_id=self.bert.id)
        self.assertEqual(foreign.create({"name": "Mine", "date": "2026-01-01"}).owner_id, self.anna)
        self.assertEqual(reminder.copy().owner_id, self.anna)
        reminder.write({"owner_id": self.anna.id})
        # superuser code hands over
        reminder.sudo().owner_id = self.bert
        self.assertSees(self.bert, reminder)
        self.assertSeesNot(self.anna, reminder)

    def test_the_server_keeps_the_days(self):
        with self._on("2026-05-01"):
            reminder = self._make_reminder(repeat_yearly=True)
            for vals in ({"next_date": "2020-01-01"}, {"last_done": "2020-01-01"}):
                with self.assertRaises(UserError), self.cr.savepoint():
                    reminder.write(vals)
                with self.assertRaises(UserError), self.cr.savepoint():
                    self._make_reminder(**vals)
            context = {"default_next_date": "2020-01-01", "default_last_done": "2026-05-01"}
            model = self.env["customer.reminder"].with_user(self.anna).with_context(**context)
            forged = model.create({"name": "X", "date": "2026-05-04", "repeat_yearly": True})
            self.assertEqual(forged.next_date, date(2026, 5, 4))
            self.assertFalse(forged.last_done)
            # a click on a day of the calendar means that day
            self.assertEqual(
                model.default_get(["date", "next_date", "last_done"]), {"date": "2020-01-01"}
            )
            self.assertTrue(model.fields_get(["next_date"])["next_date"]["readonly"])

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        reminder = self._make_reminder(customer_id=self.customer_anna.id)
        free = self._make_reminder()
        self.customer_anna.company_id = other
        self.assertSeesNot(self.anna, reminder)
        self.assertSees(self.anna, free)
        self.anna.company_ids |= other
        hers = reminder.with_context(allowed_company_ids=[self.env.company.id, other.id])
        self.assertTrue(hers.has_access("write"))

    def test_import_of_reminders(self):
        header = ["name", "date", "repeat_yearly", "contact_id", "customer_id"]
        rows = [
            ["Birthday", "1980-05-04", "True", "Hopfner Brewery, Eve", ""],
            ["Visit", "2030-01-01", "", "", "Hopfner Brewery"],
        ]
        model = self.env["customer.reminder"].with_user(self.anna)
        result = model.load(header, rows)
        self.assertFalse(result["messages"])
        first, second = model.browse(result["ids"])
        self.assertEqual((first + second).customer_id, self.customer_anna)
        self.assertEqual(first.contact_id, self.eve)
        self.assertEqual(second.owner_id, self.anna)
        for column, value in (
            ("owner_id", self.bert.name),
            ("next_date", "2020-01-01"),
            ("customer_id", "Kindler Toys"),
        ):
            with mute_logger("odoo.sql_db"):
                result = model.load(["name", "date", column], [["X", "2030-01-01", value]])
            self.assertTrue(result["messages"], column)
            self.assertFalse(result["ids"])

    def test_a_list_takes_as_many_queries_for_thirty_as_for_three(self):
        specification = {
            "next_date": {},
            "name": {},
            "customer_id": {"fields": {"display_name": {}}},
            "contact_id": {"fields": {"display_name": {}}},
            "phone": {},
            "repeat_yearly": {},
        }
        counts = []
        for number in (3, 27):
            for _index in range(number):
                customer = self._make_customer("Grown", self.anna)
                contact = self.env["res.partner"].create(
                    {"name": "Contact", "parent_id": customer.id}
                )
                self._make_reminder(contact_id=contact.id)
            model = self.env["customer.reminder"].with_user(self.anna)
            mine = model.with_context(lang="en_US", tz="UTC")
            self.env.flush_all()
            self.env.invalidate_all()
            mine.web_search_read([], specification, limit=80)  # warms the caches
            self._empty_caches()
            before = self.cr.sql_log_count
            records = mine.web_search_read([], specification, limit=80)["records"]
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(records), 30)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 8)


@tagged("post_install", "-at_install")
class TestReminderOfContacts(ReminderCommon):
    """Birthdays and anniversaries; customers and contacts that change or go (R5, V8)."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("odoo.models.unlink"))

    def _remind(self, user=None, contacts=None):
        contacts = (contacts or self.eve).with_user(user or self.anna)
        action = contacts.action_remind_birthday()
        self.assertEqual(action["tag"], "display_notification")
        return self._get_reminders(user or self.anna)

    def test_remind_me_makes_one_reminder_of_a_birthday(self):
        with self._on("2026-05-01"):
            reminder = self._remind()
            self.assertEqual(reminder.name, "Birthday of Eve")
            self.assertEqual(reminder.date, date(1980, 5, 4))
            self.assertEqual(reminder.next_date, date(2026, 5, 4))
            self.assertTrue(reminder.repeat_yearly)
            self.assertEqual(reminder.customer_id, self.customer_anna)
            reminder.action_postpone("2026-05-10")
            self.assertEqual(self._remind(), reminder)
            self.assertEqual(reminder.next_date, date(2026, 5, 10))

    def test_remind_me_wakes_what_was_archived(self):
        with self._on("2026-05-01"):
            reminder = self._remind()
            reminder.active = False
        with self._on("2028-06-01"):
            self.assertEqual(self._remind(), reminder)
            self.assertTrue(reminder.active)
            self.assertEqual(reminder.next_date, date(2029, 5, 4))

    def test_everybody_has_his_own(self):
        self.customer_anna.salesman_ids |= self.employees[self.bert]
        hers, his = self._remind(), self._remind(self.bert)
        self.assertEqual((hers.owner_id, his.owner_id), (self.anna, self.bert))

    def test_several_birthdays_at_once(self):
        contacts = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": self.customer_anna.id, "birthday": birthday}
                for name, birthday in (("Ina", "1990-01-01"), ("Uwe", "1991-01-01"), ("Ole", False))
            ]
        )
        self._remind()
        reminders = self._remind(contacts=contacts + self.eve)
        # of a company those of its contacts
        self.assertEqual(self._remind(contacts=self.customer_anna), reminders)
        self.assertEqual(
            set(reminders.mapped("name")), {f"Birthday of {name}" for name in ("Ina", "Uwe", "Eve")}
        )
        self.assertEqual(len(reminders), 3)

    def test_who_has_no_birthday_or_is_no_contact_of_a_customer(self):
        self.eve.birthday = False
        with self.assertRaisesRegex(UserError, "no birthday"):
            self._remind()
        vendor = self.env["res.partner"].create({"name": "Vendor", "birthday": "1990-01-01"})
        with self.assertRaisesRegex(ValidationError, "no CRM customer"):
            self._remind(contacts=vendor)

    def test_a_corrected_birthday_moves_the_reminders_of_all(self):
        self.customer_anna.salesman_ids |= self.employees[self.bert]
        with self._on("2026-05-01"):
            reminders = self._remind() + self._remind(self.bert)
            other = self._make_reminder(contact_id=self.eve.id)
            self.eve.with_user(self.anna).birthday = "1980-06-07"
            self.assertEqual(reminders.mapped("date"), [date(1980, 6, 7)] * 2)
            self.assertEqual(reminders.mapped("next_date"), [date(2026, 6, 7)] * 2)
            self.assertEqual(other.date, date(2026, 5, 4))
            # the same once more: what was postponed stays so
            reminders[0].action_postpone("2026-06-09")
            self.eve.with_user(self.anna).birthday = "1980-06-07"
            self.assertEqual(reminders[0].next_date, date(2026, 6, 9))

    def test_remind_me_of_an_anniversary(self):
        anniversaries = self.env["customer.anniversary"].create(
            [
                {"partner_id": self.eve.id, "name": name, "date": day}
                for name, day in (("Wedding day", "2010-02-28"), ("Ten years", "2016-07-01"))
            ]
        )
        wedding = anniversaries[0].with_user(self.anna)
        with self._on("2026-05-01"):
            self._remind()
            for _press in range(2):
                wedding.action_remind()
            reminder = self._get_reminders(self.anna, [("kind", "=", "anniversary")])
            self.assertEqual(reminder.name, "Wedding day: Eve")
            self.assertEqual(reminder.next_date, date(2027, 2, 28))
            anniversaries.with_user(self.anna).action_remind()
            self.assertEqual(len(self._get_reminders(self.anna)), 3)
        with self.assertRaises(AccessError):
            wedding.with_user(self.bert).action_remind()

    # ------------------------------------------------------------------
    # Hand-over
    # ------------------------------------------------------------------

    def _open_handover(self, user=None):
        return (
            self.env["customer.handover.wizard"]
            .with_user(user or self.crm_admin)
            .create(
                {
                    "employee_id": self.employees[self.anna].id,
                    "successor_id": self.employees[self.bert].id,
                }
            )
        )

    def test_reminders_move_to_the_successor(self):
        with self._on("2026-05-01"):
            single = self._make_reminder(customer_id=self.customer_anna.id)
            yearly = self._make_reminder(contact_id=self.eve.id, repeat_yearly=True)
            yearly.action_postpone("2026-05-09")
            free = self._make_reminder()
            done = self._make_reminder(customer_id=self.customer_anna.id)
            done.action_done()
            self._show_team(self.manager)
            managers = self._make_reminder(self.manager, customer_id=self.customer_anna.id)
            wizard = self._open_handover(self.manager)
            # a count is all that the manager learns
            self.assertIn("Reminders: 2", wizard.preview)
            self.assertNotIn("price list", wizard.preview)
            action = wizard.action_hand_over()
            handover = self.env[action["res_model"]].browse(action["res_id"])
            self.assertEqual(handover.moved_counts["customer.reminder"], 2)
        self.assertEqual((single + yearly).owner_id, self.bert)
        self.assertEqual(yearly.next_date, date(2026, 5, 9))
        self.assertEqual((free + done).owner_id, self.anna)
        self.assertEqual(managers.owner_id, self.manager)
        for record in single + yearly:
            self.assertSees(self.bert, record)
            self.assertSeesNot(self.anna, record)
            self.assertSeesNot(self.manager, record)
        self.assertSees(self.anna, free)
        self.assertSeesNot(self.anna, done)
        self.assertEqual(self._get_reminders(self.manager), managers)

    # ------------------------------------------------------------------
    # Customers and contacts that change or go
    # ------------------------------------------------------------------

    def _merge(self, destination, *sources):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [destination.id, *(source.id for source in sources)], destination, False
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def test_merged_customers_bring_their_reminders(self):
        reminder = self._make_reminder(customer_id=self.customer_anna.id)
        of_contact = self._make_reminder(contact_id=self.eve.id)
        done = self._make_reminder(customer_id=self.customer_anna.id)
        done.action_done()
        self._merge(self.customer_bert, self.customer_anna)
        for record in reminder + of_contact + done:
            self.assertEqual(record.customer_id, self.customer_bert)
            self.assertTrue(record.has_access("write"))
        self.assertEqual(of_contact.contact_id, self.eve)

    def test_a_contact_that_is_merged_into_one_of_another_customer(self):
        bob = self.env["res.partner"].create({"name": "Bob", "parent_id": self.customer_bert.id})
        reminder = self._make_reminder(contact_id=self.eve.id)
        self._merge(bob, self.eve)
        self.assertEqual(reminder.sudo().contact_id, bob)
        self.assertEqual(reminder.sudo().customer_id, self.customer_bert)
        self.assertSeesNot(self.anna, reminder)

    def test_a_customer_that_becomes_a_contact(self):
        person = self._make_customer("Solo", self.anna, status="new", is_company=False)
        reminder = self._make_reminder(customer_id=person.id)
        of_himself = self._make_reminder(contact_id=person.id)
        self.assertEqual(of_himself.customer_id, person)
        person.parent_id = self.customer_anna
        for record in reminder + of_himself:
            self.assertEqual(record.customer_id, self.customer_anna)
            self.assertEqual(record.contact_id, person)
            self.assertSees(self.anna, record)

    def test_a_contact_that_goes_to_another_customer(self):
        reminder = self._make_reminder(contact_id=self.eve.id)
        self.eve.parent_id = self.customer_bert
        self.assertEqual(reminder.sudo().customer_id, self.customer_bert)
        self.assertSeesNot(self.anna, reminder)
        vendor = self.env["res.partner"].create({"name": "Vendor", "is_company": True})
        self.eve.parent_id = vendor
        self.assertFalse(reminder.customer_id)
        self.assertSees(self.anna, reminder)

    def test_who_is_deleted_takes_his_days_along(self):
        birthday, other = self._remind(), self._make_reminder(contact_id=self.eve.id)
        birthday.active = False
        self.eve.unlink()
        self.assertFalse(birthday.exists())
        self.assertFalse(other.contact_id)
        self.assertEqual(other.customer_id, self.customer_anna)
        self.customer_anna.unlink()
        self.assertFalse(other.exists())

    def test_a_deleted_user_takes_his_reminders_along(self):
        user = self._make_user("gone", "sales_team.group_sale_salesman")
        reminder = self._make_reminder(user)
        user.active = False
        self.assertTrue(reminder.exists())
        user.unlink()
        self.assertFalse(reminder.exists())


@tagged("post_install", "-at_install")
class TestReminderTour(ReminderCommon, HttpCase):
    def test_a_yearly_reminder_from_the_customer_to_done(self):
        self.customer_anna.name = "Own Customer"
        self.start_tour("/odoo", "sales_crm_reminder", login=self.anna.login, timeout=300)
        reminder = self._get_reminders(self.anna)
        self.assertEqual(reminder.name, "Anniversary of the shop")
        self.assertEqual(reminder.customer_id, self.customer_anna)
        self.assertTrue(reminder.active)
        self.assertEqual(reminder.next_date.year, reminder.date.year + 1)
