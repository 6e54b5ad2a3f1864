"""What is measured: each operation as our rules do it, as native Odoo does, and by hand.

``ours`` and ``native`` take ``(env, actor)``, ``by_hand`` takes ``(actor)`` and returns the
candidates ``{name: SQL}``; run.py keeps the quickest of them. ``budget`` is, per actor,
``(baseline, factor)`` of the design: N native, L by hand.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from board import pipeline_board, sales_board
from by_hand import (
    ACTIVITY_MODELS,
    COUNT_LIMIT,
    DAYS,
    activities_by_hand,
    activity_count_by_hand,
    activity_table_by_hand,
    case_count_by_hand,
    cases_by_hand,
    customer_count_by_hand,
    customers_by_hand,
    families_by_hand,
    family_count_by_hand,
    own_activities_by_hand,
    pipeline_by_hand,
    rank_call_count_by_hand,
    rank_calls_by_hand,
    recommendation_count_by_hand,
    recommendations_by_hand,
    warnings_by_hand,
)
from home import customer_home, customer_home_by_hand, home, home_by_hand

PARTNER_SPEC = {
    "complete_name": {},
    "email": {},
    "phone": {},
    "city": {},
    "vat": {},
    "country_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
    "company_id": {"fields": {"display_name": {}}},
}
CASE_SPEC = {
    "name": {},
    "partner_id": {"fields": {"display_name": {}}},
    "stage_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
    "expected_revenue": {},
    "priority": {},
}
ACTIVITY_SPEC = {
    "active": {},
    "can_write": {},
    "res_model": {},
    "icon": {},
    "activity_type_id": {"fields": {"display_name": {}}},
    "summary": {},
    "customer_id": {"fields": {"display_name": {}}},
    "contact_id": {
        "fields": {"display_name": {}},
        "context": {"partner_display_name_hide_company": True},
    },
    "contact_phone": {},
    "case_id": {"fields": {"display_name": {}}},
    "date_deadline": {},
    "user_id": {"fields": {"display_name": {}}},
}
NATIVE_ACTIVITY_SPEC = {
    name: spec
    for name, spec in ACTIVITY_SPEC.items()
    if name not in ("customer_id", "contact_id", "contact_phone", "case_id")
}
ACTIVITIES = [("is_customer_activity", "=", True)]
NATIVE_ACTIVITIES = [("res_model", "in", ACTIVITY_MODELS)]
RECOMMENDATION_SPEC = {
    "crm_editable": {},
    "res_model": {},
    "kind_code": {},
    "due_date": {},
    "customer_id": {"fields": {"display_name": {}}},
    "reason": {},
    "kind_id": {"fields": {"display_name": {}}},
    "employee_id": {"fields": {"display_name": {}}},
    "state": {},
    "snooze_until": {},
    "dismiss_reason": {},
    "activity_id": {"fields": {"display_name": {}}},
}
RECOMMENDATIONS = [("state", "=", "open")]
# what the menu opens with
MY_RECOMMENDATIONS = [("is_mine", "=", True), *RECOMMENDATIONS]
RANK_CALL_SPEC = {
    "crm_editable": {},
    "has_call_contact": {},
    "next_call_date": {},
    "name": {},
    "ref": {},
    "rank_id": {"fields": {"display_name": {}}},
    "call_contact_label": {},
    "call_contact_phone": {},
    "last_contact_date": {},
    "planned_call_date": {},
    "main_salesman_id": {"fields": {"display_name": {}}},
    "city": {},
}
MINE = [("is_visible_customer", "=", True)]
# what the menu Customers asks for: entities, without their contacts
CUSTOMERS = [("approval_status", "!=", False), ("customer_id", "!=", False)]
NATIVE_CUSTOMERS = [("customer_rank", ">", 0)]
RANK_CALLS = [*CUSTOMERS, ("next_call_date", "!=", False)]
CASES = [("type", "=", "opportunity")]


@dataclass
class Operation:
    name: str
    ours: Callable
    native: Callable = None
    by_hand: Callable = None
    budget: dict = field(default_factory=dict)
    patience: int = 1500  # ms, after which a way by hand is given up


def recommendation_list(domain):
    return lambda env, actor: env["sales.recommendation"].web_search_read(
        domain, RECOMMENDATION_SPEC, limit=80, order="due_date, id", count_limit=80
    )


def rank_call_list(env, actor):
    return env["res.partner"].web_search_read(
        RANK_CALLS, RANK_CALL_SPEC, limit=80, order="next_call_date, id", count_limit=80
    )


def activity_list(domain, spec, own=False):
    def call(env, actor):
        mine = [("user_id", "=", env.uid)] if own else []
        return env["mail.activity"].web_search_read(
            domain + mine, spec, limit=80, order="date_deadline, id", count_limit=80
        )

    return call


def warnings(domain):
    return lambda env, actor: env["mail.activity"].search_count(
        [*domain, ("date_deadline", "<", datetime.date.today())]
    )


def activity_table(domain):
    def call(env, actor):
        since = datetime.date.today() - datetime.timedelta(days=DAYS)
        rows = (
            env["mail.activity"]
            .with_context(active_test=False)
            ._read_group(
                [*domain, ("date_done", ">=", since)],
                ["activity_type_id", "user_id"],
                ["__count"],
            )
        )
        return sorted((count, kind.id, user.id) for kind, user, count in rows)

    return call


def customer_list(domain, order=None):
    def call(env, actor):
        return env["res.partner"].web_search_read(
            domain, PARTNER_SPEC, limit=80, order=order, count_limit=80
        )

    return call


def search_count(model, domain):
    return lambda env, actor: env[model].search_count(domain, limit=COUNT_LIMIT)


def name_search(text, domain=None):
    return lambda env, actor: env["res.partner"].name_search(text, domain, limit=8)


def check_access(env, actor):
    env["res.partner"].browse(actor["page"]).check_access("read")


def check_and_read(env, actor):
    records = env["res.partner"].browse(actor["page"])
    records.check_access("read")
    return records.web_read(PARTNER_SPEC)


def check_and_read_cases(env, actor):
    records = env["crm.lead"].browse(actor["cases"])
    records.check_access("read")
    return records.web_read(CASE_SPEC)


def case_list(env, actor):
    return env["crm.lead"].web_search_read(CASES, CASE_SPEC, limit=80, count_limit=80)


def pipeline(env, actor, domain=()):
    return env["crm.lead"].web_read_group([*CASES, *domain], ["stage_id"], ["expected_revenue:sum"])


def pipeline_of_none(env, actor):
    return pipeline(env, actor, [("id", "<", 0)])


def pipeline_by_id(env, actor):
    return pipeline(env, actor, [("id", "in", actor["cases"])])


def write_one(env, actor):
    env["res.partner"].browse(actor["page"][0]).write({"function": "Buyer"})
    env.flush_all()


def per_actor(baseline, salesman, manager, top, manager_baseline=None, top_baseline=None):
    return {
        "salesman": (baseline, salesman),
        "manager": (manager_baseline or baseline, manager),
        "top": (top_baseline or baseline, top),
    }


OPERATIONS = [
    Operation(
        "customer_list",
        customer_list(CUSTOMERS),
        customer_list(NATIVE_CUSTOMERS),
        customers_by_hand,
        per_actor("N", 1.1, 2.5, 1.3),
    ),
    Operation(
        "list_mine",
        customer_list(MINE),
        customer_list(NATIVE_CUSTOMERS),
        families_by_hand,
    ),
    Operation("list_all", customer_list([]), customer_list([])),
    Operation(
        "count",
        search_count("res.partner", CUSTOMERS),
        search_count("res.partner", NATIVE_CUSTOMERS),
        customer_count_by_hand,
        per_actor("N", 1.0, 3, 3),
    ),
    Operation(
        "count_mine",
        search_count("res.partner", MINE),
        search_count("res.partner", NATIVE_CUSTOMERS),
        family_count_by_hand,
        per_actor("N", 1.0, 3, 3),
    ),
    Operation(
        "name_search", name_search("abc"), name_search("abc"), budget=per_actor("N", 1.2, 1.2, 1.3)
    ),
    Operation(
        "name_search_none",
        name_search("qwxzj"),
        name_search("qwxzj"),
        budget=per_actor("N", 1.2, 1.2, 1.3),
    ),
    Operation("name_search_mine", name_search("abc", MINE), name_search("abc", NATIVE_CUSTOMERS)),
    Operation("check_80", check_access, check_access),
    Operation(
        "check_read_80", check_and_read, check_and_read, budget=per_actor("N", 1.2, 1.2, 1.3)
    ),
    Operation(
        "check_read_80_cases",
        check_and_read_cases,
        check_and_read_cases,
        budget=per_actor("N", 1.2, 1.2, 1.3),
    ),
    Operation("case_list", case_list, case_list, cases_by_hand, per_actor("N", 1.1, 2, 1.1)),
    Operation(
        "case_count",
        search_count("crm.lead", CASES),
        search_count("crm.lead", CASES),
        case_count_by_hand,
    ),
    Operation(
        "pipeline",
        pipeline,
        pipeline,
        pipeline_by_hand,
        per_actor("L", 1.2, 1.2, 1.3, top_baseline="N"),
    ),
    # what web_read_group takes, whatever the sight: nothing found, and 80 cases by their ids
    Operation("pipeline_none", pipeline_of_none, pipeline_of_none),
    Operation("pipeline_by_id", pipeline_by_id, pipeline_by_id),
    Operation(
        "activity_list",
        activity_list(ACTIVITIES, ACTIVITY_SPEC),
        activity_list(NATIVE_ACTIVITIES, NATIVE_ACTIVITY_SPEC),
        activities_by_hand,
        per_actor("L", 1.5, 1.5, 2),
    ),
    Operation(
        "activity_count",
        search_count("mail.activity", ACTIVITIES),
        search_count("mail.activity", NATIVE_ACTIVITIES),
        activity_count_by_hand,
    ),
    Operation(
        "activities_of_mine",
        activity_list(ACTIVITIES, ACTIVITY_SPEC, own=True),
        activity_list(NATIVE_ACTIVITIES, NATIVE_ACTIVITY_SPEC, own=True),
        own_activities_by_hand,
    ),
    # N, which reads each activity into Python, takes minutes
    Operation("activity_warnings", warnings(ACTIVITIES), None, warnings_by_hand),
    Operation(
        "activity_30_days",
        activity_table(ACTIVITIES),
        activity_table(NATIVE_ACTIVITIES),
        activity_table_by_hand,
        per_actor("L", 1.5, 1.5, 2),
    ),
    Operation("write_one", write_one, write_one),
    Operation(
        "recommendation_list",
        recommendation_list(RECOMMENDATIONS),
        recommendation_list(RECOMMENDATIONS),
        recommendations_by_hand,
        per_actor("N", 1.1, 2.5, 1.3),
    ),
    Operation(
        "recommendation_count",
        search_count("sales.recommendation", RECOMMENDATIONS),
        search_count("sales.recommendation", RECOMMENDATIONS),
        recommendation_count_by_hand,
        per_actor("N", 1.0, 3, 3),
    ),
    Operation(
        "recommendation_mine",
        recommendation_list(MY_RECOMMENDATIONS),
        recommendation_list(MY_RECOMMENDATIONS),
        budget=per_actor("N", 1.1, 2.5, 1.3),
    ),
    Operation(
        "rank_call_list",
        rank_call_list,
        rank_call_list,
        rank_calls_by_hand,
        per_actor("N", 1.1, 2.5, 1.3),
    ),
    Operation(
        "rank_call_count",
        search_count("res.partner", RANK_CALLS),
        search_count("res.partner", RANK_CALLS),
        rank_call_count_by_hand,
        per_actor("N", 1.0, 3, 3),
    ),
    # nothing native does the same
    Operation("home", home, None, home_by_hand, per_actor("L", 2, 2, 2), patience=20000),
    Operation("customer_home", customer_home, None, customer_home_by_hand, {}),
    # division and top see 200,000 cases and more
    Operation(
        "sales_board",
        sales_board,
        pipeline_board,
        budget=dict.fromkeys(("salesman", "manager", "division", "top"), ("N", 1.3)),
    ),
]
