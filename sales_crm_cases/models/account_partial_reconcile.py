from odoo import api, models
from odoo.fields import Domain


class AccountPartialReconcile(models.Model):
    """What settles what: Odoo names the two journal items."""

    _name = "account.partial.reconcile"
    _inherit = ["account.partial.reconcile", "crm.visibility.mixin"]

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        items = self.env["account.move.line"]._get_sight_domain(scope, purpose)
        return Domain("debit_move_id", "any!", items) & Domain("credit_move_id", "any!", items)

    @api.model
    def _get_sight_dependencies(self):
        return ["debit_move_id", "credit_move_id"]
