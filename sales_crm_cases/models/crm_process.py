from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

# cases that are taken over in the request itself, and per step of the cron: some seconds
TAKE_OVER_SIZE = 1000
# In the context of creating a case to which a step of ours gives the name: fixed subjects are
# for what people type. No caller from outside can forge an object.
NAMED_BY_STEP = object()


class CrmProcess(models.Model):
    """A sales process (B1): the statuses that the cases of some sales teams go through, how
    they end, and what their subjects and probabilities may be.

    A case follows the process of its team. Teams without one work with Odoo's own stages,
    which belong to no process. Turning a process on or off for a team is about new cases:
    those that are there stay where they are, until somebody takes them over.
    """

    _name = "crm.process"
    _description = "Sales process"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for teams of all companies."
    )
    team_ids = fields.Many2many(
        "crm.team",
        "crm_process_team_rel",
        "process_id",
        "team_id",
        string="Sales teams",
        copy=False,
        domain="[('use_opportunities', '=', True), "
        "'|', (not company_id, '=', True), ('company_id', '=', company_id)]",
        help="New cases of these teams follow the process. Other teams work with the stages of Odoo.",
    )
    stage_ids = fields.One2many(
        "crm.stage",
        "process_id",
        string="Statuses",
        copy=True,
        default=lambda self: self._default_stage_ids(),
    )
    subject_mode = fields.Selection(
        [("free", "Free: the list below suggests"), ("fixed", "Fixed: one of the list below")],
        string="Subjects are",
        required=True,
        default="free",
    )
    subject_ids = fields.One2many("crm.process.subject", "process_id", string="Subjects", copy=True)
    weight_mode = fields.Selection(
        [("free", "Free: any probability"), ("fixed", "Fixed: one of the list below")],
        string="Weights are",
        required=True,
        default="free",
    )
    weight_ids = fields.One2many("crm.process.weight", "process_id", string="Weights", copy=True)
    sms_enabled = fields.Boolean(
        string="Batch SMS",
        help="Text messages may be sent to all customers of a view of its board.",
    )
    is_taking_over = fields.Boolean(
        readonly=True, copy=False, help="The scheduled action goes on with the cases of the teams."
    )
    case_count = fields.Integer(string="Open cases", compute="_compute_case_counts")
    outside_count = fields.Integer(
        string="Open cases of the teams outside the process", compute="_compute_case_counts"
    )

    @api.model
    def _default_stage_ids(self):
        """The statuses that are shipped."""
        return [
            Command.create({"name": name, "sequence": sequence, **values})
            for sequence, (name, values) in enumerate(
                [
                    (self.env._("Prospect"), {"outcome": "open", "probability": 20}),
                    (self.env._("Offer"), {"outcome": "open", "probability": 60}),
                    (self.env._("Order"), {"outcome": "order"}),
                    (self.env._("Lost"), {"outcome": "lost", "fold": True}),
                ],
                start=101,
            )
        ]

    def _compute_case_counts(self):
        cases = self.env["crm.lead"]
        inside = dict(
            cases._read_group(
                [*cases._get_open_case_domain(), ("process_id", "in", self._origin.ids)],
                ["process_id"],
                ["__count"],
            )
        )
        # sudo: the cases of a team are taken over whether or not the user may read each
        outside = cases.sudo()._read_group(
            [*cases._get_open_case_domain(), ("team_id", "in", self.team_ids._origin.ids)],
            ["team_id", "process_id"],
            ["__count"],
        )
        for process in self:
            process.case_count = inside.get(process._origin, 0)
            process.outside_count = sum(
                count
                for team, other, count in outside
                if team.id in process.team_ids._origin.ids and other.id != process._origin.id
            )

    def _check_sms_enabled(self):
        """Refuse batch SMS where a process has them off (B4).

        :raise UserError: names the processes
        """
        off = self.filtered(lambda process: not process.sms_enabled)
        if off:
            raise UserError(
                self.env._(
                    "Batch SMS are off for the process %(processes)s. Filter its cases out, or ask "
                    "a CRM administrator to turn them on.",
                    processes=", ".join(off.mapped(lambda process: f"“{process.name}”")),
                )
            )

    # ------------------------------------------------------------------
    # What a process must have
    # ------------------------------------------------------------------

    @api.constrains("team_ids", "stage_ids", "active")
    def _check_statuses(self):
        for process in self:
            process._check_has_statuses(process.stage_ids)

    def _check_has_statuses(self, statuses):
        """Refuse a process that is on and has no beginning or no end."""
        self.ensure_one()
        if (
            self.active
            and self.team_ids
            and not {"open", "order"} <= set(statuses.mapped("outcome"))
        ):
            raise ValidationError(
                self.env._(
                    "The process “%(process)s” is on for %(teams)s, so it needs at least one open "
                    "status and one with the outcome Order. Add them, or take the teams off.",
                    process=self.name,
                    teams=", ".join(self.team_ids.mapped("name")),
                )
            )

    @api.constrains("team_ids", "active")
    def _check_one_process_per_team(self):
        for process in self.filtered("active"):
            other = self.search(
                [("id", "!=", process.id), ("team_ids", "in", process.team_ids.ids)], limit=1
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "A team has one process: %(teams)s has “%(other)s” already. Take the team off "
                        "there before it gets “%(process)s”.",
                        teams=", ".join((process.team_ids & other.team_ids).mapped("name")),
                        other=other.name,
                        process=process.name,
                    )
                )

    @api.constrains("team_ids", "company_id")
    def _check_companies(self):
        for process in self.filtered("company_id"):
            foreign = process.team_ids.filtered(
                lambda team, process=process: team.company_id != process.company_id
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "The process “%(process)s” is for %(company)s alone, and %(team)s is not a team "
                        "of it. Take the team off, or leave the company of the process empty.",
                        process=process.name,
                        company=process.company_id.name,
                        team=foreign[0].name,
                    )
                )

    @api.constrains("subject_mode", "subject_ids")
    def _check_subjects(self):
        for process in self:
            if process.subject_mode == "fixed" and not process.subject_ids:
                raise ValidationError(
                    self.env._(
                        "The subjects of the process “%(process)s” are fixed, and there are none. Add "
                        "the subjects of which a case may choose.",
                        process=process.name,
                    )
                )

    @api.constrains("weight_mode", "weight_ids", "stage_ids")
    def _check_weights(self):
        for process in self.filtered(lambda process: process.weight_mode == "fixed"):
            if not process.weight_ids:
                raise ValidationError(
                    self.env._(
                        "The weights of the process “%(process)s” are fixed, and there are none. Add "
                        "the probabilities of which a case may choose.",
                        process=process.name,
                    )
                )
            for status in process._get_statuses("open"):
                if status.probability and not process._find_weight(status.probability):
                    raise ValidationError(
                        self.env._(
                            "The status “%(status)s” sets a probability of %(probability)s %%, which is "
                            "no weight of the process “%(process)s”. Add this weight, or change the status.",
                            status=status.name,
                            probability=f"{status.probability:g}",
                            process=process.name,
                        )
                    )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if "name" not in (default or {}):
            for process, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(process)s (copy)", process=process.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: also cases that the administrator does not see in his companies
        case = (
            self.env["crm.lead"]
            .sudo()
            .with_context(active_test=False)
            .search([("process_id", "in", self.ids)], limit=1)
        )
        if case:
            raise UserError(
                self.env._(
                    "Cases follow the process “%(process)s”, so it cannot be deleted. Archive it: its "
                    "cases go on, and no new one begins.",
                    process=case.process_id.name,
                )
            )

    # ------------------------------------------------------------------
    # What cases ask
    # ------------------------------------------------------------------

    @api.model
    def _get_ids_by_team(self, teams):
        """The process that is on for each team.

        :return: dict ``{id of the team: id of the process}``, without teams that have none
        """
        # from the ORM's cache: Odoo assigns and converts thousands of leads one by one.
        # sudo: cases follow the process whoever works with them
        return {
            team.id: process.id
            for team in teams.sudo().with_context(active_test=True)
            for process in team.process_ids
        }

    @api.model
    def _get_ids_of_own_teams(self):
        """Ids of the processes of the user's teams; False for a team without one, and for who
        has no team."""
        self.flush_model(["active", "team_ids"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.id
                  FROM crm_team t
                  LEFT JOIN (crm_process_team_rel r
                             JOIN crm_process p ON p.id = r.process_id AND p.active)
                         ON r.team_id = t.id
                 WHERE t.active AND (t.user_id = %(uid)s OR EXISTS (
                       SELECT 1 FROM crm_team_member m
                        WHERE m.crm_team_id = t.id AND m.user_id = %(uid)s AND m.active))
                """,
                uid=self.env.uid,
            )
        )
        return {id_ or False for (id_,) in rows} or {False}

    def _get_statuses(self, outcome):
        """The statuses of one outcome, in their order."""
        # sudo: whoever works with a case knows its statuses
        statuses = self.sudo().stage_ids.sorted(lambda s: (s.sequence, s.id))
        return statuses.filtered(lambda status: status.outcome == outcome).sudo(self.env.su)

    def _get_first_status(self, outcome):
        statuses = self._get_statuses(outcome)
        return (statuses.filtered(lambda status: not status.fold) or statuses)[:1]

    def _find_weight(self, probability):
        return self.weight_ids.filtered(
            lambda weight: round(weight.probability, 2) == round(probability, 2)
        )[:1]

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_take_over_cases(self):
        """Let the open cases of the teams follow the process, each in the status of the same
        name, or in the first one (B1). Closed cases stay as they are. Many are worked off by
        the scheduled action.

        :return: a notification with the number of cases
        :raise AccessError: for who does not administer processes
        """
        self.ensure_one()
        self.check_access("write")
        count = self.outside_count
        if count > TAKE_OVER_SIZE:
            # sudo: the flag is the server's
            self.sudo().is_taking_over = True
            self.env.ref("sales_crm_cases.ir_cron_take_over").sudo()._trigger()
            message = self.env._(
                "%(count)s cases are being taken over, in some minutes.", count=count
            )
        else:
            self._take_over_cases()
            message = self.env._("%(count)s cases were taken over.", count=count)
        return self.env["ir.actions.client"]._get_notification(message, reloads=True)

    def _take_over_cases(self, limit=None):
        """
        :return: the number of cases that follow the process now
        """
        self.ensure_one()
        # sudo: an administrator of processes decides about the teams' cases
        cases = self.env["crm.lead"].sudo().with_context(tracking_disable=True)
        outside = cases.search(self._get_outside_domain(), order="id", limit=limit)
        outside.process_id = self
        self.env.flush_all()
        return len(outside)

    def _get_outside_domain(self):
        """The open cases of the teams that do not follow the process."""
        return [
            *self.env["crm.lead"]._get_open_case_domain(),
            ("team_id", "in", self.team_ids.ids),
            ("process_id", "!=", self.id),
        ]

    @api.model
    def _cron_take_over(self):
        """Go on taking over cases, a step per transaction."""
        cron, cases = self.env["ir.cron"], self.env["crm.lead"]
        for process in self.search([("is_taking_over", "=", True)]):
            domain = process._get_outside_domain()
            while count := process._take_over_cases(limit=TAKE_OVER_SIZE):
                self.env.invalidate_all()
                remaining = cases.search_count(domain)
                if not cron._commit_progress(count, remaining=remaining) and remaining:
                    return
            process.is_taking_over = False
        cron._commit_progress(remaining=0)

    def action_view_cases(self):
        """List the open cases of the process."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "crm_lead_action",
            self.env._("Cases of %(process)s", process=self.name),
            domain=[("type", "=", "opportunity"), ("process_id", "=", self.id)],
            context={
                "default_type": "opportunity",
                "search_default_filter_won_status_pending": 1,
            },
        )

    def action_view_board(self):
        """Open the sales board with the cases of the process (B2)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_crm_cases.crm_lead_action_board"
        )
        return {
            **action,
            "context": {"default_type": "opportunity", "sales_board_process_id": self.id},
        }
