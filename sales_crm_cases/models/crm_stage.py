from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# Context key: Odoo's own search for "the first stage" is about its own stages.
WITHOUT_PROCESSES = "crm_stages_without_processes"


class CrmStage(models.Model):
    """A stage of Odoo's pipeline, or the status of a process (B1). Stages without process are
    those of teams without one, and are as Odoo makes them."""

    _inherit = "crm.stage"

    process_id = fields.Many2one("crm.process", index="btree_not_null", ondelete="cascade")
    outcome = fields.Selection(
        [("open", "Open"), ("order", "Order"), ("lost", "Lost")],
        compute="_compute_outcome",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Order: the cases in it are won. Lost: they are lost, and archived.",
    )
    probability = fields.Float(
        string="Probability (%)",
        compute="_compute_probability",
        store=True,
        readonly=False,
        precompute=True,
        help="What a case gets when it enters the status, unless its weight was chosen by hand. "
        "0: Odoo predicts it.",
    )

    @api.depends("is_won")
    def _compute_outcome(self):
        for stage in self:
            if stage.is_won:
                stage.outcome = "order"
            elif stage.outcome != "lost":
                stage.outcome = "open"

    @api.depends("outcome")
    def _compute_probability(self):
        for stage in self:
            if stage.outcome != "open":
                stage.probability = 100 if stage.outcome == "order" else 0
            elif stage.probability >= 100:
                stage.probability = 0

    # ------------------------------------------------------------------
    # What a status may be
    # ------------------------------------------------------------------

    @api.constrains("process_id", "outcome", "team_ids")
    def _check_status(self):
        for stage in self:
            if stage.outcome == "lost" and not stage.process_id:
                raise ValidationError(
                    self.env._(
                        "“%(stage)s” belongs to no process: its cases are lost with the button “Lost”. Add "
                        "a lost status to a process instead.",
                        stage=stage.name,
                    )
                )
            if stage.process_id and stage.team_ids:
                raise ValidationError(
                    self.env._(
                        "The teams of the status “%(stage)s” are those of its process “%(process)s”. Leave "
                        "its own teams empty.",
                        stage=stage.name,
                        process=stage.process_id.name,
                    )
                )

    @api.constrains("process_id", "outcome", "probability")
    def _check_probability(self):
        for stage in self:
            if stage.process_id and stage.outcome == "open" and not 0 <= stage.probability < 100:
                raise ValidationError(
                    self.env._(
                        "The probability of the open status “%(stage)s” is from 0 to less than 100 %%: "
                        "100 %% is an order.",
                        stage=stage.name,
                    )
                )

    @api.constrains("process_id", "outcome")
    def _check_process(self):
        self.process_id._check_statuses()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {**vals, "is_won": vals["outcome"] == "order"} if vals.get("outcome") else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if vals.get("outcome"):
            is_won = vals["outcome"] == "order"
            if any(stage.is_won != is_won for stage in self):
                vals = {**vals, "is_won": is_won}
        self._check_change(vals)
        processes = self.process_id
        statuses = self.filtered("process_id")
        if "team_ids" in vals and statuses and statuses != self:
            # "all stages that are shared": statuses of processes are not, and have no teams
            statuses.write({name: value for name, value in vals.items() if name != "team_ids"})
            return (self - statuses).write(vals)
        result = super().write(vals)
        if "process_id" in vals:
            processes._check_statuses()
        return result

    def _check_change(self, vals):
        """What a status means for its cases does not change under them.

        :raise UserError: names the status and the number of its cases
        """
        changed = self.filtered(
            lambda stage: (
                (stage.process_id or vals.get("process_id"))
                and any(
                    name in vals
                    and stage._fields[name].convert_to_write(stage[name], stage) != vals[name]
                    for name in ("process_id", "outcome", "is_won")
                )
            )
        )
        if not changed:
            return
        # sudo: also cases that the administrator does not see in his companies
        cases = self.env["crm.lead"].sudo().with_context(active_test=False)
        for stage, count in cases._read_group(
            [("stage_id", "in", changed.ids)], ["stage_id"], ["__count"]
        ):
            raise UserError(
                self.env._(
                    "%(count)s cases are in the status “%(stage)s”: its process and its outcome cannot "
                    "change any more. Add another status, and move the cases there.",
                    count=count,
                    stage=stage.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        for process in self.process_id:
            process._check_has_statuses(process.stage_ids - self)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        if self.env.context.get(WITHOUT_PROCESSES):
            domain = Domain(domain) & Domain("process_id", "=", False)
        return super()._search(domain, offset, limit, order, **kwargs)
