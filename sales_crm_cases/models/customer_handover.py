from typing import NamedTuple

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

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
    _inherit = ["customer.handover.move.mixin"]
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
        # sudo: nobody writes the log but this code; rights were checked above. Names of employees
        # and customers of links that the user may change
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
            # sudo: the scheduled action
            self.env.ref("sales_crm_cases.ir_cron_handover").sudo()._trigger()
        return handover.sudo(False)

    @api.model
    def _check_customers(self, employee, links, customers):
        # sudo: whose links they are, and the name of the employee
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
    def _get_record_to_archive(self, employee, archive):
        """The employee, or his user, in the context in which no successor is asked for."""
        # sudo: only to find the user; who asks archives him with his own rights
        record = employee.sudo().user_id.sudo(False) if archive == "user" else employee
        return record.with_context(successor_decided=SUCCESSOR_DECIDED)

    @api.model
    def _check_may_archive(self, employee, archive):
        if not self._get_record_to_archive(employee, archive).has_access("write"):
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

    # ------------------------------------------------------------------
    # End
    # ------------------------------------------------------------------

    def _finish(self):
        self.ensure_one()
        state = "failed" if self.failed_count else "done"
        self.write({"state": state, "date_done": fields.Datetime.now()})
        if self.archive and state == "done" and self.total_count > REQUEST_LIMIT:
            # in the request it is the dialog that archives, for what archiving opens then
            self._archive()
        self._tell_people()

    def _archive(self):
        """Archive employee or user, as the user who wanted it: with his rights of today.

        :return: what archiving opens
        """
        self.ensure_one()
        employee = self.employee_id.with_user(self.user_id).sudo(False)
        try:
            with self.env.cr.savepoint():
                return self._get_record_to_archive(employee, self.archive).action_archive()
        except (AccessError, UserError) as error:
            # sudo: nobody writes the log but this code
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
        user._tell_on_screen(self.name, text)

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
