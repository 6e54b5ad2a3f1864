from odoo import api, fields, models
from odoo.exceptions import AccessError


class ResUsers(models.Model):
    """Each user makes, renews and revokes the address of his own calendar feed (C11)."""

    _name = "res.users"
    _inherit = ["res.users"]

    calendar_feed_date = fields.Datetime(
        string="Feed since", compute="_compute_calendar_feed_date", compute_sudo=False
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "calendar_feed_date"]

    @api.depends_context("uid")
    def _compute_calendar_feed_date(self):
        # sudo: when the user made it, for himself and for administrators
        visible = self if self.env.su or self.env.user._is_system() else self & self.env.user
        feeds = self.env["calendar.feed"].sudo().search([("user_id", "in", visible.ids)])
        dates = {feed.user_id.id: feed.create_date for feed in feeds}
        for user in self:
            user.calendar_feed_date = dates.get(user._origin.id)

    def action_make_calendar_feed(self):
        """Give me a new private address, which is shown once; the one before ends.

        :return: action that shows it
        :raise AccessError: somebody else's feed
        """
        self.ensure_one()
        if self != self.env.user or not self._is_internal():
            raise AccessError(
                self.env._("Everybody makes the address of his calendar feed himself.")
            )
        # sudo: nobody has the right to read or write tokens
        token = self.env["calendar.feed"].sudo()._make_token(self)
        self.invalidate_recordset(["calendar_feed_date"])
        return self.env["ir.actions.act_window"]._get_dialog(
            "calendar.feed.wizard",
            self.env._("Address of your calendar feed"),
            {"default_address": f"{self.get_base_url()}/crm/calendar/{token}.ics"},
        )

    def action_revoke_calendar_feed(self):
        """End the address of my feed; administrators end everybody's.

        :raise AccessError: somebody else's feed
        """
        if self != self.env.user and not self.env.user._is_system():
            raise AccessError(self.env._("You may revoke your own calendar feed only."))
        # sudo: as above
        self.env["calendar.feed"].sudo()._revoke(self)
        self.invalidate_recordset(["calendar_feed_date"])
        return self.env["ir.actions.client"]._get_notification(
            self.env._("Revoked: nobody can read the calendar feed any more.")
        )
