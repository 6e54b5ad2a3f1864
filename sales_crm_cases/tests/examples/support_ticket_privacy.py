from dataclasses import replace

from odoo import api, fields, models

from odoo.addons.sales_crm_cases.personal_data import EMPTY, Constant, PersonalModel


class ResPartner(models.Model):
    _inherit = "res.partner"

    support_hint = fields.Char()
    support_level = fields.Selection([("basic", "Basic"), ("full", "Full")])


class PrivacyRegistry(models.AbstractModel):
    _inherit = "privacy.registry"

    @api.model
    def _get_personal_models(self):
        declared = [
            replace(each, fields={**each.fields, "support_level": EMPTY})
            if each.model == "res.partner"
            else each
            for each in super()._get_personal_models()
        ]
        return [*declared, PersonalModel("support.ticket", fields={"name": Constant("Ticket")})]
