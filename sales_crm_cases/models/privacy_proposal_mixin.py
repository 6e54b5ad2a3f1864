from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, groupby

from .privacy_partner_mixin import OFFICER

# people that one officer may anonymise alone
ALONE_LIMIT = 100
# requests whose people are not proposed once more
OPEN_STATES = ("proposed", "approval", "running")


class PrivacyProposalMixin(models.AbstractModel):
    """Lists of people whom retention rules propose (G4).

    One list per rule and company is open, and topped up every night. An officer takes people off
    or approves the rest, and the request goes its way: more than 100 take a second officer, and
    the scheduled action works it off. Whoever is due no more is left alone until the last moment.
    """

    _name = "privacy.proposal.mixin"
    _description = "List of people whom a retention rule proposes"

    rule_id = fields.Many2one(
        "privacy.rule",
        string="Retention rule",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="restrict")
    newest_line = fields.Integer(compute="_compute_newest_line", export_string_translation=False)
    told_line = fields.Integer(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="Id of the last person of whom the officers were told.",
    )

    @api.depends("line_ids")
    def _compute_newest_line(self):
        newest = dict(
            self.env["privacy.request.line"]._read_group(
                [("request_id", "in", self.ids), ("state", "=", "waiting")],
                ["request_id"],
                ["id:max"],
            )
        )
        for request in self:
            request.newest_line = newest.get(request, 0)

    # ------------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------------

    def _approve_proposal(self):
        """The people on the list go, whoever is due still then; more than 100 take a second
        officer.

        :raise AccessError: no privacy officer, or people of another company
        :raise UserError: the list was decided upon or topped up meanwhile
        """
        self._check_officer()
        request = self._lock_proposal()
        seen = self.env.context.get("privacy_seen_line")
        if seen is not None and seen != request.newest_line:
            raise UserError(
                self.env._(
                    "%(request)s was topped up meanwhile. Look at it again.", request=self.name
                )
            )
        if request.company_id - self.env.user.company_ids:
            raise AccessError(self.env._("These people belong to a company that is not yours."))
        needs_second = request._is_for_two()
        request.write(
            {
                "state": "approval" if needs_second else "running",
                # who asks for it: another one has to approve
                "user_id": self.env.uid,
            }
        )
        if not needs_second:
            request.approver_id = self.env.uid
            # sudo: the scheduled action
            self._call_scheduled_action()

    def _is_for_two(self):
        """Whether the people, with their contacts, are more than one officer may decide upon."""
        if self.person_count > ALONE_LIMIT:
            return True
        waiting = self.line_ids.filtered(lambda line: line.state == "waiting")
        subject_ids = self.env["privacy.engine"]._get_subjects(waiting.partner_id.ids)
        return len(subject_ids) > ALONE_LIMIT

    def action_keep_all(self):
        """Take everybody off the list and touch them: their data is needed still (G4).

        :raise AccessError: no privacy officer
        :raise UserError: the list was decided upon
        """
        self.ensure_one()
        self._check_officer()
        self._lock_proposal().line_ids.filtered(lambda line: line.state == "waiting")._keep()
        return True

    def _lock_proposal(self):
        """The locked list, sudo.

        :raise UserError: it was decided upon
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: the log is the server's; the right is checked by the caller
        request = self.sudo()
        request.lock_for_update()
        request.invalidate_recordset(["state"])
        if request.state != "proposed":
            raise UserError(self.env._("%(request)s was decided upon already.", request=self.name))
        return request

    def _leave_needed(self, lines):
        """Take whoever is due no more off the request. ``self`` is sudo.

        :return: the lines of the others
        """
        due = (
            self.env["privacy.rule"].search([("active", "=", True)])._find_due(lines.partner_id.ids)
        )
        needed = lines.filtered(
            lambda line: (
                line.partner_id.id not in due or line.partner_id.company_id != self.company_id
            )
        )
        needed._set_kept()
        return lines - needed

    def action_view_lines(self):
        """List the people who wait, to keep some of them."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._get_named(
            "privacy_request_line_action",
            self.name,
            domain=[("request_id", "=", self.id), ("state", "=", "waiting")],
        )

    # ------------------------------------------------------------------
    # Propose
    # ------------------------------------------------------------------

    @api.model
    def _update_proposals(self, partner_ids, due):
        """Put people on the lists of their rules, and take others off.

        :param partner_ids: those who were looked at
        :param due: what :meth:`PrivacyRule._find_due` says of them
        """
        lines = self.env["privacy.request.line"].search(
            [
                ("partner_id", "in", partner_ids),
                ("state", "=", "waiting"),
                ("request_id.state", "in", OPEN_STATES),
            ]
        )
        listed = lines.filtered(lambda line: line.request_id.state == "proposed")
        gone = listed.filtered(
            lambda line: (
                due.get(line.partner_id.id, [None])[0] != line.request_id.rule_id
                or line.partner_id.company_id != line.request_id.company_id
            )
        )
        gone._take_off()
        known = set((lines - gone).partner_id.ids)
        new_ids = [id_ for id_ in partner_ids if id_ in due and id_ not in known]
        self._add_proposals(new_ids, due)

    @api.model
    def _add_proposals(self, partner_ids, due):
        partners = self.env["res.partner"].browse(partner_ids)

        def get_key(partner):
            return due[partner.id][0].id, partner.company_id.id

        for (rule_id, company_id), group in groupby(partners, get_key):
            request = self._get_proposal(rule_id, company_id)
            ids = [partner.id for partner in group]
            # of two runs at the same time one finds the other's row
            rows = self.env.execute_query(
                SQL(
                    """
                    INSERT INTO privacy_request_line
                           (request_id, rule_id, partner_id, number, since, state,
                            create_uid, create_date, write_uid, write_date)
                    SELECT %(request)s, %(rule)s, n.id, n.id, n.since, 'waiting',
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM unnest(%(ids)s::int[], %(days)s::date[]) AS n(id, since)
                        ON CONFLICT DO NOTHING
                    RETURNING id
                    """,
                    request=request.id,
                    rule=rule_id,
                    ids=ids,
                    days=[due[id_][1] for id_ in ids],
                    uid=self.env.uid,
                    now=fields.Datetime.now(),
                )
            )
            request._add_people(len(rows))
            request.invalidate_recordset(["line_ids"])
        self.env["privacy.request.line"].invalidate_model()

    @api.model
    def _get_proposal(self, rule_id, company_id):
        values = {"rule_id": rule_id, "company_id": company_id, "state": "proposed"}
        domain = [(name, "=", value or False) for name, value in values.items()]
        return self.search(domain, limit=1) or self.create(
            {**values, "kind": "rule", "user_id": self.env.uid}
        )

    def _add_people(self, count):
        """People came on the list or, if negative, went; one without people is closed."""
        self.person_count += count
        if not self.person_count:
            self._finish()

    @api.model
    def _end_proposing(self):
        """All people were looked at: automatic rules begin, and officers are told of the others.
        Whoever was deleted meanwhile has no id to be looked at by."""
        waiting = [("state", "=", "waiting"), ("request_id.state", "=", "proposed")]
        deleted = self.env["privacy.request.line"].search([("partner_id", "=", False), *waiting])
        deleted._take_off()
        requests = self.search([("state", "=", "proposed")])
        automatic = requests.filtered(lambda request: request.rule_id._is_automatic())
        for request in automatic:
            request.write({"state": "running", "approver_id": request.rule_id.approver_id.id})
        if automatic:
            self._call_scheduled_action()
        news = (requests - automatic).filtered(
            lambda request: request.newest_line > request.told_line
        )
        for request in news:
            request.told_line = request.newest_line
        if news:
            news._tell_officers()

    def _tell_officers(self):
        """A message, without a name, to each officer of the company."""
        officers = self.env.ref(OFFICER).all_user_ids.filtered("active")
        for officer in officers:
            own = self.filtered(
                lambda request, officer=officer: (
                    not request.company_id or request.company_id in officer.company_ids
                )
            )
            if not own:
                continue
            env = self.with_context(lang=officer.lang).env
            text = env._(
                "People past their retention period who wait for your decision: %(count)s.",
                count=sum(own.mapped("person_count")),
            )
            officer.with_env(env)._tell_by_mail(
                env._("Retention: a list waits for approval"),
                Markup('<p>%s</p><p><a href="/odoo/privacy-approvals">%s</a></p>')
                % (text, env._("Open the list")),
            )
