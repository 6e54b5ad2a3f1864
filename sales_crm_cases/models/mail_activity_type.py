from odoo import api, fields, models


class MailActivityType(models.Model):
    """Kinds of activity; some are a contact with the customer: a call, a visit (R6)."""

    _inherit = "mail.activity.type"

    counts_as_contact = fields.Boolean(
        string="Counts as contact with the customer",
        compute="_compute_counts_as_contact",
        store=True,
        readonly=False,
        help="Once done, an activity of this type is the last contact from which the next rank "
        "call is counted. A planned one suppresses the prompt for it.",
    )

    @api.depends("category")
    def _compute_counts_as_contact(self):
        # where the shipped type was there before this field
        inspection = self.env.ref("sales_crm_cases.activity_type_inspection", False)
        for activity_type in self:
            activity_type.counts_as_contact = (
                activity_type.category in ("phonecall", "meeting") or activity_type == inspection
            )

    def write(self, vals):
        before = self.filtered("counts_as_contact")
        result = super().write(vals)
        if self.filtered("counts_as_contact") != before:
            self.env["res.partner"]._sync_rank_calls()
        return result
