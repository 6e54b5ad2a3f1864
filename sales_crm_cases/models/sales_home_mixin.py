from datetime import datetime, time

import pytz
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL, Query

from ..visibility_scope import SIGHT_PURPOSE

# Their figures are found by salesman or customer. PostgreSQL would try each OR of their record
# rules on thirty indexes, which takes longer than to count.
FOUND_WITHOUT_RULES = ("account.move",)


class FigureQueries:
    """Queries of the figures of one page. What many of them say alike is worked out once, for
    that takes longer than to count them: the record rules of a model, and each condition of a
    domain whose field is no column.
    """

    def __init__(self, env):
        self.env = env
        self._known = {}

    def get(self, figure):
        """Query of the records of a figure that the user may read; None if he may read none."""
        model = self.env[figure["res_model"]].with_context(**figure["context"])
        if not model.has_access("read"):
            return None
        domain = Domain(figure["domain"])
        if hasattr(model, "_for_aggregates"):
            model = model._for_aggregates(domain)
        readable = self._get_readable(model)
        query = Query(self.env, model._table, model._table_sql)
        known = [self._get_known(model, readable, bypass_access=False)]
        for part in self._get_parts(model, domain):
            if self._is_column(model, part):
                # by itself: to merge it with the others first takes longer than to ask
                condition = part.optimize_full(model)
                if not condition.is_true():
                    query.add_where(condition._to_sql(model, model._table, query))
            elif part != readable:
                known.append(self._get_known(model, part, bypass_access=True))
        for each in known:
            if each.is_empty():
                return model.browse()._as_query()
            # of a many2one each: one alias is one join
            query._joins |= each._joins
            if each.where_clause:
                query.add_where(
                    SQL("(%s) IS TRUE", each.where_clause)
                    if each is known[0] and model._name in FOUND_WITHOUT_RULES
                    else each.where_clause
                )
        return query

    def _get_parts(self, model, domain):
        """The conditions of which all must be true."""
        parts = domain.children if isinstance(domain, DomainAnd) else (domain,)
        tests_active = model._active_name and model.env.context.get("active_test", True)
        if tests_active and all(
            condition.field_expr != model._active_name for condition in domain.iter_conditions()
        ):
            return [*parts, Domain(model._active_name, "=", True)]
        return parts

    def _get_readable(self, model):
        """The domain under which the record rules are asked for."""
        if model._name == "mail.activity":
            # figures are of those on customers, whose rules can be said in SQL
            return Domain("is_customer_activity", "=", True)
        return Domain.TRUE

    def _is_column(self, model, part):
        field = model._fields.get(part.field_expr) if isinstance(part, DomainCondition) else None
        return field is None or field.store

    def _get_known(self, model, domain, bypass_access):
        """Query of the records of a domain, archived ones included."""
        key = model._name, model.env.context.get(SIGHT_PURPOSE), domain, bypass_access
        if key not in self._known:
            self._known[key] = model.with_context(active_test=False)._search(
                domain, bypass_access=bypass_access
            )
        return self._known[key]


class SalesHomeMixin(models.AbstractModel):
    """What the parts of the home pages share: figures and the lists that they open (H4).

    A figure is a dict with ``res_model``, ``domain`` and ``context``: the records that it opens;
    ``count``, how many they are, and where it is a sum ``value``. Whatever the page shows comes
    from few queries, whose number does not depend on the data.
    """

    _name = "sales.home.mixin"
    _description = "Figures of the home pages"

    @api.model
    def _make_figure(self, model_name, domain, **context):
        return {"res_model": model_name, "domain": list(Domain(domain)), "context": context}

    @api.model
    def _count(self, figures, queries):
        """Complete the figures by ``count``, in one query.

        :param FigureQueries queries: of the page
        :return: the figures whose records the user may read
        """
        known = [(figure, queries.get(figure)) for figure in figures]
        known = [(figure, query) for figure, query in known if query is not None]
        counts = [
            SQL("0") if query.is_empty() else SQL("(%s)", query.select(SQL("COUNT(*)")))
            for _figure, query in known
        ]
        if counts:
            [row] = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(counts)))
            for (figure, _query), count in zip(known, row, strict=True):
                figure["count"] = count
        return [figure for figure, _query in known]

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    @api.model
    def _get_today(self):
        return fields.Date.context_today(self)

    @api.model
    def _get_moment(self, day):
        """The midnight, in UTC, at which the day begins where the user is."""
        midnight = self.env.tz.localize(datetime.combine(day, time.min))
        return fields.Datetime.to_string(midnight.astimezone(pytz.utc))
