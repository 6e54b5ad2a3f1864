"""First paint of the sales board and of Odoo's own pipeline (B2): what the web client asks after
the views are loaded, with the fields of the cards from the views themselves."""

from lxml import etree

DOMAIN = [("type", "=", "opportunity")]
BOARD_DOMAIN = [*DOMAIN, ("won_status", "in", ["pending", "won"])]
CARDS_PER_COLUMN = 80  # as the web client asks


def sales_board(env, actor):
    cases = env["crm.lead"].with_context(sales_board_outcomes=["open", "order"])
    read_columns(cases, "sales_crm_cases.crm_lead_view_kanban_board", BOARD_DOMAIN)
    return cases.get_board(BOARD_DOMAIN)["statuses"]


def pipeline_board(env, actor):
    cases = env["crm.lead"]
    bar = {
        "field": "activity_state",
        "colors": {"planned": "success", "today": "warning", "overdue": "danger"},
        "sum_field": "expected_revenue",
    }
    cases.read_progress_bar(BOARD_DOMAIN, "stage_id", bar)
    return read_columns(
        cases, "crm.crm_case_kanban_view_leads", BOARD_DOMAIN, ["expected_revenue:sum"]
    )


def read_columns(cases, view, domain, aggregates=()):
    return cases.with_context(read_group_expand=True).web_read_group(
        domain,
        ["stage_id"],
        list(aggregates),
        auto_unfold=True,
        unfold_read_specification=get_specification(cases, view),
        unfold_read_default_limit=CARDS_PER_COLUMN,
    )


def get_specification(cases, view):
    """The fields of a kanban view as the web client asks for them."""
    view_id = cases.env["ir.model.data"]._xmlid_to_res_id(view)
    arch = cases.get_views([(view_id, "kanban")])["views"]["kanban"]["arch"]
    specification = {}
    for name in {node.get("name") for node in etree.fromstring(arch).iter("field")}:
        field = cases._fields[name]
        if field.type in ("many2one", "many2many", "one2many"):
            names = ["display_name"]
            if field.type != "many2one" and "color" in cases.env[field.comodel_name]._fields:
                names.append("color")
            specification[name] = {"fields": {each: {} for each in names}}
        else:
            specification[name] = {}
    return specification
