from odoo import api, models
from odoo.fields import Domain


class MailActivity(models.Model):
    """Activities on a case that is shared with the user (B5); not those on its quotes."""

    _inherit = "mail.activity"

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        return super()._get_sight_domain(scope, purpose) | self._get_shared_domain(scope)

    @api.model
    def _get_leading_sight(self, scope, purpose=None):
        return super()._get_leading_sight(scope, purpose) | self._get_shared_domain(scope)

    @api.model
    def _get_shared_domain(self, scope):
        return Domain("res_model", "=", "crm.lead") & scope.get_shared_domain("case_id")

    @api.model
    def _get_sight_dependencies(self):
        return [*super()._get_sight_dependencies(), "case_id.collaborator_ids"]

    @api.depends_context("uid")
    def _compute_contact_id(self):
        """Who sees the case and not its customer has the number that is in the case."""
        result = super()._compute_contact_id()
        hidden = self.case_id.sudo(False)._filter_of_hidden_customer()
        for activity in self:
            if activity.case_id in hidden:
                activity.contact_id = activity.case_id.partner_id
                activity.contact_phone = activity.case_id.phone
        return result
