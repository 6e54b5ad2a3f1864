import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

// Per step; the default of ten seconds is short on a busy machine
const TIMEOUT = 60000;

registry.category("web_tour.tours").add("sales_crm_sale_history", {
    url: "/odoo",
    steps: () =>
        [
            stepUtils.showAppsMenuItem(),
            {
                content: "Open the app",
                trigger:
                    '.o_app[data-menu-xmlid="sales_crm_cases.sales_crm_menu_root"]',
                run: "click",
            },
            {
                content: "Open the customer",
                trigger: '.o_data_row:contains("Own Customer") td[name=name]',
                run: "click",
            },
            {
                content: "Open the page",
                trigger: '.o_notebook .nav-link:contains("Sale history")',
                run: "click",
            },
            {content: "The chart is there", trigger: ".o_sale_history canvas"},
            {
                content: "What was ordered is listed",
                trigger:
                    '.o_sale_history tbody td[data-key=ordered] button:contains("567")',
            },
            {
                content: "Open what was invoiced",
                trigger:
                    '.o_sale_history tbody td[data-key=invoiced] button:contains("1,234")',
                run: "click",
            },
            {
                content: "The invoice is listed",
                trigger: '.o_list_view .o_data_row:contains("1,234")',
            },
        ].map((step) => ({timeout: TIMEOUT, ...step})),
});
