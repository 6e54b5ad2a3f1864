from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..visibility_scope import FEW_RECORDS
from .customer_document_mixin import CUSTOMERS
from .sales_home_mixin import FigureQueries

MAX_TODAY = 40
MAX_RECENT = 12

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


class SalesHome(models.AbstractModel):
    """The data of CRM home, in one call (H1-H4); that of the customer's page is in
    sales_home_customer.py.

    Nothing is written: the call may be answered by a replica of the database.
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
                CUSTOMERS,
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
