from odoo import fields, models


class CrmCaseType(models.Model):
    """What a case is about (C1): new business, renewal, …"""

    _name = "crm.case.type"
    _description = "Case type"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    # of whatever translations
    _name_unique = models.UniqueIndex(
        "((name->>'en_US'))", "There is a case type of this name already."
    )
