from odoo import api, fields, models


class CrmProcessWeight(models.Model):
    """A probability of which the cases of a process may choose (B1)."""

    _name = "crm.process.weight"
    _description = "Weight of cases"
    _order = "probability, id"

    process_id = fields.Many2one("crm.process", required=True, index=True, ondelete="cascade")
    probability = fields.Float(string="Probability (%)", required=True, digits=(5, 2))
    name = fields.Char(translate=True, help="e.g. Hot; shown beside the probability.")

    _probability_open = models.Constraint(
        "CHECK (probability >= 0 AND probability < 100)",
        "A weight is a probability from 0 to less than 100 %: 100 % is an order.",
    )
    _probability_unique = models.UniqueIndex(
        "(process_id, probability)", "The process has this weight already."
    )

    @api.depends("probability", "name")
    def _compute_display_name(self):
        for weight in self:
            parts = (f"{weight.probability:g} %", weight.name)
            weight.display_name = " · ".join(part for part in parts if part)
