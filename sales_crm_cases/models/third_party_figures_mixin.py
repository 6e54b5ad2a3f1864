from odoo import models
from odoo.exceptions import ValidationError

MAX_NUMBER = 1e12


class ThirdPartyFiguresMixin(models.AbstractModel):
    """Contracts, items and usage: none of their figures is negative (R4)."""

    _name = "third.party.figures.mixin"
    _description = "Figures of contracts"

    def _refuse_negative(self, *names):
        """:raise ValidationError: a figure below zero, or no number at all"""
        for record in self:
            for name in names:
                # so written, it refuses what is not a number, too
                if not 0 <= record[name] < MAX_NUMBER:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” of %(record)s is %(value)s. Give a figure from zero on.",
                            field=self._fields[name]._description_string(self.env),
                            record=record.display_name,
                            value=record[name],
                        )
                    )
