from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import Query

from ..visibility_scope import AGGREGATE, FEW_RECORDS, PURPOSES, SIGHT_PURPOSE


class CrmVisibilityMixin(models.AbstractModel):
    """Records that are visible or not to the current user (V1).

    ``crm_visible`` and ``crm_editable`` are what the record rules ask for. Lists
    go through the search methods, single records through the computes; both use
    the one domain of :meth:`_get_operation_domain`.
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
        self._compute_sight("crm_visible", "read")

    @api.depends(lambda self: self._get_sight_dependencies())
    @api.depends_context("uid")
    def _compute_crm_editable(self):
        self._compute_sight("crm_editable", "write")

    def _compute_sight(self, field_name, operation):
        inside = self._filter_by_sight(operation, reads_columns=True)
        inside[field_name] = True
        (self - inside)[field_name] = False

    def _search_crm_visible(self, operator, value):
        return self._search_sight("read", operator, value)

    def _search_crm_editable(self, operator, value):
        return self._search_sight("write", operator, value)

    def _search_sight(self, operation, operator, value):
        if operator != "in":
            return NotImplemented
        sight = self._get_operation_domain(operation, self._get_sight_purpose())
        return Domain.OR(sight if wanted else ~sight for wanted in value)

    def _filter_by_sight(self, operation, reads_columns=False):
        """The records of ``self`` on which the user may do ``operation``. Records
        that are not saved yet are his own.

        :param reads_columns: the records will be read next: do so with the same query
        """
        sight = self._get_operation_domain(operation, FEW_RECORDS)
        # sudo: this decides about access; only ids of self come back
        saved = self._origin.sudo().with_context(active_test=False)
        if sight.is_true() or not saved:
            return self
        domain = Domain("id", "in", saved.ids) & sight
        if reads_columns and saved._lacks_columns():
            names = [name for name, field in self._fields.items() if field.prefetch is True]
            seen = set(saved.search_fetch(domain, names, order="id")._ids)
        else:
            seen = set(saved._search(domain).get_result_ids())
        if all(self._ids):
            return self.browse([id_ for id_ in self._ids if id_ in seen])
        return self.filtered(lambda record: not record._origin.id or record._origin.id in seen)

    def _lacks_columns(self):
        """Whether the columns are still to be read, and reading them flushes nothing."""
        if self._has_pending_changes():
            # what is flushed may ask for the very field that is being computed
            return False
        names = {path.split(".")[0] for path in self._get_sight_dependencies()}
        return self.env.context.get("prefetch_fields", True) and any(
            True
            for name in names
            if self._fields[name].prefetch is True
            for _id in self._fields[name]._cache_missing_ids(self)
        )

    @api.model
    def _get_operation_domain(self, operation, purpose=None):
        """The records on which the user may do ``operation``; all of them: ``Domain.TRUE``."""
        scope = self.env["sales.visibility"]._get_scope(operation, purpose)
        return Domain.TRUE if scope.is_everything else self._get_sight_domain(scope, purpose)

    @api.model
    def _get_sight_domain(self, scope, purpose=None):
        """The records inside the scope.

        :param VisibilityScope scope: never the one of everything
        :param purpose: what the query is for, see visibility_scope.py
        """
        raise NotImplementedError(self._name)

    def _lock_or_refuse(self, message, field_names):
        """Take the records for a step of which one at a time is done, and read them again.

        :param message: function that gives the text for who comes second
        :param field_names: what may have changed meanwhile
        :raise UserError: the message; somebody else has taken one of the records
        """
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(message()) from error
        self.invalidate_recordset(field_names)

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
        return purpose if purpose in PURPOSES else None

    def _check_access(self, operation):
        if any(self._ids) and self._is_sight_limited():
            field_name = self._get_sight_rule_field(operation)
            if field_name:
                # before another rule reads the columns: one query does for both
                next(iter(self.sudo()))[field_name]
        return super()._check_access(operation)

    def fetch(self, field_names=None):
        return super(CrmVisibilityMixin, self.with_context(**{SIGHT_PURPOSE: FEW_RECORDS})).fetch(
            field_names
        )

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        records = super().search_fetch(domain, field_names, offset, limit, order)
        if records and not self.env.su and self._get_sight_rule_field("read") == "crm_visible":
            # the query applied the rule: reading the records need not ask again
            # (which it does as superuser)
            self._fields["crm_visible"]._insert_cache(records.sudo(), [True] * len(records))
        return records

    @api.model
    def _get_sight_rule_field(self, operation):
        """The field that all rules of the user ask for, for this operation; None if there is
        no such rule."""
        rules = self.env["ir.rule"]._compute_domain(self._name, operation)
        for rule in rules.children if isinstance(rules, DomainAnd) else (rules,):
            if (
                isinstance(rule, DomainCondition)
                and rule.field_expr in ("crm_visible", "crm_editable")
                and rule.operator == "in"
                and list(rule.value) == [True]
            ):
                return rule.field_expr
        return None

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
        the counts on a form's buttons are. Customers that are known and few are fewer."""
        names_few = any(
            condition.operator in ("in", "=", "child_of")
            # a sub-query is of many, and would tell its truth by reading all of them
            and not isinstance(condition.value, Query)
            and condition.value
            and (
                condition.field_expr == "id"
                or self._fields[condition.field_expr.split(".")[0]].comodel_name
                in ("res.partner", "res.users")
            )
            for condition in Domain(domain).iter_conditions()
            if condition.field_expr == "id" or condition.field_expr.split(".")[0] in self._fields
        )
        if names_few and not self.env["sales.visibility"]._knows_very_few():
            purpose = FEW_RECORDS
        else:
            purpose = self._get_aggregate_purpose(domain)
        return self.with_context(**{SIGHT_PURPOSE: purpose})

    @api.model
    def _get_aggregate_purpose(self, domain):
        """The purpose of an aggregate of many records."""
        return AGGREGATE

    def _take_back(self, rows):
        """The rows of groups with their records in our own context: they go to the caller."""
        return [
            tuple(v.with_env(self.env) if isinstance(v, models.BaseModel) else v for v in row)
            for row in rows
        ]
