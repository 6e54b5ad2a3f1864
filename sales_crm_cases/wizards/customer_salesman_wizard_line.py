from odoo import fields, models


class CustomerSalesmanWizardLine(models.TransientModel):
    _name = "customer.salesman.wizard.line"
    _description = "Salesman to link to a customer"

    wizard_id = fields.Many2one("customer.salesman.wizard", required=True, ondelete="cascade")
    employee_id = fields.Many2one("hr.employee", string="Salesman", required=True, readonly=True)
    is_linked = fields.Boolean(string="Linked")
    was_linked = fields.Boolean()
    is_main = fields.Boolean(string="Main salesman")
