import {delay} from "@web/core/utils/concurrency";
import {stepUtils} from "@web_tour/tour_utils";

// Per step; the default of ten seconds is short on a busy machine
const TIMEOUT = 60000;

/** The steps, each with time enough. */
export function patient(steps) {
    return steps.map((step) => ({timeout: TIMEOUT, ...step}));
}

/** The services of the web client, for what a test asks of it besides its page. */
export function getServices() {
    return odoo.__WOWL_DEBUG__.root.env.services;
}

/**
 * Wait until something is found.
 *
 * @param {String|Function} find a CSS selector of an element that is shown; or what returns it
 * @param {String} [what] in words, for the error
 * @returns {Promise} what was found
 */
export async function until(find, what = find) {
    const end = Date.now() + TIMEOUT;
    const isShown = (element) => element.getClientRects().length > 0;
    while (Date.now() < end) {
        const found =
            typeof find === "string"
                ? [...document.querySelectorAll(find)].find(isShown)
                : await find();
        if (found) {
            return found;
        }
        await delay(20);
    }
    throw new Error(`Not found: ${what}`);
}

function inMenu(name) {
    return `[data-menu-xmlid="sales_crm_cases.${name}"]`;
}

/**
 * An entry of the app's menu, wherever there is room for it: in the bar or behind its "+".
 *
 * @param {String} name of the menu
 * @param {String} [parent] the menu in the bar below which it is
 */
export function openMenu(name, parent = name) {
    return [
        {
            content: `Find the menu ${name}`,
            trigger: `.o_menu_sections:has(${inMenu(parent)})`,
            run({anchor}) {
                const entry = anchor.querySelector(inMenu(parent));
                if (!entry.getClientRects().length) {
                    anchor.querySelector(".o_menu_sections_more button").click();
                } else if (parent !== name) {
                    entry.click();
                }
            },
        },
        {
            content: `Open the menu ${name}`,
            trigger: `.o-dropdown-item${inMenu(name)}`,
            run: "click",
        },
    ];
}

/** From the home menu into the app, which opens with CRM home. */
function openHome() {
    return [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: '.o_app[data-menu-xmlid="sales_crm_cases.sales_crm_menu_root"]',
            run: "click",
        },
        {
            content: "CRM home is there",
            trigger: ".o_crm_home .o_home_tile",
        },
    ];
}

/** Into the app, to the list of customers. */
export function openApp() {
    return [
        ...openHome(),
        ...openMenu("res_partner_menu_customers"),
        {
            content: "The list of customers is there",
            trigger: ".o_list_view .o_list_table, .o_list_view .o_view_nocontent",
        },
    ];
}

/** From the home menu into a list of the app. */
export function openList(name, xmlid) {
    return [
        ...openApp(),
        ...openMenu(xmlid),
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

/** Press a button of a dialog, which closes it. */
export function closeDialog(button = "Save") {
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
