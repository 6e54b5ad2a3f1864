import {registry} from "@web/core/registry";
import {openApp, openMenu, patient} from "./tour_helpers";

const CASES = ".o_target_grid tr:contains(Anna) td[data-key=cases] input";

registry.category("web_tour.tours").add("sales_crm_targets", {
    steps: () =>
        patient([
            ...openApp(),
            ...openMenu("sales_target_menu", "sales_crm_menu_team"),
            {
                content: "The grid; search",
                trigger: ".o_sales_targets .o_searchview_input",
                run: "edit Anna",
            },
            {
                content: "Anna's target of quotes is there; type hers of cases",
                trigger: `.o_target_grid:not(:has(tr:contains(Bert))) ${CASES.replace(".o_target_grid ", "")}`,
                run: "edit 12",
            },
            {
                content: "The total follows",
                trigger: ".o_target_grid tfoot td[data-key=cases]:contains(12)",
            },
            {
                content: "Save",
                trigger: ".o_sales_targets_save",
                run: "click",
            },
            {
                content: "It is saved; copy forward",
                trigger: ".o_sales_targets_forward",
                run: "click",
            },
            {
                content: "To two months",
                trigger: ".modal .o_field_widget[name=month_count] input",
                run: "edit 2",
            },
            {
                content: "It says how many, before",
                trigger: ".modal .o_field_widget[name=salesman_count]:contains(1)",
                run: "click",
            },
            {
                content: "Four targets",
                trigger: ".modal .o_field_widget[name=new_count]:contains(4)",
            },
            {
                content: "Copy",
                trigger: ".modal footer button[name=action_copy]:contains(Copy)",
                run: "click",
            },
            {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
            {
                content: "The next month",
                trigger: ".o_sales_targets_next",
                run: "click",
            },
            {
                content: "It has them; open the year of Anna",
                trigger:
                    ".o_target_grid:has(tr:contains(Anna) td[data-key=cases] input:value(12)) .o_target_grid_salesman:contains(Anna)",
                run: "click",
            },
            {
                content: "The year",
                trigger: ".o_sales_targets_title:contains(Anna)",
            },
            {
                content: "The list",
                trigger: ".o_sales_targets_list",
                run: "click",
            },
            {
                content: "The targets are there, one by one",
                trigger: ".o_list_view .o_data_row:contains(Anna):contains(12)",
            },
        ]),
});
