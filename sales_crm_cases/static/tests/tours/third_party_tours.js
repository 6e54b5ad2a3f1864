import {registry} from "@web/core/registry";
import {closeDialog, openApp, openMenu, patient} from "./tour_helpers";

function fill(number) {
    return [
        {
            content: "The dialog is there, empty",
            trigger: ".modal .o_field_widget[name=third_party_id] input:value(/^$/)",
        },
        {
            content: "The number",
            trigger: ".modal .o_field_widget[name=name] input",
            run: `edit ${number}`,
        },
        {
            content: "Type the third party",
            trigger: ".modal .o_field_widget[name=third_party_id] input",
            run: "edit Leasing House",
        },
        {
            content: "Take it",
            trigger: ".o-autocomplete--dropdown-item a:contains(Leasing House)",
            run: "click",
        },
        {
            content: "The start",
            trigger:
                ".modal .o_field_widget[name=date_start] button, .modal .o_field_widget[name=date_start] input",
            run: "click",
        },
        {
            content: "Today",
            trigger: ".o_datetime_picker .o_today",
            run: "click",
        },
        {
            content: "The term",
            trigger: ".modal .o_field_widget[name=term_months] input",
            run: "edit 36",
        },
        {
            content: "The notice period",
            trigger: ".modal .o_field_widget[name=notice_days] input",
            run: "edit 30",
        },
        {
            content: "The end follows",
            trigger: ".modal .o_field_widget[name=date_end] button:contains(/[0-9]/)",
        },
    ];
}

registry.category("web_tour.tours").add("sales_crm_add_third_party", {
    steps: () =>
        patient([
            ...openApp(),
            {
                content: "Open the customer",
                trigger: '.o_data_row:contains("Own Customer") td[name=name]',
                run: "click",
            },
            {
                content: "Add Third Party",
                trigger: ".o_statusbar_buttons button[name=action_add_third_party]",
                run: "click",
            },
            ...fill("L-1"),
            {
                content: "Add an item",
                trigger:
                    ".modal .o_field_widget[name=item_ids] .o_field_x2many_list_row_add a",
                run: "click",
            },
            {
                content: "Its name",
                trigger:
                    ".modal:not(.o_inactive_modal) .o_form_view .o_field_widget[name=name] input[placeholder*='Copier']",
                run: "edit Copier",
            },
            {
                content: "Add usage",
                trigger:
                    ".modal .o_field_widget[name=usage_ids] .o_field_x2many_list_row_add a",
                run: "click",
            },
            {
                content: "Its kind",
                trigger: ".modal .o_selected_row .o_field_widget[name=kind] input",
                run: "edit Pages in colour",
            },
            {
                content: "Its volume",
                trigger: ".modal .o_selected_row .o_field_widget[name=volume] input",
                run: "edit 100",
            },
            {
                content: "Save the item",
                trigger: ".modal:not(.o_inactive_modal) footer .o_form_button_save",
                run: "click",
            },
            {
                content: "It is in the contract",
                trigger:
                    ".modal .o_field_widget[name=item_ids] .o_data_row:contains(Copier)",
            },
            {
                content: "Save & New",
                trigger: ".modal footer button[name=action_save_and_new]",
                run: "click",
            },
            ...fill("L-2"),
            ...closeDialog("Save & Close"),
            ...openMenu("third_party_contract_menu"),
            {
                content: "Unfold the items",
                trigger: ".o_data_row:contains(L-1) .o_contract_items",
                run: "click",
            },
            {
                content: "The usage is there",
                trigger:
                    ".o_contract_items_row:contains('Pages in colour'):contains('100'):contains('Month')",
            },
            {
                content: "Fold them",
                trigger:
                    ".o_data_row:contains(L-1) .o_contract_items[aria-expanded=true]",
                run: "click",
            },
            {
                content: "They are gone",
                trigger: ".o_list_view:not(:has(.o_contract_items_row))",
            },
            {
                content: "Open the contract",
                trigger: ".o_data_row:contains(L-1) td[name=third_party_id]",
                run: "click",
            },
            {
                content: "Win",
                trigger: ".o_statusbar_buttons button[name=action_win]:contains(Win)",
                run: "click",
            },
            {
                content: "The case is there",
                trigger: ".o_form_view .o_field_widget[name=contract_id]",
            },
        ]),
});
