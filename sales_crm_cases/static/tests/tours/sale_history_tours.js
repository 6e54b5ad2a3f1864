import {registry} from "@web/core/registry";
import {openApp, patient} from "./tour_helpers";

registry.category("web_tour.tours").add("sales_crm_sale_history", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openApp(),
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
        ]),
});
