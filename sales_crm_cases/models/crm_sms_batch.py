import logging

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .crm_sms_batch_line import WAITING_STATES
from .res_users import ADMINISTRATOR, SALESMAN

_logger = logging.getLogger(__name__)


class SmsBatchStep:
    """In the context of Odoo's SMS composer: it makes the SMS of a batch. No caller from
    outside can forge an object."""

    def __init__(self):
        self.refused = {}
        """why customers get none: ``{id of the customer: failure type}``"""

    def take(self, sms_values):
        """Keep the SMS that may be sent, and away from Odoo's own queue, which sends again what
        it had sent when it was killed.

        :param sms_values: dict of the composer, by customer
        """
        kept = {}
        for customer_id, values in sms_values.items():
            if values["state"] == "outgoing":
                kept[customer_id] = {**values, "state": "process"}
            else:
                self.refused[customer_id] = values["failure_type"]
        return kept


class CrmSmsBatch(models.Model):
    """One SMS to all customers of a view of the sales board (B4): the job and its log.

    The customers are its lines. A scheduled action takes some of them at a time: it lets Odoo's
    composer make their SMS in the name of the sender, with his sight of that moment, and commits
    that they are with the gateway. Then it asks the gateway, through Odoo's own interface, and
    commits what it said. Whoever kills it between the two leaves lines of which nobody knows
    whether they were sent: they are named as such, and nothing is sent twice by itself.
    """

    _name = "crm.sms.batch"
    _inherit = ["crm.visibility.mixin"]
    _description = "SMS to the customers of a view"
    _order = "id DESC"
    _rec_names_search = ["body"]

    name = fields.Char(compute="_compute_name")
    user_id = fields.Many2one(
        "res.users",
        string="Sender",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    template_id = fields.Many2one("sms.template", readonly=True, ondelete="set null")
    body = fields.Text(string="Message", required=True, readonly=True)
    state = fields.Selection(
        [("running", "Under way"), ("done", "Done")],
        required=True,
        default="running",
        readonly=True,
    )
    date_done = fields.Datetime(string="Finished", readonly=True)
    line_ids = fields.One2many("crm.sms.batch.line", "batch_id", string="Customers")
    total_count = fields.Integer(string="Customers in all", readonly=True)
    waiting_count = fields.Integer(string="In queue", compute="_compute_counts", compute_sudo=True)
    sent_count = fields.Integer(
        string="Sent",
        compute="_compute_counts",
        compute_sudo=True,
        help="Taken by the gateway, those that were delivered included.",
    )
    delivered_count = fields.Integer(
        string="Delivered",
        compute="_compute_counts",
        compute_sudo=True,
        help="As far as the gateway reports it.",
    )
    failed_count = fields.Integer(string="Failed", compute="_compute_counts", compute_sudo=True)
    refused_count = fields.Integer(
        string="Not sent",
        compute="_compute_counts",
        compute_sudo=True,
        help="Without a number, on the blacklist, …: the gateway was not asked.",
    )
    progress = fields.Float(compute="_compute_counts", compute_sudo=True)
    reasons = fields.Text(compute="_compute_counts", compute_sudo=True)
    is_manageable = fields.Boolean(
        compute="_compute_is_manageable", export_string_translation=False
    )

    # the scheduled action asks for it
    _running_idx = models.Index("(id) WHERE state = 'running'")

    @api.depends("body")
    def _compute_name(self):
        for batch in self:
            line = " ".join((batch.body or "").split())
            batch.name = f"{line[:60]}…" if len(line) > 60 else line

    @api.depends("line_ids.state", "line_ids.failure_type")
    @api.depends_context("lang")
    def _compute_counts(self):
        lines = self.env["crm.sms.batch.line"]
        state_labels, labels = (
            dict(lines._fields[name]._description_selection(self.env))
            for name in ("state", "failure_type")
        )
        rows = lines._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state", "failure_type"], ["__count"]
        )
        for batch in self:
            own = [row[1:] for row in rows if row[0].id == batch.id]

            def count(*states, own=own):
                return sum(number for state, _reason, number in own if state in states)

            batch.waiting_count = count(*WAITING_STATES)
            batch.sent_count = count("process", "pending", "sent")
            batch.delivered_count = count("sent")
            batch.failed_count = count("error")
            batch.refused_count = count("canceled")
            worked_off = batch.total_count - batch.waiting_count
            batch.progress = 100 * worked_off / max(batch.total_count, 1)
            batch.reasons = "\n".join(
                f"{state_labels[state]}, {labels.get(reason, reason)}: {number}"
                for state, reason, number in sorted(own, key=lambda row: -row[2])
                if reason and state in ("error", "canceled")
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_manageable(self):
        is_administrator = self.env.user.has_group(ADMINISTRATOR)
        for batch in self:
            batch.is_manageable = is_administrator or batch.user_id == self.env.user

    # ------------------------------------------------------------------
    # Sight
    # ------------------------------------------------------------------

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        """A sender sees his own, a manager those of the team that he shows."""
        return scope.get_owner_domain("user_id")

    @api.model
    def _get_sight_dependencies(self):
        return ["user_id"]

    # ------------------------------------------------------------------
    # Make
    # ------------------------------------------------------------------

    @api.model
    def _queue(self, case_domain, body, template):
        """Queue an SMS to the customers of a view, for the current user.

        :param case_domain: the cases of the view
        :return: the batch; its customers are those that the user sees now
        :raise UserError: nobody of them can get it
        """
        recipients = self.env["crm.lead"]._get_batch_recipients(case_domain)
        # sudo: nobody may create batches but by this dialog; the recipients are those of the user
        batch = self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": self.env.company.id,
                "body": body,
                "template_id": template.id,
            }
        )
        batch.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_sms_batch_line
                       (batch_id, customer_id, state, failure_type, attempt_count)
                SELECT %s, r.id, CASE WHEN r.failure_type IS NULL THEN 'outgoing' ELSE 'canceled' END,
                       r.failure_type, 0
                  FROM (%s) r ORDER BY r.id
                """,
                batch.id,
                recipients,
            )
        )
        batch.total_count = self.env.cr.rowcount
        batch.line_ids.invalidate_model()
        batch.invalidate_recordset()
        if not batch.waiting_count:
            raise UserError(
                self.env._(
                    "None of the customers of this view can get an SMS: their numbers are missing, "
                    "wrong or on the blacklist. Correct the numbers, and try again."
                )
            )
        self.env.ref("sales_crm_cases.ir_cron_sms_batch").sudo()._trigger()
        return batch.sudo(False)

    # ------------------------------------------------------------------
    # Send
    # ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send what is queued, a step per transaction, as many at a time as Odoo's own queue."""
        cron, lines = self.env["ir.cron"], self.env["crm.sms.batch.line"]
        lines._close_unanswered()
        cron._commit_progress(remaining=lines.search_count([("state", "=", "outgoing")]))
        while batch := self.search([("state", "=", "running")], order="id", limit=1):
            waiting = lines.search(
                [("batch_id", "=", batch.id), ("state", "=", "outgoing")], limit=1
            )
            if not waiting:
                batch._finish()
                cron._commit_progress()
                continue
            taken = batch._take_lines()
            if not taken:
                # locked by others: the next run of the scheduled action finds them
                cron._commit_progress(remaining=0)
                return
            sms = batch._make_sms(taken)
            cron._commit_progress(len(taken) - len(sms))
            batch._ask_gateway(sms)
            if not cron._commit_progress(len(sms)):
                return

    def _take_lines(self):
        """The lines of the next step, locked."""
        queue = self.env["sms.sms"].with_company(self.company_id)
        return (
            self.env["crm.sms.batch.line"]
            .search(
                [("batch_id", "=", self.id), ("state", "=", "outgoing")],
                order="id",
                limit=queue._get_send_batch_size(),
            )
            .try_lock_for_update(allow_referencing=True)
        )

    def _get_sender_env(self):
        """The environment of the sender: what he may see now, in all his companies."""
        sender = self.user_id
        companies = sender.company_ids.sorted(lambda company: company != self.company_id)
        return self.env(
            user=sender.id,
            su=False,
            context={
                "allowed_company_ids": companies.ids,
                "lang": sender.lang,
                "tz": sender.tz,
            },
        )

    def _make_sms(self, lines):
        """Make the SMS of the lines, and say on each line what came of it.

        :return: the SMS that are to be sent
        """
        self.ensure_one()
        env = self._get_sender_env()
        customers = lines.customer_id.filtered("active").with_env(env)
        # whoever has no right in Sales any more is not restricted by our rules, either
        is_sender = env.user.active and env.user.has_group(SALESMAN)
        seen = customers._filtered_access("read") if is_sender else customers.browse()
        seen_ids = set(seen.ids)
        visible = lines.filtered(lambda line: line.customer_id.id in seen_ids)
        (lines - visible)._refuse("hidden")
        sms = self.env["sms.sms"]
        for is_first, part in visible.grouped(lambda line: not line.attempt_count).items():
            sms += self._compose_or_halve(env, part, is_first)
        return sms

    def _compose_or_halve(self, env, lines, keep_log):
        """Make the SMS all at once; after a failure each half alone, down to the one customer
        that causes it."""
        try:
            with self.env.cr.savepoint():
                return self._compose(env, lines, keep_log)
        except psycopg2.OperationalError:
            # another transaction was quicker: the whole step is done again
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the others get their SMS
            if len(lines) == 1:
                _logger.warning("SMS batch %s of %s: %s", self.id, lines.customer_id, error)
                lines._refuse("unknown", str(error))
                return self.env["sms.sms"]
        middle = len(lines) // 2
        return self._compose_or_halve(env, lines[:middle], keep_log) + self._compose_or_halve(
            env, lines[middle:], keep_log
        )

    def _compose(self, env, lines, keep_log):
        step = SmsBatchStep()
        composer = (
            env["sms.composer"]
            .with_context(sms_batch_step=step)
            .create(
                {
                    "composition_mode": "mass",
                    "res_model": "res.partner",
                    "res_ids": repr(lines.customer_id.ids),
                    "template_id": self.template_id.id,
                    "body": self.body,
                    "mass_keep_log": keep_log,
                }
            )
        )
        # sudo, as the cron: the composer makes them so, too
        sms = composer._action_send_sms_mass().with_env(self.env)
        by_customer = {line.customer_id.id: line for line in lines}
        sending = lines.browse(by_customer[one.partner_id.id].id for one in sms)
        self.env["sms.tracker"].create(
            [
                {"sms_uuid": one.uuid, "crm_sms_line_id": line.id}
                for one, line in zip(sms, sending, strict=True)
            ]
        )
        sending.write({"state": "sending", "failure_type": False, "failure_reason": False})
        for line in sending:
            line.attempt_count += 1
        for customer_id, reason in step.refused.items():
            by_customer[customer_id]._refuse(reason)
        env.flush_all()
        return sms

    def _ask_gateway(self, sms):
        """Hand the SMS over to the gateway of their company; the trackers bring what it says to
        the lines. No SMS is handed over twice: who gets here has just committed that it is."""
        sms = sms.with_company(self.company_id)
        # a report of the gateway that is quicker than the answer waits for it
        sms.sms_tracker_id.crm_sms_line_id.lock_for_update(allow_referencing=True)
        for company, part in sms.grouped(lambda one: one._get_sms_company()).items():
            part.with_company(company)._send(unlink_sent=True)

    def _finish(self):
        """Nothing is left in the queue: tell the sender what came of it."""
        self.ensure_one()
        self.write({"state": "done", "date_done": fields.Datetime.now()})
        batch = self.with_context(lang=self.user_id.lang)
        message = batch.env._(
            "“%(batch)s”: %(sent)s sent, %(failed)s failed, %(refused)s not sent.",
            batch=batch.name,
            sent=batch.sent_count,
            failed=batch.failed_count,
            refused=batch.refused_count,
        )
        self.user_id._tell_on_screen(batch.env._("Batch SMS"), message)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Show the figures of now."""
        return False

    def action_stop(self):
        """Send nothing more: what is still in the queue is taken out of it (B4).

        :raise AccessError: neither the sender nor a CRM administrator
        """
        self._check_manageable()
        # sudo: the sender may not write
        lines = self.env["crm.sms.batch.line"].sudo()
        lines.search([("batch_id", "in", self.ids), ("state", "=", "outgoing")])._refuse("stopped")

    def action_retry(self):
        """Queue those that failed once more, with the numbers of now (B4). What the gateway did
        not answer for may arrive twice.

        :raise AccessError: neither the sender nor a CRM administrator
        """
        self._check_manageable()
        # sudo: as above
        batches = self.sudo()
        lines = batches.line_ids.search([("batch_id", "in", self.ids), ("state", "=", "error")])
        if not lines:
            raise UserError(self.env._("None has failed: there is nothing to send once more."))
        lines._forget_sms()
        lines.write({"state": "outgoing", "failure_type": False, "failure_reason": False})
        batches.write({"state": "running", "date_done": False})
        self.env.ref("sales_crm_cases.ir_cron_sms_batch").sudo()._trigger()

    def _check_manageable(self):
        self.check_access("read")
        for batch in self:
            if not batch.is_manageable:
                raise AccessError(
                    self.env._(
                        "“%(batch)s” was sent by %(user)s. Ask that user, or a CRM administrator.",
                        batch=batch.name,
                        user=batch.user_id.name,
                    )
                )

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
