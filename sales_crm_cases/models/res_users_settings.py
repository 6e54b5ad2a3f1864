from odoo import api, fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    show_subordinates = fields.Boolean(string="Show items for subordinates")
    hide_customer_dashboard = fields.Boolean(string="Hide dashboard panel on customer page")
    recommendation_digest = fields.Boolean(string="Daily digest of recommendations", default=True)
    recommend_birthdays = fields.Boolean(string="Recommend birthdays of contacts", default=True)
    sales_board = fields.Json(
        help="The process and the columns that the user has chosen on the sales board."
    )

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
        if vals.get("recommend_birthdays") is False:
            self._close_birthdays()
        return result

    def _close_birthdays(self):
        # sudo: one's own, whatever customers they are of
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        self.env["sales.recommendation"].sudo()._expire(
            [
                ("kind_id.code", "=", "birthday"),
                ("owner_key", "in", employees.search([("user_id", "in", self.user_id.ids)]).ids),
            ]
        )

    def unlink(self):
        user_ids = self.filtered("show_subordinates").user_id.ids
        result = super().unlink()
        self.env["sales.visibility"]._refresh_users(user_ids)
        return result
