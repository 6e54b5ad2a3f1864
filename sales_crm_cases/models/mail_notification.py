from odoo import models
from odoo.fields import Domain


class MailNotification(models.Model):
    """Odoo shows every user who was sent what, with name and address."""

    _name = "mail.notification"
    _inherit = ["mail.notification", "customer.document.mixin"]

    _customer_path = "res_partner_id.customer_id"
    _uncustomered_is_public = True

    def _get_uncustomered_domain(self, scope):
        return Domain("res_partner_id", "=", False) | super()._get_uncustomered_domain(scope)
