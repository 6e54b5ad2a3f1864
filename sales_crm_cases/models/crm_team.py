from odoo import api, fields, models


class CrmTeam(models.Model):
    """Odoo sums up the team's invoices in SQL, whoever asks."""

    _inherit = "crm.team"

    process_ids = fields.Many2many(
        "crm.process",
        "crm_process_team_rel",
        "team_id",
        "process_id",
        readonly=True,
        copy=False,
        help="New cases of the team follow it.",
    )

    @api.constrains("company_id")
    def _check_process_companies(self):
        self.with_context(active_test=False).process_ids._check_companies()

    @api.depends_context("uid")
    def _compute_invoiced(self):
        super()._compute_invoiced()
        if not self.env.user._is_customer_restricted():
            return
        today = fields.Date.today()
        # with the user's own sight: his part of the figure
        rows = (
            self.env["account.move"]
            .sudo(False)
            ._read_group(
                [
                    ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                    ("payment_state", "in", ("in_payment", "paid", "reversed")),
                    ("state", "=", "posted"),
                    ("team_id", "in", self.ids),
                    ("date", ">=", today.replace(day=1)),
                    ("date", "<=", today),
                ],
                ["team_id"],
                ["amount_untaxed_signed:sum"],
            )
        )
        amounts = {team.id: amount for team, amount in rows}
        for team in self:
            team.invoiced = amounts.get(team._origin.id, 0.0)
