import {registry} from "@web/core/registry";
import {
    closeDialog,
    fill,
    listed,
    notListed,
    openList,
    openMenu,
    patient,
    row,
    rowButton,
    switchSubordinates,
} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

const openRecommendations = () =>
    openList("Recommendations", "sales_recommendation_menu");

function removeFilter(name) {
    return [
        {
            content: `Remove the filter ${name}`,
            trigger: `.o_searchview_facet:contains("${name}") .o_facet_remove`,
            run: "click",
        },
        {
            content: `${name} is removed`,
            trigger: `.o_searchview:not(:has(.o_searchview_facet:contains("${name}")))`,
        },
    ];
}

function addFilter(name) {
    return [
        {
            content: "The filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: `Filter ${name}`,
            trigger: `.o_filter_menu .o_menu_item:contains("${name}")`,
            run: "click",
        },
        {
            content: `${name} is filtered`,
            trigger: `.o_searchview_facet:contains("${name}")`,
        },
        {
            content: "Close the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
    ];
}

tours.add("sales_crm_recommendations", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openRecommendations(),
            {
                content: "Why it is there, in words",
                trigger: `${row("Call Customer")}:has(td[name=due_date]:contains("days ago")):contains("Test Platinum, last call 18 days ago, cycle 15; no contact receives sales calls")`,
            },
            {
                content: "A contract, until when to decide",
                trigger: `${row("Contract Customer")}:contains("L-1 · Leasing House ends on")`,
            },
            {
                content: "A quote and a birthday",
                trigger: `.o_list_view:has(${row("Quote S")}):has(${row("Birthday of Eve Miller")})`,
            },
            notListed("Kindler Toys"),
            {
                content: "When they were worked out; a salesman does not run it",
                trigger:
                    ".o_recommendations_last_run:contains(Worked out):not(:has(button))",
            },
            rowButton("Call Customer", "action_follow_up"),
            {
                content: "The call is planned and open",
                trigger:
                    ".modal:contains(Follow up) .o_field_widget[name=summary] input:value(/^Test Platinum, last call 18 days ago/)",
            },
            fill("summary", "Ask about the ovens"),
            ...closeDialog(),
            notListed("Call Customer"),
            rowButton("Snooze Customer", "action_open_snooze"),
            {
                content: "The dialog says what is snoozed",
                trigger:
                    '.modal .o_field_widget[name=names]:contains("Snooze Customer: Test")',
            },
            ...closeDialog("Snooze"),
            notListed("Snooze Customer"),
            rowButton("Contract Customer", "action_open_dismiss"),
            {
                content: "Without a reason",
                trigger: '.modal footer button:contains("Dismiss")',
                run: "click",
            },
            {
                content: "It is refused",
                trigger: ".modal .o_field_widget[name=reason].o_field_invalid",
            },
            fill("reason", "Renewed with them for a year"),
            ...closeDialog("Dismiss"),
            notListed("Contract Customer"),
            ...removeFilter("Open"),
            ...addFilter("Dismissed"),
            listed("Contract Customer"),
            notListed("Quote S"),
            rowButton("Contract Customer", "action_undo"),
            notListed("Contract Customer"),
            ...removeFilter("Dismissed"),
            ...addFilter("Snoozed"),
            listed("Snooze Customer"),
            notListed("Contract Customer"),
            ...removeFilter("Snoozed"),
            ...addFilter("Open"),
            listed("Contract Customer"),
            {
                content: "As cards",
                trigger: ".o_switch_view.o_kanban",
                run: "click",
            },
            {
                content: "A column per kind, the reason and the buttons on the card",
                trigger:
                    '.o_kanban_group:contains("Third-party contract") .o_kanban_record:contains("Contract Customer"):contains("L-1"):has(button[name=action_win]):has(button[name=action_open_snooze])',
            },
            {
                content: "What is decided has no card",
                trigger:
                    '.o_kanban_view:not(:has(.o_kanban_record:contains("Snooze Customer")))',
            },
            {content: "As a list", trigger: ".o_switch_view.o_list", run: "click"},
            {
                content: "A click opens the customer",
                trigger: `${row("Contract Customer")} td[name=reason]`,
                run: "click",
            },
            {
                content: "The customer",
                trigger: '.o_form_view .o_breadcrumb:contains("Contract Customer")',
            },
            {
                content: "The buttons for which there is no room",
                trigger: ".o-form-buttonbox .o_button_more",
                run: "click",
            },
            {
                content: "It counts its recommendations",
                trigger: "button[name=action_view_recommendations]:contains(1)",
                run: "click",
            },
            listed("L-1"),
            notListed("Quote S"),
        ]),
});

tours.add("sales_crm_recommendations_manager", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openRecommendations(),
            listed("Managers Customer"),
            ...removeFilter("My recommendations"),
            notListed("Call Customer"),
            ...switchSubordinates(),
            listed("Managers Customer"),
            {
                content: "The team's, with the salesman",
                trigger: `${row("Call Customer")}:contains("Anna")`,
            },
            listed("Kindler Toys"),
            notListed("Secret Metals"),
            rowButton("Call Customer", "action_open_dismiss"),
            fill("reason", "I talked to him"),
            ...closeDialog("Dismiss"),
            notListed("Call Customer"),
            ...switchSubordinates(),
            notListed("Kindler Toys"),
            listed("Managers Customer"),
        ]),
});

tours.add("sales_crm_recommendations_administrator", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openRecommendations(),
            ...removeFilter("My recommendations"),
            listed("Contract Customer"),
            notListed("Fresh Customer"),
            {
                content: "Run now",
                trigger: ".o_recommendations_last_run button:contains(Run now)",
                run: "click",
            },
            {
                content: "It says what came of it",
                trigger: ".o_notification:contains(The recommendations are up to date)",
            },
            listed("Fresh Customer"),
            {
                content: "It can be pressed again",
                trigger:
                    ".o_recommendations_last_run:contains(Worked out) button:enabled",
            },
            ...openMenu(
                "sales_recommendation_kind_menu",
                "sales_crm_menu_configuration"
            ),
            {
                content: "The kind, with its days and its last run",
                trigger: `${row("Third-party contract")}:has(td[name=lead_days]:contains(30)):has(td[name=last_run]:contains(/[0-9]/))`,
            },
            {
                content: "Switch it off",
                trigger: `${row("Third-party contract")} td[name=active] input:checked`,
                run: "click",
            },
            {
                content: "It is off, and none is open",
                trigger: `${row("Third-party contract")}:has(td[name=active] input:not(:checked)):has(td[name=open_count]:contains(/^0$/))`,
            },
            {
                content: "The others stay on",
                trigger: `${row("Quote")} td[name=active] input:checked`,
            },
            {
                content: "The open ones of a kind",
                trigger: `${row("Rank call")} button[name=action_view_open]`,
                run: "click",
            },
            listed("Fresh Customer"),
            notListed("Contract Customer"),
        ]),
});
