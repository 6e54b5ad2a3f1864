from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CustomerSalesmanWizard(models.TransientModel):
    """Maintain Customer Salesmen: all salespersons of the company, the linked ones ticked (V2)."""

    _name = "customer.salesman.wizard"
    _inherit = ["record.dialog.mixin"]
    _description = "Maintain Customer Salesmen"

    _dialog_records = {"customer_id": "read"}

    customer_id = fields.Many2one("res.partner", required=True, readonly=True)
    line_ids = fields.One2many("customer.salesman.wizard.line", "wizard_id", string="Salesmen")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        customer = self.env["res.partner"].browse(values.get("customer_id"))
        if customer and "line_ids" in fields:
            values["line_ids"] = self._prepare_lines(customer)
        return values

    @api.model
    def _prepare_lines(self, customer):
        """One line per salesman of the companies and per linked employee, the linked ones first."""
        customer.check_access("write")
        links = {link.employee_id.id: link for link in customer.salesman_link_ids}
        # sudo: names of colleagues, which hr.employee.public shows to everybody
        employees = (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("is_salesman", "=", True),
                    ("company_id", "in", (customer.company_id or self.env.companies).ids),
                ],
                order="name, id",
            )
        )
        employees |= self.env["hr.employee"].sudo().browse(links)
        return [
            Command.create(
                {
                    "employee_id": employee.id,
                    "is_linked": employee.id in links,
                    "was_linked": employee.id in links,
                    "is_main": employee.id in links and links[employee.id].is_main,
                }
            )
            for employee in employees.sorted(lambda e: (e.id not in links, e.name or ""))
        ]

    def action_save(self):
        """Apply the ticks that were changed, so that what a colleague changed meanwhile stays.

        :raise UserError: two main salesmen, or one who is not ticked
        """
        self.ensure_one()
        customer = self.customer_id
        customer.check_access("write")
        main = self.line_ids.filtered("is_main")
        if len(main) > 1:
            raise UserError(
                self.env._(
                    "%(first)s and %(second)s are both ticked as main salesman. A customer has one.",
                    first=main[0].employee_id.display_name,
                    second=main[1].employee_id.display_name,
                )
            )
        if main and not main.is_linked:
            raise UserError(
                self.env._(
                    "%(employee)s is to be the main salesman but is not linked. Tick him, too.",
                    employee=main.employee_id.display_name,
                )
            )
        # sudo: the right to change the customer was checked above
        customer_sudo = customer.sudo()
        linked = set(customer_sudo.salesman_link_ids.employee_id.ids)
        for line in self.line_ids:
            if line.is_linked and not line.was_linked:
                linked.add(line.employee_id.id)
            elif line.was_linked and not line.is_linked:
                linked.discard(line.employee_id.id)
        customer_sudo._set_salesmen(sorted(linked))
        if main and main.employee_id.id in linked:
            customer_sudo._set_main_salesman(main.employee_id.sudo())
        if customer.has_access("read"):
            return {"type": "ir.actions.act_window_close"}
        # the author unlinked himself: the form behind the dialog is not his any more
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sales_crm_cases.res_partner_action_customers"
        )
