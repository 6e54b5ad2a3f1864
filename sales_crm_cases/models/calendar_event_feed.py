from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CalendarEvent(models.Model):
    """Events in calendar feeds: each attendee ticks for himself (C11)."""

    _name = "calendar.event"
    _inherit = ["calendar.event", "calendar.feed.mixin"]

    _feed_order = "start, id"

    in_calendar_feed = fields.Boolean(
        compute="_compute_in_calendar_feed",
        inverse="_inverse_in_calendar_feed",
        search="_search_in_calendar_feed",
        compute_sudo=False,
    )

    @api.depends_context("uid")
    def _compute_in_calendar_feed(self):
        # sudo: the user's own ticks
        ticks = (
            self.env["calendar.feed.tick"]
            .sudo()
            .search([("event_id", "in", self._origin.ids), ("user_id", "=", self.env.uid)])
        )
        ticked_ids = set(ticks.event_id.ids)
        for event in self:
            event.in_calendar_feed = event._origin.id in ticked_ids

    def _inverse_in_calendar_feed(self):
        ticked = self.filtered("in_calendar_feed")
        ticked._check_feed_owner()
        ticked._tick(self.env.user)
        # sudo: the user's own ticks
        self.env["calendar.feed.tick"].sudo().search(
            [("event_id", "in", (self - ticked).ids), ("user_id", "=", self.env.uid)]
        ).unlink()

    def _search_in_calendar_feed(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain(
            "id",
            "in",
            SQL("(SELECT event_id FROM calendar_feed_tick WHERE user_id = %s)", self.env.uid),
        )
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    @api.depends("user_id", "partner_ids")
    @api.depends_context("uid")
    def _compute_may_be_in_calendar_feed(self):
        for event in self:
            event.may_be_in_calendar_feed = (
                event.user_id == self.env.user or self.env.user.partner_id in event.partner_ids
            )

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        # sudo: the further events of a series are ticked like its first one, by whomever
        for recurrence, series in events.sudo().grouped("recurrence_id").items():
            if recurrence:
                series._tick(recurrence.base_event_id._get_ticking_users())
        return events

    def _get_ticking_users(self):
        return self.env["calendar.feed.tick"].search([("event_id", "in", self.ids)]).user_id

    def _tick(self, users):
        """Put the events into the users' feeds; they may be there already."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO calendar_feed_tick (event_id, user_id)
                SELECT e, u FROM unnest(%s::int[]) e, unnest(%s::int[]) u
                    ON CONFLICT DO NOTHING
                """,
                self.ids,
                users.ids,
            )
        )
        self.invalidate_recordset(["in_calendar_feed"], flush=False)

    def _get_feed_domain(self, date_from, date_to):
        mine = Domain("user_id", "=", self.env.uid) | Domain(
            "partner_ids", "in", self.env.user.partner_id.ids
        )
        return mine & Domain("stop", ">=", date_from) & Domain("start", "<", date_to)

    def _prepare_feed_entries(self):
        for event in self:
            times = {
                "start": event.start_date if event.allday else event.start,
                "stop": event.stop_date if event.allday else event.stop,
                "is_free": event.show_as == "free",
            }
            if event._check_private_event_conditions():
                yield event, {**times, "summary": self.env._("Busy")}
                continue
            yield event, {**times, **event._prepare_feed_texts()}

    def _prepare_feed_texts(self):
        # sudo: which customers are hidden from the user
        customers = self.sudo().partner_ids.customer_id | self.sudo().opportunity_id.customer_id
        hidden = customers.sudo(False)._filter_hidden()
        # Odoo writes the contacts' names, addresses and numbers into the description
        description = False if hidden else self.description
        return {
            "summary": self.name or "",
            "location": self.location,
            "description": self._prepare_feed_description(
                customers.sudo(False) - hidden, description
            ),
        }
