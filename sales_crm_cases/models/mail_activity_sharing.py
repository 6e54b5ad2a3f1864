from odoo import api, models
from odoo.fields import Domain


class MailActivity(models.Model):
    """Activities on a case that is shared with the user (B5); not those on its quotes."""

    _inherit = "mail.activity"

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        shared = Domain("res_model", "=", "crm.lead") & scope.get_shared_domain("case_id")
        return super()._get_sight_domain(scope, purpose) | shared

    @api.model
    def _get_sight_dependencies(self):
        return [*super()._get_sight_dependencies(), "case_id.collaborator_ids"]
