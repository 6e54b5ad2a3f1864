"""What a calendar feed looks like (C11, RFC 5545): plain Python, no records.

Written with vobject, which escapes texts, folds lines and is among Odoo's requirements. An
entry keeps its UID for good, so that a calendar program moves what was rescheduled; SEQUENCE
and DTSTAMP say that it was. Times are in UTC, which is right in every zone and needs no
VTIMEZONE; whole days are dates, whose end is the first day after them.
"""

import re
from datetime import datetime, timedelta

import vobject
from dateutil.tz import UTC

PRODUCT = "-//Sales CRM Cases//Calendar feed//EN"
# SEQUENCE is a small integer that never goes down: seconds since then
SEQUENCE_START = datetime(2020, 1, 1)
# everything but tabs and line breaks is not allowed in a text
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def make_calendar(entries, name=None):
    """
    :param entries: dicts with ``uid``, ``changed`` (UTC), ``start`` and ``stop`` (both UTC
        datetimes, or both dates with the last day), ``summary``, and perhaps ``description``,
        ``location``, ``url``, ``is_free``
    :param name: name of the calendar, for a feed
    :return: bytes
    """
    calendar = vobject.iCalendar()
    calendar.add("prodid").value = PRODUCT
    calendar.add("method").value = "PUBLISH"
    if name:
        calendar.add("x-wr-calname").value = _clean(name)
        refresh = calendar.add("refresh-interval")
        refresh.params["VALUE"] = ["DURATION"]
        refresh.value = "PT30M"
        calendar.add("x-published-ttl").value = "PT30M"
    for entry in entries:
        _add_event(calendar, entry)
    return calendar.serialize().encode()


def _add_event(calendar, entry):
    event = calendar.add("vevent")
    changed = entry["changed"].replace(microsecond=0)
    event.add("uid").value = entry["uid"]
    event.add("dtstamp").value = changed.replace(tzinfo=UTC)
    event.add("last-modified").value = changed.replace(tzinfo=UTC)
    event.add("sequence").value = str(max(0, int((changed - SEQUENCE_START).total_seconds())))
    _add_time(event, entry)
    event.add("summary").value = _clean(entry["summary"])
    for name in ("description", "location", "url"):
        if entry.get(name):
            event.add(name).value = _clean(entry[name])
    event.add("transp").value = "TRANSPARENT" if entry.get("is_free") else "OPAQUE"


def _add_time(event, entry):
    start, stop = entry["start"], entry["stop"]
    if isinstance(start, datetime):
        start, stop = (time.replace(microsecond=0, tzinfo=UTC) for time in (start, stop))
    else:
        stop += timedelta(days=1)
    event.add("dtstart").value = start
    if stop > start:
        event.add("dtend").value = stop


def _clean(text):
    return CONTROL_CHARACTERS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
