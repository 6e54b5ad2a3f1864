from odoo import api, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainOr
from odoo.tools import SQL

# Context key of what the board asks: the outcomes of the cases that it shows.
BOARD_OUTCOMES = "sales_board_outcomes"
# cards of customers without a case that are shown first
UNPROCESSED_LIMIT = 20
# above this, "more than"
UNPROCESSED_COUNT_LIMIT = 10000


class CrmLead(models.Model):
    """What the sales board shows: its columns, the figures above them, and the customers whom
    nobody works on (B2).

    With the context key ``sales_board_outcomes`` (a list of ``open``, ``order`` and ``lost``)
    statuses of other outcomes are no columns; and cases that were lost without a status for it,
    as Odoo's own stages have none, are a column of their own, the one without status.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    # ------------------------------------------------------------------
    # The whole board
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_board(self, domain=(), unprocessed_limit=0):
        """All of the board but its cards, in one call.

        :param domain: the cases of the board
        :param unprocessed_limit: how many customers without a case; 0: that column is off
        :return: what :meth:`get_board_sums` returns; ``processes`` that are on for a team or asked
            for, a list of dicts with ``id``, ``name`` and ``sms_enabled``; and ``unprocessed``,
            what :meth:`get_board_unprocessed` returns, or None
        """
        asked = [id_ for id_ in self._get_asked_process_ids(Domain(domain)) if id_]
        on = Domain("team_ids", "!=", False) & Domain("active", "=", True)
        processes = self.env["crm.process"].search_fetch(
            on | Domain("id", "in", asked), ["name", "sms_enabled"]
        )
        return {
            **self.get_board_sums(domain),
            "processes": [
                {
                    "id": process.id,
                    "name": process.name,
                    "sms_enabled": process.sms_enabled,
                }
                for process in processes
            ],
            "unprocessed": self.get_board_unprocessed(domain, unprocessed_limit)
            if unprocessed_limit
            else None,
        }

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_board_sums(self, domain=()):
        """Number and values of the cases by status, in one query, as far as the user sees them.

        Amounts are in the currency of the current company, at today's rates; those of orders at
        the rate of the order. Lost cases are archived: they count with ``active_test`` off in
        the context, or a domain about ``active``.

        :param domain: the cases of the board
        :return: dict with ``currency_id`` and ``statuses``, a list of dicts in the order of the
            statuses: ``stage_id``, ``count``, ``projected`` (expected value), ``weighted``
            (by probability), ``actual`` (untaxed value of the confirmed orders of the cases that
            the user sees). On the board, ``stage_id`` is None for its column of the cases that
            were lost without a status for it
        """
        domain = Domain(domain or Domain.TRUE)
        currency = self.env.company.currency_id
        query = self._for_aggregates(domain)._search(domain)
        rows = [] if query.is_empty() else self.env.execute_query(self._get_board_query(query))
        return {
            "currency_id": currency.id,
            "statuses": [
                {
                    "stage_id": stage_id,
                    "count": count,
                    **{
                        name: currency.round(float(value or 0))
                        for name, value in zip(
                            ("projected", "weighted", "actual"), values, strict=True
                        )
                    },
                }
                for stage_id, count, *values in rows
            ],
        }

    @api.model
    def _get_board_query(self, query):
        """SQL of the figures by status.

        :param query: the cases
        """
        self.flush_model(
            ["stage_id", "won_status", "expected_revenue", "prorated_revenue", "company_id"]
        )
        rates = self.env.companies._get_rates_to_current()
        actual = self._get_board_orders(query, rates)
        cases, column = query.table, self._join_board_column(query, query.table)
        rate = self.env["res.company"]._get_rate_sql(rates, SQL.identifier(cases, "company_id"))
        query.groupby = SQL("1")
        figures = query.select(
            SQL("%s AS id", column),
            SQL("COUNT(*) AS count"),
            SQL("SUM(%s * %s) AS projected", SQL.identifier(cases, "expected_revenue"), rate),
            SQL("SUM(%s * %s) AS weighted", SQL.identifier(cases, "prorated_revenue"), rate),
        )
        return SQL(
            """
            SELECT f.id, f.count, f.projected, f.weighted, a.amount
              FROM (%(figures)s) f
              LEFT JOIN (%(actual)s) a ON a.id IS NOT DISTINCT FROM f.id
              LEFT JOIN crm_stage s ON s.id = f.id
             ORDER BY s.sequence, s.id
            """,
            figures=figures,
            actual=actual,
        )

    @api.model
    def _get_board_orders(self, query, rates):
        """SQL of the untaxed value of the confirmed orders that the user sees, by status.

        :param query: the cases
        :param rates: of the companies
        """
        orders = self.env["sale.order"]
        nothing = SQL("SELECT NULL::int AS id, 0 AS amount WHERE FALSE")
        if not orders.has_access("read"):
            return nothing
        orders.flush_model(["amount_untaxed", "currency_rate", "company_id", "opportunity_id"])
        # from the orders to the cases: confirmed ones of a case are few
        confirmed = Domain("state", "=", "sale") & Domain("opportunity_id", "in", query)
        found = orders._for_aggregates(confirmed)._search(confirmed)
        if found.is_empty():
            return nothing
        case = found.join(found.table, "opportunity_id", self._table, "id", "case")
        column = self._join_board_column(found, case)
        found.groupby = SQL("1")
        return found.select(
            SQL("%s AS id", column),
            SQL(
                "SUM(%(amount)s / COALESCE(NULLIF(%(own_rate)s, 0), 1) * %(rate)s) AS amount",
                amount=SQL.identifier(found.table, "amount_untaxed"),
                own_rate=SQL.identifier(found.table, "currency_rate"),
                rate=self.env["res.company"]._get_rate_sql(
                    rates, SQL.identifier(found.table, "company_id")
                ),
            ),
        )

    @api.model
    def _join_board_column(self, query, cases):
        """SQL of the status in whose column a case is; NULL: lost without a status for it.

        :param cases: alias of the cases in the query
        """
        if "lost" not in self._get_board_outcomes():
            return SQL.identifier(cases, "stage_id")
        stage = query.left_join(cases, "stage_id", "crm_stage", "id", "column")
        return SQL(
            "CASE WHEN %s IS DISTINCT FROM 'lost' OR %s = 'lost' THEN %s END",
            SQL.identifier(cases, "won_status"),
            SQL.identifier(stage, "outcome"),
            SQL.identifier(cases, "stage_id"),
        )

    # ------------------------------------------------------------------
    # Columns
    # ------------------------------------------------------------------

    @api.model
    def _get_board_outcomes(self):
        """The outcomes that the board shows; empty if it is not the board that asks."""
        outcomes = self.env.context.get(BOARD_OUTCOMES)
        return set(outcomes) & {"open", "order", "lost"} if isinstance(outcomes, list) else set()

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        columns = super()._read_group_stage_ids(stages, domain)
        outcomes = self._get_board_outcomes()
        if not outcomes:
            return columns
        return columns.filtered(lambda stage: stage in stages or stage.outcome in outcomes)

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, *args, **kwargs):
        if list(groupby) != ["stage_id"] or "lost" not in self._get_board_outcomes():
            return super().web_read_group(domain, groupby, *args, **kwargs)
        domain, stray = Domain(domain), self._get_stray_domain()
        result = super().web_read_group(domain & ~stray, groupby, *args, **kwargs)
        groups = result["groups"]
        count = self.search_count(domain & stray)
        if count or self._has_statuses_of_odoo(groups):
            groups.append(self._read_stray_group(domain & stray, count, **kwargs))
            result["length"] += 1
        return result

    @api.model
    def _get_stray_domain(self):
        """Cases that were lost, and their status does not say so: those of teams without a
        process, and of processes without a lost status."""
        lost = self.env["crm.stage"]._search([("outcome", "=", "lost")]).get_result_ids()
        return Domain("won_status", "=", "lost") & Domain("stage_id", "not in", lost)

    @api.model
    def _has_statuses_of_odoo(self, groups):
        """Whether one of the columns is Odoo's own stage: its cases may be lost, too."""
        ids = [group["stage_id"][0] for group in groups if group["stage_id"]]
        return any(not stage.process_id for stage in self.env["crm.stage"].browse(ids))

    @api.model
    def _read_stray_group(
        self,
        domain,
        count,
        *,
        opening_info=None,
        unfold_read_specification=None,
        unfold_read_default_limit=80,
        **_kwargs,
    ):
        """The column of the lost cases without a status for it, as ``web_read_group`` gives it."""
        info = next((info for info in opening_info or () if not info["value"]), {})
        group = {
            "stage_id": False,
            "__extra_domain": list(self._get_stray_domain()),
            "__count": count,
            "__values": {"id": False},
        }
        if not info.get("folded"):
            limit = info.get("limit", unfold_read_default_limit)
            cases = self.search(domain, limit=limit, offset=info.get("offset", 0))
            group["__records"] = cases.web_read(unfold_read_specification or {})
        return group

    @api.model
    def _open_groups(self, *, groups, groupby, **kwargs):
        if groupby[0] == "stage_id" and self._get_board_outcomes():
            # whoever switches a column on wants to see it
            ids = [group["stage_id"][0] for group in groups if group["stage_id"]]
            final = self.env["crm.stage"].browse(ids).filtered(lambda s: s.outcome != "open")
            for group in groups:
                if group["stage_id"] and group["stage_id"][0] in final.ids:
                    group["__fold"] = False
        return super()._open_groups(groups=groups, groupby=groupby, **kwargs)

    # ------------------------------------------------------------------
    # Customers without a case
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_board_unprocessed(self, domain=(), limit=UNPROCESSED_LIMIT, offset=0):
        """The customers that are somebody's and have no open case, as far as the user sees them.

        :param domain: the cases of the board; what it says about salesmen and customers holds
            for the customers, too
        :return: dict with ``count`` (10,000: or more) and ``customers``, a list of dicts with
            ``id``, ``name``, ``ref`` (the code), ``rank``, ``salesman`` and ``next_call_date``
        """
        self.check_access("read")
        partners = self.env["res.partner"].with_context(active_test=True)
        wanted = self._get_unprocessed_domain(domain)
        customers = partners.search_fetch(
            wanted,
            ["name", "ref", "rank_id", "main_salesman_id", "next_call_date"],
            limit=limit,
            offset=offset,
        )
        count = offset + len(customers)
        if len(customers) == limit:
            count = partners.search_count(wanted, limit=UNPROCESSED_COUNT_LIMIT)
        # sudo: their names alone, which the customer shows
        return {
            "count": count,
            "customers": [
                {
                    "id": customer.id,
                    "name": customer.name,
                    "ref": customer.ref,
                    "rank": customer.sudo().rank_id.name,
                    "salesman": customer.sudo().main_salesman_id.name,
                    "next_call_date": customer.next_call_date,
                }
                for customer in customers
            ],
        }

    @api.model
    def _get_unprocessed_domain(self, domain):
        return (
            Domain("approval_status", "!=", False)
            & Domain("main_salesman_id", "!=", False)
            & Domain("current_case_id", "=", False)
            & (self._get_customer_part(Domain(domain)) or Domain.TRUE)
        )

    @api.model
    def _get_customer_part(self, domain):
        """What a domain of cases says about their customers, as a domain of customers; None: it
        is about something else."""
        if isinstance(domain, DomainCondition):
            return self._get_customer_condition(domain)
        if not isinstance(domain, DomainAnd | DomainOr):
            return None
        parts = [self._get_customer_part(child) for child in domain.children]
        if isinstance(domain, DomainAnd):
            found = [part for part in parts if part is not None]
            return Domain.AND(found) if found else None
        if None not in parts:
            return Domain.OR(parts)
        conditions = list(domain.iter_conditions())
        texts = {condition.value for condition in conditions if condition.operator == "ilike"}
        names = {condition.field_expr for condition in conditions}
        if len(texts) == 1 and "partner_id" in names:
            # typed into the search box: one of several names contains it
            return Domain("complete_name", "ilike", texts.pop())
        return None

    @api.model
    def _get_customer_condition(self, condition):
        name, operator, value = condition.field_expr, condition.operator, condition.value
        if name in ("partner_id", "customer_id"):
            if operator == "ilike":
                return Domain("complete_name", "ilike", value)
            if operator in ("=", "in", "child_of") and not isinstance(value, str):
                # a contact's customer has its id in customer_id
                ids = self.env["res.partner"]._search([("id", operator, value)]).get_result_ids()
                known = self.env["res.partner"].browse(ids)
                return Domain("id", "in", known.customer_id.ids)
        if name in ("user_id", "salesman_id") and operator in ("=", "in", "ilike"):
            # sudo: only whose customers among those that the user sees
            employees = self.env["hr.employee"].sudo().with_context(active_test=False)
            path = "user_id" if name == "user_id" else "id"
            if operator == "ilike":
                path = "user_id.name" if name == "user_id" else "name"
            found = employees._search([(path, operator, value)]).get_result_ids()
            return Domain("salesman_ids", "in", list(found))
        return None
