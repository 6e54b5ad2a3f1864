from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext


class CalendarFeedMixin(models.AbstractModel):
    """What has a date and a box that puts it into a user's calendar feed (C11)."""

    _name = "calendar.feed.mixin"
    _description = "Entry of a calendar feed"

    _feed_order = "id"

    in_calendar_feed = fields.Boolean(
        string="In my calendar feed",
        copy=False,
        help="Puts it into the calendar that you subscribed to. The address of the feed is in "
        "your preferences.",
    )
    may_be_in_calendar_feed = fields.Boolean(
        compute="_compute_may_be_in_calendar_feed", export_string_translation=False
    )

    def _compute_may_be_in_calendar_feed(self):
        raise NotImplementedError(self._name)

    def _check_feed_owner(self):
        """Nobody fills the feed of somebody else."""
        foreign = self.filtered(lambda record: not record.may_be_in_calendar_feed)
        if foreign:
            raise UserError(
                self.env._(
                    "“%(name)s” is not yours: only events that you attend and activities that are "
                    "assigned to you go to your calendar feed.",
                    name=foreign[0].display_name,
                )
            )

    def _get_feed_domain(self, date_from, date_to):
        """What of the user's falls into the window."""
        raise NotImplementedError(self._name)

    def _prepare_feed_entries(self):
        """:return: pairs of record and dict as ``make_calendar`` takes it, without the identity"""
        raise NotImplementedError(self._name)

    def _get_feed_path(self):
        """What a click on the entry opens in the web client."""
        return f"{self._name}/{self.id}"

    def _prepare_feed_description(self, customers, html):
        """Customers and text, as far as the user may read them."""
        names = ", ".join(customers._filtered_access("read").mapped("display_name"))
        lines = [self.env._("Customer: %(names)s", names=names)] if names else []
        text = html2plaintext(html or "").strip()
        return "\n\n".join([*lines, *([text] if text else [])])

    def action_download_ics(self):
        """Download the record as an .ics file."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/crm/calendar/{self._name}/{self.id}.ics",
            "target": "download",
        }
