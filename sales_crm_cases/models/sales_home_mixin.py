from datetime import datetime, time

import pytz
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

from ..visibility_scope import SIGHT_PURPOSE


class FigureQueries:
    """Queries of the figures of one page. What the record rules of a model say is worked out
    once for all its figures: that takes longer than to count them.
    """

    def __init__(self, env):
        self.env = env
        self._rules = {}

    def get(self, figure):
        """Query of the records of a figure that the user may read; None if he may read none."""
        model = self.env[figure["res_model"]].with_context(**figure["context"])
        if not model.has_access("read"):
            return None
        domain = Domain(figure["domain"])
        if hasattr(model, "_for_aggregates"):
            model = model._for_aggregates(domain)
        rules = self._get_rules(model)
        query = model._search(domain, bypass_access=True)
        if rules.is_empty():
            return rules
        if rules.where_clause and not query.is_empty():
            query.add_where(rules.where_clause)
        return query

    def _get_rules(self, model):
        """Query of all records of the model that the user may read, in its own table."""
        key = model._name, model.env.context.get(SIGHT_PURPOSE)
        if key not in self._rules:
            everything = Domain.TRUE
            if model._name == "mail.activity":
                # figures are of those on customers, whose rules can be said in SQL
                everything = Domain("is_customer_activity", "=", True)
            rules = model.with_context(active_test=False)._search(everything)
            own = Query(self.env, model._table, model._table_sql)
            if rules.from_clause != own.from_clause:
                own.add_where(
                    SQL("%s IN %s", SQL.identifier(model._table, "id"), rules.subselect())
                )
                rules = own
            self._rules[key] = rules
        return self._rules[key]


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
