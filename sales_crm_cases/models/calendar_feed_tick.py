from odoo import fields, models


class CalendarFeedTick(models.Model):
    """An event that a user ticked for his calendar feed (C11). An event has many attendees and
    each has a feed of his own; a tick is no change of the event."""

    _name = "calendar.feed.tick"
    _description = "Event in a user's calendar feed"
    _log_access = False

    event_id = fields.Many2one("calendar.event", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")

    _event_user_unique = models.UniqueIndex("(event_id, user_id)")
    _user_event_idx = models.Index("(user_id, event_id)")
