import json

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

TYPES = {
    "json": "application/json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


class PrivacyController(http.Controller):
    """Download of all that is kept of a person, for officers (G5). Others are refused whether
    there is such a person or not."""

    @http.route(
        "/sales_crm_cases/privacy/<int(max=2147483647):partner_id>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def export_subject(self, partner_id):
        partner = self._get_partner(partner_id)
        data = request.env["privacy.request"].export_subject(partner.id)
        return self._make_file(partner, json.dumps(data, indent=2, ensure_ascii=False), "json")

    @http.route(
        "/sales_crm_cases/privacy/<int(max=2147483647):partner_id>/report",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def print_subject(self, partner_id):
        partner = self._get_partner(partner_id)
        return self._make_file(partner, *request.env["privacy.subject.access"]._render(partner))

    def _get_partner(self, partner_id):
        request.env["privacy.request"]._check_officer()
        try:
            return request.env["privacy.request"]._take_partners([partner_id])
        except UserError:
            # nobody, or somebody of another company
            raise request.not_found() from None

    def _make_file(self, partner, content, extension):
        return request.make_response(
            content,
            [
                ("Content-Type", TYPES[extension]),
                ("Content-Disposition", content_disposition(f"person-{partner.id}.{extension}")),
                ("Cache-Control", "no-store"),
            ],
        )
