from odoo import models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "customer.document.mixin"]

    _customer_path = "move_id.partner_id.customer_id"
    _owner_field = None

    def _get_uncustomered_domain(self, scope):
        nobody = Domain("move_id.partner_id.customer_id", "=", False)
        if self.env["account.move"]._user_keeps_books():
            return nobody
        return nobody & Domain("move_id", "any!", scope.get_owner_domain("invoice_user_id"))
