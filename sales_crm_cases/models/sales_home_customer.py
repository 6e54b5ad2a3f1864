from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..visibility_scope import FEW_RECORDS
from .sales_home_mixin import FigureQueries

MAX_CASES = 80
MAX_ID = 2**31 - 1  # of PostgreSQL's integer

CUSTOMER_FIELDS = (
    "display_name",
    "name",
    "ref",
    "approval_status",
    "is_company",
    "completeness",
    "missing_fields",
    "email",
    "phone",
    "website",
    "contact_address",
    "last_contact_date",
    "next_call_date",
    "planned_call_date",
    "first_business_date",
    "active",
)
# what is read from others' tables, all of it with one query
CUSTOMER_RELATIONS = (
    "crm_editable",
    "is_active_business",
    "main_contact_phone",
    "main_contact_email",
    "rank_id",
    "main_salesman_id",
    "call_contact_id",
    "main_contact_id",
    "current_case_id",
    "salesman_ids",
)
# the lists of the customer's tiles
CUSTOMER_TILE_ACTIONS = {
    "contacts": "res_partner_action_contacts",
    "activities": "mail_activity_action_sales",
    "cases": "crm_lead_action",
    "quotes": "sale_order_action_quotes",
    "notes": "customer_note_action",
    "salesmen": "customer_salesman_action",
    "third_parties": "third_party_contract_action",
    "recommendations": "sales_recommendation_action",
    "documents": "ir_attachment_action_customer",
}


