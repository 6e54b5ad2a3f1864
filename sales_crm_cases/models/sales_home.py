from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..visibility_scope import FEW_RECORDS
from .sales_home_mixin import FigureQueries

MAX_TODAY = 40
MAX_RECENT = 12
MAX_CASES = 80
MAX_ID = 2**31 - 1  # of PostgreSQL's integer

ACTIVITY_VALUES = (
    "id",
    "summary",
    "date_deadline",
    "date_done",
    "outcome",
    "icon",
    "type",
    "customer_id",
    "customer",
    "contact",
    "phone",
    "case_id",
    "case",
    "salesman",
    "can_write",
)
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
    """The data of the home pages, in one call each (H1-H5).

    Nothing is written: the calls may be answered by a replica of the database.
    """

    _name = "sales.home"
    _inherit = ["sales.home.dashboard.mixin"]
    _description = "Home pages"

    # ------------------------------------------------------------------
    # CRM home
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_home(self):
        """What the first page shows (H1-H4).

        :return: dict with ``dashboard`` (see :meth:`_get_dashboard`), ``tiles`` (figures with
            ``key``, ``label``, ``icon`` and the ``action`` that opens them; without ``count``
            where they count nothing), ``today`` and ``recent``
        :raise UserError: for who has no right in Sales and is not accounts
        """
        self._check_may_use()
        queries = FigureQueries(self.env)
        return {
            "options": self._get_options(),
            "dashboard": self._get_dashboard(queries),
            "tiles": self._get_tiles(queries),
            **self._get_tabs(queries),
        }

    @api.model
    def _check_may_use(self):
        if not self.env.user._works_with_customers():
            raise UserError(
                self.env._(
                    "The CRM home is for salespeople and accounts. Ask an administrator for a "
                    "right in Sales."
                )
            )

    @api.model
    def _get_options(self):
        user = self.env.user
        # sudo: one's own
        settings = (
            self.env["res.users.settings"]
            .sudo()
            .search_fetch(
                [("user_id", "=", user.id)], ["show_subordinates", "hide_customer_dashboard"]
            )
        )
        return {
            "show_subordinates": bool(settings.show_subordinates),
            "hide_customer_dashboard": bool(settings.hide_customer_dashboard),
            "is_restricted": user._is_customer_restricted(),
        }

    # ------------------------------------------------------------------
    # Tiles (H2)
    # ------------------------------------------------------------------

    @api.model
    def _get_tiles(self, queries):
        """The tiles that the user may use, in order; their counts come from one query."""
        tiles = self._prepare_tiles()
        counted = self._count([tile for tile in tiles if tile["res_model"]], queries)
        readable = {tile["key"] for tile in counted}
        return [tile for tile in tiles if not tile["res_model"] or tile["key"] in readable]

    @api.model
    def _prepare_tiles(self):
        team = Domain("is_of_team", "=", True)
        today = self._get_today()
        first, end = self._get_months(self.env.company.home_performance_months)
        activities = Domain("is_customer_activity", "=", True) & team

        def tile(key, label, icon, action, model_name=False, domain=(), **context):
            return {
                "key": key,
                "label": label,
                "icon": icon,
                "action": action and f"sales_crm_cases.{action}",
                **self._make_figure(model_name, domain, **context),
            }

        tiles = [
            tile(
                "customers",
                self.env._("Customers"),
                "fa-building-o",
                "res_partner_action_customers",
                "res.partner",
                [("approval_status", "!=", False), ("customer_id", "!=", False)],
            ),
            tile(
                "cases",
                self.env._("Cases"),
                "fa-briefcase",
                "crm_lead_action",
                "crm.lead",
                self.env["crm.lead"]._get_open_case_domain(),
                default_type="opportunity",
            ),
            tile(
                "quotes",
                self.env._("Quotes"),
                "fa-calculator",
                "sale_order_action_quotes",
                "sale.order",
                Domain("state", "in", ("draft", "sent")) & Domain("customer_id", "!=", False),
            ),
            tile(
                "recommendations",
                self.env._("Recommendations"),
                "fa-lightbulb-o",
                "sales_recommendation_action",
                "sales.recommendation",
                Domain("state", "=", "open"),
            ),
            tile(
                "warnings",
                self.env._("Warnings"),
                "fa-exclamation-triangle",
                "mail_activity_action_warnings",
                "mail.activity",
                activities & Domain("date_deadline", "<", today),
            ),
            tile(
                "activities",
                self.env._("Activities"),
                "fa-tasks",
                "mail_activity_action_sales",
                "mail.activity",
                activities,
            ),
            tile(
                "third_parties",
                self.env._("Third parties"),
                "fa-handshake-o",
                "third_party_contract_action",
                "third.party.contract",
                [("order_id", "=", False), ("date_end", ">=", today)],
            ),
            tile(
                "notes",
                self.env._("Notes"),
                "fa-sticky-note-o",
                "customer_note_action",
                "customer.note",
                [],
            ),
            tile(
                "reminders",
                self.env._("Reminders"),
                "fa-bell-o",
                "customer_reminder_action",
                "customer.reminder",
                [],
            ),
            tile(
                "performance",
                self.env._("Performance"),
                "fa-bar-chart",
                "sales_target_action",
                "sales.target",
                Domain("month", ">=", first) & Domain("month", "<", end),
            ),
        ]
        if self.env["crm.lead"].has_access("create"):
            tiles.insert(0, tile("cold_call", self.env._("Create cold call"), "fa-phone", False))
        return tiles

    # ------------------------------------------------------------------
    # Tabs (H3)
    # ------------------------------------------------------------------

    @api.model
    def _get_tabs(self, queries):
        """What is due today, of the user and of the team that he shows; and what he himself has
        done last, the newest first.

        :return: dict with ``today`` and ``recent``: figures with ``records``, dicts of plain values
        """
        on_customers = Domain("is_customer_activity", "=", True)
        since = self._get_today() - timedelta(self.env.company.home_activity_days - 1)
        today = self._make_figure(
            "mail.activity",
            on_customers
            & Domain("is_of_team", "=", True)
            & Domain("date_deadline", "=", self._get_today()),
        )
        recent = self._make_figure(
            "mail.activity",
            on_customers & Domain("user_id", "=", self.env.uid) & Domain("date_done", ">=", since),
            active_test=False,
        )
        return self._read_activities(
            {
                "today": (today, SQL("mail_activity.id"), MAX_TODAY),
                "recent": (
                    recent,
                    SQL(
                        "mail_activity.date_done DESC, mail_activity.done_at DESC NULLS LAST, "
                        "mail_activity.id DESC"
                    ),
                    MAX_RECENT,
                ),
            },
            queries,
        )

    @api.model
    def _read_activities(self, tabs, queries):
        """The first activities of some figures, with the names of what they belong to, in one
        query: who sees an activity of a customer sees customer, case and contact; of a case that
        is shared with him he sees what is in the case.

        :param tabs: dict ``{key: (figure, SQL of the order, limit)}``
        :return: dict of the figures, with ``count`` and ``records``
        """
        parts = []
        for key, (figure, order, limit) in tabs.items():
            figure.update(count=0, records=[])
            query = queries.get(figure)
            if query is not None and not query.is_empty():
                query.order, query.limit = order, limit
                parts.append(
                    query.select(
                        SQL("mail_activity.*"),
                        SQL("%s AS tab", key),
                        SQL("count(*) OVER () AS total"),
                        SQL("row_number() OVER (ORDER BY %s) AS place", order),
                    )
                )
        figures = {key: figure for key, (figure, _order, _limit) in tabs.items()}
        if not parts:
            return figures
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.tab, a.total, a.id, a.summary, a.date_deadline, a.date_done, a.outcome,
                       COALESCE(t.icon, 'fa-tasks'),
                       COALESCE(t.name->>%(lang)s, t.name->>'en_US'),
                       CASE WHEN a.is_customer_seen THEN c.id END, c.name, k.name,
                       CASE WHEN a.is_customer_seen THEN COALESCE(k.phone, c.phone)
                            ELSE l.phone END,
                       l.id, l.name, u.name, %(can_write)s
                  FROM (SELECT a.*, %(is_customer_seen)s AS is_customer_seen FROM (%(parts)s) a) a
                  LEFT JOIN mail_activity_type t ON t.id = a.activity_type_id
                  LEFT JOIN res_partner c ON c.id = a.customer_id
                  LEFT JOIN crm_lead l ON l.id = a.case_id
                  LEFT JOIN res_partner k ON k.id = COALESCE(l.partner_id, c.main_contact_id)
                  LEFT JOIN res_users r ON r.id = a.user_id
                  LEFT JOIN res_partner u ON u.id = r.partner_id
                 ORDER BY a.tab, a.place
                """,
                lang=self.env.lang or "en_US",
                can_write=self._get_can_write(),
                is_customer_seen=self._get_is_customer_seen(),
                parts=SQL(" UNION ALL ").join(SQL("(%s)", part) for part in parts),
            )
        )
        for tab, total, *values in rows:
            record = dict(zip(ACTIVITY_VALUES, values, strict=True))
            for name in ("date_deadline", "date_done"):
                record[name] = record[name] and fields.Date.to_string(record[name])
            figures[tab]["count"] = total
            figures[tab]["records"].append(record)
        return figures

    @api.model
    def _get_is_customer_seen(self):
        """SQL on alias ``a``: the user sees the customer, and not only the case (B5)."""
        # the page has read it
        scope = self.env["sales.visibility"]._get_scope("read")
        if scope.is_everything:
            return SQL("TRUE")
        return scope.get_probe(SQL("a.customer_id"))

    @api.model
    def _get_can_write(self):
        """SQL on alias ``a``: the activity is the user's, or he may change the records of whom it
        belongs to (V4, V5); who sees all customers, those that his rights let him change."""
        scope = self.env["sales.visibility"]._get_scope("write", FEW_RECORDS)
        if scope.is_everything:
            models_of_customers = self.env["mail.activity"]._get_customer_models()
            others = SQL(
                "a.res_model = ANY(%s)",
                [name for name in models_of_customers if self.env[name].has_access("write")],
            )
        else:
            self.env["hr.employee"].flush_model(["user_id"])
            others = SQL(
                """
                EXISTS (SELECT FROM hr_employee e JOIN sales_visibility v ON v.employee_id = e.id
                         WHERE e.user_id = a.user_id AND v.user_id = %s AND %s)
                """,
                scope.uid,
                scope.conditions,
            )
        return SQL("COALESCE(a.user_id = %s OR %s, FALSE)", self.env.uid, others)

    # ------------------------------------------------------------------
    # Customer home (H5)
    # ------------------------------------------------------------------

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
