from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CustomerHandoverWizard(models.TransientModel):
    """Hand customers over to a successor, and see before how much moves (V8)."""

    _name = "customer.handover.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Hand customers over"
    _dialog_records = {"customer_ids": "read"}

    employee_id = fields.Many2one("hr.employee", string="From", context={"active_test": False})
    successor_id = fields.Many2one("hr.employee", string="To")
    scope = fields.Selection(
        [("all", "All customers"), ("chosen", "Chosen customers")], required=True, default="all"
    )
    customer_ids = fields.Many2many("res.partner", string="Customers")
    archive = fields.Selection(
        [("employee", "Archive the employee"), ("user", "Archive the user")],
        string="When done",
        help="After the last customer was handed over.",
    )
    is_archiving = fields.Boolean(help="Opened by archiving somebody.")
    may_archive = fields.Boolean(compute="_compute_may_archive")
    customer_count = fields.Integer(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", string="What moves")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        customer_ids = self._get_active_customers().ids
        if customer_ids and "customer_ids" in fields:
            values.update(scope="chosen", customer_ids=[(6, 0, customer_ids)])
            if not values.get("employee_id"):
                values["employee_id"] = self._guess_employee(customer_ids).id
        return values

    @api.model
    def _get_active_customers(self):
        """The customers from whose list the dialog was opened, contacts by their company."""
        context = self.env.context
        if context.get("active_model") != "res.partner":
            return self.env["res.partner"]
        ids = context.get("active_ids") or [context.get("active_id")]
        partners = self.env["res.partner"].browse([i for i in ids if isinstance(i, int)]).exists()
        partners.check_access("read")
        # sudo: the customer of a contact whom the user sees
        return partners.sudo().customer_id.sudo(False)

    @api.model
    def _guess_employee(self, customer_ids):
        """Their main salesman, if they share one."""
        # sudo: names of colleagues, which the customers' form shows
        mains = self.env["res.partner"].browse(customer_ids).sudo().main_salesman_id
        return mains.sudo(False) if len(mains) == 1 else self.env["hr.employee"]

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_may_archive(self):
        for wizard in self:
            wizard.may_archive = bool(wizard.employee_id) and (
                wizard.employee_id._origin.has_access("write")
            )

    @api.depends("employee_id", "scope", "customer_ids")
    @api.depends_context("uid", "lang")
    def _compute_preview(self):
        handover = self.env["customer.handover"]
        for wizard in self:
            wizard.customer_count, wizard.preview = 0, False
            employee = wizard.employee_id._origin
            if not employee:
                continue
            try:
                handover._check_may_hand_over(employee)
            except AccessError as error:
                wizard.preview = Markup("<p>%s</p>") % str(error)
                continue
            counts, left_count = handover._get_preview(employee, wizard._get_customers())
            wizard.customer_count = counts[0][1]
            items = [f"{label}: {count}" for label, count in counts]
            if left_count:
                items.append(
                    self.env._(
                        "%(count)s more stay: they belong to companies in which you do not work.",
                        count=left_count,
                    )
                )
            wizard.preview = Markup("<ul>%s</ul>") % Markup("").join(
                Markup("<li>%s</li>") % item for item in items
            )

    def _get_customers(self):
        """The chosen customers; None: all."""
        if self.scope == "all":
            return None
        return self.customer_ids._origin.commercial_partner_id

    def action_hand_over(self):
        """Hand the customers over and show what came of it.

        :raise AccessError: the user may not decide about the two
        :raise UserError: nothing to hand over, or no fit successor
        """
        self.ensure_one()
        handover = self.env["customer.handover"]._start(
            self.employee_id, self.successor_id, self._get_customers(), self.archive
        )
        if handover.state == "done" and handover.archive:
            # opens the departure of an employee
            action = handover._archive()
            if action:
                return action
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand-over"),
            "res_model": "customer.handover",
            "res_id": handover.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_archive_without_successor(self):
        """Archive, and leave the customers to nobody: managers and administrators see them."""
        self.ensure_one()
        handover = self.env["customer.handover"]
        handover._check_may_hand_over(self.employee_id)
        if not self.archive:
            raise UserError(self.env._("Choose whom to archive under “When done”."))
        handover._check_may_archive(self.employee_id, self.archive)
        record = handover._get_record_to_archive(self.employee_id, self.archive)
        return record.action_archive() or {"type": "ir.actions.act_window_close"}
