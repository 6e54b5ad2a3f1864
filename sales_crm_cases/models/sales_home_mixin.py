from datetime import datetime, time

import pytz
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


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
    def _get_query(self, figure):
        """Query of the records of a figure that the user may read; None if he may read none."""
        model = self.env[figure["res_model"]].with_context(**figure["context"])
        if not model.has_access("read"):
            return None
        domain = Domain(figure["domain"])
        if hasattr(model, "_for_aggregates"):
            model = model._for_aggregates(domain)
        return model._search(domain)

    @api.model
    def _count(self, figures):
        """Complete the figures by ``count``, in one query.

        :return: the figures whose records the user may read
        """
        known = [(figure, self._get_query(figure)) for figure in figures]
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
