from odoo import api, models
from odoo.fields import Domain


class MailActivity(models.Model):
    """Activities in the calendar feed of whoever they are assigned to (C11)."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "calendar.feed.mixin"]

    _feed_order = "date_deadline, id"

    _in_calendar_feed_idx = models.Index("(user_id, date_deadline) WHERE in_calendar_feed")

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_may_be_in_calendar_feed(self):
        for activity in self:
            activity.may_be_in_calendar_feed = activity.user_id == self.env.user

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        if not self.env.su:
            activities.filtered("in_calendar_feed")._check_feed_owner()
        return activities

    def write(self, vals):
        moved = self.browse()
        if "user_id" in vals and "in_calendar_feed" not in vals:
            moved = self.filtered(lambda a: a.in_calendar_feed and a.user_id.id != vals["user_id"])
        result = super().write(vals)
        if moved:
            # sudo: the tick was for the feed of whoever had the activity before
            super(MailActivity, moved.sudo()).write({"in_calendar_feed": False})
        if vals.get("in_calendar_feed") and not self.env.su:
            self._check_feed_owner()
        return result

    def _get_feed_domain(self, date_from, date_to):
        return (
            Domain("user_id", "=", self.env.uid)
            & Domain("date_deadline", ">=", date_from)
            & Domain("date_deadline", "<", date_to)
        )

    def _prepare_feed_entries(self):
        # a meeting that is ticked itself stands for its activity
        for activity in self.filtered(lambda a: not a.calendar_event_id.in_calendar_feed):
            # sudo: what everybody may know, the name of the kind of activity
            kind = activity.sudo().activity_type_id.name
            title = ": ".join(filter(None, [kind, activity.summary]))
            yield (
                activity,
                {
                    "start": activity.date_deadline,
                    "stop": activity.date_deadline,
                    "summary": " – ".join(filter(None, [title, activity.res_name])),
                    "description": activity._prepare_feed_description(
                        activity.customer_id, activity.note
                    ),
                    "is_free": True,
                },
            )

    def _get_feed_path(self):
        if self.res_model and self.res_id:
            return f"{self.res_model}/{self.res_id}"
        return super()._get_feed_path()
