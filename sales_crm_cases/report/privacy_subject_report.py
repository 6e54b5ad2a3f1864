from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime, get_lang


class PrivacySubjectReport(models.AbstractModel):
    """Values of the report; asks for the right and writes the log, whoever renders it."""

    _name = "report.sales_crm_cases.report_privacy_subject"
    _description = "Personal data of a person"

    @api.model
    def _get_report_values(self, docids, data=None):
        if len(docids or ()) != 1:
            raise UserError(self.env._("Ask for the data of one person at a time."))
        exported = self.env["privacy.request"].export_subject(docids[0])
        records = exported["records"]
        person = next(row for row in records["res.partner"] if row["id"] == docids[0])
        return {
            "lang": get_lang(self.env).code,
            "partner_id": docids[0],
            "person_name": person.get("complete_name") or person.get("name"),
            "date": format_datetime(self.env, exported["date"], tz="UTC"),
            "sections": self.env["privacy.subject.access"]._describe(records),
        }
