from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_stage import WITHOUT_PROCESSES


class CrmLead(models.Model):
    """The probability of a case: by its status, one of the weights of its process, what was
    typed, or what Odoo predicts (B1)."""

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    weight_mode = fields.Selection(related="process_id.weight_mode", string="Weights")
    weight_id = fields.Many2one(
        "crm.process.weight",
        compute="_compute_weight_id",
        inverse="_inverse_weight_id",
        compute_sudo=True,
        domain="[('process_id', '=', process_id)]",
        help="The weight of the process that the probability of the case is.",
    )

    @api.depends("probability", "process_id.weight_ids.probability")
    def _compute_weight_id(self):
        for lead in self:
            lead.weight_id = lead.process_id._find_weight(lead.probability)

    def _inverse_weight_id(self):
        for weight, leads in self.grouped("weight_id").items():
            if weight:
                leads.write({"probability": weight.probability})

    @api.onchange("weight_id")
    def _onchange_weight_id(self):
        if self.weight_id:
            self.probability = self.weight_id.probability

    def _check_weight(self):
        """Where weights are fixed, an open case has one of them (B1).

        :raise UserError: names the weights
        """
        if self.env.su:
            return
        for lead in self:
            # sudo: a process of another company
            process = lead.process_id.sudo()
            if (
                process.weight_mode != "fixed"
                or lead.won_status != "pending"
                or process._find_weight(lead.probability)
                or lead.probability == lead.stage_id.probability
            ):
                continue
            raise UserError(
                self.env._(
                    "%(probability)s %% is no weight of the process “%(process)s”, which the case “%(case)s” "
                    "follows. Choose one of: %(weights)s.",
                    probability=f"{lead.probability:g}",
                    process=process.name,
                    case=lead.name,
                    weights=", ".join(process.weight_ids.mapped("display_name")),
                )
            )

    def _pls_get_naive_bayes_probabilities(self, batch_mode=False, is_tooltip=False):
        """What the status or fixed weights say is not predicted: neither now nor by night."""
        result = super()._pls_get_naive_bayes_probabilities(batch_mode, is_tooltip)
        if not isinstance(result, tuple):
            return result
        probabilities, tooltip = result
        cases = self
        if batch_mode:
            cases = self.search_fetch(
                [("id", "in", list(probabilities)), ("process_id", "!=", False)],
                ["process_id", "stage_id", "probability"],
                order="id",
            )
        for case in cases:
            probability = case._get_status_probability(case.id in probabilities)
            if probability is not None:
                probabilities[case.id] = probability
                if tooltip:
                    tooltip["probability"] = probability
        return probabilities, tooltip

    def _get_status_probability(self, is_predicted):
        """The probability that status and process give the case; None: what Odoo predicts."""
        self.ensure_one()
        status, process = self.stage_id, self.process_id.sudo()
        if not status.process_id or status.outcome == "order":
            return None
        if status.outcome == "lost" or status.probability:
            return status.probability
        if process.weight_mode == "fixed":
            weight = process._find_weight(self.probability) or process.weight_ids[:1]
            return weight.probability
        # out of a won status, and nothing to predict from
        return 0 if not is_predicted and self.probability >= 100 else None

    @api.model
    def _pls_get_won_lost_total_count(self, team_results):
        # "the first stage" counts all cases: not the first one of a process
        odoos = self.with_context(**{WITHOUT_PROCESSES: True})
        return super(CrmLead, odoos)._pls_get_won_lost_total_count(team_results)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        weighted = [
            lead.id
            for lead, vals in zip(leads, vals_list, strict=True)
            if {"probability", "weight_id"} & vals.keys()
        ]
        leads.browse(weighted)._check_weight()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if {"probability", "weight_id"} & vals.keys():
            self._check_weight()
        return result
