import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from unittest import skipUnless
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.sales_crm_cases.icalendar_feed import make_calendar

from .common import SalesCrmCommon

try:
    import icalendar
except ImportError:  # it comes with ./dev; another Odoo may lack it
    icalendar = None


class FeedCommon(SalesCrmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.env["crm.lead"].create(
            {
                "name": "Filling line",
                "type": "opportunity",
                "partner_id": cls.customer_anna.id,
                "user_id": cls.anna.id,
            }
        )
        cls.today = fields.Date.today()

    @classmethod
    def _make_event(cls, user, name, days=1, ticked=True, **values):
        start = datetime.combine(cls.today + timedelta(days=days), datetime.min.time())
        start += timedelta(hours=10)
        return (
            cls.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": [Command.set(user.partner_id.ids)],
                    "in_calendar_feed": ticked,
                    **values,
                }
            )
        )

    @classmethod
    def _make_activity(cls, user, summary, days=1, ticked=True, record=None, su=False, **values):
        record = record or cls.case
        return (
            cls.env["mail.activity"]
            .with_user(user)
            .sudo(su)
            .create(
                {
                    "res_model_id": cls.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "activity_type_id": cls.env.ref("mail.mail_activity_data_call").id,
                    "summary": summary,
                    "date_deadline": cls.today + timedelta(days=days),
                    "user_id": user.id,
                    "in_calendar_feed": ticked,
                    **values,
                }
            )
        )

    def _make_address(self, user):
        action = user.with_user(user).action_make_calendar_feed()
        self.env.flush_all()
        return action["context"]["default_address"]


class IcalendarMixin:
    def _parse(self, content):
        """Entries by their UID, as a parser of another make reads them."""
        calendar = icalendar.Calendar.from_ical(content)
        self.assertEqual(calendar["version"], "2.0")
        self.assertFalse(calendar.errors)
        events = calendar.walk("VEVENT")
        for event in events:
            self.assertFalse(event.errors)
            for name in ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE"):
                self.assertIn(name, event)
        self.assertEqual(len(events), len({str(event["uid"]) for event in events}))
        for line in content.split(b"\r\n"):
            self.assertLessEqual(len(line), 75)
            self.assertNotIn(b"\n", line)
        return {str(event["uid"]): event for event in events}


@tagged("post_install", "-at_install")
@skipUnless(icalendar, "needs the parser of ./dev")
class TestIcalendar(FeedCommon, IcalendarMixin):
    """The file format itself, without records."""

    def _make(self, **values):
        entry = {
            "uid": "one@test",
            "changed": datetime(2026, 1, 2, 3, 4, 5),
            "start": datetime(2026, 3, 29, 10),
            "stop": datetime(2026, 3, 29, 11),
            "summary": "Visit",
            **values,
        }
        return self._parse(make_calendar([entry], "Calendar"))[entry["uid"]]

    def test_texts(self):
        for text in (
            "comma, semicolon; back\\slash and: colon",
            "line one\nline two\n\nline four",
            "Größe Ω 北京 🎉 " * 20,
            '"quoted" <b>not bold</b> BEGIN:VEVENT\nEND:VEVENT\nBEGIN:VALARM',
            "x" * 500,
        ):
            event = self._make(summary=text, description=text, location=text)
            for name in ("summary", "description", "location"):
                self.assertEqual(str(event[name]), text)
        self.assertEqual(str(self._make(summary="a\x00b\x07\r\nc")["summary"]), "ab\nc")

    def test_times(self):
        event = self._make()
        self.assertEqual(event.decoded("dtstart"), datetime(2026, 3, 29, 10, tzinfo=UTC))
        self.assertEqual(event.decoded("dtend"), datetime(2026, 3, 29, 11, tzinfo=UTC))
        event = self._make(start=date(2026, 3, 29), stop=date(2026, 3, 30))
        self.assertEqual(event.decoded("dtstart"), date(2026, 3, 29))
        self.assertEqual(event.decoded("dtend"), date(2026, 3, 31), "the day after the last")
        event = self._make(stop=datetime(2026, 3, 29, 10))
        self.assertNotIn("dtend", event)

    def test_an_empty_calendar(self):
        self.assertFalse(self._parse(make_calendar([], "Calendar")))


