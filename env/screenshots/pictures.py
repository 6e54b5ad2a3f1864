"""The pictures: who looks at which page, and what he does there first."""

from dataclasses import dataclass


def click(selector, text=""):
    return lambda page: page.click(selector, text)


def write(selector, text):
    return lambda page: page.write(selector, text)


def press(key):
    return lambda page: page.press(key)


def wait(selector, text=""):
    return lambda page: page.wait_for(selector, text)


def choose(field, text):
    """Choose what a field offers for a text."""

    def step(page):
        page.write(f".o_field_widget[name={field}] input", text)
        page.click(".o-autocomplete--dropdown-item", text)

    return step


def button(text):
    return click(".o_action button, .modal button, .o_action a.btn", text)


@dataclass(frozen=True)
class Picture:
    """One picture.

    :param name: of the file
    :param user: login, which is the password, too
    :param address: behind ``/odoo/``; ``{name}`` is the id of a demo record
    :param ready: selector, and perhaps text, of what must be there
    :param steps: what is done before
    :param part: selector of the part that is shown; as default the window
    """

    name: str
    user: str
    address: str
    ready: tuple
    steps: tuple = ()
    width: int = 1400
    height: int = 800
    part: str | None = None
    language: str | None = None


ROW = (".o_data_row",)
SHEET = (".o_form_sheet",)
DIALOG = (".modal .modal-footer button",)
HOME = (".o_home_page canvas",)
CUSTOMER = "crm-customers/{customer_hopfner}"


def tab(text):
    return click(".o_notebook .nav-link", text)


def cog(text):
    """An entry behind the cog beside the title."""

    def step(page):
        page.click(".o_cp_action_menus button:has(.fa-cog)")
        page.click(".o-dropdown--menu .dropdown-item", text)

    return step


OLD_PEOPLE = (
    click(".o_searchview_dropdown_toggler"),
    click(".o_filter_menu .o_menu_item", "Older than two years"),
    press("Escape"),
)

