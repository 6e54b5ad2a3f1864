from odoo import fields, models


class CalendarFeedWizard(models.TransientModel):
    """Shows the address of a calendar feed, once. Nothing of it is stored (C11)."""

    _name = "calendar.feed.wizard"
    _description = "Address of a calendar feed"

    address = fields.Char(store=False, readonly=True)