@tagged("post_install", "-at_install")
class TestCalendarFeed(FeedCommon):
    """Boxes, addresses, and who may do what."""

    def test_the_token_is_kept_nowhere(self):
        address = self._make_address(self.anna)
        token = re.fullmatch(r".*/crm/calendar/([\w-]{43})\.ics", address)[1]
        feed = self.env["calendar.feed"].search([("user_id", "=", self.anna.id)])
        self.assertEqual(feed.token_digest, hashlib.sha256(token.encode()).hexdigest())
        wizard = self.env["calendar.feed.wizard"].with_user(self.anna)
        form = Form(wizard.with_context(default_address=address))
        self.assertEqual(form.address, address)
        form.save()
        self.env.flush_all()
        for table in ("calendar_feed", "calendar_feed_wizard", "res_users"):
            self.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{token}%"])
            self.assertEqual(self.cr.fetchone(), (0,), table)
        self.assertTrue(self.anna.with_user(self.anna).calendar_feed_date)

    def test_everybody_has_his_own_address_only(self):
        self._make_address(self.anna)
        for user in (self.bert, self.manager, self.crm_admin):
            with self.assertRaises(AccessError):
                self.anna.with_user(user).action_make_calendar_feed()
            with self.assertRaises(AccessError):
                self.anna.with_user(user).action_revoke_calendar_feed()
            self.assertFalse(self.anna.with_user(user).sudo(False).calendar_feed_date)
            feeds = self.env["calendar.feed"].with_user(user)
            self.assertFalse(feeds.has_access("read"))
            with self.assertRaises(AccessError):
                feeds.search([])
        admin = self.env.ref("base.user_admin")
        self.assertTrue(self.anna.with_user(admin).calendar_feed_date)
        self.anna.with_user(admin).action_revoke_calendar_feed()
        self.assertFalse(self.anna.with_user(self.anna).calendar_feed_date)
        portal = self._make_user("portal", "base.group_portal")
        with self.assertRaises(AccessError):
            portal.with_user(portal).action_make_calendar_feed()

    def test_each_attendee_ticks_for_himself(self):
        event = self._make_event(
            self.anna,
            "Both",
            partner_ids=[Command.set((self.anna.partner_id + self.bert.partner_id).ids)],
        )
        changed = event.write_date
        self.assertTrue(event.in_calendar_feed)
        self.assertFalse(event.with_user(self.bert).in_calendar_feed)
        event.with_user(self.bert).in_calendar_feed = True
        event.in_calendar_feed = False
        self.assertTrue(event.with_user(self.bert).in_calendar_feed)
        self.assertFalse(event.in_calendar_feed)
        self.assertEqual(event.write_date, changed)
        Event = self.env["calendar.event"]
        ticked, unticked = [("in_calendar_feed", "=", True)], [("in_calendar_feed", "=", False)]
        self.assertIn(event, Event.with_user(self.bert).search(ticked))
        self.assertNotIn(event, Event.with_user(self.anna).search(ticked))
        self.assertIn(event, Event.with_user(self.anna).search(unticked))
        for user in (self.stranger, self.crm_admin):
            with self.assertRaisesRegex(UserError, "not yours"):
                event.with_user(user).in_calendar_feed = True

    def test_an_activity_is_ticked_by_whoever_it_is_assigned_to(self):
        activity = self._make_activity(self.anna, "Mine", ticked=False)
        with self.assertRaisesRegex(UserError, "not yours"):
            activity.with_user(self.crm_admin).in_calendar_feed = True
        with self.assertRaisesRegex(UserError, "not yours"):
            self._make_activity(self.crm_admin, "Hers", user_id=self.anna.id)
        activity.in_calendar_feed = True
        activity.with_user(self.crm_admin).summary = "Still"
        self.assertTrue(activity.in_calendar_feed)
        activity.with_user(self.crm_admin).user_id = self.crm_admin
        self.assertFalse(activity.sudo().in_calendar_feed, "the tick was anna's")

    def test_a_series_is_ticked_like_its_first_event(self):
        event = self._make_event(
            self.anna,
            "Weekly",
            # the next Monday: else the event itself is none of the series
            days=7 - self.today.weekday(),
            recurrency=True,
            rrule_type="weekly",
            end_type="count",
            count=5,
            mon=True,
            event_tz="Europe/Berlin",
        )
        events = event.recurrence_id.calendar_event_ids
        self.assertEqual(len(events), 5)
        self.assertEqual(events.mapped("in_calendar_feed"), [True] * 5)
        events[2].in_calendar_feed = False
        self.assertEqual(sum(events.mapped("in_calendar_feed")), 4)

    def test_the_boxes_on_the_forms(self):
        activity = self._make_activity(self.anna, "Mine", ticked=False)
        with Form(activity, "mail.mail_activity_view_form_popup") as form:
            form.in_calendar_feed = True
        self.assertTrue(activity.in_calendar_feed)
        event = self._make_event(self.anna, "Mine", ticked=False)
        with Form(event, "calendar.view_calendar_event_form") as form:
            form.in_calendar_feed = True
        self.assertTrue(event.in_calendar_feed)


