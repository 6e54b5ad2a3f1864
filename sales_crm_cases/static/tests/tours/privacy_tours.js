import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {listed, notListed, openMenu, patient, row} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

function choose(name) {
    return {
        content: `Tick ${name}`,
        trigger: `${row(name)} .o_list_record_selector input`,
        run: "click",
    };
}

function press(button) {
    return {
        content: button,
        trigger: `.o_control_panel_actions button:contains("${button}"), .o_control_panel button:contains("${button}")`,
        run: "click",
    };
}

function searchFor(name) {
    return [
        {
            content: `Search for ${name}`,
            trigger: ".o_searchview_input",
            run: `edit ${name}`,
        },
        {content: "Search", trigger: ".o_searchview_input", run: "press Enter"},
        {
            content: "It is searched for",
            trigger: `.o_searchview_facet:contains("${name}")`,
        },
    ];
}

function filter(name) {
    return [
        {
            content: "Open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: `Filter: ${name}`,
            trigger: `.o_search_bar_menu .o_menu_item:contains("${name}")`,
            run: "click",
        },
        {
            content: "Close the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
    ];
}

tours.add("sales_crm_privacy_touch", {
    steps: () =>
        patient([
            ...searchFor("Customer of Age"),
            listed("Young Customer of Age"),
            listed("Old Customer of Age One"),
            ...filter("Older than a year"),
            notListed("Young Customer of Age"),
            listed("Old Customer of Age Two"),
            choose("Old Customer of Age One"),
            press("Touch"),
            notListed("Old Customer of Age One"),
            choose("Old Customer of Age Two"),
            choose("Old Customer of Age Three"),
            press("Touch"),
            {
                content: "Nobody is left",
                trigger: '.o_view_nocontent:contains("No person here")',
            },
        ]),
});

tours.add("sales_crm_privacy_anonymise", {
    steps: () =>
        patient([
            ...searchFor("Quillfeather"),
            choose("Quillfeather"),
            press("Anonymise"),
            {
                content: "What is open still warns",
                trigger: '.modal .alert-warning:contains("Open cases: 1")',
            },
            {
                content: "Unpaid invoices, too",
                trigger: '.modal .alert-warning:contains("Unpaid invoices: 1")',
            },
            {
                content: "What goes",
                trigger: '.modal .o_field_widget[name=goes]:contains("Note")',
            },
            {
                content: "What stays",
                trigger:
                    '.modal .o_field_widget[name=stays]:contains("Journal Entry: 1")',
            },
            {
                content: "It cannot be confirmed before one is sure",
                trigger: ".modal footer:not(:has(button[name=action_confirm]))",
            },
            {
                content: "I am sure",
                trigger: ".modal .o_field_widget[name=is_sure] input",
                run: "click",
            },
            {
                content: "Anonymise",
                trigger: ".modal footer button[name=action_confirm]",
                run: "dblclick",
            },
            {
                content: "The report",
                trigger:
                    '.o_form_view .o_field_widget[name=report_text]:contains("Searched")',
            },
            {
                content: "It says what the law keeps",
                trigger:
                    '.o_field_widget[name=report_text]:contains("Journal Entry: 1 kept by law")',
            },
            {
                content: "It is done",
                trigger: '.o_arrow_button_current:contains("Done")',
            },
            {
                content: "The people",
                trigger: '.o_notebook .nav-link:contains("People")',
                run: "click",
            },
            {
                content: "No name there",
                trigger:
                    '.o_field_widget[name=line_ids] .o_data_row:contains("invoices kept"):not(:contains("Quillfeather"))',
            },
        ]),
});

tours.add("sales_crm_privacy_gone_for_salesman", {
    steps: () =>
        patient([
            {
                content: "There is no page",
                trigger: '.o_home_error, .o_customer_home:contains("not")',
            },
            {
                content: "Nor the name",
                trigger: 'body:not(:contains("Quillfeather"))',
            },
        ]),
});

const FIELD = ".o_field_widget[name=anonymise] input";

tours.add("sales_crm_privacy_fields", {
    steps: () =>
        patient([
            ...openMenu("privacy_field_menu"),
            {
                content: "The name always goes",
                trigger: `.o_data_row:has(td[name=label]:contains(/^Name$/)) ${FIELD}:disabled`,
            },
            {
                content: "Leave the job",
                trigger: `${row("Job Position")} ${FIELD}:enabled`,
                run: "click",
            },
            {
                content: "It is left",
                trigger: `${row("Job Position")} ${FIELD}:not(:checked)`,
            },
            ...filter("Left as they are"),
            {
                content: "It is the only one",
                trigger:
                    ".o_list_view:has(.o_data_row):not(:has(.o_data_row ~ .o_data_row))",
            },
            press("Reset"),
            {
                content: "Really",
                trigger: ".modal footer .btn-primary",
                run: "click",
            },
            {
                content: "None is left as it is",
                trigger: ".o_list_view:not(:has(.o_data_row))",
            },
        ]),
});

function download(button, extension) {
    return [
        {
            content: "Download",
            trigger: `${row("Quillfeather")} button[name=${button}]`,
            async run({anchor, click}) {
                // A browser without a window opens no tab: what the tab would load is looked at
                const {open} = browser;
                const opened = new Promise((resolve) => {
                    browser.open = (url) => resolve(url);
                });
                await click(anchor);
                const answer = await fetch(await opened);
                browser.open = open;
                const file = answer.headers.get("Content-Disposition");
                if (!answer.ok || !file.includes(extension)) {
                    throw new Error(`${answer.status}: ${file}`);
                }
            },
        },
    ];
}

tours.add("sales_crm_privacy_subject_access", {
    steps: () =>
        patient([
            ...searchFor("Quillfeather"),
            ...download("action_print_subject", ".html"),
            ...download("action_export_subject", ".json"),
            ...openMenu("privacy_request_menu"),
            listed("Subject access"),
        ]),
});

tours.add("sales_crm_privacy_second_officer", {
    steps: () =>
        patient([
            {
                content: "Open what waits",
                trigger:
                    '.o_data_row:contains("Waits for a second officer") td[name=name]',
                run: "click",
            },
            {
                content: "Approve",
                trigger: ".o_form_view button[name=action_approve]",
                run: "click",
            },
            {
                content: "Really",
                trigger: '.modal:contains("cannot be undone") footer .btn-primary',
                run: "click",
            },
            {
                content: "It is under way",
                trigger: '.o_arrow_button_current:contains("Under way")',
            },
            {
                content: "Nobody approves twice",
                trigger: ".o_form_view:not(:has(button[name=action_approve]))",
            },
        ]),
});

tours.add("sales_crm_privacy_own_request", {
    steps: () =>
        patient([
            {
                content: "Open what waits",
                trigger:
                    '.o_data_row:contains("Waits for a second officer") td[name=name]',
                run: "click",
            },
            {
                content: "One may take it back, and not approve it",
                trigger:
                    ".o_form_view:has(button[name=action_reject]):not(:has(button[name=action_approve]))",
            },
        ]),
});
