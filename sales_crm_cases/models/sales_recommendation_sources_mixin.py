from calendar import isleap
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..recommendation_source import RecommendationSource


class SalesRecommendationSourcesMixin(models.AbstractModel):
    """What the shipped kinds recommend, and the words for it (R1, R3).

    Another addon adds a kind with a record of ``sales.recommendation.kind`` and, in an
    extension of that model, two methods named by its code: ``_get_sources_<code>(today)``
    returns a list of :class:`RecommendationSource`, ``_get_reasons_<code>(recommendations)``
    the words, a dict by recommendation. Without the second, the kind's name is the reason.
    """

    _name = "sales.recommendation.sources.mixin"
    _description = "Sources of the shipped recommendations"

    # ------------------------------------------------------------------
    # Rank calls (R1): a planned call is no news
    # ------------------------------------------------------------------

    @api.model
    def _get_sources_rank_call(self, today):
        return [
            RecommendationSource(
                model="res.partner",
                tables=SQL(
                    "res_partner crm_customer JOIN customer_rank k ON k.id = crm_customer.rank_id"
                ),
                subject=SQL("crm_customer.id"),
                customer=SQL("crm_customer.id"),
                due_date=SQL("crm_customer.next_call_date"),
                # until the next call: a changed cycle moves the date, not the period
                period=SQL("COALESCE(crm_customer.last_contact_date::text, 'never')"),
                condition=SQL("crm_customer.planned_call_date IS NULL"),
                details={
                    "rank": SQL("k.id"),
                    "cycle": SQL("k.call_cycle_days"),
                    "last": SQL("crm_customer.last_contact_date"),
                    "has_contact": SQL("COALESCE(crm_customer.has_call_contact, FALSE)"),
                },
                reads={
                    "res.partner": [
                        "rank_id",
                        "next_call_date",
                        "last_contact_date",
                        "planned_call_date",
                        "has_call_contact",
                    ],
                    "customer.rank": ["call_cycle_days"],
                },
            )
        ]

    @api.model
    def _get_reasons_rank_call(self, recommendations):
        today = fields.Date.context_today(self)
        ranks = self.env["customer.rank"].with_context(active_test=False)
        ranks = {rank.id: rank.name for rank in ranks.search_fetch([], ["name"])}
        reasons = {}
        for recommendation in recommendations:
            details = recommendation.details or {}
            last = fields.Date.to_date(details.get("last"))
            values = {
                "rank": ranks.get(details.get("rank"), ""),
                "cycle": details.get("cycle"),
                "days": last and (today - last).days,
            }
            if not last:
                reason = self.env._("%(rank)s, never called, cycle %(cycle)s", **values)
            elif values["days"] == 1:
                reason = self.env._("%(rank)s, last call yesterday, cycle %(cycle)s", **values)
            else:
                reason = self.env._(
                    "%(rank)s, last call %(days)s days ago, cycle %(cycle)s", **values
                )
            if not details.get("has_contact"):
                reason = self.env._("%(reason)s; no contact receives sales calls", reason=reason)
            reasons[recommendation] = reason
        return reasons

    # ------------------------------------------------------------------
    # Contracts (R1, R4): until one is won. A case made for this end deals with it, lost or not
    # ------------------------------------------------------------------

    @api.model
    def _get_sources_third_party_contract(self, today):
        return [self._get_contract_source(today, SQL("t.is_own IS NOT TRUE"))]

    @api.model
    def _get_sources_own_contract(self, today):
        return [self._get_contract_source(today, SQL("t.is_own"))]

    @api.model
    def _get_contract_source(self, today, condition):
        return RecommendationSource(
            model="third.party.contract",
            tables=SQL("third_party_contract t"),
            subject=SQL("t.id"),
            customer=SQL("t.customer_id"),
            due_date=SQL("t.decision_date"),
            period=SQL("t.date_end::text"),
            condition=SQL(
                """
                %s AND t.order_id IS NULL AND t.date_end >= %s
                AND NOT EXISTS (SELECT 1 FROM crm_lead l
                                 WHERE l.contract_id = t.id
                                   AND (l.active OR l.create_date >= t.date_end - 365))
                """,
                condition,
                today,
            ),
            company=SQL("t.company_id"),
            details={
                "end": SQL("t.date_end"),
                "has_notice": SQL("t.decision_date < t.date_end"),
            },
            reads={
                "third.party.contract": [
                    "customer_id",
                    "is_own",
                    "order_id",
                    "date_end",
                    "decision_date",
                    "company_id",
                ],
                "crm.lead": ["contract_id", "active"],
            },
        )

    @api.model
    def _get_reasons_third_party_contract(self, recommendations):
        contracts = self.env["third.party.contract"].search_fetch(
            [("id", "in", recommendations.mapped("res_id"))], ["name", "third_party_id"]
        )
        names = {contract.id: contract.display_name for contract in contracts}
        reasons = {}
        for recommendation in recommendations:
            details = recommendation.details or {}
            values = {
                "contract": names.get(recommendation.res_id) or self.env._("A deleted contract"),
                "end": format_date(self.env, details.get("end")),
                "notice": format_date(self.env, recommendation.due_date),
            }
            if details.get("has_notice"):
                reasons[recommendation] = self.env._(
                    "%(contract)s ends on %(end)s, notice until %(notice)s", **values
                )
            else:
                reasons[recommendation] = self.env._("%(contract)s ends on %(end)s", **values)
        return reasons

    @api.model
    def _get_reasons_own_contract(self, recommendations):
        return self._get_reasons_third_party_contract(recommendations)

    # ------------------------------------------------------------------
    # Quotes (R1): until accepted or cancelled; to whose quote it is
    # ------------------------------------------------------------------

    @api.model
    def _get_sources_quote_expiry(self, today):
        return [
            RecommendationSource(
                model="sale.order",
                tables=SQL("sale_order o"),
                subject=SQL("o.id"),
                customer=SQL("o.customer_id"),
                due_date=SQL("o.validity_date"),
                period=SQL("o.validity_date::text"),
                condition=SQL("o.state IN ('draft', 'sent') AND o.validity_date >= %s", today),
                employee=SQL(
                    """
                    COALESCE((SELECT min(e.id) FROM customer_salesman l JOIN hr_employee e ON e.id = l.employee_id
                               WHERE l.customer_id = o.customer_id AND e.user_id = o.user_id AND e.active),
                             crm_customer.main_salesman_id)
                    """
                ),
                company=SQL("o.company_id"),
                reads={
                    "sale.order": ["customer_id", "validity_date", "state", "user_id", "company_id"]
                },
            )
        ]

    @api.model
    def _get_reasons_quote_expiry(self, recommendations):
        orders = self.env["sale.order"].search_fetch(
            [("id", "in", recommendations.mapped("res_id"))], ["name"]
        )
        names = {order.id: order.name for order in orders}
        return {
            recommendation: self.env._(
                "Quote %(quote)s expires on %(date)s",
                quote=names.get(recommendation.res_id, ""),
                date=format_date(self.env, recommendation.due_date),
            )
            for recommendation in recommendations
        }

    # ------------------------------------------------------------------
    # Birthdays and anniversaries (R1): for every linked salesman who wants them
    # ------------------------------------------------------------------

    @api.model
    def _get_sources_birthday(self, today):
        return [
            self._get_yearly_source(
                today,
                model="res.partner",
                subject=SQL("c.id"),
                date=SQL("c.birthday"),
                tables=SQL("res_partner c"),
                reads={"res.partner": ["birthday"]},
            ),
            self._get_yearly_source(
                today,
                model="customer.anniversary",
                subject=SQL("a.id"),
                date=SQL("a.date"),
                tables=SQL("customer_anniversary a JOIN res_partner c ON c.id = a.partner_id"),
                reads={"customer.anniversary": ["date", "partner_id"]},
            ),
        ]

    @api.model
    def _get_yearly_source(self, today, model, subject, date, tables, reads):
        """The next time that a date comes round, for contacts ``c`` of customers."""
        # by years since the date itself, so that 29 February is the 28th in other years only
        occurrence = SQL(
            "(%(date)s + make_interval(years => %(year)s - EXTRACT(YEAR FROM %(date)s)::int))::date",
            date=date,
            year=today.year,
        )
        following = SQL(
            "(%(date)s + make_interval(years => %(year)s - EXTRACT(YEAR FROM %(date)s)::int))::date",
            date=date,
            year=today.year + 1,
        )
        due_date = SQL(
            "CASE WHEN %s >= %s THEN %s ELSE %s END", occurrence, today, occurrence, following
        )
        # what an index finds: the few whose day it is
        day = SQL(
            "COALESCE((EXTRACT(MONTH FROM %(date)s) * 100 + EXTRACT(DAY FROM %(date)s))::int, 0)",
            date=date,
        )
        return RecommendationSource(
            model=model,
            tables=SQL(
                """
                %s JOIN customer_salesman l ON l.customer_id = c.customer_id
                   JOIN hr_employee e ON e.id = l.employee_id AND e.active AND e.user_id IS NOT NULL
                   LEFT JOIN res_users_settings s ON s.user_id = e.user_id
                """,
                tables,
            ),
            subject=subject,
            customer=SQL("c.customer_id"),
            due_date=due_date,
            period=SQL("EXTRACT(YEAR FROM %s)::text", due_date),
            condition=SQL(
                """
                c.active AND %s IS NOT NULL AND %s = ANY(%s)
                AND COALESCE(s.recommend_birthdays, TRUE)
                """,
                date,
                day,
                self._get_days_of_year(today),
            ),
            employee=SQL("e.id"),
            is_personal=True,
            company=SQL("c.company_id"),
            reads={
                "res.partner": [
                    "active",
                    "customer_id",
                    "company_id",
                    *reads.get("res.partner", []),
                ],
                "customer.salesman": ["customer_id", "employee_id"],
                "hr.employee": ["user_id", "active"],
                "res.users.settings": ["user_id", "recommend_birthdays"],
                **{name: names for name, names in reads.items() if name != "res.partner"},
            },
        )

    def _get_days_of_year(self, today):
        """The days of the year that come within the days before, as month times 100 plus day; and
        0, the day of a date that has none, so that the contact is named as wrong."""
        days = {0}
        for number in range(min(self.lead_days, 366) + 1):
            day = today + timedelta(number)
            days.add(day.month * 100 + day.day)
            if (day.month, day.day) == (2, 28) and not isleap(day.year):
                days.add(229)
        return sorted(days)

    @api.model
    def _get_reasons_birthday(self, recommendations):
        by_model = recommendations.grouped("res_model")
        contacts = self.env["res.partner"].browse(
            by_model.get("res.partner", recommendations.browse()).mapped("res_id")
        )
        contacts = {contact.id: contact.name for contact in contacts.exists()}
        anniversaries = self.env["customer.anniversary"].browse(
            by_model.get("customer.anniversary", recommendations.browse()).mapped("res_id")
        )
        anniversaries = {each.id: each for each in anniversaries.exists()}
        reasons = {}
        for recommendation in recommendations:
            date = format_date(self.env, recommendation.due_date)
            anniversary = anniversaries.get(recommendation.res_id)
            if recommendation.res_model == "res.partner":
                reasons[recommendation] = self.env._(
                    "Birthday of %(contact)s on %(date)s",
                    contact=contacts.get(recommendation.res_id, ""),
                    date=date,
                )
            elif anniversary:
                reasons[recommendation] = self.env._(
                    "%(anniversary)s of %(contact)s on %(date)s",
                    anniversary=anniversary.name,
                    contact=anniversary.partner_id.name,
                    date=date,
                )
        return reasons
