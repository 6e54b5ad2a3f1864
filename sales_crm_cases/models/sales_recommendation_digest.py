import datetime
import logging

import psycopg2
import pytz
from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# the hour, where the user is, from which the day's digest is sent
SEND_FROM_HOUR = 7
# digests per transaction
STEP_SIZE = 50
MOST_URGENT = 5
KEPT_DAYS = 30


class SalesRecommendationDigest(models.Model):
    """One mail and one notification per salesman and day, instead of one per item (R7).

    A record says that the user was told on that day, his own. It is made in the transaction
    that makes his mail, and once: two jobs at the same time, a killed one and the next, tell
    him once. On an empty day there is none.
    """

    _name = "sales.recommendation.digest"
    _description = "Daily digest of recommendations that was sent"
    _order = "date DESC, user_id"
    _rec_name = "user_id"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True, index=True)

    _user_date_unique = models.UniqueIndex(
        "(user_id, date)", "The user has had the digest of this day."
    )

    # ------------------------------------------------------------------
    # Send
    # ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Tell every salesman for whom the day has begun and who was not told today. As a
        scheduled action it commits after each step."""
        steps = bool(self.env.context.get("ir_cron_progress_id"))
        cron = self.env["ir.cron"]
        if steps:
            cron._commit_progress()
        while digests := self._take_users():
            digests._send()
            # the step is full: there may be more
            remaining = int(len(digests) == STEP_SIZE)
            if steps and not cron._commit_progress(len(digests), remaining=remaining):
                return

    @api.model
    def _take_users(self):
        """Records for some users who are to be told now."""
        self.env["sales.visibility"]._flush_sources()
        self.env["sales.recommendation"].flush_model()
        self.env["customer.reminder"].flush_model()
        for model_name, names in (
            ("res.users", ["active", "company_id", "partner_id"]),
            ("res.users.settings", ["user_id", "recommendation_digest"]),
            ("res.company", ["recommendation_digest"]),
            ("res.partner", ["tz"]),
        ):
            self.env[model_name].flush_model(names)
        days = self._get_days()
        if not days:
            return self.browse()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO sales_recommendation_digest (user_id, date)
                SELECT u.id, d.day
                  FROM (VALUES %(days)s) d(tz, day)
                  JOIN res_partner p ON COALESCE(p.tz, 'UTC') = d.tz
                  JOIN res_users u ON u.partner_id = p.id AND u.active
                  JOIN res_company c ON c.id = u.company_id AND c.recommendation_digest
                  LEFT JOIN res_users_settings s ON s.user_id = u.id
                 WHERE COALESCE(s.recommendation_digest, TRUE)
                   AND NOT EXISTS (SELECT 1 FROM sales_recommendation_digest g
                                    WHERE g.user_id = u.id AND g.date = d.day)
                   AND (EXISTS (SELECT 1 FROM sales_visibility v
                                  JOIN sales_recommendation r ON r.employee_id = v.employee_id
                                                             AND r.state = 'open'
                                 WHERE v.user_id = u.id AND v.reason IN ('own', 'delegate')
                                   AND (v.date_from IS NULL OR v.date_from <= d.day)
                                   AND (v.date_to IS NULL OR v.date_to >= d.day))
                        OR EXISTS (SELECT 1 FROM customer_reminder m
                                    WHERE m.owner_id = u.id AND m.active AND m.next_date <= d.day))
                 ORDER BY u.id LIMIT %(limit)s
                    ON CONFLICT DO NOTHING
                RETURNING id
                """,
                days=SQL(", ").join(SQL("(%s, %s::date)", tz, day) for tz, day in days),
                limit=STEP_SIZE,
            )
        )
        return self.browse(id_ for [id_] in rows)

    @api.model
    def _get_days(self):
        """The time zones of users in which it is late enough, each with the day there.

        :return: list of ``(name of the time zone, date)``
        """
        zones = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT COALESCE(p.tz, 'UTC') FROM res_users u
                  JOIN res_partner p ON p.id = u.partner_id WHERE u.active
                """
            )
        )
        now = pytz.utc.localize(fields.Datetime.now())
        days = []
        for [zone] in zones:
            try:
                local = now.astimezone(pytz.timezone(zone))
            except pytz.UnknownTimeZoneError:
                # a zone that was renamed since the user chose it
                local = now
            if local.hour >= SEND_FROM_HOUR:
                days.append((zone, local.date()))
        return days

    def _send(self):
        """Tell the users. One who cannot be told is named in the log, and keeps nobody waiting."""
        for digest in self:
            try:
                with self.env.cr.savepoint():
                    digest._tell(digest.user_id)
            except psycopg2.OperationalError:
                # another transaction was quicker: the whole step is done again
                raise
            except Exception:  # whatever it is, the others are told
                _logger.exception("The digest of user %s cannot be made", digest.user_id.id)

    def _tell(self, user):
        """Mail or inbox, as the user prefers, and a note on his screen."""
        content = self._get_content(user)
        if not content:
            return
        env = content["env"]
        body = env["ir.qweb"]._render("sales_crm_cases.recommendation_digest", content)
        user.with_env(env)._tell_by_mail(
            content["title"],
            body,
            email_layout_xmlid="mail.mail_notification_light",
            model_description=env._("Daily digest"),
        )
        user._tell_on_screen(env._("Your day in the CRM"), content["summary"])

    @api.model
    def _get_content(self, user):
        """What the user is told, as far as he sees it, in his language and time zone.

        :return: dict of what the template shows; empty: nothing is to be told
        """
        env = self.env(
            user=user,
            su=False,
            context={
                "lang": user.lang,
                "tz": user.tz or "UTC",
                # his own one first: it is the company of the mail
                "allowed_company_ids": [
                    user.company_id.id,
                    *(user.company_ids - user.company_id).ids,
                ],
            },
        )
        # nobody is told of what he cannot read: salesmen only
        recommendations = env["sales.recommendation"]
        counts, urgent = [], recommendations
        if recommendations.has_access("read"):
            domain = [("is_mine", "=", True), ("state", "=", "open")]
            counts = [
                {"name": kind.name, "icon": kind.icon, "count": count}
                for kind, count in recommendations._read_group(domain, ["kind_id"], ["__count"])
            ]
            urgent = recommendations.search(domain, limit=MOST_URGENT)
        reminders = env["customer.reminder"]
        due = reminders.browse()
        if reminders.has_access("read"):
            today = fields.Date.context_today(reminders)
            due = reminders.search(reminders._get_due_domain(today), order="next_date, id")
        total = sum(each["count"] for each in counts)
        if not total and not due:
            return {}
        parts = []
        if total:
            parts.append(
                env._("1 recommendation")
                if total == 1
                else env._("%(count)s recommendations", count=total)
            )
        if due:
            parts.append(
                env._("1 reminder")
                if len(due) == 1
                else env._("%(count)s reminders", count=len(due))
            )
        summary = ", ".join(parts)
        return {
            "env": env,
            "title": env._("Your day in the CRM: %(summary)s", summary=summary),
            "summary": summary,
            "user": user,
            "counts": counts,
            "urgent": urgent,
            "reminders": due[:MOST_URGENT],
            "more_reminders": max(len(due) - MOST_URGENT, 0),
            "base_url": recommendations.get_base_url(),
        }

    # ------------------------------------------------------------------
    # Forget
    # ------------------------------------------------------------------

    @api.autovacuum
    def _gc_old(self):
        """The record of a day is not needed once the day is over everywhere."""
        self.search([("date", "<", fields.Date.today() - datetime.timedelta(KEPT_DAYS))]).unlink()
