import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";
import {openApp, openMenu, patient} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

function openTeamMenu(menu, title) {
    return [
        ...openApp(),
        ...openMenu(menu, "sales_crm_menu_team"),
        {
            // the list of customers has a button "New", too
            content: `${title} is there`,
            trigger: `.o_breadcrumb:contains("${title}")`,
        },
    ];
}

function chooseEmployee(field, name) {
    return [
        {
            content: `Look for ${name}`,
            trigger: `.o_field_widget[name=${field}] input`,
            run: `edit ${name}`,
        },
        {
            content: `Choose ${name}`,
            trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option):contains("${name}") a`,
            run: "click",
        },
    ];
}

tours.add("sales_crm_manager_hands_over", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openTeamMenu("customer_handover_menu", "Hand-overs"),
            {
                content: "Start a hand-over",
                trigger: 'button:contains("Hand customers over")',
                run: "click",
            },
            {content: "The dialog is there", trigger: ".modal .o_form_view"},
            ...chooseEmployee("employee_id", "Anna"),
            {
                content: "The preview counts before anything is done",
                trigger:
                    '.modal .o_field_widget[name=preview] li:contains("Open cases: 1")',
            },
            ...chooseEmployee("successor_id", "Bert"),
            {
                content: "Hand over",
                trigger: '.modal footer button:contains("Hand over")',
                run: "click",
            },
            {
                content: "It is done",
                trigger: '.o_arrow_button_current:contains("Done")',
            },
            {
                content: "The customer is named",
                trigger: '.o_data_row:contains("Handed Customer")',
            },
        ]),
});

tours.add("sales_crm_salesman_names_delegate", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openTeamMenu("sales_delegation_menu", "Holiday delegates"),
            {
                content: "New delegation",
                trigger: ".o_list_button_add",
                run: "click",
            },
            {
                content: "It is one's own",
                trigger: ".o_field_widget[name=employee_id] input:value(Anna)",
            },
            ...chooseEmployee("delegate_id", "Bert"),
            {
                content: "Open the calendar of the last day",
                trigger: "input[data-field=date_to]",
                run: "edit 12/31/2099",
            },
            {
                content: "Leave the field",
                trigger: ".o_form_sheet",
                run: "click",
            },
            ...stepUtils.saveForm(),
            {
                content: "The name says who stands in",
                trigger: '.o_breadcrumb:contains("Bert for Anna")',
            },
        ]),
});
