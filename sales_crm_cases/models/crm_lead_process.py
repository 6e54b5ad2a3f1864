from collections import defaultdict
from collections.abc import Set as AbstractSet

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .crm_process import NAMED_BY_STEP
from .res_users import ADMINISTRATOR

# In the context of merging cases, which writes the stage of one and the team of another. No
# caller from outside can forge an object.
CASE_MERGE = object()

# of values in a domain
COLLECTIONS = (list, tuple, AbstractSet)
# Whatever of these is written may win, lose or reopen a case.
STATUS_FIELDS = frozenset({"active", "probability", "process_id", "stage_id", "team_id"})


class CrmLead(models.Model):
    """A case follows the process of its team: its status is one of the process, and says
    whether the case is open, won or lost (B1, B3)."""

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    process_id = fields.Many2one(
        "crm.process",
        compute="_compute_process_id",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Follows from the sales team when it is set; administrators may choose another one.",
    )
    stage_id = fields.Many2one(
        domain="[('process_id', '=', process_id),"
        " '|', ('team_ids', '=', False), ('team_ids', 'in', team_id)]"
    )

    # ------------------------------------------------------------------
    # Process and status
    # ------------------------------------------------------------------

    @api.depends("team_id")
    def _compute_process_id(self):
        processes = self.env["crm.process"]._get_ids_by_team(self.team_id._origin)
        for lead in self:
            lead.process_id = processes.get(lead.team_id._origin.id, False)

    @api.depends("process_id")
    def _compute_stage_id(self):
        foreign = self._filter_of_foreign_status() | self.filtered(
            lambda lead: lead.process_id and not lead.stage_id
        )
        foreign._assign_corresponding_status()
        return super(CrmLead, self - foreign)._compute_stage_id()

    def _filter_of_foreign_status(self):
        return self.filtered(
            lambda lead: lead.stage_id and lead.stage_id.process_id != lead.process_id
        )

    def _assign_corresponding_status(self):
        """Give the cases a status of their own process: won ones an order, lost ones a lost
        status, the others the open status of the same name, or the first one."""
        known = {}
        for lead in self:
            key = (lead.process_id, lead.team_id if not lead.process_id else False)
            if key not in known:
                known[key] = lead._get_possible_statuses()
            lead.stage_id = lead._choose_status(known[key])

    def _get_possible_statuses(self):
        """Dict ``{outcome: statuses}`` of the process of the case, or of Odoo's own stages."""
        self.ensure_one()
        if self.process_id:
            return {
                outcome: self.process_id._get_statuses(outcome)
                for outcome in ("open", "order", "lost")
            }
        teams = Domain("team_ids", "=", False) | Domain("team_ids", "in", self.team_id._origin.ids)
        stages = self.env["crm.stage"].search(
            Domain("process_id", "=", False) & teams, order="sequence, id"
        )
        order = stages.filtered("is_won")
        return {"open": (stages - order), "order": order, "lost": stages.browse()}

    def _choose_status(self, statuses):
        self.ensure_one()
        name = (self.stage_id.name or "").strip().casefold()
        if self.stage_id.is_won:
            found = statuses["order"]
        elif not self.active and not self.probability and statuses["lost"]:
            found = statuses["lost"]
        else:
            found = statuses["open"].filtered(lambda stage: not stage.fold) or statuses["open"]
        same = found.filtered(lambda stage: stage.name.strip().casefold() == name)
        return (same or found)[:1]

    @api.constrains("process_id", "stage_id")
    def _check_status_is_of_process(self):
        """Nobody moves a case to the status of a foreign process (B1)."""
        if self.env.context.get("case_merge") is CASE_MERGE:
            # put right at its end
            return
        for lead in self._filter_of_foreign_status():
            raise ValidationError(lead._get_foreign_status_message())

    def _get_foreign_status_message(self):
        self.ensure_one()
        status, foreign, own = self.stage_id, self.stage_id.process_id, self.process_id
        statuses = [
            name
            for found in self._get_possible_statuses().values()
            for name in found.mapped("name")
        ]
        values = {
            "status": status.name,
            "case": self.name,
            "statuses": ", ".join(statuses),
            "foreign": foreign.name,
            "own": own.name,
        }
        if not own:
            return self.env._(
                "“%(status)s” is a status of the process “%(foreign)s”, and the case “%(case)s” follows no "
                "process. Choose one of %(statuses)s, or give the case a sales team that works by “%(foreign)s”.",
                **values,
            )
        if not foreign:
            return self.env._(
                "“%(status)s” is no status of the process “%(own)s”, which the case “%(case)s” follows. Choose "
                "one of %(statuses)s, or give the case a sales team without a process.",
                **values,
            )
        return self.env._(
            "“%(status)s” is a status of the process “%(foreign)s”, and the case “%(case)s” follows “%(own)s”. "
            "Choose one of %(statuses)s, or give the case a sales team that works by “%(foreign)s”.",
            **values,
        )

    def _stage_find(self, team_id=False, domain=None, order="sequence, id", limit=1):
        if self:
            process_ids = list({lead.process_id.id for lead in self})
        else:
            team = self.env["crm.team"].browse(team_id or ())
            process_ids = [self.env["crm.process"]._get_ids_by_team(team).get(team_id, False)]
        return super()._stage_find(
            team_id=team_id,
            domain=[*(domain or []), ("process_id", "in", process_ids)],
            order=order,
            limit=limit,
        )

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """The columns of a board: those with cases, and the statuses of the processes of which
        the search is, or of the user's own teams."""
        columns = super()._read_group_stage_ids(stages, domain)
        if not columns.process_id:
            return columns
        process_ids = self._get_asked_process_ids(Domain(domain))
        return columns.filtered(lambda stage: stage in stages or stage.process_id.id in process_ids)

    @api.model
    def _get_asked_process_ids(self, domain):
        """Ids of the processes that a domain or the context names; False: Odoo's own stages."""
        context = self.env.context
        asked = defaultdict(set)
        for condition in domain.iter_conditions():
            name, values = condition.field_expr, condition.value
            if name not in ("process_id", "team_id"):
                continue
            if condition.operator == "ilike":
                values = Domain("display_name", "ilike", values)
            if isinstance(values, Domain):
                # what was typed into the search box
                asked[name] |= set(self.env[self._fields[name].comodel_name].search(values).ids)
            elif condition.operator in ("=", "in"):
                values = values if isinstance(values, COLLECTIONS) else [values]
                asked[name] |= {value for value in values if isinstance(value, int)}
        if not asked and isinstance(context.get("default_process_id"), int):
            return {context["default_process_id"]}
        if asked["process_id"]:
            return {id_ or False for id_ in asked["process_id"]}
        team_ids = asked["team_id"] or {context.get("default_team_id")}
        team_ids = {id_ for id_ in team_ids if isinstance(id_, int) and id_}
        if not team_ids and not asked["team_id"]:
            return self.env["crm.process"]._get_ids_of_own_teams()
        teams = self.env["crm.team"].browse(team_ids).exists()
        processes = self.env["crm.process"]._get_ids_by_team(teams)
        return {processes.get(team_id, False) for team_id in team_ids or {False}}

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        chosen = [vals.get("process_id") for vals in vals_list]
        creator = self
        if not self._may_choose_process():
            vals_list = [
                {name: value for name, value in vals.items() if name != "process_id"}
                for vals in vals_list
            ]
            context = self.env.context
            creator = self.with_env(
                self.env(context={k: v for k, v in context.items() if k != "default_process_id"})
            )
        leads = super(CrmLead, creator).create([dict(vals) for vals in vals_list])
        leads = leads.with_env(self.env)
        for lead, process_id in zip(leads, chosen, strict=True):
            if process_id and lead.process_id.id != process_id:
                raise UserError(lead._get_choice_message())
        leads._follow_first_status()
        return leads

    def write(self, vals):
        self._check_process_choice(vals)
        status_id = vals.get("stage_id")
        status = self.env["crm.stage"].browse(status_id if isinstance(status_id, int) else ())
        reopened = self.browse()
        if status.process_id and status.outcome == "open" and "probability" not in vals:
            reopened = self.filtered(lambda lead: lead.won_status != "pending")
        result = True
        for leads, values in self._get_parts_by_status(status, vals):
            result = super(CrmLead, leads).write(values)
        reopened._restore_probability()
        if STATUS_FIELDS & vals.keys():
            self._align_status()
        return result

    @api.model
    def _may_choose_process(self):
        return self.env.su or self.env.user.has_group(ADMINISTRATOR)

    def _check_process_choice(self, vals):
        if "process_id" not in vals or self._may_choose_process():
            return
        for lead in self:
            if lead.process_id.id != (vals["process_id"] or False):
                raise UserError(lead._get_choice_message())

    def _get_choice_message(self):
        return self.env._(
            "The process of the case “%(case)s” follows from its sales team. Choose the sales team that "
            "works by the process, or ask a CRM administrator.",
            case=self.name,
        )

    # ------------------------------------------------------------------
    # Won, lost, reopened
    # ------------------------------------------------------------------

    def _get_parts_by_status(self, status, vals):
        """The status of a process wins, loses or reopens the cases, as the buttons do.

        :return: list of ``(cases, values to write)``
        """
        if not status.process_id:
            return [(self, vals)]
        lost = self.filtered(lambda lead: lead.won_status == "lost")
        if status.outcome == "lost":
            # those keep the day on which they were lost
            lost = lost.filtered(lambda lead: lead.stage_id == status)
            same = {name: value for name, value in vals.items() if name != "stage_id"}
            loss = {**vals, "active": False, "probability": 0, "automated_probability": 0}
            parts = [(self - lost, loss), (lost, same)]
        else:
            reopening = {**vals, "active": True, "lost_reason_id": False}
            parts = [(self - lost, dict(vals)), (lost, reopening)]
        return [(leads, values) for leads, values in parts if leads]

    def _restore_probability(self):
        for probability, leads in self.grouped("automated_probability").items():
            changed = leads.filtered(lambda lead, p=probability: lead.probability != p)
            if changed:
                changed.write({"probability": probability})

    def _align_status(self):
        """A lost case is in a lost status, if its process has one, and no other case is."""
        moves = defaultdict(self.browse)
        for lead in self.filtered("process_id"):
            is_lost = lead.won_status == "lost"
            if is_lost != (lead.stage_id.outcome == "lost"):
                moves[lead.process_id._get_first_status("lost" if is_lost else "open")] |= lead
        for status, leads in moves.items():
            if status:
                leads.write({"stage_id": status.id})

    def _follow_first_status(self):
        """New cases in a lost status are lost, and new lost ones are in such a status."""
        lost = self.filtered(lambda lead: lead.stage_id.outcome == "lost")
        for status, leads in lost.grouped("stage_id").items():
            leads.write({"stage_id": status.id})
        self._align_status()

    def action_set_won(self):
        # Odoo looks for a won stage of all cases at once
        for leads in self.grouped("process_id").values():
            super(CrmLead, leads).action_set_won()
        return True

    def action_set_lost(self, **additional_values):
        result = True
        for process, leads in self.grouped("process_id").items():
            status = process._get_first_status("lost")
            # won ones are refused by Odoo
            won = leads.filtered(lambda lead: lead.won_status == "won")
            for part, values in (
                (won, additional_values),
                (leads - won, {**additional_values, "stage_id": status.id})
                if status
                else (leads - won, additional_values),
            ):
                if part:
                    result = super(CrmLead, part).action_set_lost(**values)
        return result

    def _track_subtype(self, init_values):
        self.ensure_one()
        if "won_status" in init_values and self.won_status == "lost":
            return self.env.ref("crm.mt_lead_lost")
        return super()._track_subtype(init_values)

    # ------------------------------------------------------------------
    # Merge
    # ------------------------------------------------------------------

    def _merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True, max_length=5):
        """The merged case is in a status of its own process. Who may only read a case does not
        merge it: Odoo deletes the others as superuser."""
        self.check_access("write")
        merging = self.with_context(case_merge=CASE_MERGE, case_named=NAMED_BY_STEP)
        merged = super(CrmLead, merging)._merge_opportunity(
            user_id=user_id, team_id=team_id, auto_unlink=auto_unlink, max_length=max_length
        )
        merged = merged.with_env(self.env)
        merged._filter_of_foreign_status()._assign_corresponding_status()
        merged._align_status()
        return merged
