import json

from odoo import http
from odoo.http import content_disposition, request


class PrivacyController(http.Controller):
    """Download of all that is kept of a person (G5)."""

    @http.route(
        "/sales_crm_cases/privacy/<int:partner_id>", type="http", auth="user", methods=["GET"]
    )
    def export_subject(self, partner_id):
        data = request.env["privacy.request"].export_subject(partner_id)
        return request.make_response(
            json.dumps(data, indent=2, ensure_ascii=False),
            [
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Disposition", content_disposition(f"person-{partner_id}.json")),
                ("Cache-Control", "no-store"),
            ],
        )
