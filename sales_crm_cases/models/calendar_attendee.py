from odoo import models
from odoo.fields import Domain


class CalendarAttendee(models.Model):
    """Odoo shows every attendee's name and address to every user."""

    _name = "calendar.attendee"
    _inherit = ["calendar.attendee", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True

    def _get_uncustomered_domain(self, scope):
        # also those who were invited by address alone
        return Domain("partner_id", "=", False) | super()._get_uncustomered_domain(scope)
