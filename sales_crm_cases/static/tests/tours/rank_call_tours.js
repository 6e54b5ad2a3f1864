import {registry} from "@web/core/registry";
import {openApp, openMenu, patient} from "./tour_helpers";

const ROW = '.o_data_row:contains("Own Customer")';

registry.category("web_tour.tours").add("sales_crm_rank_calls", {
    steps: () =>
        patient([
            ...openApp(),
            ...openMenu("customer_rank_call_menu"),
            {
                content: "He is overdue, and has nobody to call",
                trigger: `${ROW}:has(td[name=next_call_date] .text-danger):contains("No call contact")`,
            },
            {
                content: "Plan a call",
                trigger: `${ROW} button[name=action_plan_call]`,
                run: "click",
            },
            {
                content: "What it is about; a case is not needed",
                trigger: ".modal .o_field_widget[name=summary] input",
                run: "edit Ask about the ovens",
            },
            {
                content: "Save",
                trigger: ".modal footer button[name=action_save]",
                run: "click",
            },
            {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
            {
                content: "It is planned: the date, and no button",
                trigger: `${ROW}:has(td[name=planned_call_date]:contains(/[0-9]/)):not(:has(button[name=action_plan_call]))`,
            },
            {
                content: "The calendar",
                trigger: ".o_switch_view.o_calendar",
                run: "click",
            },
            {
                content: "It shows the ranks",
                trigger: ".o_calendar_renderer",
            },
        ]),
});
