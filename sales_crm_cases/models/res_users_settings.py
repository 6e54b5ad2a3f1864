from odoo import api, fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    show_subordinates = fields.Boolean(string="Show items for subordinates")
    hide_customer_dashboard = fields.Boolean(string="Hide dashboard panel on customer page")

    @api.model_create_multi
    def create(self, vals_list):
        settings = super().create(vals_list)
        self.env["sales.visibility"]._refresh_users(
            settings.filtered("show_subordinates").user_id.ids
        )
        return settings

    def write(self, vals):
        changed = self.browse()
        if "show_subordinates" in vals:
            changed = self.filtered(
                lambda s: s.show_subordinates != bool(vals["show_subordinates"])
            )
        result = super().write(vals)
        self.env["sales.visibility"]._refresh_users(changed.user_id.ids)
        return result

    def unlink(self):
        user_ids = self.filtered("show_subordinates").user_id.ids
        result = super().unlink()
        self.env["sales.visibility"]._refresh_users(user_ids)
        return result
