from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .privacy_partner_mixin import OFFICER
from .privacy_proposal_mixin import ALONE_LIMIT

# rows in the database up to which nobody waits long for the search through all: ten seconds
REQUEST_LIMIT = 1_000_000
# users without whom the database does not work
SYSTEM_USERS = ("base.public_user", "base.user_root", "base.template_portal_user_id")
# what is open with a person: it warns whoever anonymises by hand, and stops retention rules
OPEN_CASE = SQL("active AND COALESCE(won_status, 'pending') = 'pending'")
UNPAID_INVOICE = SQL(
    "state = 'posted' AND payment_state IN ('not_paid', 'partial') AND move_type != 'entry'"
)
RUNNING_CONTRACT = SQL("(date_end IS NULL OR date_end >= CURRENT_DATE)")
ORDER_TO_INVOICE = SQL("state = 'sale' AND invoice_status IN ('to invoice', 'no')")


class PrivacyRequest(models.Model):
    """What privacy officers did with the data of people: who, when, and what became of how
    many records, without the personal data (G2, G3, G5).

    More than 100 people at once take a second officer, and are done by the scheduled action
    (privacy_request_run.py).
    """

    _name = "privacy.request"
    _inherit = ["privacy.proposal.mixin"]
    _description = "Privacy request"
    _order = "id DESC"

    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(
        [
            ("anonymize", "Anonymise"),
            ("rule", "Retention rule"),
            ("final", "End of legal hold"),
            ("export", "Subject access"),
            ("lift", "Block lifted"),
        ],
        required=True,
        readonly=True,
        default="anonymize",
    )
    user_id = fields.Many2one(
        "res.users", string="Asked by", required=True, readonly=True, ondelete="restrict"
    )
    approver_id = fields.Many2one(
        "res.users", string="Approved by", readonly=True, ondelete="restrict", copy=False
    )
    state = fields.Selection(
        [
            ("proposed", "Waits for approval"),
            ("approval", "Waits for a second officer"),
            ("running", "Under way"),
            ("done", "Done"),
            ("failed", "Done, some failed"),
            ("rejected", "Rejected"),
        ],
        required=True,
        readonly=True,
        default="running",
        index=True,
    )
    date_done = fields.Datetime(string="Finished", readonly=True)
    line_ids = fields.One2many("privacy.request.line", "request_id", string="People", readonly=True)
    person_count = fields.Integer(string="People asked for", readonly=True)
    report = fields.Json(
        string="Figures", readonly=True, help="How many records of each kind, and what is left."
    )
    report_text = fields.Text(string="Report", compute="_compute_report_text")
    can_approve = fields.Boolean(compute="_compute_can_approve")

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for request in self:
            request.name = f"{labels[request.kind]} {request.id or ''}"

    @api.depends("state", "user_id")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        is_officer = self.env.user.has_group(OFFICER)
        for request in self:
            request.can_approve = is_officer and (
                request.state == "proposed"
                or (request.state == "approval" and request.user_id != self.env.user)
            )

    @api.depends("report")
    @api.depends_context("lang")
    def _compute_report_text(self):
        for request in self:
            request.report_text = "\n".join(request._get_report_lines(request.report or {}))

    def _get_report_lines(self, report):
        lines = [
            self.env._(
                "%(model)s: %(count)s %(treatment)s",
                model=self._get_model_label(model),
                count=row["count"],
                treatment={
                    "delete": self.env._("deleted"),
                    "detach": self.env._("unlinked"),
                }.get(row["treatment"], self.env._("emptied")),
            )
            for model, row in sorted(report.get("rows", {}).items())
        ]
        lines += [
            self.env._(
                "%(model)s: %(count)s kept by law", model=self._get_model_label(model), count=count
            )
            for model, count in sorted(report.get("kept", {}).items())
        ]
        lines += [
            self.env._(
                "%(model)s: %(count)s given", model=self._get_model_label(model), count=count
            )
            for model, count in sorted(report.get("given", {}).items())
        ]
        search = report.get("search")
        if search:
            lines.append(
                self.env._(
                    "Searched %(columns)s text columns of %(tables)s tables: %(replaced)s records "
                    "named the person and were rewritten, %(left)s are left.",
                    columns=search["columns"],
                    tables=search["tables"],
                    replaced=sum(search["replaced"].values()),
                    left=sum(search["left"].values()),
                )
            )
            lines += [
                self.env._("Left, please look: %(table)s (%(count)s)", table=table, count=count)
                for table, count in sorted(search["left"].items())
            ]
        return lines

    @api.model
    def _get_model_label(self, model_name):
        # sudo: the names of models
        return self.env["ir.model"].sudo()._get(model_name).name or model_name

    # ------------------------------------------------------------------
    # Rights and state
    # ------------------------------------------------------------------

    @api.model
    def _check_officer(self):
        if not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._("Only privacy officers may do this. Ask an administrator for the right.")
            )

    @api.model
    def _take_partners(self, partner_ids):
        """The people of the ids that a caller gives, of the officer's companies.

        :raise AccessError: no officer, or people of another company
        :raise UserError: no people
        """
        self._check_officer()
        if isinstance(partner_ids, int):
            partner_ids = [partner_ids]
        if not isinstance(partner_ids, (list, tuple)) or not all(
            isinstance(id_, int) and id_ is not True for id_ in partner_ids
        ):
            raise UserError(self.env._("Name the people by a list of their ids."))
        # sudo: officers handle the data of all people, whoever sees these as customers
        partners = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .browse(partner_ids)
            .exists()
        )
        if not partners:
            raise UserError(self.env._("Choose the people first: there are none by these ids."))
        if partners.company_id - self.env.user.company_ids:
            raise AccessError(
                self.env._("Some of these people belong to a company that is not yours.")
            )
        return partners

    @api.model
    def _check_may_go(self, partners):
        """Refuse whoever is no customer or contact.

        :raise UserError: an own company, or somebody who signs in to work here
        """
        subject_ids = self.env["privacy.engine"]._get_subjects(partners.ids)
        refused = self.env.execute_query(
            SQL(
                """
                SELECT p.id, CASE
                         WHEN EXISTS (SELECT 1 FROM res_company c WHERE c.partner_id = p.id)
                              THEN 'company'
                         ELSE 'user' END
                  FROM res_partner p
                 WHERE p.id = ANY(%(ids)s) AND (
                       EXISTS (SELECT 1 FROM res_company c WHERE c.partner_id = p.id)
                    OR EXISTS (SELECT 1 FROM res_users u WHERE u.partner_id = p.id AND (
                               NOT COALESCE(u.share, FALSE) OR u.id = ANY(%(system)s))))
                 ORDER BY p.id LIMIT 1
                """,
                ids=subject_ids,
                system=self._get_system_users().ids,
            )
        )
        for partner_id, reason in refused:
            messages = {
                "company": self.env._(
                    "Nothing was done: number %(id)s is an own company.", id=partner_id
                ),
                "user": self.env._(
                    "Nothing was done: number %(id)s signs in to this database. Archive and "
                    "remove the user first, if he has left.",
                    id=partner_id,
                ),
            }
            raise UserError(messages[reason])
        return subject_ids

    @api.model
    def _get_system_users(self):
        # sudo: users of the system
        users = self.env["res.users"].sudo()
        for xml_id in SYSTEM_USERS:
            users |= self.env.ref(xml_id, raise_if_not_found=False) or users.browse()
        return users

    # ------------------------------------------------------------------
    # Anonymise
    # ------------------------------------------------------------------

    @api.model
    def get_preview(self, partner_ids):
        """What anonymising people would do (G2, G3). Nothing is written.

        :param partner_ids: list of ids of res.partner
        :return: dict: ``people`` (how many, contacts included), ``goes`` and ``stays`` (lists of
            ``{"model", "label", "count"}``), ``warnings`` (list of sentences), ``hold_until``
            (date as text or False), ``needs_approval`` (of a second officer)
        :raise AccessError: no privacy officer
        :raise UserError: an own company, or a user of this database
        """
        partners = self._take_partners(partner_ids)
        # sudo: whoever comes here is an officer, who may not read all that is kept of people
        engine = self.sudo().env["privacy.engine"]
        subject_ids = self._check_may_go(partners)
        self.env.flush_all()
        identity = engine.env["privacy.sweep"]._collect_identity(subject_ids)
        rows, kept = engine._find_rows(subject_ids, identity)
        legal = kept.get("res.partner")
        return {
            "people": len(subject_ids),
            "goes": self._count(rows, engine),
            "stays": self._count(kept, engine),
            "warnings": self._get_warnings(subject_ids),
            "hold_until": str(engine._get_hold_until(kept)) if legal else False,
            "needs_approval": len(subject_ids) > ALONE_LIMIT,
        }

    @api.model
    def _count(self, ids_by_model, engine):
        order = [declared.model for declared in engine.env["privacy.registry"]._get_installed()]
        return [
            {
                "model": model,
                "label": self._get_model_label(model),
                "count": len(ids_by_model[model]),
            }
            for model in order
            if ids_by_model.get(model)
        ]

    @api.model
    def _get_warnings(self, subject_ids):
        """Sentences on what is open still with these people."""
        [[cases, invoices, contracts, orders, employees]] = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT count(*) FROM crm_lead
                         WHERE (partner_id = ANY(%(ids)s) OR customer_id = ANY(%(ids)s))
                           AND %(case)s),
                       (SELECT count(*) FROM account_move
                         WHERE (partner_id = ANY(%(ids)s) OR commercial_partner_id = ANY(%(ids)s))
                           AND %(invoice)s),
                       (SELECT count(*) FROM third_party_contract
                         WHERE customer_id = ANY(%(ids)s) AND %(contract)s),
                       (SELECT count(*) FROM sale_order
                         WHERE partner_id = ANY(%(ids)s) AND %(order)s),
                       (SELECT count(*) FROM hr_employee WHERE work_contact_id = ANY(%(ids)s))
                """,
                ids=subject_ids,
                case=OPEN_CASE,
                invoice=UNPAID_INVOICE,
                contract=RUNNING_CONTRACT,
                order=ORDER_TO_INVOICE,
            )
        )
        sentences = []
        if cases:
            sentences.append(self.env._("Open cases: %(count)s", count=cases))
        if invoices:
            sentences.append(self.env._("Unpaid invoices: %(count)s", count=invoices))
        if contracts:
            sentences.append(self.env._("Running contracts: %(count)s", count=contracts))
        if orders:
            sentences.append(self.env._("Orders not invoiced yet: %(count)s", count=orders))
        if employees:
            sentences.append(
                self.env._(
                    "Employees: %(count)s. They are forgotten as customers; what Human Resources "
                    "keeps of them stays, with their name.",
                    count=employees,
                )
            )
        return sentences

    @api.model
    def anonymize(self, partner_ids, ignore_warnings=False):
        """Anonymise people with their contacts and addresses, for good (G2, G3).

        Up to 100 are done at once; more wait for the approval of a second officer. In a large
        database, where it takes a minute to look through all texts, the scheduled action does so.

        :param partner_ids: list of ids of res.partner
        :param ignore_warnings: the officer has read what warns (:meth:`get_preview`), as the
            dialog asks him to
        :return: the request, with a line and its state for each person; its own state is
            ``running`` while it waits for the scheduled action
        :raise AccessError: no privacy officer
        :raise UserError: an own company or a user of this database; something is open still with
            these people, and ``ignore_warnings`` is not set. Nothing is done
        """
        partners = self._take_partners(partner_ids)
        subject_ids = self._check_may_go(partners)
        self.env.flush_all()
        warnings = [] if ignore_warnings is True else self._get_warnings(subject_ids)
        if warnings:
            raise UserError(
                self.env._(
                    "Nothing was done: something is open still with these people.\n%(warnings)s\n"
                    "Close it first, or confirm that you have read this (ignore_warnings).",
                    warnings="\n".join(warnings),
                )
            )
        request = self._log("anonymize", partners)
        if len(subject_ids) > ALONE_LIMIT:
            request.state = "approval"
        elif self._is_large_database():
            request._call_scheduled_action()
        else:
            request._run()
        return request.sudo(False)

    @api.model
    def _is_large_database(self):
        [[count]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(sum(reltuples), 0) FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace
                """
            )
        )
        return count > REQUEST_LIMIT

    @api.model
    def _call_scheduled_action(self):
        # sudo: the scheduled action
        self.env.ref("sales_crm_cases.ir_cron_privacy").sudo()._trigger()

    @api.model
    def _log(self, kind, partners):
        # sudo: the log is the server's
        return self.sudo().create(
            {
                "kind": kind,
                "user_id": self.env.uid,
                "person_count": len(partners),
                "line_ids": [
                    fields.Command.create({"partner_id": partner.id, "number": partner.id})
                    for partner in partners
                ],
            }
        )

    def action_approve(self):
        """Approve a request of another officer, or the list of a retention rule; the scheduled
        action begins at once.

        :raise AccessError: no privacy officer, or one's own request
        :raise UserError: it does not wait for approval any more
        """
        self.ensure_one()
        # sudo: both ways ask for the right
        if self.sudo().state == "proposed":
            self._approve_proposal()
            return True
        self._decide("running")
        self._call_scheduled_action()
        return True

    def action_reject(self):
        """Reject a request; its own officer may take it back. Errors as above."""
        self._decide("rejected")
        return True

    def _decide(self, state):
        self.ensure_one()
        self._check_officer()
        # sudo: the log is the server's; the right is checked above
        request = self.sudo()
        request.lock_for_update()
        request.invalidate_recordset(["state"])
        if request.state != "approval":
            raise UserError(
                self.env._("%(request)s does not wait for approval.", request=self.name)
            )
        if state == "running" and request.user_id == self.env.user:
            raise AccessError(
                self.env._("Another officer has to approve: whoever asked for it may not.")
            )
        request.write({"state": state, "approver_id": self.env.uid})
        if state == "rejected":
            request.line_ids._set_kept()

    # ------------------------------------------------------------------
    # Subject access
    # ------------------------------------------------------------------

    @api.model
    def export_subject(self, partner_id):
        """All that is kept of a person: what anonymising would find (G5).

        :param partner_id: id of res.partner
        :return: dict ``{"person", "date", "records": {model: [{field: value}]}}``; values as
            they are stored, dates as text (UTC); others are left out
        :raise AccessError: no privacy officer, or somebody of another company
        """
        partners = self._take_partners([partner_id])
        records = self.env["privacy.subject.access"]._collect(partners.ids)
        self._log("export", partners).write(
            {
                "state": "done",
                "date_done": fields.Datetime.now(),
                "report": {"given": {model: len(found) for model, found in records.items()}},
            }
        )
        return {
            "person": partner_id,
            "date": fields.Datetime.to_string(fields.Datetime.now()),
            "records": records,
        }
