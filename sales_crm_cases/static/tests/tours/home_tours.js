import {registry} from "@web/core/registry";
import {patient} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

const HOME = ".o_crm_home .o_home_tile";
const CUSTOMER = ".o_customer_home .o_customer_details";

function tile(key) {
    return `.o_home_tile[data-key=${key}]`;
}

function counts(key, number) {
    return {
        content: `The tile ${key} counts ${number}`,
        trigger: `${tile(key)}:has(.o_home_tile_count:contains(/^${number}$/))`,
    };
}

function choose(option) {
    return [
        {content: "Open the gear", trigger: ".o_home_gear", run: "click"},
        {
            content: `Choose ${option}`,
            trigger: `.o-dropdown--menu [data-option=${option}]`,
            run: "click",
        },
    ];
}

function backHome() {
    return [
        {
            content: "Back",
            trigger:
                '.o_breadcrumb a:contains("Home"), .o_back_button:contains("Home")',
            run: "click",
        },
        {content: "CRM home is there again", trigger: HOME},
    ];
}

/** A tile opens a list with as many rows as it counts. */
function openAndCompare(key) {
    let count = null;
    return [
        {
            content: `Open the tile ${key}`,
            trigger: tile(key),
            async run({anchor, click}) {
                count = Number(anchor.querySelector(".o_home_tile_count").textContent);
                await click();
            },
        },
        {
            content: "The list has as many rows",
            trigger: ".o_list_view .o_list_renderer",
            run({anchor}) {
                const rows = anchor.querySelectorAll(".o_data_row").length;
                if (!count || rows !== count) {
                    throw new Error(
                        `${key}: ${count} on the tile, ${rows} in the list`
                    );
                }
            },
        },
        {
            content: "No filter is set",
            trigger: ".o_searchview:not(:has(.o_facet_value))",
        },
    ];
}

tours.add("sales_crm_home", {
    steps: () =>
        patient([
            {content: "The first page is CRM home", trigger: HOME},
            {content: "Its app, too", trigger: '.o_menu_brand:contains("Sales CRM")'},
            {
                content: "Due today",
                trigger: '.o_home_activity_table:contains("Call of Anna")',
            },
            {content: "Open a tab", trigger: "#o_home_tab_recent", run: "click"},
            {
                content: "What was done last",
                trigger: '.o_home_activity_table:contains("Done")',
            },
            ...openAndCompare("activities"),
            ...backHome(),
            {
                content: "The tab is the one that was left",
                trigger: "#o_home_tab_recent[aria-selected=true]",
            },
            ...openAndCompare("quotes"),
            ...backHome(),
            {
                content: "What was done lately",
                trigger:
                    ".o_home_activities tfoot td:last-child button:contains(/^1$/)",
                run: "click",
            },
            {
                content: "It is listed, though it is done",
                trigger: '.o_list_view .o_data_row:contains("Call of Anna")',
            },
            ...backHome(),
            {content: "The calendar", trigger: "#o_home_tab_calendar", run: "click"},
            {
                content: "The activity is in the calendar",
                trigger:
                    '.o_crm_home .o_calendar_container .o_event:contains("Call of Anna")',
            },
            {content: "Back to today", trigger: "#o_home_tab_today", run: "click"},
            {content: "Done", trigger: ".o_home_done", run: "click"},
            {
                content: "The outcome",
                trigger: ".modal .o_field_widget[name=outcome] :is(input, textarea)",
                run: "edit Wants two ovens",
            },
            {
                content: "Save",
                trigger: ".modal footer .btn-primary",
                run: "click",
            },
            {content: "Nothing is left", trigger: ".o_home_empty"},
            {
                content: "It counts as done",
                trigger:
                    ".o_home_activities tfoot td:last-child button:contains(/^2$/)",
            },
        ]),
});

tours.add("sales_crm_home_of_team", {
    steps: () =>
        patient([
            {content: "CRM home", trigger: HOME},
            counts("cases", 0),
            ...choose("show_subordinates"),
            counts("cases", 2),
            {content: "It says so", trigger: ".o_home_team"},
            {
                content: "The team's activity, and whose it is",
                trigger:
                    '.o_home_activity_table tr:contains("Call of Anna"):contains("Anna")',
            },
            ...choose("show_subordinates"),
            counts("cases", 0),
        ]),
});

tours.add("sales_crm_customer_home", {
    steps: () =>
        patient([
            {
                content: "From today's activities to the customer",
                trigger: '.o_home_customer:contains("Hopfner Brewery")',
                run: "click",
            },
            {
                content: "Its page",
                trigger: `${CUSTOMER} h1:contains("Hopfner Brewery")`,
            },
            {
                content: "Add Note",
                trigger: ".o_customer_buttons button[data-key=note]",
                run: "click",
            },
            {
                content: "Type the note",
                trigger: ".modal .o_field_widget[name=body] textarea",
                run: "edit Two ovens in hall three",
            },
            {
                content: "Save",
                trigger: ".modal footer button:contains(Save)",
                run: "click",
            },
            {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
            {content: "The panel of the notes", trigger: tile("notes"), run: "click"},
            {
                content: "The note is there",
                trigger: '.o_customer_panel .o_data_row:contains("Two ovens")',
            },
            {content: "The dashboard, too", trigger: ".o_home_dashboard .o_home_card"},
            ...choose("hide_customer_dashboard"),
            {
                content: "The dashboard is hidden",
                trigger: ".o_customer_home:not(:has(.o_home_dashboard))",
            },
            {
                content: "Load the page again",
                trigger: CUSTOMER,
                run: () => window.location.reload(),
                expectUnloadPage: true,
            },
            {
                content: "The same customer and panel",
                trigger:
                    '.o_customer_home .o_customer_panel .o_data_row:contains("Two ovens")',
            },
            {
                content: "The dashboard is still hidden",
                trigger: ".o_customer_home:not(:has(.o_home_dashboard))",
            },
            ...backHome(),
            {
                content: "The first tab",
                trigger: "#o_home_tab_today[aria-selected=true]",
            },
        ]),
});

tours.add("sales_crm_customer_home_from_form", {
    steps: () =>
        patient([
            {
                content: "The button on the form",
                trigger: ".o_form_view button[name=action_view_home]",
                run: "click",
            },
            {
                content: "The page",
                trigger: `${CUSTOMER} h1:contains("Hopfner Brewery")`,
            },
            {
                content: "Its history",
                trigger: ".o_customer_panel .o_sale_history",
            },
        ]),
});

tours.add("sales_crm_customer_home_hidden", {
    steps: () =>
        patient([
            {
                content: "It says why there is no page",
                trigger: '.o_home_error:contains("you are not linked")',
            },
            {
                content: "It does not say more",
                trigger: '.o_customer_home:not(:contains("Kindler"))',
            },
            {content: "The way back", trigger: ".o_home_customers", run: "click"},
            {
                content: "The customers",
                trigger: '.o_list_view .o_data_row:contains("Hopfner Brewery")',
            },
        ]),
});
