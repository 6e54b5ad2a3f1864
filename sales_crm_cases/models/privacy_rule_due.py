from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

from .privacy_request import OPEN_CASE, ORDER_TO_INVOICE, RUNNING_CONTRACT, UNPAID_INVOICE


class PrivacyRule(models.Model):
    """Who is due by a retention rule (G4)."""

    _inherit = "privacy.rule"

    def _get_limit(self):
        """The last day on which something may have happened with whoever is due."""
        today = fields.Date.context_today(self)
        return fields.Date.subtract(today, **{self.period_unit: self.period})

    def _pick(self, company_id, outcome):
        """The rule with the longest period for people of a company, or none."""
        rules = self.filtered(lambda rule: rule.outcome in (outcome, "any"))
        general = rules.filtered(lambda rule: not rule.company_id)
        if company_id:
            rules = general | rules.filtered(lambda rule: rule.company_id.id == company_id)
        elif not general:
            rules = general
        return min(rules, key=lambda rule: (rule._get_limit(), rule.id), default=self.browse())

    def _find_due(self, partner_ids):
        """Who of these people is past the periods of the rules ``self``. Never own companies,
        users and employees, nor whoever has something open (G4).

        :return: dict ``{id: (rule, the day from which its period counts)}``
        """
        self.env.flush_all()
        people = self._get_people(partner_ids)
        limits = {rule: rule._get_limit() for rule in self}
        picked, due = {}, {}
        for root_id, (company_id, days) in people.items():
            outcomes = {fact for _id, fact in days} - {"known"}
            if "open" in outcomes:
                continue
            rules = []
            for outcome in outcomes or {"none"}:
                key = company_id, outcome
                if key not in picked:
                    picked[key] = self._pick(*key)
                rules.append(picked[key])
            if all(rules):
                rule = min(rules, key=lambda rule: (limits[rule], rule.id))
                since = max(days.values())
                if since <= limits[rule]:
                    due[root_id] = rule, since
        return due

    @api.model
    def _get_person_condition(self):
        """Whom rules concern at all: SQL on the alias ``p``."""
        return SQL(
            "p.parent_id IS NULL AND p.privacy_state IS NULL AND p.partner_share IS TRUE"
            " AND p.employee IS NOT TRUE"
        )

    @api.model
    def _get_people(self, partner_ids):
        """What is known of those whom rules concern, with their contacts and addresses.

        :return: dict ``{id: (id of the company or False, {(id, outcome, "open" or "known"): day})}``
        """
        root_by_member, companies, new_ids = {}, {}, []
        for id_, company_id in self.env.execute_query(
            SQL(
                "SELECT p.id, p.company_id FROM res_partner p WHERE p.id = ANY(%s) AND %s",
                list(partner_ids),
                self._get_person_condition(),
            )
        ):
            root_by_member[id_] = id_
            companies[id_] = company_id or False
            new_ids.append(id_)
        # level by level: a recursive query would read all partners
        while new_ids:
            rows = self.env.execute_query(
                SQL("SELECT id, parent_id FROM res_partner WHERE parent_id = ANY(%s)", new_ids)
            )
            new_ids = [id_ for id_, _parent_id in rows if id_ not in root_by_member]
            root_by_member.update({id_: root_by_member[parent_id] for id_, parent_id in rows})
        member_ids = list(root_by_member)
        people = {id_: (company_id, {}) for id_, company_id in companies.items()}
        for id_, day in self.env.execute_query(
            SQL(
                """
                SELECT id, GREATEST(touch_date, create_date::date, last_contact_date)
                  FROM res_partner WHERE id = ANY(%s)
                """,
                member_ids,
            )
        ):
            people[root_by_member[id_]][1][id_, "known"] = day or date.min
        for id_, facts in self._get_facts(member_ids).items():
            for fact, day in facts:
                people[root_by_member[id_]][1][id_, fact] = day
        return people

    @api.model
    def _get_facts(self, partner_ids):
        """What became of people, or protects them.

        :return: dict ``{id: [(outcome or "open", the last day of it)]}``
        """
        facts = {}
        for id_, fact, day in self.env.execute_query(
            SQL(
                "SELECT id, fact, max(day) FROM (%s) AS facts GROUP BY id, fact",
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT %(column)s AS id, %(fact)s AS fact, (%(day)s)::date AS day"
                        "  FROM %(table)s WHERE %(column)s = ANY(%(ids)s) AND %(condition)s",
                        column=SQL.identifier(column),
                        fact=fact,
                        day=day,
                        table=SQL.identifier(table),
                        ids=partner_ids,
                        condition=condition,
                    )
                    for fact, table, columns, day, condition in self._get_fact_queries()
                    for column in columns
                ),
            )
        ):
            facts.setdefault(id_, []).append((fact, day or date.min))
        return facts

    @api.model
    def _get_fact_queries(self):
        """:return: list of ``(outcome or "open", table, columns with ids of people, SQL of the
        day, SQL condition)``"""
        system_ids = self.env["privacy.request"]._get_system_users().ids
        always, never = SQL("TRUE"), SQL("NULL")
        closed = SQL("COALESCE(date_closed, date_last_stage_update, create_date)")
        case_columns = ("partner_id", "customer_id")
        return [
            ("open", "res_company", ("partner_id",), never, always),
            (
                "open",
                "res_users",
                ("partner_id",),
                never,
                SQL("(active OR share IS NOT TRUE OR id = ANY(%s))", system_ids),
            ),
            ("open", "hr_employee", ("work_contact_id",), never, always),
            ("open", "crm_lead", case_columns, never, OPEN_CASE),
            ("open", "mail_activity", ("customer_id",), never, SQL("active IS TRUE")),
            (
                "open",
                "mail_activity",
                ("res_id",),
                never,
                SQL("active IS TRUE AND res_model = 'res.partner'"),
            ),
            ("open", "account_move", ("partner_id",), never, UNPAID_INVOICE),
            (
                "open",
                "third_party_contract",
                ("customer_id", "third_party_id"),
                never,
                RUNNING_CONTRACT,
            ),
            ("open", "sale_order", ("partner_id",), never, ORDER_TO_INVOICE),
            ("lost", "crm_lead", case_columns, closed, SQL("won_status = 'lost'")),
            ("won", "crm_lead", case_columns, closed, SQL("won_status = 'won'")),
            ("won", "sale_order", ("partner_id",), SQL("date_order"), SQL("state = 'sale'")),
            (
                "invoiced",
                "account_move",
                ("partner_id",),
                SQL("date"),
                SQL("state = 'posted' AND move_type != 'entry'"),
            ),
        ]
