import {registry} from "@web/core/registry";
import {closeDialog, getServices, patient, until} from "./tour_helpers";

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
            ...closeDialog(),
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

// ----------------------------------------------------------------------
// Addresses (H1, H5): what is in them, what a reload and "back" keep
// ----------------------------------------------------------------------

function reloadPage(page) {
    return [
        {
            content: "Load the page again",
            trigger: page,
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        {content: "The page is there again", trigger: page},
    ];
}

function addressHas(...parts) {
    return {
        content: `The address has ${parts.join(", ")}`,
        trigger: "body",
        run: () =>
            until(
                () => parts.every((part) => window.location.href.includes(part)),
                `${parts.join(", ")} in ${window.location.href}`
            ),
    };
}

function goBack() {
    return {content: "Back", trigger: "body", run: () => window.history.back()};
}

const NEXT_MONTH = luxon.DateTime.local().plus({months: 1});
const CALENDAR_OF_NEXT_MONTH = `.o_crm_home .o_calendar_container td[data-date="${NEXT_MONTH.startOf(
    "month"
).toISODate()}"]:not(.fc-day-other)`;

tours.add("sales_crm_home_addresses", {
    steps: () =>
        patient([
            {
                content: "The address names a tab",
                trigger: "#o_home_tab_recent[aria-selected=true]",
            },
            {content: "The calendar", trigger: "#o_home_tab_calendar", run: "click"},
            {
                content: "The next month",
                trigger: ".o_crm_home .o_calendar_button_next, .o_crm_home .o_next",
                run: "click",
            },
            {content: "It is shown", trigger: CALENDAR_OF_NEXT_MONTH},
            addressHas("/odoo/crm-home", "tab=calendar", "date=2"),
            ...reloadPage(HOME),
            {content: "The month is kept", trigger: CALENDAR_OF_NEXT_MONTH},
            {content: "Open a list", trigger: tile("cases"), run: "click"},
            {content: "The list", trigger: ".o_list_view .o_list_renderer"},
            addressHas("/cases"),
            goBack(),
            {content: "The month is kept", trigger: CALENDAR_OF_NEXT_MONTH},
            {content: "Today", trigger: "#o_home_tab_today", run: "click"},
            {content: "Recent", trigger: "#o_home_tab_recent", run: "click"},
            addressHas("tab=recent"),
            goBack(),
            {
                content: "Back to the tab before",
                trigger: "#o_home_tab_today[aria-selected=true]",
            },
        ]),
});

tours.add("sales_crm_customer_addresses", {
    steps: () =>
        patient([
            {
                content: "The address names a panel",
                trigger: `${tile("contacts")}[aria-pressed=true]`,
            },
            {
                content: "Its row",
                trigger: '.o_customer_panel .o_data_row:contains("Julia")',
            },
            {content: "Another panel", trigger: tile("notes"), run: "click"},
            addressHas("/odoo/customer-home/", "tile=notes"),
            {content: "It is shown", trigger: `${tile("notes")}[aria-pressed=true]`},
            {content: "The whole list", trigger: ".o_home_open_list", run: "click"},
            {
                content: "The list",
                trigger: ".o_action_manager > .o_list_view .o_list_renderer",
            },
            addressHas("/odoo/customer-home/", "/customer-notes"),
            goBack(),
            {
                content: "The panel is kept",
                trigger: `${tile("notes")}[aria-pressed=true]`,
            },
            {
                content: "The customer, too",
                trigger: `${CUSTOMER} h1:contains("Hopfner Brewery")`,
            },
            ...reloadPage(CUSTOMER),
            {
                content: "The panel is kept",
                trigger: `${tile("notes")}[aria-pressed=true]`,
            },
        ]),
});

/** Whatever the address says, there is a page, or why not and a way back. */
tours.add("sales_crm_home_nonsense", {
    steps: () =>
        patient([
            {
                content: "The first tab instead",
                trigger: "#o_home_tab_today[aria-selected=true]",
            },
            {content: "The figures", trigger: HOME},
            {content: "The calendar", trigger: "#o_home_tab_calendar", run: "click"},
            {
                content: "This month instead",
                trigger: ".o_crm_home .o_calendar_container .fc-day-today",
            },
        ]),
});

tours.add("sales_crm_customer_nonsense", {
    steps: () =>
        patient([
            {
                content: "It says that there is no such customer",
                trigger: '.o_home_error:contains("no such customer")',
            },
            {content: "The way back", trigger: ".o_home_customers", run: "click"},
            {
                content: "The customers",
                trigger: '.o_list_view .o_data_row:contains("Hopfner Brewery")',
            },
        ]),
});

// ----------------------------------------------------------------------
// Options, clicks, keyboard (H6, H8)
// ----------------------------------------------------------------------

function isChosen(option, value) {
    return [
        {content: "Open the gear", trigger: ".o_home_gear", run: "click"},
        {
            content: `${option} is ${value}`,
            trigger: `.o-dropdown--menu [data-option=${option}][aria-checked=${value}]`,
        },
        {content: "Close the gear", trigger: ".o_home_gear", run: "click"},
    ];
}

tours.add("sales_crm_home_options", {
    steps: () =>
        patient([
            counts("cases", 0),
            ...choose("hide_customer_dashboard"),
            ...choose("show_subordinates"),
            counts("cases", 2),
            ...reloadPage(HOME),
            counts("cases", 2),
            ...isChosen("show_subordinates", true),
            ...isChosen("hide_customer_dashboard", true),
            {
                content: "A customer of the team",
                trigger: '.o_home_customer:contains("Hopfner Brewery")',
                run: "click",
            },
            {
                content: "The dashboard is hidden",
                trigger: ".o_customer_home:not(:has(.o_home_dashboard)) .o_home_tile",
            },
            ...choose("hide_customer_dashboard"),
            {
                content: "The dashboard is there at once",
                trigger: ".o_customer_home .o_home_dashboard .o_home_card",
            },
            ...choose("show_subordinates"),
            {
                content: "Without the team the customer is hidden at once",
                trigger: ".o_customer_home .o_home_error",
            },
        ]),
});

/** Two clicks without a pause, as of a nervous hand. */
function clickTwice(selector) {
    return {
        content: `Click twice: ${selector}`,
        trigger: selector,
        run({anchor}) {
            anchor.click();
            anchor.click();
        },
    };
}

tours.add("sales_crm_home_double_clicks", {
    steps: () =>
        patient([
            clickTwice(tile("cases")),
            {
                content: "One list, one step from the page",
                trigger: ".o_list_view .o_list_renderer",
                async run() {
                    await getServices().orm.silent.searchCount("crm.lead", []);
                    const {breadcrumbs} = getServices().action.currentController.config;
                    if (breadcrumbs.length !== 2) {
                        throw new Error(`${breadcrumbs.length} pages are open`);
                    }
                },
            },
            ...backHome(),
            clickTwice(tile("cold_call")),
            {
                content: "One dialog",
                trigger: ".modal .o_form_view",
                async run() {
                    await getServices().orm.silent.searchCount("crm.lead", []);
                    const dialogs = document.querySelectorAll(".o_dialog").length;
                    if (dialogs !== 1) {
                        throw new Error(`${dialogs} dialogs are open`);
                    }
                },
            },
            {
                content: "Close it",
                trigger: ".modal .btn-close, .modal .o_form_button_cancel",
                run: "click",
            },
            {content: "It is closed", trigger: "body:not(:has(.modal))"},
            {
                content: "The customer",
                trigger: '.o_home_customer:contains("Hopfner Brewery")',
                run: "click",
            },
            clickTwice(".o_customer_buttons [data-key=note]"),
            {
                content: "Type the note",
                trigger: ".modal .o_field_widget[name=body] textarea",
                run: "edit Written once",
            },
            clickTwice(".modal footer button:contains(Save)"),
            {
                content: "No second dialog is below",
                trigger: "body:not(:has(.o_dialog))",
            },
            {content: "The panel of the notes", trigger: tile("notes"), run: "click"},
            {
                content: "The note is there",
                trigger: '.o_customer_panel .o_data_row:contains("Written once")',
            },
        ]),
});

/** Elements of a page that the Tab key reaches, in this order. */
function getTabStops(root) {
    return [
        ...root.querySelectorAll(
            "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), [tabindex]"
        ),
    ].filter((element) => element.tabIndex >= 0 && element.getClientRects().length);
}

tours.add("sales_crm_customer_keyboard", {
    steps: () =>
        patient([
            {
                content: "The Tab key goes down the page, part by part",
                trigger: ".o_customer_home .o_customer_panel .o_list_renderer",
                run() {
                    const page = document.querySelector(".o_customer_home");
                    const stops = getTabStops(page);
                    if (stops.some((element) => element.tabIndex > 0)) {
                        throw new Error("An element is out of its turn");
                    }
                    const parts = [
                        ".o_control_panel",
                        ".o_customer_buttons",
                        ".o_customer_details",
                        ".o_home_dashboard",
                        ".o_home_tiles",
                        ".o_customer_panel",
                    ];
                    const order = stops
                        .map((element) =>
                            parts.findIndex((part) => element.closest(part))
                        )
                        .filter((part, index, all) => part !== all[index - 1]);
                    if (order.join() !== "0,1,2,3,4,5") {
                        throw new Error(`The order is ${order.join()}`);
                    }
                    const tops = parts.map(
                        (part) => page.querySelector(part).getBoundingClientRect().top
                    );
                    if (tops.some((top, index) => top < tops[index - 1])) {
                        throw new Error(`The parts are at ${tops.join()}`);
                    }
                },
            },
        ]),
});
