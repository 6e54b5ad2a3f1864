from odoo import api, fields, models


class SalesTargetDefault(models.Model):
    """What new salesmen of a company are to reach in each month (H7).

    They get their targets when they become salesmen; a change of the defaults changes no
    target. "Apply to all" gives them to those who are salesmen already.
    """

    _name = "sales.target.default"
    _inherit = ["sales.target.kind.mixin"]
    _description = "Target of new salesmen"
    _order = "company_id, kind, activity_type_id, id"
    _rec_name = "kind"

    activity_type_id = fields.Many2one(ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _key_unique = models.UniqueIndex(
        "(company_id, kind, COALESCE(activity_type_id, 0))",
        "The company has a default of this kind already. Change that one.",
    )

    @api.depends("kind", "activity_type_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for default in self:
            default.display_name = default._get_kind_label()
