import json
import os
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest import SkipTest

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .test_sales_home import SalesHomeCommon

AXE = Path(os.environ.get("NODE_PATH", "")) / "axe-core" / "axe.min.js"
MODULE = "@sales_crm_cases/../tests/tours/accessibility"
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
CONTRAST = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
}
OWN_PARTS = (
    ".o_home_page, .o_sales_targets, .o_sale_history, .o_case_history, .o_activity_summary, "
    ".o_sales_board_bar, .o_sales_board_figures, .o_sales_board_unprocessed"
)
# (rule of axe, CSS selector of what is Odoo's own, why it is found)
KNOWN = [
    ("aria-required-children", ".o_main_navbar", "buttons among the entries of the menu bar"),
    ("aria-required-parent", ".o_main_navbar", "the app's name is a menu entry without menu"),
    ("aria-required-parent", ".o_searchview", "filters are list items without list"),
    ("aria-required-parent", ".o_notebook", "tabs without list of tabs"),
    ("aria-allowed-attr", ".o_searchview", "the search box is both a search and a list"),
    ("aria-allowed-attr", ".o-autocomplete", "what the keyboard is on is marked as selected"),
    ("aria-allowed-attr", ".o_tag", "what the keyboard is on is marked as selected"),
    ("aria-allowed-attr", ".o-dropdown-item", "what the keyboard is on is marked as selected"),
    ("aria-allowed-attr", ".o_progressbar", "the widget has values and no role"),
    ("aria-command-name", ".o_searchview", "the icon of a filter has no name"),
    ("aria-dialog-name", ".modal", "dialogs do not refer to their titles"),
    (
        "button-name",
        ".o-dropdown:has(.o_optional_columns_dropdown_toggle)",
        "the choice of columns has no name",
    ),
    ("button-name", ".o_calendar_container, .o_calendar_view, .oi-panel-right", "the side panel"),
    ("color-contrast", ".o_datetime_picker", "days that cannot be chosen"),
    ("color-contrast", ".o_list_view .o_data_row, .o_home_view .o_data_row", "rows and badges"),
    ("color-contrast", ".o_form_view", "secondary texts and badges of fields"),
    ("color-contrast", ".o_dialog", "secondary texts and badges of fields"),
    ("color-contrast", ".fc", "days of the next month"),
    ("image-alt", ".o_avatar, .o-mail-Avatar", "the name stands beside the picture"),
    ("image-alt", ".o-mail-Message", "the name of the author stands beside the picture"),
    ("aria-prohibited-attr", ".o-mail-Message", "the picture of the author has a name and no role"),
    ("label", ".o_list_renderer .o-checkbox", "the head of the column says what is ticked"),
    ("label", ".o_calendar_filter, .o_calendar_sidebar", "the tick for all persons"),
    ("label-content-name-mismatch", ".fc", "days are named by their date"),
    ("role-img-alt", ".o_searchview", "the icon of a filter has no name"),
    ("role-img-alt", ".o_mail_activity, .o-mail-ActivityButton", "the clock of an activity"),
    ("role-img-alt", ".o-mail-Chatter, .o-mail-Chatter-topbar", "icons beside a text"),
    ("role-img-alt", ".o-mail-Followers, .o-mail-Followers-button", "the followers' icon"),
    ("aria-command-name", ".o-mail-Activity", "the picture of who has the activity"),
    ("target-size", ".o_priority, .o_searchview", "small icons"),
]


@dataclass(frozen=True)
class Screen:
    """What is to be looked at.

    :param name: for the report
    :param ready: CSS selector of what is there when the screen is
    :param action: XML id of an action, or its description; None stays on the last screen
    :param props: properties of a client action
    :param clicks: CSS selectors of what is to be clicked then, one after the other
    """

    name: str
    ready: str
    action: str | dict | None = None
    props: dict = field(default_factory=dict)
    clicks: tuple = ()


def make_list(name, action):
    return Screen(name, ".o_list_view .o_list_renderer", f"sales_crm_cases.{action}")


def make_form(name, record):
    return Screen(
        name,
        ".o_form_view .o_form_sheet",
        {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
        },
    )


def make_dialog(name, *clicks):
    """A dialog that is opened on the last screen."""
    return Screen(name, ".o_dialog .modal-footer button", clicks=clicks)


