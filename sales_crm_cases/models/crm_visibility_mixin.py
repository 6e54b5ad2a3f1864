from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition

from ..visibility_scope import AGGREGATE, FEW_RECORDS, SIGHT_PURPOSE


class CrmVisibilityMixin(models.AbstractModel):
    """Records that are visible or not to the current user (V1).

    ``crm_visible`` and ``crm_editable`` are what the record rules ask for. Lists
    go through the search methods, single records through the computes; both use
    the one domain of :meth:`_get_sight_domain`.
    """

    _name = "crm.visibility.mixin"
    _description = "Visible to salesmen by their customers"

    crm_visible = fields.Boolean(
        string="Visible to me",
        compute="_compute_crm_visible",
        search="_search_crm_visible",
        compute_sudo=False,
        export_string_translation=False,
    )
    crm_editable = fields.Boolean(
        string="Editable by me",
        compute="_compute_crm_editable",
        search="_search_crm_editable",
        compute_sudo=False,
        export_string_translation=False,
    )

    @api.depends(lambda self: self._get_sight_dependencies())
    @api.depends_context("uid")
    def _compute_crm_visible(self):
        visible = self._filter_by_sight("read")
        visible.crm_visible = True
        (self - visible).crm_visible = False

    @api.depends(lambda self: self._get_sight_dependencies())
    @api.depends_context("uid")
    def _compute_crm_editable(self):
        editable = self._filter_by_sight("write")
        editable.crm_editable = True
        (self - editable).crm_editable = False

    def _search_crm_visible(self, operator, value):
        return self._search_sight("read", operator, value)

    def _search_crm_editable(self, operator, value):
        return self._search_sight("write", operator, value)

    def _search_sight(self, operation, operator, value):
        if operator != "in":
            return NotImplemented
        scope = self.env["sales.visibility"]._get_scope(operation)
        sight = (
            Domain.TRUE
            if scope.is_everything
            else self._get_sight_domain(scope, self._get_sight_purpose())
        )
        return Domain.OR(sight if wanted else ~sight for wanted in value)

    def _filter_by_sight(self, operation):
        """The records of ``self`` on which the user may do ``operation``. Records
        that are not saved yet are his own."""
        scope = self.env["sales.visibility"]._get_scope(operation)
        origin_ids = [record._origin.id for record in self if record._origin.id]
        if scope.is_everything or not origin_ids:
            return self
        # sudo: this decides about access; only ids of self come back
        query = (
            self.browse(origin_ids)
            .sudo()
            .with_context(active_test=False)
            ._search(Domain("id", "in", origin_ids) & self._get_sight_domain(scope, FEW_RECORDS))
        )
        seen = set(query.get_result_ids())
        return self.filtered(lambda record: not record._origin.id or record._origin.id in seen)

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        """The records inside the scope.

        :param VisibilityScope scope: never the one of everything
        :param purpose: what the query is for, see visibility_scope.py
        """
        raise NotImplementedError(self._name)

    @api.model
    def _get_sight_dependencies(self):
        """Paths to the fields of the record on which its sight depends."""
        return ["customer_id"] if "customer_id" in self._fields else []

    # ------------------------------------------------------------------
    # Tell the search methods what the query is for
    # ------------------------------------------------------------------

    @api.model
    def _get_sight_purpose(self):
        purpose = self.env.context.get(SIGHT_PURPOSE)
        return purpose if purpose in (FEW_RECORDS, AGGREGATE) else None

    def fetch(self, field_names=None):
        return super(CrmVisibilityMixin, self.with_context(**{SIGHT_PURPOSE: FEW_RECORDS})).fetch(
            field_names
        )

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        records = super().search_fetch(domain, field_names, offset, limit, order)
        if records and not self.env.su and self._has_sight_rule():
            # the query applied the rule: reading the records need not ask again
            # (which it does as superuser)
            self._fields["crm_visible"]._insert_cache(records.sudo(), [True] * len(records))
        return records

    @api.model
    def _has_sight_rule(self):
        """Whether every search of the user goes through ``crm_visible``."""
        rules = self.env["ir.rule"]._compute_domain(self._name, "read")
        return any(
            isinstance(rule, DomainCondition)
            and (rule.field_expr, rule.operator) == ("crm_visible", "in")
            and list(rule.value) == [True]
            for rule in (rules.children if isinstance(rules, DomainAnd) else (rules,))
        )

    @api.model
    def search_count(self, domain, limit=None):
        return super(CrmVisibilityMixin, self._for_aggregates(domain)).search_count(
            domain, limit=limit
        )

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        rows = super(CrmVisibilityMixin, self._for_aggregates(domain))._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )
        return self._take_back(rows)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        results = super(CrmVisibilityMixin, self._for_aggregates(domain))._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )
        return [self._take_back(rows) for rows in results]

    def _for_aggregates(self, domain):
        """``self`` for an aggregate: of all records, or of the few of some partners, as
        the counts on a form's buttons are."""
        names_few = any(
            condition.operator in ("in", "=", "child_of")
            and condition.value
            and (
                condition.field_expr == "id"
                or self._fields[condition.field_expr.split(".")[0]].comodel_name
                in ("res.partner", "res.users")
            )
            for condition in Domain(domain).iter_conditions()
            if condition.field_expr == "id" or condition.field_expr.split(".")[0] in self._fields
        )
        return self.with_context(**{SIGHT_PURPOSE: FEW_RECORDS if names_few else AGGREGATE})

    def _take_back(self, rows):
        """The rows of groups with their records in our own context: they go to the caller."""
        return [
            tuple(v.with_env(self.env) if isinstance(v, models.BaseModel) else v for v in row)
            for row in rows
        ]
