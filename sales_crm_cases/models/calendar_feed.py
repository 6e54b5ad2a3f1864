import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..icalendar_feed import make_calendar

DAYS_BACK, DAYS_AHEAD = 90, 400
# of each kind
MAX_ENTRIES = 2000


class CalendarFeed(models.Model):
    """The private address of a user's calendar feed (C11).

    Only a digest of the token is kept: whoever reads the database learns no address, and
    nobody can be shown his once more. Written by the methods of ``res.users`` alone.
    """

    _name = "calendar.feed"
    _description = "Calendar feed of a user"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    token_digest = fields.Char(required=True, groups=fields.NO_ACCESS)

    _user_unique = models.UniqueIndex("(user_id)")
    _token_digest_unique = models.UniqueIndex("(token_digest)")

    @api.model
    def _digest(self, token):
        # 256 random bits need no salt and no slow hash; who looks them up in an index by their
        # digest tells nothing about them by how long it takes
        return hashlib.sha256(token.encode()).hexdigest()

    @api.model
    def _make_token(self, user):
        """Give the user a new token, and take back the one before.

        :return: the token, which is kept nowhere
        """
        token = secrets.token_urlsafe(32)
        self._revoke(user)
        self.create({"user_id": user.id, "token_digest": self._digest(token)})
        return token

    @api.model
    def _revoke(self, users):
        self.search([("user_id", "in", users.ids)]).unlink()

    @api.model
    def _find_user(self, token):
        """The active colleague to whom the token was given, or nobody."""
        feed = self.search([("token_digest", "=", self._digest(token))])
        return feed.user_id.filtered(lambda user: user.active and user._is_internal())

    @api.model
    def _render_feed(self, user):
        """The entries that the user ticked, with his rights and in his language.

        :return: bytes
        """
        feed = self.with_user(user).with_context(
            lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids
        )
        today = fields.Date.context_today(feed)
        window = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
        records = [
            feed.env[model_name].search(
                Domain("in_calendar_feed", "=", True)
                & feed.env[model_name]._get_feed_domain(*window),
                limit=MAX_ENTRIES,
                order=feed.env[model_name]._feed_order,
            )
            for model_name in ("calendar.event", "mail.activity")
        ]
        name = feed.env._("%(user)s: Sales CRM", user=user.name)
        return feed._render(*records, name=name)

    @api.model
    def _render(self, *records_of_models, name=None):
        """Records of ``calendar.feed.mixin`` as a calendar, as the current user sees them.

        :return: bytes
        """
        # sudo: one parameter, the same for everybody
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        entries = []
        for records in records_of_models:
            # by SQL: of others' private events Odoo shows not even this
            changes = dict(
                self.env.execute_query(
                    SQL(
                        "SELECT id, write_date FROM %s WHERE id = ANY(%s)",
                        SQL.identifier(records._table),
                        records.ids,
                    )
                )
            )
            for record, entry in records._prepare_feed_entries():
                entry["uid"] = f"{record._name}-{record.id}@{database}"
                entry["changed"] = changes[record.id]
                entry["url"] = f"{record.get_base_url()}/odoo/{record._get_feed_path()}"
                entries.append(entry)
        return make_calendar(entries, name)