class SalesHome(models.AbstractModel):
    """The data of the home page of a customer, in one call (H5, B5). Nothing is written here,
    either."""

    _name = "sales.home"
    _inherit = ["sales.home"]

    @api.model
    @api.readonly
    def get_customer_home(self, customer_id):
        """What the page of one customer shows (H5, B5).

        :param customer_id: id of a customer, or of a contact of one
        :return: dict with ``customer`` (its details), ``dashboard`` for it, ``tiles`` (figures
            without counts), ``cases`` (its open cases, for the choice of the current one)
        :raise UserError: there is no such customer, or it is hidden from the user; says no more
        """
        self._check_may_use()
        customer = self._find_customer(customer_id)
        options = self._get_options()
        relations, cases, family_ids = self._read_relations(customer)
        return {
            "options": options,
            "customer": {**self._read_customer(customer), **relations},
            "dashboard": None
            if options["hide_customer_dashboard"]
            else self._get_dashboard(FigureQueries(self.env), customer),
            "tiles": self._get_customer_tiles(customer, family_ids),
            "cases": cases,
        }

    @api.model
    def _find_customer(self, customer_id):
        partners = self.env["res.partner"].with_context(active_test=False)
        partner = partners
        if type(customer_id) is int and 0 < customer_id <= MAX_ID:
            # all columns: the details are computed from them
            partner = partners.search_fetch([("id", "=", customer_id)])
        if not partner.customer_id:
            raise UserError(
                self.env._(
                    "There is no such customer, or you are not linked to it. Go back to the list "
                    "of customers."
                )
            )
        return partner.customer_id

    @api.model
    def _read_customer(self, customer):
        [values] = customer.read(CUSTOMER_FIELDS, load=None)
        labels = dict(customer._fields["approval_status"]._description_selection(self.env))
        values["approval_label"] = labels.get(customer.approval_status, "")
        return values

    @api.model
    def _read_relations(self, customer):
        """What belongs to a customer that the user sees, with one query: who sees it sees its
        contacts, its cases and the names of its salesmen.

        :return: values of CUSTOMER_RELATIONS, its open cases, ids of it and its contacts
        """
        self.env.flush_all()
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT %(editable)s, %(active)s, k.phone, k.email,
                       CASE WHEN r.id IS NOT NULL THEN jsonb_build_object('id', r.id,
                            'display_name', COALESCE(r.name->>%(lang)s, r.name->>'en_US')) END,
                       %(main_salesman)s, %(call_contact)s, %(main_contact)s, %(case)s,
                       (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                                   'id', s.id, 'display_name', s.name) ORDER BY o.id), '[]')
                          FROM customer_salesman o JOIN hr_employee s ON s.id = o.employee_id
                         WHERE o.customer_id = p.id),
                       %(cases)s,
                       ARRAY(SELECT f.id FROM res_partner f
                              WHERE f.commercial_partner_id = p.id ORDER BY f.id)
                  FROM res_partner p
                  LEFT JOIN customer_rank r ON r.id = p.rank_id
                  LEFT JOIN hr_employee m ON m.id = p.main_salesman_id
                  LEFT JOIN res_partner a ON a.id = p.call_contact_id
                  LEFT JOIN res_partner k ON k.id = p.main_contact_id
                  LEFT JOIN crm_lead l ON l.id = p.current_case_id
                 WHERE p.id = %(id)s
                """,
                id=customer.id,
                lang=self.env.lang or "en_US",
                editable=self._get_is_customer_editable(),
                active=customer._field_to_sql("p", "is_active_business"),
                main_salesman=self._get_link_to("m"),
                call_contact=self._get_link_to("a"),
                main_contact=self._get_link_to("k"),
                case=self._get_link_to("l"),
                cases=self._get_open_cases(customer),
            )
        )
        *relations, cases, family_ids = row
        values = {
            name: False if value is None else value
            for name, value in zip(CUSTOMER_RELATIONS, relations, strict=True)
        }
        if not customer._has_field_access(customer._fields["current_case_id"], "read"):
            del values["current_case_id"]
        return values, cases, family_ids

    @api.model
    def _get_link_to(self, alias):
        """SQL of what the client takes for a many2one: the record's id and name."""
        return SQL(
            "CASE WHEN %(id)s IS NOT NULL"
            " THEN jsonb_build_object('id', %(id)s, 'display_name', %(name)s) END",
            id=SQL.identifier(alias, "id"),
            name=SQL.identifier(alias, "name"),
        )

    @api.model
    def _get_is_customer_editable(self):
        """SQL on alias ``p``: the user may change the customer."""
        scope = self.env["sales.visibility"]._get_scope("write", FEW_RECORDS)
        return SQL("TRUE") if scope.is_everything else scope.get_probe(SQL("p.customer_id"))

    @api.model
    def _get_open_cases(self, customer):
        """SQL of the customer's open cases, the newest first, as JSON."""
        cases = self.env["crm.lead"]
        nothing = SQL("'[]'::jsonb")
        if not cases.has_access("read"):
            return nothing
        query = cases._search(
            [("customer_id", "=", customer.id), *cases._get_open_case_domain()],
            order="id DESC",
            limit=MAX_CASES,
        )
        if query.is_empty():
            return nothing
        names = ("id", "name", "case_number", "date_deadline", "expected_revenue")
        return SQL(
            """
            (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                        'id', c.id, 'name', c.name, 'number', COALESCE(c.case_number, ''),
                        'date_deadline', c.date_deadline,
                        'expected_revenue', COALESCE(c.expected_revenue, 0))
                        ORDER BY c.id DESC), '[]')
               FROM (%s) c)
            """,
            query.select(*(SQL.identifier(query.table, name) for name in names)),
        )

    @api.model
    def _get_customer_tiles(self, customer, family_ids):
        """Figures without counts: what the tiles below the details open (H5).

        :param family_ids: ids of the customer and its contacts, whose documents are its own
        """
        mine = Domain("customer_id", "=", customer.id)
        activities = mine & Domain("is_customer_activity", "=", True)
        tiles = [
            ("sale_history", self.env._("Sale history"), "fa-line-chart", False, [], {}),
            (
                "contacts",
                self.env._("Contacts"),
                "fa-users",
                "res.partner",
                mine & Domain("id", "!=", customer.id),
                {"default_parent_id": customer.id},
            ),
            (
                "activities",
                self.env._("Open activities"),
                "fa-tasks",
                "mail.activity",
                activities,
                {},
            ),
            (
                "cases",
                self.env._("Cases"),
                "fa-briefcase",
                "crm.lead",
                mine & Domain("type", "=", "opportunity"),
                {"default_partner_id": customer.id, "default_type": "opportunity"},
            ),
            (
                "quotes",
                self.env._("Quotes and orders"),
                "fa-calculator",
                "sale.order",
                mine,
                {"default_partner_id": customer.id},
            ),
            (
                "notes",
                self.env._("Notes"),
                "fa-sticky-note-o",
                "customer.note",
                mine,
                {"default_customer_id": customer.id},
            ),
            ("salesmen", self.env._("Salesmen"), "fa-id-badge", "customer.salesman", mine, {}),
            (
                "third_parties",
                self.env._("Third parties"),
                "fa-handshake-o",
                "third.party.contract",
                mine,
                {"default_customer_id": customer.id},
            ),
            (
                "recommendations",
                self.env._("Recommendations"),
                "fa-lightbulb-o",
                "sales.recommendation",
                mine & Domain("state", "=", "open"),
                {},
            ),
            (
                "documents",
                self.env._("Documents"),
                "fa-file-o",
                "ir.attachment",
                Domain("res_model", "=", "res.partner") & Domain("res_id", "in", family_ids),
                {"default_res_model": "res.partner", "default_res_id": customer.id},
            ),
        ]
        return [
            {
                "key": key,
                "label": label,
                "icon": icon,
                "action": model_name and f"sales_crm_cases.{CUSTOMER_TILE_ACTIONS[key]}",
                **self._make_figure(model_name, domain, **context),
            }
            for key, label, icon, model_name, domain, context in tiles
            if not model_name or self.env[model_name].has_access("read")
        ]
