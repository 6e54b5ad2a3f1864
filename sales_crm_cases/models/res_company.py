from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    managers_edit_team = fields.Boolean(string="Managers edit their team's records", default=True)
    exclusive_salesman = fields.Boolean(string="One salesman per customer")
    approval_four_eyes = fields.Boolean(string="Four eyes on approval", default=True)
    unique_customer_email = fields.Boolean(string="Refuse an e-mail address twice", default=True)

    def write(self, vals):
        result = super().write(vals)
        if "managers_edit_team" in vals:
            self.env["sales.visibility"]._refresh_all()
        return result
