from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_LEAD_DAYS = 3650


class SalesRecommendationKind(models.Model):
    """A kind of recommendation: how many days before, and whether at all (R1).

    Where its recommendations come from is told by methods named by the code, see
    :class:`SalesRecommendationSourcesMixin`.
    """

    _name = "sales.recommendation.kind"
    _inherit = ["sales.recommendation.sources.mixin"]
    _description = "Kind of recommendation"
    _order = "sequence, id"

    # what and when
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, string="Switched on")
    lead_days = fields.Integer(
        string="Days before",
        required=True,
        default=2,
        help="The recommendation appears so many days before the day that matters.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Follow up by",
        domain=[("res_model", "=", False)],
        ondelete="set null",
        help="What “Follow up” plans; a call if it is empty.",
    )
    icon = fields.Char(default="fa-lightbulb-o")
    # the last run, kept by the generator
    last_run = fields.Datetime(readonly=True, copy=False)
    last_made_count = fields.Integer(string="Made", readonly=True, copy=False)
    last_closed_count = fields.Integer(string="Closed", readonly=True, copy=False)
    last_error = fields.Text(
        string="Failures",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_manager",
        help="The customers for whom the last run could not work out this kind, and why.",
    )
    # names no recommendation that the user does not see
    open_count = fields.Integer(string="Open", compute="_compute_open_count", compute_sudo=False)

    _code_unique = models.UniqueIndex("(code)", "There is a kind of this code already.")

    def _compute_open_count(self):
        counts = dict(
            self.env["sales.recommendation"]._read_group(
                [("kind_id", "in", self.ids), ("state", "=", "open")], ["kind_id"], ["__count"]
            )
        )
        for kind in self:
            kind.open_count = counts.get(kind, 0)

    @api.constrains("lead_days")
    def _check_lead_days(self):
        for kind in self:
            if not 0 <= kind.lead_days <= MAX_LEAD_DAYS:
                raise ValidationError(
                    self.env._(
                        "%(kind)s: give the days before as a number from 0 to %(maximum)s.",
                        kind=kind.name,
                        maximum=MAX_LEAD_DAYS,
                    )
                )

    @api.constrains("code")
    def _check_code(self):
        for kind in self:
            if not hasattr(kind, f"_get_sources_{kind.code}"):
                raise ValidationError(
                    self.env._(
                        "No app provides recommendations of the kind “%(code)s”. "
                        "Kinds come with the app that provides them.",
                        code=kind.code,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            # sudo: of every salesman
            self.env["sales.recommendation"].sudo()._expire([("kind_id", "in", self.ids)])
        if vals.keys() & {"active", "lead_days"}:
            self.env.ref("sales_crm_cases.ir_cron_recommendations").sudo()._trigger()
        return result

    def unlink(self):
        ids = self.ids
        # first, and locked by it: no run makes others now
        result = super().unlink()
        # sudo: of every salesman
        recommendations = self.env["sales.recommendation"].sudo()
        recommendations.search([("kind_id", "in", ids)]).unlink()
        return result

    # ------------------------------------------------------------------
    # What the code stands for
    # ------------------------------------------------------------------

    def _get_sources(self, today):
        """The sources of the kind's recommendations.

        :rtype: list[RecommendationSource]
        """
        self.ensure_one()
        return getattr(self, f"_get_sources_{self.code}")(today)

    def _get_reasons(self, recommendations):
        """Why the recommendations of this kind are there, in words.

        :param recommendations: as superuser, in the language of the reader
        :return: dict ``{recommendation: text}``
        """
        self.ensure_one()
        find = getattr(self, f"_get_reasons_{self.code}", None)
        found = find(recommendations) if find else {}
        return {each: found.get(each) or self.name for each in recommendations}

    def action_view_open(self):
        """List the open recommendations of the kind, as far as the user sees them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_crm_cases.sales_recommendation_action"
        )
        return {
            **action,
            "domain": [("kind_id", "=", self.id), ("state", "=", "open")],
            "context": {},
        }
