from odoo import models


class MailFollowers(models.Model):
    """Odoo shows every user who follows what, with name and address."""

    _name = "mail.followers"
    _inherit = ["mail.followers", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
