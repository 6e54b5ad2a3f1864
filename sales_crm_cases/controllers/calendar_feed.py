from odoo import http
from odoo.http import request

DOWNLOADS = ("calendar.event", "mail.activity")


class CalendarFeedController(http.Controller):
    """Calendars as files: the private feed of a user, and single entries (C11)."""

    @http.route(
        "/crm/calendar/<string:token>.ics",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def feed(self, token):
        """The feed of the user to whom the token was given. A token that is wrong, was revoked or
        belongs to somebody who left is not found, and nothing tells one case from another."""
        # sudo: the token is what the caller has in place of a login
        user = request.env["calendar.feed"].sudo()._find_user(token)
        if not user:
            return self._answer(b"", status=404)
        entries = request.env["calendar.feed"]._render_feed(user)
        response = self._answer(entries)
        response.add_etag()
        return response.make_conditional(request.httprequest)

    @http.route(
        "/crm/calendar/<string:model>/<int:record_id>.ics",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def download(self, model, record_id):
        """One event or activity as a file, as the user sees it."""
        if model not in DOWNLOADS:
            return self._answer(b"", status=404)
        record = request.env[model].browse(record_id).exists()
        if not record or not record.has_access("read"):
            return self._answer(b"", status=404)
        response = self._answer(request.env["calendar.feed"]._render(record))
        response.headers["Content-Disposition"] = http.content_disposition(
            f"{model.replace('.', '-')}-{record_id}.ics"
        )
        return response

    @staticmethod
    def _answer(content, status=200):
        headers = [
            ("Content-Type", "text/calendar; charset=utf-8"),
            ("Cache-Control", "private, no-cache" if status == 200 else "no-store"),
            ("X-Robots-Tag", "noindex, nofollow"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
        return request.make_response(content, headers, status=status)