PICTURES = (
    # home pages
    Picture("crm_home", "salesman", "crm-home", HOME),
    Picture("crm_home_820", "salesman", "crm-home", HOME, width=820, height=1100),
    Picture("crm_home_ar", "salesman", "crm-home", HOME, language="ar_001"),
    Picture("crm_home_team", "manager", "crm-home", (".o_home_team",), height=900),
    Picture(
        "customer_home",
        "salesman",
        "customer-home/{customer_hopfner}?tile=third_parties",
        (".o_customer_panel .o_data_row",),
        height=1150,
    ),
    Picture(
        "customer_home_820",
        "salesman",
        "customer-home/{customer_hopfner}?tile=third_parties",
        (".o_customer_panel .o_data_row",),
        width=820,
        height=1500,
    ),
    # customers
    Picture("customers_list", "salesman", "crm-customers", ROW),
    Picture("customers_list_de", "salesman", "crm-customers", ROW, language="de_DE"),
    Picture("customer_form", "salesman", CUSTOMER, SHEET, height=900),
    Picture(
        "duplicates",
        "salesman",
        "crm-customers/new",
        ("[name=customer_duplicates]",),
        (
            write(".o_form_sheet h1 textarea, .o_form_sheet h1 input", "Weber Dachtechnik"),
            press("Tab"),
        ),
        height=700,
    ),
    Picture(
        "release",
        "salesman",
        "crm-customers/{customer_kindler}",
        DIALOG,
        (button("Release Customer"),),
    ),
    Picture("customer_released", "salesman", "crm-customers/{customer_lefort}", SHEET, height=900),
    Picture(
        "maintain_salesmen", "salesman", CUSTOMER, DIALOG, (button("Maintain Customer Salesmen"),)
    ),
    Picture(
        "why_can_i_see",
        "manager",
        CUSTOMER,
        DIALOG,
        (click(".o_button_more"), click(".o-dropdown--menu button", "Why can I see")),
        height=700,
    ),
    Picture(
        "show_subordinates",
        "manager",
        "crm-customers",
        (".o-dropdown--menu",),
        (click(".o_user_menu button"),),
    ),
    Picture(
        "sale_history",
        "salesman",
        CUSTOMER,
        (".o_sale_history canvas",),
        (tab("Sale history"),),
        height=1900,
        part=".o_notebook",
    ),
    Picture(
        "customer_notes",
        "salesman",
        CUSTOMER,
        ROW,
        (tab("Customer notes"),),
        height=1900,
        part=".o_notebook",
    ),
    Picture(
        "add_note",
        "salesman",
        CUSTOMER,
        DIALOG,
        (
            button("Add Note"),
            write(
                ".modal .o_field_widget[name=body] textarea",
                "Deliveries before ten o'clock only, the gate closes.",
            ),
        ),
    ),
    Picture("notes", "salesman", "customer-notes", ROW, height=600),
    # approval
    Picture("waiting_for_approval", "accounts", "customers-waiting", ROW, height=600),
    Picture(
        "decline",
        "accounts",
        "customers-waiting/{customer_bjork}",
        DIALOG,
        (
            button("Decline"),
            write(
                ".modal .o_field_widget[name=reason] textarea",
                "The VAT number is of another company. Please ask for it.",
            ),
        ),
    ),
    Picture(
        "approval",
        "accounts",
        "customers-waiting/{customer_bjork}",
        SHEET,
        (tab("Approval"),),
        height=900,
    ),
    # cases and activities
    Picture("cases", "salesman", "cases", ROW),
    Picture(
        "activities",
        "salesman",
        "sales-activities",
        (".o_activity_summary button",),
        (click(".o_data_row td[name=summary]", "Send the catalogue"),),
    ),
    Picture("warnings", "salesman", "sales-warnings", ROW, height=500),
    Picture(
        "new_activity",
        "salesman",
        CUSTOMER,
        DIALOG,
        (
            button("New Activity"),
            wait(".modal .o_field_widget[name=case_id] input"),
            write(".modal .o_field_widget[name=summary] input", "Show the new pumps"),
        ),
    ),
    Picture(
        "cold_call",
        "salesman",
        "sales-activities",
        (".modal div[name=duplicates]",),
        (
            button("Create Cold Call"),
            write(".modal .o_field_widget[name=customer_name] input", "Kindler Spielwaren"),
            press("Tab"),
        ),
    ),
    Picture("case_form", "salesman", "cases/{case_01}", SHEET, height=900),
    Picture(
        "case_history",
        "salesman",
        "cases/{case_01}",
        (".o_case_history_entry",),
        (button("Case info and history"),),
    ),
    Picture("rank_calls", "salesman", "rank-calls", ROW),
    Picture("reminders", "salesman", "reminders", ROW),
    Picture("recommendations", "salesman", "recommendations", ROW),
    Picture(
        "recommendations_kanban",
        "salesman",
        "recommendations",
        (".o_kanban_record",),
        (click(".o_switch_view.o_kanban"),),
    ),
    Picture(
        "recommendation_snooze",
        "salesman",
        "recommendations",
        DIALOG,
        (click(".o_data_row button[name=action_open_snooze]"),),
    ),
    Picture("third_parties", "salesman", "third-party-contracts", ROW),
    # board, batch
    Picture("sales_board", "salesman", "sales-board", (".o_kanban_record",)),
    Picture(
        "sales_board_820", "salesman", "sales-board", (".o_kanban_record",), width=820, height=1000
    ),
    Picture("sales_board_ar", "salesman", "sales-board", (".o_kanban_record",), language="ar_001"),
    Picture(
        "batch_sms",
        "salesman",
        "cases",
        DIALOG,
        (
            cog("SMS to all customers"),
            write(
                ".modal .o_field_widget[name=body] textarea",
                "Our open day is on Friday from 9 to 17. Your sales team",
            ),
        ),
    ),
    Picture("batch_sms_summary", "salesman", "batch-sms/{batch}", ROW, height=900),
    # team
    Picture("targets", "manager", "targets", (".o_sales_targets input",)),
    Picture("default_targets", "admin", "default-targets", ROW, height=500),
    Picture(
        "handover",
        "manager",
        "hand-overs",
        DIALOG,
        (
            button("Hand customers over"),
            choose("employee_id", "Sam Carter"),
            choose("successor_id", "Lena Hoffmann"),
        ),
    ),
    Picture("delegates", "salesman", "holiday-delegates", ROW),
    # preferences
    Picture(
        "calendar_feed",
        "salesman",
        "crm-customers",
        DIALOG,
        (
            click(".o_user_menu button"),
            click(".o-dropdown--menu .dropdown-item", "Preferences"),
            click(".o_form_view .nav-link[name=calendar]"),
            button("Make an address"),
        ),
    ),
    # privacy
    Picture("privacy_people", "officer", "privacy-people", ROW, OLD_PEOPLE),
    Picture(
        "privacy_anonymize",
        "officer",
        "privacy-people",
        DIALOG,
        (*OLD_PEOPLE, click(".o_data_row .o_list_record_selector input"), button("Anonymise")),
        height=900,
    ),
    Picture("privacy_request", "officer", "privacy-log/{request}", SHEET, height=900),
    Picture("privacy_rules", "officer", "privacy-rules", ROW),
    Picture("privacy_fields", "officer", "action-{privacy_field_action_open}", ROW),
    Picture("privacy_approvals", "officer", "privacy-approvals", ROW),
    Picture("privacy_log", "officer", "privacy-log", ROW),
    # configuration
    Picture(
        "user_rights",
        "admin",
        "action-base.action_res_users/{user_salesman}",
        (".o_form_sheet [name=access_rights], .o_form_sheet .o_inner_group",),
        height=900,
    ),
    Picture(
        "settings",
        "admin",
        "action-{res_config_settings_action}",
        (".o_settings_container",),
        height=1100,
    ),
    Picture("processes", "admin", "processes/{process_standard}", SHEET, height=900),
    Picture("kinds", "admin", "action-{sales_recommendation_kind_action}", ROW),
    Picture("ranks", "admin", "action-{customer_rank_action}", ROW),
    Picture(
        "completeness", "admin", "action-{customer_completeness_field_action}", ROW, height=500
    ),
    Picture("search_fields", "admin", "action-{crm_search_field_action}", ROW),
)
