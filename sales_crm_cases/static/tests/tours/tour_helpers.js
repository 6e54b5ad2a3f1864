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
