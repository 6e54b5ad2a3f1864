import logging
from typing import NamedTuple

import psycopg2
from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# customers that are handed over in the request itself; more are worked off by the cron
REQUEST_LIMIT = 200
# customers per transaction of the cron: about a second
STEP_SIZE = 500
# In the context of archiving: the successor was asked for. Callers from outside cannot forge it.
SUCCESSOR_DECIDED = object()


class HandoverDocuments(NamedTuple):
    """Documents of one model that move along with their customer."""

    owner_field: str
    """many2one to res.users or hr.employee: whose document it is"""
    domain: Domain
    """the open ones; what it leaves out stays as history"""
    label: str = ""
    """for the preview; empty: not counted"""
    customer_field: str = "customer_id"


class CustomerHandover(models.Model):
    """Hand-over of customers to a successor (V8): the job and its log.

    The customers are its lines. A step takes some of them, moves them with their open
    documents and marks the lines, all in one transaction: whoever kills it loses nothing and
    leaves nothing half-done, and the next step goes on with the lines that are left. A
    customer that cannot be moved is named on its line, and the others go on.

    The log of a hand-over is here, with one line in each customer's chatter. The documents'
    own tracking is left out: thousands of mails and messages would tell the same.
    """

    _name = "customer.handover"
    _description = "Hand-over of customers"
    _order = "id DESC"

    name = fields.Char(required=True, readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", string="From", readonly=True, ondelete="set null", index="btree_not_null"
    )
    successor_id = fields.Many2one(
        "hr.employee", string="To", readonly=True, ondelete="set null", index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users", string="Started by", required=True, readonly=True, ondelete="restrict"
    )
    date_done = fields.Datetime(string="Finished", readonly=True)
    state = fields.Selection(
        [("running", "Under way"), ("done", "Done"), ("failed", "Done, some failed")],
        required=True,
        default="running",
        readonly=True,
    )
    archive = fields.Selection(
        [("employee", "Archive the employee"), ("user", "Archive the user")],
        string="Afterwards",
        readonly=True,
    )
    error = fields.Text(readonly=True)
    line_ids = fields.One2many("customer.handover.line", "handover_id", string="Customers")
    total_count = fields.Integer(string="Customers in all", readonly=True)
    done_count = fields.Integer(string="Handed over", compute="_compute_counts", compute_sudo=True)
    failed_count = fields.Integer(string="Failed", compute="_compute_counts", compute_sudo=True)
    progress = fields.Float(compute="_compute_counts", compute_sudo=True)
    moved_counts = fields.Json(readonly=True, help="Documents that moved along, by model.")
    moved_text = fields.Text(string="Moved along", compute="_compute_moved_text")

    # the cron asks for it every few minutes
    _running_idx = models.Index("(id) WHERE state = 'running'")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {
            (handover.id, state): count
            for handover, state, count in self.env["customer.handover.line"]._read_group(
                [("handover_id", "in", self.ids)], ["handover_id", "state"], ["__count"]
            )
        }
        for handover in self:
            handover.done_count = counts.get((handover.id, "done"), 0)
            handover.failed_count = counts.get((handover.id, "failed"), 0)
            worked_off = handover.done_count + handover.failed_count
            handover.progress = 100 * worked_off / max(handover.total_count, 1)

    @api.depends("moved_counts")
    def _compute_moved_text(self):
        labels = {
            model_name: documents.label
            for model_name, documents in self._get_handover_documents().items()
        }
        for handover in self:
            handover.moved_text = ", ".join(
                f"{labels[model_name]}: {count}"
                for model_name, count in (handover.moved_counts or {}).items()
                if labels.get(model_name)
            )

    # ------------------------------------------------------------------
    # What moves
    # ------------------------------------------------------------------

    @api.model
    def _get_handover_documents(self):
        """What moves along with a customer, by model.

        A model of another addon joins by an override::

            @api.model
            def _get_handover_documents(self):
                return {
                    **super()._get_handover_documents(),
                    "helpdesk.ticket": HandoverDocuments(
                        "user_id", Domain("is_closed", "=", False), self.env._("Open tickets")
                    ),
                }

        The documents carry their customer in a stored field, and those of the old salesman
        among them get the successor by ``write()``, a step's at once, as superuser and without
        tracking.

        :rtype: dict[str, HandoverDocuments]
        """
        return {
            "crm.lead": HandoverDocuments(
                "user_id", Domain("won_status", "=", "pending"), self.env._("Open cases")
            ),
            "mail.activity": HandoverDocuments(
                "user_id", Domain("active", "=", True), self.env._("Open activities")
            ),
            "sales.recommendation": HandoverDocuments(
                "employee_id",
                Domain("state", "in", ("open", "snoozed")),
                self.env._("Recommendations"),
            ),
            "sale.order": HandoverDocuments(
                "user_id", Domain("state", "in", ("draft", "sent")), self.env._("Quotes")
            ),
            # private, but counted: whoever hands over learns that some move, and neither of
            # what nor when. What has to do with no customer stays
            "customer.reminder": HandoverDocuments(
                "owner_id", Domain("active", "=", True), self.env._("Reminders")
            ),
            # the salesperson of contacts; the customer's own follows its main salesman
            "res.partner": HandoverDocuments("user_id", Domain("parent_id", "!=", False)),
        }

    @api.model
    def _get_documents_domain(self, documents, owner, customers):
        """The documents of the owner that would move.

        :param owner: dict ``{model of the owner field: record}``
        :param customers: SQL of the customers' ids
        """
        return documents.domain & Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s = %s AND %s IN (%s)",
                model._field_to_sql(alias, documents.owner_field, query),
                owner[model._fields[documents.owner_field].comodel_name].id or None,
                model._field_to_sql(alias, documents.customer_field, query),
                customers,
            )
        )

    @api.model
    def _get_links_domain(self, employee, customers=None):
        """The employee's links to customers that the current user may change."""
        domain = Domain("employee_id", "=", employee.id) & Domain("crm_editable", "=", True)
        return domain if customers is None else domain & Domain("customer_id", "in", customers.ids)

    @api.model
    def _get_link_model(self):
        # archived customers, and those of all companies of the user, not only the ticked ones
        return self.env["customer.salesman"].with_context(
            active_test=False, allowed_company_ids=self.env.user.company_ids.ids
        )

    @api.model
    def _get_preview(self, employee, customers=None):
        """How much would be handed over, as far as the current user may.

        :return: list of ``(label, count)``, the customers first; then the number of
            customers that stay because the user may not change them
        """
        links = self._get_link_model()._search(self._get_links_domain(employee, customers))
        # sudo: the documents move with the customer, whether or not the user may read each
        model = self.sudo().with_context(active_test=False)
        owner = self._get_owners(employee)
        counts = [(self.env._("Customers"), len(links))]
        for model_name, documents in self._get_handover_documents().items():
            if documents.label:
                domain = self._get_documents_domain(
                    documents, owner, links.select(SQL.identifier(links.table, "customer_id"))
                )
                counts.append((documents.label, model.env[model_name].search_count(domain)))
        wanted = Domain("employee_id", "=", employee.id)
        if customers is not None:
            wanted &= Domain("customer_id", "in", customers.ids)
        return counts, model.env["customer.salesman"].search_count(wanted) - counts[0][1]

    @api.model
    def _get_owners(self, employee):
        # sudo: a salesman cannot read employees
        return {"hr.employee": employee, "res.users": employee.sudo().user_id}

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    @api.model
    def _check_people(self, employee, successor):
        """Refuse hand-overs that the user may not do, or to whom nobody should.

        :raise AccessError: not the user's to decide
        :raise UserError: no successor who could work the customers
        """
        self._check_may_hand_over(employee)
        # sudo: a salesman cannot read employees; the messages name the two only
        successor_sudo = successor.sudo()
        if not successor:
            raise UserError(self.env._("Choose the colleague who takes the customers over."))
        if successor == employee or (
            successor_sudo.user_id and successor_sudo.user_id == employee.sudo().user_id
        ):
            raise UserError(
                self.env._(
                    "%(employee)s cannot be his own successor. Choose a colleague.",
                    employee=successor_sudo.name,
                )
            )
        user = successor_sudo.user_id
        if not (successor_sudo.active and successor_sudo.is_salesman and user.active):
            raise UserError(
                self.env._(
                    "%(employee)s cannot take customers over: a successor is an active salesman "
                    "with a user. Choose another colleague.",
                    employee=successor_sudo.name,
                )
            )
        if not successor_sudo.is_in_my_team and user != self.env.user:
            raise AccessError(
                self.env._(
                    "%(employee)s is not in your team. Ask a CRM administrator for a hand-over "
                    "to another team.",
                    employee=successor_sudo.name,
                )
            )

    @api.model
    def _check_may_hand_over(self, employee):
        # sudo: a salesman cannot read employees
        if not employee or not employee.sudo().is_in_my_team:
            raise AccessError(
                self.env._(
                    "Customers are handed over by CRM administrators, and by managers for their "
                    "team as long as they show items for subordinates and may edit them. For "
                    "customers of your own use “Maintain Customer Salesmen”."
                )
            )

    # ------------------------------------------------------------------
    # Start
    # ------------------------------------------------------------------

    @api.model
    def _start(self, employee, successor, customers=None, archive=False):
        """Hand customers over; many are worked off by the cron.

        :param customers: some of the employee's customers; None: all
        :param archive: ``employee`` or ``user`` is archived when all are handed over
        :return: the job
        """
        self._check_people(employee, successor)
        if archive:
            self._check_may_archive(employee, archive)
        links = self._get_link_model().search(self._get_links_domain(employee, customers))
        self._check_customers(employee, links, customers)
        # sudo: nobody writes the log but this code; rights were checked above
        handover = self.sudo().create(
            {
                "name": f"{employee.sudo().name} → {successor.sudo().name}",
                "employee_id": employee.id,
                "successor_id": successor.id,
                "user_id": self.env.uid,
                "archive": archive,
                "total_count": len(links),
                "line_ids": [
                    Command.create({"customer_id": link.customer_id.id}) for link in links.sudo()
                ],
            }
        )
        if len(links) <= REQUEST_LIMIT:
            handover._work_off_at_once()
        else:
            self.env.ref("sales_crm_cases.ir_cron_handover").sudo()._trigger()
        return handover.sudo(False)

    @api.model
    def _check_customers(self, employee, links, customers):
        if customers is not None:
            foreign = customers - links.sudo().customer_id.with_env(customers.env)
            if foreign:
                foreign.check_access("read")
                raise UserError(
                    self.env._(
                        "%(customer)s is not linked to %(employee)s, or you may not change it. "
                        "Take it off the list.",
                        customer=foreign[0].display_name,
                        employee=employee.sudo().name,
                    )
                )
        if not links:
            raise UserError(
                self.env._(
                    "There is nothing to hand over: no customer is linked to %(employee)s.",
                    employee=employee.sudo().name,
                )
            )

    @api.model
    def _check_may_archive(self, employee, archive):
        record = employee.sudo().user_id.sudo(False) if archive == "user" else employee
        if not record.has_access("write"):
            raise AccessError(
                self.env._(
                    "You may not archive %(employee)s. Hand the customers over without archiving, "
                    "and ask human resources.",
                    employee=employee.sudo().name,
                )
            )

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------

    def _work_off_at_once(self):
        lines = self.line_ids
        if self._work_off(lines) != lines:
            raise UserError(
                self.env._(
                    "Somebody else is changing these customers at this moment. Try again in a minute."
                )
            )
        self._finish()

    @api.model
    def _cron_work_off(self):
        """Go on with the hand-overs under way, a step per transaction."""
        cron = self.env["ir.cron"]
        todo = Domain("state", "=", "todo") & Domain("handover_id.state", "=", "running")
        lines_model = self.env["customer.handover.line"]
        cron._commit_progress(remaining=lines_model.search_count(todo))
        while handover := self._get_next():
            lines = lines_model.search(
                todo & Domain("handover_id", "=", handover.id), limit=STEP_SIZE
            ).try_lock_for_update()
            done = handover._work_off(lines)
            if not lines_model.search_count(todo & Domain("handover_id", "=", handover.id)):
                handover._finish()
            elif not done:
                # locked by others: the next run of the cron finds them
                cron._commit_progress(remaining=0)
                return
            if not cron._commit_progress(
                max(len(done), 1), remaining=lines_model.search_count(todo)
            ):
                return

    @api.model
    def _get_next(self):
        running = self.search([("state", "=", "running")], order="id")
        return running.try_lock_for_update(allow_referencing=True)[:1]

    def _work_off(self, lines):
        """Move the customers of the lines, and say on each line what came of it.

        :return: the lines that were worked off; the others are locked by somebody
        """
        self.ensure_one()
        if not (self.employee_id and self.successor_id):
            lines._fail(self.env._("One of the two employees was deleted."))
            return lines
        # sudo: rights were checked at the start. As the user who started it: his companies,
        # his language and his name in the chatter. No mails per document.
        worker = (
            self.with_user(self.user_id)
            .sudo()
            .with_context(
                active_test=False,
                tracking_disable=True,
                mail_activity_quick_update=True,
                mail_auto_subscribe_no_notify=True,
            )
        )
        lines = lines.with_env(worker.env)
        links = lines.env["customer.salesman"].search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("customer_id", "in", lines.customer_id.ids),
            ]
        )
        free = links.try_lock_for_update(allow_referencing=True)
        busy_customers = (links - free).customer_id
        lines = lines.filtered(lambda line: line.customer_id not in busy_customers)
        worker._move_or_halve(worker._fail_impossible(lines, free))
        return lines.with_env(self.env)

    def _fail_impossible(self, lines, links):
        """Name the customers that cannot be moved; return the other lines."""
        companies = self.successor_id.user_id.company_ids
        linked = links.customer_id
        for line in lines:
            customer = line.customer_id
            if customer not in linked:
                line._fail(
                    self.env._("Not linked to %(name)s any more.", name=self.employee_id.name)
                )
            elif customer.company_id and customer.company_id not in companies:
                line._fail(
                    self.env._(
                        "%(name)s may not work in %(company)s, to which this customer belongs.",
                        name=self.successor_id.name,
                        company=customer.company_id.name,
                    )
                )
        return lines.filtered(lambda line: line.state == "todo")

    def _move_or_halve(self, lines):
        """Move the customers all at once; after a failure each half alone, down to the one
        customer that causes it."""
        if not lines:
            return
        try:
            with self.env.cr.savepoint():
                counts = self._move(lines.customer_id)
                lines.state = "done"
        except psycopg2.OperationalError:
            # another transaction was quicker: the whole step is done again
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the others go on
            if len(lines) == 1:
                _logger.warning("Hand-over %s of %s: %s", self.id, lines.customer_id, error)
                lines._fail(str(error))
                return
            middle = len(lines) // 2
            self._move_or_halve(lines[:middle])
            self._move_or_halve(lines[middle:])
            return
        known = self.moved_counts or {}
        self.moved_counts = {
            **known,
            **{name: known.get(name, 0) + count for name, count in counts.items()},
        }

    def _move(self, customers):
        """Move links and documents of the customers.

        :return: dict ``{model: number of documents}``
        """
        # first: unlinking the old salesman unsubscribes him
        self._move_followers(customers)
        self._move_links(customers)
        old, new = self._get_owners(self.employee_id), self._get_owners(self.successor_id)
        ids = SQL("SELECT unnest(%s)", customers.ids)
        counts = {}
        for model_name, documents in self._get_handover_documents().items():
            found = self.env[model_name].search(self._get_documents_domain(documents, old, ids))
            owner = new[found._fields[documents.owner_field].comodel_name]
            for part, values in self._get_handover_values(found, documents.owner_field, owner):
                part.write(values)
            counts[model_name] = len(found)
        body = self.env._(
            "Handed over from %(old)s to %(new)s.",
            old=self.employee_id.name,
            new=self.successor_id.name,
        )
        customers._message_log_batch(
            {customer.id: body for customer in customers}, author_id=self.user_id.partner_id.id
        )
        self.env.flush_all()
        return counts

    @api.model
    def _get_handover_values(self, documents, owner_field, owner):
        """What to write to give the documents, all of one model, to the owner.

        :return: list of ``(documents, values)``
        """
        values = {owner_field: owner.id}
        if not documents:
            return []
        if documents._name != "crm.lead":
            return [(documents, values)]
        # the team follows the user, by two queries per case if Odoo computes it
        kept = documents.filtered(
            lambda case: case.team_id and owner in case.team_id.member_ids | case.team_id.user_id
        )
        parts = [
            (cases, {**values, "team_id": team.id})
            for team, cases in kept.grouped("team_id").items()
        ]
        for case_type, cases in (documents - kept).grouped("type").items():
            use = "use_leads" if case_type == "lead" else "use_opportunities"
            team = self.env["crm.team"]._get_default_team_id(
                user_id=owner.id, domain=[(use, "=", True)]
            )
            parts.append((cases, {**values, "team_id": team.id}))
        return parts

    def _move_links(self, customers):
        """The successor's link takes the place of the old one, with its rank. Where he is
        linked already, the two become one."""
        both = self.env["customer.salesman"].search(
            [
                ("customer_id", "in", customers.ids),
                ("employee_id", "in", (self.employee_id | self.successor_id).ids),
            ]
        )
        old = both.filtered(lambda link: link.employee_id == self.employee_id)
        kept = both - old
        doubled = old.filtered(lambda link: link.customer_id in kept.customer_id)
        promoted = doubled.filtered("is_main").customer_id
        doubled.unlink()
        # unlink() appoints the oldest link of those that are left
        others = promoted.salesman_link_ids.filtered(
            lambda link: link.is_main and link.employee_id != self.successor_id
        )
        others.is_main = False
        others.flush_recordset(["is_main"])
        kept.filtered(lambda link: link.customer_id in promoted and not link.is_main).is_main = True
        (old - doubled).write({"employee_id": self.successor_id.id})

    def _move_followers(self, customers):
        """The successor follows what the old salesman followed, history included."""
        old = self.employee_id.user_id.partner_id
        new = self.successor_id.user_id.partner_id
        if not old:
            return
        for model_name in customers._get_followed_models():
            documents = self.env[model_name]._search([("customer_id", "in", customers.ids)])
            followers = self.env["mail.followers"].search(
                [
                    ("res_model", "=", model_name),
                    ("res_id", "in", documents),
                    ("partner_id", "in", (old | new).ids),
                ]
            )
            mine = followers.filtered(lambda f: f.partner_id == old)
            known_ids = set((followers - mine).mapped("res_id"))
            doubled = mine.browse([f.id for f in mine if f.res_id in known_ids])
            doubled.unlink()
            (mine - doubled).write({"partner_id": new.id})

    # ------------------------------------------------------------------
    # End
    # ------------------------------------------------------------------

    def _finish(self):
        self.ensure_one()
        failed = self.line_ids.filtered(lambda line: line.state == "failed")
        self.write({"state": "failed" if failed else "done", "date_done": fields.Datetime.now()})
        if self.archive and not failed and self.total_count > REQUEST_LIMIT:
            # in the request it is the dialog that archives, for what archiving opens then
            self._archive()
        self._tell_people()

    def _archive(self):
        """Archive employee or user, as the user who wanted it: with his rights of today.

        :return: what archiving opens
        """
        self.ensure_one()
        employee = self.employee_id.with_user(self.user_id).sudo(False)
        record = employee.sudo().user_id.sudo(False) if self.archive == "user" else employee
        record = record.with_context(successor_decided=SUCCESSOR_DECIDED)
        try:
            with self.env.cr.savepoint():
                return record.action_archive()
        except (AccessError, UserError) as error:
            self.sudo().error = str(error)
            return None

    def _tell_people(self):
        """One notice for each of the three, whatever the number of customers."""
        done = self.done_count
        successor = self.successor_id.user_id
        old = (self.employee_id.user_id - successor).filtered("active")
        if done:
            self._tell(successor, "taken")
            self._tell(old, "given")
        if self.total_count > REQUEST_LIMIT or self.failed_count:
            self._tell(self.user_id - successor - old, "done")

    def _tell(self, user, event):
        if not user or user == self.env.user:
            return
        handover = self.with_context(lang=user.lang)
        values = {
            "count": self.done_count,
            "old": self.employee_id.name,
            "new": self.successor_id.name,
            "failed": self.failed_count,
        }
        text = {
            "taken": handover.env._("%(count)s customers of %(old)s are yours now.", **values),
            "given": handover.env._("%(count)s of your customers went to %(new)s.", **values),
            "done": handover.env._(
                "%(count)s customers went from %(old)s to %(new)s, %(failed)s failed.", **values
            ),
        }[event]
        moved = Markup("<p>%s</p><p>%s</p>") % (text, handover.moved_text or "")
        handover.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=handover.env._("Hand-over of customers"),
            body=moved,
            author_id=self.user_id.partner_id.id,
        )
        user._bus_send("simple_notification", {"title": self.name, "message": text, "type": "info"})

    def action_view_failed(self):
        """List the customers that were not handed over, with the reasons."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not handed over"),
            "res_model": "customer.handover.line",
            "view_mode": "list",
            "domain": [("handover_id", "=", self.id), ("state", "=", "failed")],
        }

    def action_new(self):
        """Open the dialog of a hand-over."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sales_crm_cases.customer_handover_wizard_action"
        )