@tagged("post_install", "-at_install")
class TestAccessibility(SalesHomeCommon, HttpCase):
    """What axe-core finds in the screens of this app, in light and in dark style (H8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not AXE.is_file():
            raise SkipTest("axe-core is missing: NODE_PATH is to name the node_modules with it")
        cls.axe = cls.env["ir.attachment"].create(
            {"name": AXE.name, "raw": AXE.read_bytes(), "public": True}
        )
        cls.leader = cls.manager  # sees all screens
        cls.leader.group_ids += cls.env.ref("sales_crm_cases.group_customer_approver")
        cls._show_team(cls.leader)
        cls._make_work()

    @classmethod
    def _make_work(cls):
        customer, case = cls.customer_anna, cls.cases[cls.anna]
        cls.fresh = cls._make_customer("Quarry Stones", cls.anna, status="new")
        cls.released = cls._make_customer("Waiting One", cls.anna, status="new")
        cls.released.with_user(cls.anna).action_release()
        cls.env["res.partner"].create({"name": "Julia", "parent_id": customer.id})
        cls._plan(cls.anna, case)
        cls._plan(cls.anna, customer, days=-3)
        cls._do(cls.anna, case, days=-1)
        cls.order = cls._make_order(cls.anna, customer)
        cls._make_order(cls.anna, customer).action_confirm()
        cls.env["customer.note"].create({"customer_id": customer.id, "body": "Two ovens"})
        cls.env["sales.target"].create(
            {
                "employee_id": cls.employees[cls.anna].id,
                "month": cls.today.replace(day=1),
                "kind": "orders",
                "value": 500,
            }
        )
        for user in (cls.anna, cls.leader):
            cls.env["customer.reminder"].with_user(user).create(
                {"name": "Ask for the drawings", "date": cls.today, "customer_id": customer.id}
            )
        cls.contract = cls.env["third.party.contract"].create(
            {
                "customer_id": customer.id,
                "third_party_id": cls.env["res.partner"].create({"name": "Leasing House"}).id,
                "name": "L-1",
                "date_start": cls.today - timedelta(300),
                "date_end": cls.today + timedelta(20),
                "item_ids": [Command.create({"name": "Oven", "quantity": 1})],
            }
        )
        cls.env["sales.recommendation"]._cron_generate()
        cls._make_customer("Nobody Works on It", cls.anna)
        process = cls.env["crm.process"].create(
            {
                "name": "Machines",
                "sms_enabled": True,
                "team_ids": [Command.set(cls.cases[cls.anna].team_id.ids)],
                "stage_ids": [
                    Command.create({"name": "Prospect"}),
                    Command.create({"name": "Order", "outcome": "order"}),
                    Command.create({"name": "Lost", "outcome": "lost"}),
                ],
            }
        )
        process._take_over_cases()

    def _get_home_screens(self):
        home = "sales_crm_cases.crm_home_action"
        return [
            Screen("CRM home", ".o_home_activity_table", home),
            Screen(
                "CRM home: recent",
                ".o_home_activity_table, .o_home_empty",
                clicks=("#o_home_tab_recent",),
            ),
            Screen("CRM home: calendar", ".o_calendar_container", clicks=("#o_home_tab_calendar",)),
            Screen(
                "CRM home: options", ".o-dropdown--menu [data-option]", clicks=(".o_home_gear",)
            ),
            make_dialog("Create cold call", ".o_home_tile[data-key=cold_call]"),
            make_list("Customers", "res_partner_action_customers"),
            make_list("Cases", "crm_lead_action"),
            make_list("Quotes", "sale_order_action_quotes"),
            make_list("Activities", "mail_activity_action_sales"),
            make_list("Warnings", "mail_activity_action_warnings"),
            make_list("Third parties", "third_party_contract_action"),
            make_list("Notes", "customer_note_action"),
            make_list("Rank calls", "customer_rank_call_action"),
            make_list("Recommendations", "sales_recommendation_action"),
            make_dialog("Snooze", ".o_data_row button[name=action_open_snooze]"),
            Screen(
                "Dismiss",
                ".o_dialog .modal-footer button",
                "sales_crm_cases.sales_recommendation_action",
                clicks=(".o_data_row button[name=action_open_dismiss]",),
            ),
            make_list("Reminders", "customer_reminder_action"),
            make_dialog("Postpone", ".o_data_row button[name=action_open_postpone]"),
            Screen(
                "Targets",
                ".o_target_grid .o_list_table",
                "sales_crm_cases.sales_target_action_grid",
            ),
            Screen(
                "Targets of a salesman",
                ".o_target_grid [data-key=total]",
                clicks=(".o_target_grid_salesman",),
            ),
        ]

    def _get_board_screens(self):
        return [
            Screen(
                "Sales board",
                ".o_sales_board_unprocessed .o_kanban_record",
                "sales_crm_cases.crm_lead_action_board",
                clicks=("[data-column=unprocessed]",),
            ),
            Screen(
                "Open a case", ".o_sales_board_statuses button", clicks=(".o_sales_board_begin",)
            ),
            Screen(
                "Sales board: menu behind the cog",
                ".o_batch_sms_menu",
                "sales_crm_cases.crm_lead_action_board",
                clicks=(".o_control_panel .o_cp_action_menus .dropdown-toggle",),
            ),
            Screen(
                "SMS to all customers",
                ".o_dialog .modal-footer button",
                "sales_crm_cases.crm_lead_action_board",
                clicks=(
                    ".o_control_panel .o_cp_action_menus .dropdown-toggle",
                    ".o_batch_sms_menu",
                ),
            ),
            make_list("Batch SMS", "crm_sms_batch_action"),
        ]

    def _get_customer_screens(self):
        home = {"action": "sales_crm_cases.customer_home_action"}
        button = ".o_customer_buttons [data-key=%s]"
        return [
            Screen(
                "Customer home",
                ".o_customer_panel .o_sale_history",
                props={"resId": self.customer_anna.id},
                **home,
            ),
            *(
                Screen(
                    f"Customer home: {key}",
                    ".o_customer_panel .o_list_renderer",
                    clicks=(f".o_home_tile[data-key={key}]",),
                )
                for key in ("contacts", "activities", "notes", "salesmen", "third_parties")
            ),
            make_dialog("New Activity", button % "activity"),
            make_dialog("New Quote", button % "quote"),
            make_dialog("Add Third Party", button % "third_party"),
            make_dialog("Add Note", button % "note"),
            make_dialog("Add Contact", button % "contact"),
            make_dialog("Maintain Customer Salesmen", button % "salesmen"),
            Screen(
                "Release Customer",
                ".o_dialog .modal-footer button",
                props={"resId": self.fresh.id},
                clicks=(button % "release",),
                **home,
            ),
            make_form("Customer", self.customer_anna),
            make_form("Case", self.cases[self.anna]),
            make_form("Contract", self.contract),
        ]

    def _get_approver_screens(self):
        return [
            make_list("Waiting for approval", "res_partner_action_waiting"),
            Screen(
                "Decline",
                ".o_dialog .modal-footer button",
                "sales_crm_cases.customer_home_action",
                {"resId": self.released.id},
                (".o_customer_buttons [data-key=decline]",),
            ),
        ]

    def _get_privacy_screens(self):
        people = "sales_crm_cases.res_partner_action_privacy"
        self.env["privacy.field"].with_user(self.leader).action_open()
        self.env["privacy.request"].with_user(self.leader).export_subject(self.customer_anna.id)
        request = self.env["privacy.request"].with_user(self.leader).anonymize(self.fresh.ids, True)
        return [
            make_list("People", "res_partner_action_privacy"),
            Screen(
                "Anonymise",
                ".o_dialog .modal-footer button",
                people,
                clicks=(
                    ".o_data_row .o_list_record_selector input",
                    ".o_control_panel button[name=action_open_anonymize]",
                ),
            ),
            make_list("Privacy log", "privacy_request_action"),
            make_form("Privacy request", request),
            make_list("Fields with personal data", "privacy_field_action"),
        ]

    def _check(self, user, screens, rules=None, include="html", **kwargs):
        options = {
            "axeUrl": f"/web/content/{self.axe.id}",
            "screens": [asdict(screen) for screen in screens],
            "known": [
                {"rule": rule, "selector": selector, "reason": reason}
                for rule, selector, reason in KNOWN
            ],
            "run": rules or RULES,
            "include": include,
        }
        self.browser_js(
            "/odoo/crm-home",
            f"""
                odoo.loader.modules.get({json.dumps(MODULE)}).checkScreens({json.dumps(options)})
                    .then(() => console.log("test successful"))
                    .catch((error) => console.error(error.message))
            """,
            f"Boolean(document.querySelector('.o_home_tile') && odoo.loader.modules.get({json.dumps(MODULE)}))",
            login=user.login,
            timeout=300,
            **kwargs,
        )

    def test_screens_of_a_salesman(self):
        self._check(self.anna, [*self._get_home_screens(), *self._get_customer_screens()])

    def test_screens_of_the_board(self):
        self._check(self.anna, self._get_board_screens())

    def test_screens_of_a_manager_who_approves(self):
        self._check(self.leader, [*self._get_home_screens()[-2:], *self._get_approver_screens()])

    def test_screens_of_a_privacy_officer(self):
        self.leader.group_ids += self.env.ref("sales_crm_cases.group_privacy_officer")
        self._check(self.leader, self._get_privacy_screens())

    def test_contrast_in_dark_style(self):
        # the Community edition has the bundle of the dark style, no switch and no colours for it
        self.patch(type(self.env["ir.http"]), "color_scheme", lambda _self: "dark")
        self.env["ir.asset"].create(
            {
                "name": "Dark palette",
                "bundle": "web.assets_web_dark",
                "directive": "before",
                "target": "web/static/src/scss/primary_variables.scss",
                "path": "sales_crm_cases/static/tests/dark_palette.scss",
            }
        )
        self._check(
            self.leader,
            [
                *self._get_home_screens()[:4],
                *self._get_home_screens()[-2:],
                *self._get_customer_screens()[:6],
                *self._get_board_screens()[:1],
            ],
            CONTRAST,
            include=OWN_PARTS,
            cookies={"color_scheme": "dark"},
        )