@tagged("post_install", "-at_install")
@skipUnless(icalendar, "needs the parser of ./dev")
class TestCalendarFeedHttp(FeedCommon, IcalendarMixin, HttpCase):
    """The feed as a calendar program reads it: no session, no cookies."""

    def setUp(self):
        super().setUp()
        self.opener.cookies.clear()

    def _get(self, address, status=200, **headers):
        path = "/crm/calendar/" + address.rpartition("/crm/calendar/")[2]
        self.env.flush_all()
        # a readonly route that writes is run once more, with a warning
        with self.assertNoLogs("odoo.http", "WARNING"):
            answer = self.url_open(path, headers=headers, allow_redirects=False)
        self.assertEqual(answer.status_code, status)
        self.assertIn("noindex", answer.headers["X-Robots-Tag"])
        self.assertNotIn("Set-Cookie", answer.headers)
        return answer

    def _read(self, address):
        return self._parse(self._get(address).content)

    def _names(self, address):
        return sorted(str(event["summary"]) for event in self._read(address).values())

    def test_only_what_the_user_ticked_of_his_own(self):
        address = self._make_address(self.anna)
        self.assertFalse(self._read(address))
        self._make_event(self.anna, "Visit")
        self._make_event(self.anna, "Unticked", ticked=False)
        self._make_event(self.bert, "Bert's")
        self._make_activity(self.anna, "Ring up")
        self._make_activity(self.anna, "Unticked", ticked=False)
        self._make_activity(self.bert, "Bert's", record=self.customer_bert)
        self.assertEqual(self._names(address), ["Call: Ring up – Filling line", "Visit"])
        self.assertEqual(
            self._names(self._make_address(self.bert)), ["Bert's", "Call: Bert's – Kindler Toys"]
        )

    def test_headers_and_etag(self):
        address = self._make_address(self.anna)
        self._make_event(self.anna, "Visit")
        answer = self._get(address)
        self.assertEqual(answer.headers["Content-Type"], "text/calendar; charset=utf-8")
        self.assertIn("private", answer.headers["Cache-Control"])
        etag = answer.headers["ETag"]
        self.assertFalse(self._get(address, 304, **{"If-None-Match": etag}).content)
        self._make_event(self.anna, "Another visit")
        answer = self._get(address, **{"If-None-Match": etag})
        self.assertNotEqual(answer.headers["ETag"], etag)

    def test_a_hundred_reschedules_are_one_event(self):
        address = self._make_address(self.anna)
        event = self._make_event(self.anna, "Visit")
        activity = self._make_activity(self.anna, "Ring up")
        before = self._read(address)
        self.assertEqual(len(before), 2)
        sequences = []
        for days in range(2, 102):
            later = self.env.cr.now() + timedelta(minutes=days)
            with patch.object(type(self.env.cr), "now", lambda cr, later=later: later):
                start = event.start + timedelta(days=1)
                event.write({"start": start, "stop": start + timedelta(hours=1)})
                activity.date_deadline = self.today + timedelta(days=days)
                self.env.flush_all()
            if days % 20 == 1:
                sequences.append([int(e["sequence"]) for e in self._read(address).values()])
        after = self._read(address)
        self.assertEqual(after.keys(), before.keys())
        self.assertEqual(
            {entry.decoded("dtstart") for entry in after.values()},
            {event.start.replace(tzinfo=UTC), self.today + timedelta(days=101)},
        )
        for earlier, later in pairwise(sequences):
            self.assertTrue(all(a < b for a, b in zip(earlier, later, strict=True)))

    def test_a_wrong_or_revoked_address_is_not_found(self):
        address = self._make_address(self.anna)
        self._make_event(self.anna, "Visit")
        self._get(address)
        for wrong in (
            address[:-5] + ".ics",
            "/crm/calendar/x.ics",
            f"/crm/calendar/{self.anna.id}.ics",
            f"/crm/calendar/{self.env['calendar.feed'].search([], limit=1).token_digest}.ics",
        ):
            self.assertFalse(self._get(wrong, 404).content)
        new_address = self._make_address(self.anna)
        self._get(address, 404)
        self._get(new_address)
        self.anna.with_user(self.anna).action_revoke_calendar_feed()
        self._get(new_address, 404)

    def test_the_feed_of_somebody_who_left_ends(self):
        address = self._make_address(self.anna)
        self.anna.active = False
        self._get(address, 404)
        self.anna.active = True
        self._get(address)
        self.anna.group_ids = self.env.ref("base.group_portal")
        self._get(address, 404)

    def test_another_persons_session_changes_nothing(self):
        address = self._make_address(self.anna)
        self._make_event(self.anna, "Visit")
        self.authenticate(self.bert.login, self.bert.login)
        path = "/crm/calendar/" + address.rpartition("/")[2]
        answer = self.url_open(path)
        self.assertEqual(
            [str(e["summary"]) for e in self._parse(answer.content).values()], ["Visit"]
        )

    def test_time_zones_and_summer_time(self):
        """Ten o'clock in Berlin before and after the change, and for a reader elsewhere."""
        self.anna.tz = "America/Los_Angeles"
        address = self._make_address(self.anna)
        berlin = ZoneInfo("Europe/Berlin")
        with freeze_time("2026-03-20 12:00:00"):
            for day in (28, 29):
                local = datetime(2026, 3, day, 10, tzinfo=berlin)
                start = local.astimezone(UTC).replace(tzinfo=None)
                self._make_event(
                    self.anna, f"Day {day}", start=start, stop=start + timedelta(hours=1)
                )
            events = sorted(self._read(address).values(), key=lambda e: str(e["summary"]))
        starts = [event.decoded("dtstart") for event in events]
        self.assertEqual([start.astimezone(berlin).hour for start in starts], [10, 10])
        self.assertEqual([start.astimezone(UTC).hour for start in starts], [9, 8])

    def test_whole_days_are_dates_in_every_zone(self):
        for tz in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
            self.anna.tz = tz
            address = self._make_address(self.anna)
            first, last = self.today + timedelta(days=5), self.today + timedelta(days=6)
            event = self._make_event(
                self.anna,
                "Fair",
                allday=True,
                start_date=first,
                stop_date=last,
                start=first,
                stop=last,
            )
            activity = self._make_activity(self.anna, "Ring up", days=7)
            entries = {str(e["summary"])[:4]: e for e in self._read(address).values()}
            self.assertEqual(entries["Fair"].decoded("dtstart"), first)
            self.assertEqual(entries["Fair"].decoded("dtend"), last + timedelta(days=1))
            self.assertEqual(entries["Call"].decoded("dtstart"), self.today + timedelta(days=7))
            self.assertEqual(entries["Call"].decoded("dtend"), self.today + timedelta(days=8))
            event.unlink()
            activity.unlink()

    def test_the_window_and_the_limit(self):
        address = self._make_address(self.anna)
        for days in (-100, -80, 390, 410):
            self._make_event(self.anna, f"Event {days}", days=days)
            # nobody but superuser code plans for the past
            self._make_activity(self.anna, f"{days}", days=days, su=True)
        names = self._names(address)
        self.assertEqual(
            names,
            ["Call: -80 – Filling line", "Call: 390 – Filling line", "Event -80", "Event 390"],
        )
        with patch("odoo.addons.sales_crm_cases.models.calendar_feed.MAX_ENTRIES", 1):
            self.assertEqual(len(self._read(address)), 2)

    def test_what_is_done_deleted_or_no_longer_mine_is_gone(self):
        address = self._make_address(self.anna)
        activity = self._make_activity(self.anna, "Ring up")
        archived = self._make_event(self.anna, "Archived")
        left = self._make_event(self.anna, "Left")
        self.assertEqual(len(self._read(address)), 3)
        activity.action_feedback("done")
        archived.active = False
        left.write({"partner_ids": [Command.clear()], "user_id": self.bert.id})
        self.assertFalse(self._read(address))

    def test_a_meeting_is_there_once(self):
        address = self._make_address(self.anna)
        activity = self._make_activity(
            self.anna,
            "Demo",
            activity_type_id=self.env.ref("mail.mail_activity_data_meeting").id,
        )
        event = self._make_event(self.anna, "Demo", activity_ids=[Command.set(activity.ids)])
        self.assertEqual(activity.calendar_event_id, event)
        self.assertEqual(self._names(address), ["Demo"])

    def test_hidden_customers_do_not_leak(self):
        """The salesman is not linked any more; a meeting that he attends stays his."""
        address = self._make_address(self.anna)
        customer = self._make_customer("Zyx Secret Works", self.anna)
        case = self.env["crm.lead"].create(
            {
                "name": "Zyx case",
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": self.anna.id,
            }
        )
        self._make_activity(self.anna, "Zyx call", record=case)
        self._make_event(
            self.anna,
            "Meeting",
            opportunity_id=case.id,
            partner_ids=[Command.set((self.anna.partner_id + customer).ids)],
            description="<p>Bring <b>samples</b></p>",
            location="Room 1",
        )
        entries = list(self._read(address).values())
        self.assertEqual(len(entries), 2)
        meeting = next(e for e in entries if str(e["summary"]) == "Meeting")
        self.assertIn("Zyx Secret Works", str(meeting["description"]))
        self.assertIn("samples", str(meeting["description"]))
        self.assertEqual(str(meeting["location"]), "Room 1")
        self.assertRegex(str(meeting["url"]), r"/odoo/calendar\.event/\d+$")
        customer.salesman_ids = self.employees[self.bert]
        self.assertNotIn("zyx", self._get(address).text.lower())
        self.assertEqual(self._names(address), ["Meeting"])

    def test_private_events_of_others_stay_private_after_a_check(self):
        """Deciding about access leaves nothing in the cache that the user may not read."""
        event = self._make_event(self.anna, "Zyx", privacy="private", location="Zyx")
        for ask in (lambda e: e.has_access("read"), lambda e: e.partner_ids, lambda e: e.name):
            self.env.flush_all()
            self.env.invalidate_all()
            for user in (self.bert, self.clerk):
                ask(event.with_user(user))
                self.assertEqual(event.with_user(user).name, "Busy")
                self.assertFalse(event.with_user(user).location)
                self.env.invalidate_all()

    def test_download(self):
        event = self._make_event(self.anna, "Visit", privacy="private", location="Zyx place")
        activity = self._make_activity(self.anna, "Ring up")
        customer_event = self._make_event(
            self.bert,
            "Zyx plan",
            opportunity_id=self.env["crm.lead"]
            .create(
                {
                    "name": "Zyx",
                    "type": "opportunity",
                    "partner_id": self.customer_bert.id,
                    "user_id": self.bert.id,
                }
            )
            .id,
        )
        urls = [record.action_download_ics()["url"] for record in (event, activity)]
        for url in urls:
            self.assertNotIn("BEGIN:VCALENDAR", self.url_open(url).text, "without login")
        self.authenticate(self.anna.login, self.anna.login)
        for url, name in zip(urls, ("Visit", "Call: Ring up – Filling line"), strict=True):
            answer = self.url_open(url)
            self.assertIn("attachment", answer.headers["Content-Disposition"])
            [entry] = self._parse(answer.content).values()
            self.assertEqual(str(entry["summary"]), name)
        answer = self.url_open(f"/crm/calendar/calendar.event/{customer_event.id}.ics")
        self.assertNotIn("Zyx", answer.text)
        self.assertIn("SUMMARY:Busy", answer.text)
        for model in ("res.partner", "res.users"):
            self.assertEqual(self.url_open(f"/crm/calendar/{model}/1.ics").status_code, 404)
        self.assertEqual(
            self.url_open("/crm/calendar/calendar.event/999999999.ics").status_code, 404
        )
        self.authenticate(self.stranger.login, self.stranger.login)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(urls[1]).status_code, 404)
            answer = self.url_open(urls[0])
        self.assertNotIn("Zyx place", answer.text)
        self.assertNotIn("Visit", answer.text)
        self.assertIn("SUMMARY:Busy", answer.text)


@tagged("post_install", "-at_install")
class TestCalendarFeedTour(FeedCommon, HttpCase):
    """In the browser."""

    def test_make_and_revoke_an_address(self):
        self.anna.tz = "Europe/Berlin"  # Odoo saves no preferences without
        self.start_tour("/odoo", "sales_crm_calendar_feed", login=self.anna.login, timeout=300)
        self.assertFalse(self.anna.with_user(self.anna).calendar_feed_date)

    def test_tick_an_event(self):
        event = self._make_event(self.anna, "Visit", ticked=False)
        self.start_tour(
            f"/odoo/calendar.event/{event.id}",
            "sales_crm_calendar_feed_event",
            login=self.anna.login,
            timeout=300,
        )
        self.assertTrue(event.in_calendar_feed)
