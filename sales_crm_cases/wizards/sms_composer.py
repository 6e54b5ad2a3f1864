import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.crm_sms_batch import SmsBatchStep

# fields of the dialog that count why customers get no SMS
COUNT_FIELDS = {
    "sms_number_missing": "batch_missing_count",
    "sms_number_format": "batch_wrong_count",
    "sms_blacklist": "batch_blacklisted_count",
    "sms_duplicate": "batch_duplicate_count",
}


class SmsComposer(models.TransientModel):
    """SMS to the customers of a view of the sales board (B4); and nobody sends to customers
    whom he does not see, whatever ids he sends."""

    _inherit = "sms.composer"

    case_domain = fields.Char(
        help="The cases of the view, as JSON. They are looked for when the figures are shown and "
        "when it is sent, each time with the rights of the user."
    )
    batch_id = fields.Many2one("crm.sms.batch", readonly=True, ondelete="set null")
    batch_count = fields.Integer(
        string="Customers who get it", compute="_compute_batch_counts", compute_sudo=False
    )
    batch_refused_count = fields.Integer(
        string="Customers who do not get it", compute="_compute_batch_counts", compute_sudo=False
    )
    batch_missing_count = fields.Integer(
        string="Without a number", compute="_compute_batch_counts", compute_sudo=False
    )
    batch_wrong_count = fields.Integer(
        string="With a wrong number", compute="_compute_batch_counts", compute_sudo=False
    )
    batch_blacklisted_count = fields.Integer(
        string="On the blacklist", compute="_compute_batch_counts", compute_sudo=False
    )
    batch_duplicate_count = fields.Integer(
        string="With the number of another one", compute="_compute_batch_counts", compute_sudo=False
    )

    @api.depends("case_domain")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_batch_counts(self):
        for composer in self:
            counts = composer._count_batch_recipients()
            composer.batch_count = counts.pop(None, 0)
            composer.batch_refused_count = sum(counts.values())
            for reason, name in COUNT_FIELDS.items():
                composer[name] = counts.get(reason, 0)

    def _count_batch_recipients(self):
        """Dict of the number of customers by why they get none (None: they do)."""
        if not self.case_domain:
            return {}
        recipients = self.env["crm.lead"]._get_batch_recipients(self._get_case_domain())
        return dict(
            self.env.execute_query(
                SQL("SELECT r.failure_type, COUNT(*) FROM (%s) r GROUP BY 1", recipients)
            )
        )

    def _get_case_domain(self):
        self.env["crm.lead"].browse().check_access("read")
        return Domain(json.loads(self.case_domain))

    # ------------------------------------------------------------------
    # Batch
    # ------------------------------------------------------------------

    def action_send_sms(self):
        if self.case_domain:
            return self._queue_batch()
        return super().action_send_sms()

    def _queue_batch(self):
        """Queue the SMS, once however often the button is clicked; show what becomes of it."""
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(self.env._("This SMS is being queued already.")) from error
        self.invalidate_recordset(["batch_id"])
        if not self.batch_id:
            domain = self._get_case_domain()
            self.env["crm.lead"]._check_batch_sms(domain)
            self._check_body(domain)
            self.batch_id = self.env["crm.sms.batch"]._queue(domain, self.body, self.template_id)
        return self.batch_id._get_form_action()

    def _check_body(self, domain):
        """Refuse what cannot be rendered now, and not customer by customer in the background."""
        if not (self.body or "").strip():
            raise UserError(self.env._("The message is empty. Write what is to be sent."))
        recipients = self.env["crm.lead"]._get_batch_recipients(domain)
        first = self.env.execute_query(
            SQL("SELECT r.id FROM (%s) r WHERE r.failure_type IS NULL LIMIT 1", recipients)
        )
        self._prepare_body_values(self.env["res.partner"].browse(row[0] for row in first))

    def _get_batch_step(self):
        step = self.env.context.get("sms_batch_step")
        return step if isinstance(step, SmsBatchStep) else None

    def _filter_out_and_handle_revoked_sms_values(self, sms_values_all):
        values = super()._filter_out_and_handle_revoked_sms_values(sms_values_all)
        step = self._get_batch_step()
        return step.take(values) if step else values

    def _get_blacklist_record_ids(self, records, recipients_info):
        if not self._get_batch_step():
            return super()._get_blacklist_record_ids(records, recipients_info)
        # Odoo reads the whole blacklist, here for each step
        numbers = {info["sanitized"] for info in recipients_info.values() if info["sanitized"]}
        # sudo: as Odoo does
        blacklist = self.env["phone.blacklist"].sudo().search([("number", "in", list(numbers))])
        blacklisted = set(blacklist.mapped("number"))
        return [r.id for r in records if recipients_info[r.id]["sanitized"] in blacklisted]

    # ------------------------------------------------------------------
    # Any SMS
    # ------------------------------------------------------------------

    def _action_send_sms(self):
        self._check_recipients()
        return super()._action_send_sms()

    def _check_recipients(self):
        """Refuse SMS about documents of customers whom the user does not see, as cases that are
        shared with him are; and many at once where the process of the cases has them off.

        :raise AccessError: names no customer
        :raise UserError: names the processes
        """
        records = self._get_records()
        if not records:
            return
        partners = self.env["res.partner"].union(*records._mail_get_partners().values())
        if partners._filter_hidden():
            raise AccessError(
                self.env._(
                    "You do not see all customers to whom this SMS would go. Take them out of the "
                    "recipients."
                )
            )
        if records._name == "crm.lead" and self.composition_mode == "mass":
            # sudo: as in crm.lead._check_batch_sms()
            records.process_id.sudo()._check_sms_enabled()
