from odoo import models
from odoo.fields import Domain


class MailFollowers(models.Model):
    """Odoo shows every user who follows what, with name and address."""

    _name = "mail.followers"
    _inherit = ["mail.followers", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"

    def _get_uncustomered_domain(self, scope):
        return Domain(self._customer_path, "=", False)
