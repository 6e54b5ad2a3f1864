from odoo import api, fields, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """By whom the sales board can be filtered (B2)."""

    _name = "res.users"
    _inherit = ["res.users"]

    is_in_my_sight = fields.Boolean(
        compute="_compute_is_in_my_sight",
        search="_search_is_in_my_sight",
        compute_sudo=False,
        export_string_translation=False,
        help="The user himself and those whose records he sees; all salesmen for who sees all "
        "customers.",
    )

    @api.depends_context("uid")
    def _compute_is_in_my_sight(self):
        # sudo: only ids of self come back
        known = self.sudo().with_context(active_test=False)
        domain = Domain("id", "in", self._origin.ids) & self._get_sight_of_users()
        ids = set(known._search(domain).get_result_ids())
        for user in self:
            user.is_in_my_sight = user._origin.id in ids

    def _search_is_in_my_sight(self, operator, value):
        if operator != "in":
            return NotImplemented
        sight = self._get_sight_of_users()
        return Domain.OR(sight if wanted else ~sight for wanted in value)

    @api.model
    def _get_sight_of_users(self):
        scope = self.env["sales.visibility"]._get_scope("read")
        if not scope.is_everything:
            return scope.get_owner_domain("id")
        # sudo: who is a salesman is no secret, and salespeople cannot read employees
        salesmen = self.env["hr.employee"].sudo()._search([("is_salesman", "=", True)])
        return Domain("id", "in", salesmen.subselect("user_id")) | Domain("id", "=", self.env.uid)
