import {registry} from "@web/core/registry";
import {openApp, openMenu, patient} from "./tour_helpers";

const ROW = ".o_list_view .o_data_row:contains('Anniversary of the shop')";

registry.category("web_tour.tours").add("sales_crm_reminder", {
    steps: () =>
        patient([
            ...openApp(),
            {
                content: "Open the customer",
                trigger: '.o_data_row:contains("Own Customer") td[name=name]',
                run: "click",
            },
            {
                content: "Open the menu under the gear",
                trigger: ".o_form_view .o_cp_action_menus button.dropdown-toggle",
                run: "click",
            },
            {
                content: "Add Reminder",
                trigger: ".o-dropdown--menu .o_menu_item:contains('Add Reminder')",
                run: "click",
            },
            {
                content: "What it is about",
                trigger: ".modal .o_field_widget[name=name] textarea",
                run: "edit Anniversary of the shop",
            },
            {
                content: "The customer is there",
                trigger:
                    ".modal .o_field_widget[name=customer_id] input:value(Own Customer)",
            },
            {
                content: "The date",
                trigger:
                    ".modal .o_field_widget[name=date] button, .modal .o_field_widget[name=date] input",
                run: "click",
            },
            {
                content: "Today",
                trigger: ".o_datetime_picker .o_today",
                run: "click",
            },
            {
                content: "Every year",
                trigger: ".modal .o_field_widget[name=repeat_yearly] input",
                run: "click",
            },
            {
                content: "The next day follows",
                trigger: ".modal .o_field_widget[name=next_date]:contains(/[0-9]/)",
            },
            {
                content: "Save",
                trigger: ".modal footer .o_form_button_save",
                run: "click",
            },
            {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
            {
                content: "The buttons for which there is no room",
                trigger: ".o-form-buttonbox .o_button_more",
                run: "click",
            },
            {
                content: "The customer counts it: open the list",
                trigger: "button[name=action_view_reminders]:contains(1)",
                run: "click",
            },
            {
                content: "It is due today",
                trigger: `${ROW} td[name=next_date]:contains(Today)`,
            },
            ...openMenu("customer_reminder_menu"),
            {
                content: "Done",
                trigger: `${ROW} button[name=action_done]`,
                run: "click",
            },
            {
                content: "It comes back next year",
                trigger: `${ROW} td[name=next_date]:contains(${new Date().getFullYear() + 1})`,
            },
            {
                content: "It cannot be done twice",
                trigger: `${ROW}:not(:has(button[name=action_done]))`,
            },
        ]),
});
