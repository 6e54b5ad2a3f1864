from datetime import date

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .privacy_partner_mixin import OFFICER

# people, with their contacts, that are looked at in one step
STEP_SIZE = 1000
# of a step that meets somebody who decides at the same moment
MAX_ATTEMPTS = 5
LONGEST_PERIOD = {"days": 36500, "months": 1200, "years": 100}
# whoever changes one of them has to be followed by another officer, if the rule is automatic
DECIDING_FIELDS = {"outcome", "period", "period_unit", "company_id", "mode", "active"}
# written by the code of privacy alone
SERVER_FIELDS = {"author_id", "approver_id", "position", "last_run"}


class PrivacyRule(models.Model):
    """How long what is known of people is kept after the last that happened with them, by what
    became of them (G4).

    A person here is one without a parent, with all contacts and addresses, which go along. The
    period counts from the last activity or touch of any of them, or the order, invoice or loss
    itself, whichever is last. Of all that became of a person the longest period holds, and what
    has no rule has no end: nothing happens to him.

    Every night a scheduled action looks at people in the order of their ids, a step at a time:
    whoever is due (privacy_rule_due.py) comes on the list of his rule and company (:class:`PrivacyProposalMixin`), and
    whoever is due no more leaves it.
    """

    _name = "privacy.rule"
    _description = "Retention rule"
    _order = "outcome, company_id, id"
    _rec_name = "outcome"

    outcome = fields.Selection(
        [
            ("any", "Everybody"),
            ("none", "No order, no lost case"),
            ("lost", "With a lost case"),
            ("won", "With an order"),
            ("invoiced", "With an invoice"),
        ],
        string="People",
        required=True,
        help="What became of them. With several, the longest period holds; with one for which "
        "there is no rule, nor one for everybody, they are kept.",
    )
    period = fields.Integer(string="Kept for", required=True)
    period_unit = fields.Selection(
        [("days", "Days"), ("months", "Months"), ("years", "Years")],
        string="Unit",
        required=True,
        default="years",
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="restrict",
        default=lambda self: self._default_company_id(),
        help="Empty: people of all companies. People without a company take a rule for all "
        "companies, and are kept as long as the longest one of any.",
    )
    mode = fields.Selection(
        [("approval", "After approval"), ("automatic", "Automatic")],
        required=True,
        default="approval",
    )
    active = fields.Boolean(default=True)
    author_id = fields.Many2one(
        "res.users",
        string="Changed by",
        readonly=True,
        ondelete="restrict",
        copy=False,
        default=lambda self: self.env.uid,
    )
    approver_id = fields.Many2one(
        "res.users",
        string="Approved by",
        readonly=True,
        ondelete="restrict",
        copy=False,
        help="Automatic rules work as lists that wait for approval, until another officer has "
        "approved that.",
    )
    can_approve = fields.Boolean(compute="_compute_can_approve")
    last_run = fields.Datetime(readonly=True, copy=False)
    position = fields.Integer(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="Id up to which the run that is under way has looked at people.",
    )
    line_ids = fields.One2many("privacy.request.line", "rule_id", readonly=True)
    waiting_count = fields.Integer(string="Waiting", compute="_compute_waiting_count")

    @api.model
    def _default_company_id(self):
        return self.env.company if self._get_foreign_companies() else False

    @api.depends("mode", "approver_id", "author_id")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        is_officer = self.env.user.has_group(OFFICER)
        for rule in self:
            rule.can_approve = (
                is_officer
                and rule.mode == "automatic"
                and not rule.approver_id
                and rule.author_id != self.env.user
            )

    def _compute_waiting_count(self):
        counts = dict(
            self.env["privacy.request.line"]._read_group(
                [("rule_id", "in", self.ids), ("state", "=", "waiting")], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.waiting_count = counts.get(rule, 0)

    @api.depends("outcome", "period", "period_unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("outcome", "period_unit")
        }
        for rule in self:
            rule.display_name = "{}, {} {}".format(
                labels["outcome"].get(rule.outcome, ""),
                rule.period,
                labels["period_unit"].get(rule.period_unit, ""),
            )

    @api.constrains("period", "period_unit")
    def _check_period(self):
        for rule in self:
            if not 0 < rule.period <= LONGEST_PERIOD[rule.period_unit]:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: type a period of at least one day and at most 100 years. To stop a "
                        "rule, archive it.",
                        rule=rule.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in SERVER_FIELDS}
                for vals in vals_list
            ]
        rules = super().create(vals_list)
        rules._check_companies()
        return rules

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._check_companies()
        vals = {name: value for name, value in vals.items() if name not in SERVER_FIELDS}
        result = super().write(vals)
        self._check_companies()
        if DECIDING_FIELDS & vals.keys():
            # sudo: who decided is the server's to say
            self.sudo().write({"author_id": self.env.uid, "approver_id": False})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_companies()
        # sudo: lists of all companies
        used = self.sudo().filtered("line_ids")
        if used:
            raise UserError(
                self.env._(
                    "%(rule)s stands in the log. Archive it instead: it does nothing then.",
                    rule=used[0].display_name,
                )
            )

    def _check_companies(self):
        """Nobody rules over people of a company that is not his.

        :raise AccessError: a rule for all companies, and not all of them are the officer's
        """
        if self.env.su:
            return
        foreign = self._get_foreign_companies()
        if any((rule.company_id or foreign) & foreign for rule in self):
            raise AccessError(
                self.env._(
                    "A retention rule takes an officer of its company, one for all companies an "
                    "officer of all. Choose a company of yours."
                )
            )

    @api.model
    def _get_foreign_companies(self):
        # sudo: which companies there are
        return (
            self.env["res.company"].sudo().search([("id", "not in", self.env.user.company_ids.ids)])
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_approve(self):
        """Approve that a rule of another officer works automatically (G4).

        :raise AccessError: no privacy officer, or one's own rule
        :raise UserError: there is nothing to approve
        """
        self.ensure_one()
        self.env["privacy.request"]._check_officer()
        self.check_access("write")
        self._check_companies()
        # sudo: who approved is the server's to say; the right is checked above
        rule = self.sudo()
        rule.lock_for_update()
        rule.invalidate_recordset(["mode", "approver_id", "author_id"])
        if rule.mode != "automatic" or rule.approver_id:
            raise UserError(
                self.env._("%(rule)s does not wait for approval.", rule=self.display_name)
            )
        if rule.author_id == self.env.user:
            raise AccessError(
                self.env._(
                    "Another officer has to approve: whoever made or changed the rule may not."
                )
            )
        rule.approver_id = self.env.uid
        return True

    def _is_automatic(self):
        return self.active and self.mode == "automatic" and bool(self.approver_id)

    def action_run(self):
        """Let the scheduled action look for people now (G4).

        :raise AccessError: no privacy officer
        """
        self.env["privacy.request"]._check_officer()
        # sudo: the scheduled action
        self.env.ref("sales_crm_cases.ir_cron_privacy_rules").sudo()._trigger()
        return self.env["ir.actions.client"]._get_notification(
            self.env._("People who are due come on the list in a moment."), kind="info"
        )

    def action_view_lines(self):
        """List who waits by the rule."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "privacy_request_line_action",
            self.display_name,
            domain=[("rule_id", "=", self.id), ("state", "=", "waiting")],
        )

    # ------------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------------

    @api.model
    def _cron_propose(self):
        """Bring the lists up to date, a step at a time. A run that was cut off goes on where it
        was."""
        commit_progress = self.env["ir.cron"]._commit_progress
        # what others have committed since the cron began is seen by the first step
        time_left = commit_progress(remaining=1)
        while time_left:
            is_complete = self._try_step()
            time_left = commit_progress(1, remaining=int(not is_complete))
            if is_complete:
                break

    @api.model
    def _try_step(self):
        for attempt in range(MAX_ATTEMPTS):
            try:
                with self.env.cr.savepoint():
                    return self._run_step()
            except psycopg2.errors.SerializationFailure:
                # an officer has just decided, or another run was faster: look again
                if attempt == MAX_ATTEMPTS - 1:
                    raise
                self.env.cr.rollback()
        return True

    @api.model
    def _run_step(self):
        """Look at the next people.

        :return: whether these were the last ones
        """
        every_rule = self.search([("active", "in", (True, False))])
        if not every_rule:
            return True
        self.env.flush_all()
        # two runs at the same time meet here
        [[position]] = self.env.execute_query(
            SQL("SELECT min(COALESCE(position, 0)) FROM privacy_rule")
        )
        rules = every_rule.filtered("active")
        partner_ids = rules._find_candidates(position)
        request = self.env["privacy.request"]
        request._update_proposals(partner_ids, rules._find_due(partner_ids))
        is_complete = len(partner_ids) < STEP_SIZE
        values = {"position": 0 if is_complete else partner_ids[-1]}
        if is_complete:
            values["last_run"] = fields.Datetime.now()
            request._end_proposing()
        every_rule.write(values)
        self.env.flush_all()
        return is_complete

    def _find_candidates(self, position):
        """The next people who are old enough for the shortest period, or on a list.

        :param position: the id after which to begin
        :return: list of ids
        """
        limit = max((rule._get_limit() for rule in self), default=date.min)
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    (SELECT p.id FROM res_partner p
                      WHERE p.id > %(position)s AND %(is_person)s
                        AND GREATEST(p.touch_date, p.create_date::date, p.last_contact_date)
                            <= %(limit)s
                      ORDER BY p.id LIMIT %(size)s)
                     UNION
                    (SELECT l.partner_id FROM privacy_request_line l
                      WHERE l.rule_id IS NOT NULL AND l.state = 'waiting'
                        AND l.partner_id > %(position)s
                      ORDER BY l.partner_id LIMIT %(size)s)
                     ORDER BY id LIMIT %(size)s
                    """,
                    position=position,
                    is_person=self._get_person_condition(),
                    limit=limit,
                    size=STEP_SIZE,
                )
            )
        ]
