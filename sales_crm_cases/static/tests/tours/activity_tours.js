import {registry} from "@web/core/registry";
import {
    closeDialog,
    fill,
    listed,
    notListed,
    openList,
    patient,
    row,
    rowButton,
} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

function choose(field, text) {
    return [
        fill(field, text),
        {
            content: `${text} is offered`,
            trigger: `.o-autocomplete--dropdown-item:contains("${text}")`,
            run: "click",
        },
    ];
}

const openActivities = () => openList("Activities", "mail_activity_menu");
const showEverybodys = () => [
    {
        content: "Everybody's activities",
        trigger: ".o_searchview .o_facet_remove",
        run: "click",
    },
];

tours.add("sales_crm_reschedule", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openList("Warnings", "mail_activity_menu_warnings"),
            listed("Call about the ovens"),
            {
                content: "A click shows the summary",
                trigger: `${row("Call about the ovens")} td[name=summary]`,
                run: "click",
            },
            {
                content: "Beside the list",
                trigger:
                    '.o_activity_summary:contains("Shared Bakery"):contains("Overdue")',
            },
            {
                content: "Reschedule",
                trigger: '.o_activity_summary button:contains("Reschedule")',
                run: "click",
            },
            fill("date", "12/31/2099"),
            fill("reason", "The baker is ill"),
            ...closeDialog("Reschedule"),
            notListed("Call about the ovens"),
            {
                content: "The summary goes with its row",
                trigger: "body:not(:has(.o_activity_summary))",
            },
        ]),
});

tours.add("sales_crm_next_action", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openActivities(),
            ...showEverybodys(),
            listed("Visit the bakery"),
            {
                content: "A colleague's activity is grey and has no buttons",
                trigger: `${row("Visit the bakery")}.text-muted:not(:has(button[name=action_open_next]))`,
            },
            rowButton("Call about the ovens", "action_open_next"),
            fill("outcome", "Wants two ovens"),
            fill("summary", "Send the offer"),
            ...closeDialog(),
            listed("Send the offer"),
            notListed("Call about the ovens"),
            rowButton("Send the offer", "action_view_case_history"),
            {
                content: "The outcome is in the history",
                trigger: '.o_case_history_entry:contains("Wants two ovens")',
            },
            {
                content: "What is planned is on top",
                trigger:
                    '.o_case_history_entry.o_case_history_planned:contains("Send the offer")',
            },
            {content: "Close", trigger: ".modal .btn-close", run: "click"},
            {content: "Closed", trigger: "body:not(:has(.modal))"},
        ]),
});

tours.add("sales_crm_cold_call", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openActivities(),
            {
                content: "Create Cold Call",
                trigger: '.o_control_panel button:contains("Create Cold Call")',
                run: "click",
            },
            fill("customer_name", "Shared Bakeries"),
            {
                content: "The duplicate shows while typing",
                trigger: '.modal div[name=duplicates]:contains("Shared Bakery")',
            },
            fill("customer_name", "Quite Another Mill"),
            {
                content: "No duplicate",
                trigger: ".modal:not(:has(div[name=duplicates]))",
            },
            fill("contact_name", "Mia Miller"),
            fill("phone", "+49 30 5550199"),
            fill("summary", "Flour for the ovens"),
            ...closeDialog(),
            listed("Flour for the ovens"),
            {
                content: "With customer and phone",
                trigger: `${row("Flour for the ovens")}:contains("Quite Another Mill"):contains("5550199")`,
            },
        ]),
});

tours.add("sales_crm_new_activity_with_quote", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openActivities(),
            {
                content: "New Activity",
                trigger: '.o_control_panel button:contains("New Activity")',
                run: "click",
            },
            ...choose("customer_id", "Shared Bakery"),
            {
                content: "The open case is there",
                trigger: ".modal .o_field_widget[name=case_id] input:value(New ovens)",
            },
            {
                content: "An inspection",
                trigger:
                    '.modal .o_field_widget[name=activity_type_id] :contains("On-site inspection"):last',
                run: "click",
            },
            fill("summary", "Measure the room"),
            {
                content: "With a quote",
                trigger: ".modal .o_field_widget[name=with_quote] input",
                run: "click",
            },
            {
                content: "A product",
                trigger: ".modal .o_field_x2many_list_row_add a",
                run: "click",
            },
            {
                content: "Which",
                trigger: ".modal .o_data_row .o_field_widget[name=product_id] input",
                run: "edit Tour Oven",
            },
            {
                content: "This one",
                trigger: '.o-autocomplete--dropdown-item:contains("Tour Oven")',
                run: "click",
            },
            ...closeDialog(),
            listed("Measure the room"),
        ]),
});

tours.add("sales_crm_close_case", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openList("Cases", "crm_lead_menu"),
            {
                content: "Open the case",
                trigger: `${row("New ovens")} td[name=name]`,
                run: "click",
            },
            {
                content: "Close this case",
                trigger: '.o_statusbar_buttons button:contains("Close this case")',
                run: "click",
            },
            {
                content: "Lost",
                trigger:
                    '.modal .o_field_widget[name=outcome] .o_radio_item:contains("Lost") input',
                run: "click",
            },
            ...choose("lost_reason_id", "Too expensive"),
            {
                content: "What decided it",
                trigger: ".modal .o_field_widget[name=reason] textarea",
                run: "edit The other one was cheaper",
            },
            ...closeDialog("Close this case"),
            {
                content: "The case is lost",
                trigger: ".o_widget_web_ribbon .text-bg-danger",
            },
        ]),
});
