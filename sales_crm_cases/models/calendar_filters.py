from odoo import models


class CalendarFilters(models.Model):
    """Odoo shows every user whose calendars his colleagues have ticked, with their names."""

    _name = "calendar.filters"
    _inherit = ["calendar.filters", "customer.document.mixin"]

    _customer_path = "partner_id.customer_id"
    _uncustomered_is_public = True
