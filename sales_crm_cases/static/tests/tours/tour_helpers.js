import {stepUtils} from "@web_tour/tour_utils";

// Per step; the default of ten seconds is short on a busy machine
const TIMEOUT = 60000;

/** The steps, each with time enough. */
export function patient(steps) {
    return steps.map((step) => ({timeout: TIMEOUT, ...step}));
}

/** From the home menu into the app, which opens with the list of customers. */
export function openApp() {
    return [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: '.o_app[data-menu-xmlid="sales_crm_cases.sales_crm_menu_root"]',
            run: "click",
        },
    ];
}

/** From the home menu into a list of the app. */
export function openMenu(name, xmlid) {
    return [
        ...openApp(),
        {
            content: `Open ${name}`,
            trigger: `.o_menu_sections [data-menu-xmlid="sales_crm_cases.${xmlid}"]`,
            run: "click",
        },
        {
            content: `${name} is open`,
            trigger: `.o_breadcrumb .active:contains("${name}"), .o_breadcrumb:contains("${name}")`,
        },
    ];
}

export function row(text) {
    return `.o_data_row:contains("${text}")`;
}

export function listed(text) {
    return {content: `${text} is listed`, trigger: row(text)};
}

export function notListed(text) {
    return {
        content: `${text} is not listed`,
        trigger: `.o_list_view:not(:has(${row(text)}))`,
    };
}

export function rowButton(text, method) {
    return {
        content: `${method} of ${text}`,
        trigger: `${row(text)} button[name=${method}]`,
        run: "click",
    };
}

export function fill(field, text) {
    return {
        content: `${field}: ${text}`,
        trigger: `.modal .o_field_widget[name=${field}] input`,
        run: `edit ${text}`,
    };
}

export function save(button = "Save") {
    return [
        {
            content: button,
            trigger: `.modal footer button:contains("${button}")`,
            run: "click",
        },
        {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
    ];
}

/** "Show items for subordinates" in the menu behind the picture. */
export function switchSubordinates() {
    return [
        {content: "The user's menu", trigger: ".o_user_menu button", run: "click"},
        {
            content: "Show items for subordinates",
            trigger: ".dropdown-item[data-menu=show_subordinates]",
            run: "click",
        },
    ];
}
