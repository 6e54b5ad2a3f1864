from odoo import api, fields, models
from odoo.fields import Domain


class TeamDocumentMixin(models.AbstractModel):
    """Documents that are somebody's: the figures of a salesman are of his own and, while he
    shows them, of his team's (H1)."""

    _name = "team.document.mixin"
    _description = "Document of a salesman"

    # stored many2one to the user whose document it is
    _team_field = "user_id"

    is_of_team = fields.Boolean(
        string="Mine or my team's",
        compute="_compute_is_of_team",
        search="_search_is_of_team",
        compute_sudo=False,
        export_string_translation=False,
        help="Of the user, of those whose records he shows, and of those for whom he stands in. "
        "Of everybody for who sees all customers.",
    )

    @api.depends(lambda self: () if self._abstract else (self._team_field,))
    @api.depends_context("uid")
    def _compute_is_of_team(self):
        scope = self.env["sales.visibility"]._get_scope("read")
        if scope.is_everything:
            self.is_of_team = True
            return
        owners = self.mapped(self._team_field)
        owner_ids = scope.filter_owners(self.env, owners.ids) if owners else set()
        for record in self:
            record.is_of_team = record[self._team_field].id in owner_ids

    def _search_is_of_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        scope = self.env["sales.visibility"]._get_scope("read")
        mine = Domain.TRUE if scope.is_everything else scope.get_owner_domain(self._team_field)
        return Domain.OR(mine if wanted else ~mine for wanted in value)
