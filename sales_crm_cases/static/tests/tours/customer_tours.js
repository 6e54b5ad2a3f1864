import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";
import {
    closeDialog,
    listed,
    notListed,
    openApp,
    patient,
    switchSubordinates,
} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

function openCustomer(text) {
    return [
        {
            content: `Open ${text}`,
            trigger: `.o_data_row:contains("${text}") td[name=name]`,
            run: "click",
        },
        {
            content: `The form of ${text} is there`,
            trigger: `.o_form_view .o_breadcrumb:contains("${text}")`,
        },
    ];
}

function backToList() {
    return [
        {
            content: "Back to the list",
            trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb .breadcrumb-item a",
            run: "click",
        },
        {content: "The list is there", trigger: ".o_list_view .o_list_table"},
    ];
}

function pressInHeader(button) {
    return {
        content: button,
        trigger: `.o_statusbar_buttons button:contains("${button}")`,
        run: "click",
    };
}

function hasStatus(label) {
    return {
        content: `The status is ${label}`,
        trigger: `.o_arrow_button_current:contains("${label}")`,
    };
}

tours.add("sales_crm_salesman_releases", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openApp(),
            listed("Own Customer"),
            notListed("Foreign Customer"),
            {content: "New customer", trigger: ".o_list_button_add", run: "click"},
            {
                content: "It starts as New - CRM",
                trigger: '.o_arrow_button_current:contains("New - CRM")',
            },
            {
                content: "Its name",
                trigger:
                    ".o_field_widget[name=name] textarea, .o_field_widget[name=name] input",
                run: "edit Quarry Stones",
            },
            ...stepUtils.saveForm(),
            {
                content: "It has a code",
                trigger: '.o_field_widget[name=ref]:contains("QUA0")',
            },
            pressInHeader("Release Customer"),
            {content: "A confirmation is asked for", trigger: ".modal .o_form_view"},
            ...closeDialog("Release Customer"),
            hasStatus("Released"),
            {
                content: "The form says for whom it waits",
                trigger: 'div[name=customer_released]:contains("Waits for accounts")',
            },
            {
                content: "The name is locked",
                trigger: ".o_field_widget[name=name].o_readonly_modifier",
            },
        ]),
});

tours.add("sales_crm_accounts_decide", {
    url: "/odoo",
    steps: () =>
        patient([
            {
                content: "Two customers wait",
                trigger:
                    '.o_approval_systray:has(.o_approval_systray_counter:contains("2")) button',
                run: "click",
            },
            listed("Waiting One"),
            ...openCustomer("Waiting One"),
            pressInHeader("Approve"),
            ...closeDialog("Approve"),
            hasStatus("Active"),
            {
                content: "One is left",
                trigger: '.o_approval_systray_counter:contains("1")',
            },
            {content: "The list", trigger: ".o_approval_systray button", run: "click"},
            notListed("Waiting One"),
            ...openCustomer("Waiting Two"),
            pressInHeader("Decline"),
            {
                content: "Decline without a reason",
                trigger: '.modal footer button:contains("Decline")',
                run: "click",
            },
            {
                content: "The reason is asked for",
                trigger: ".modal .o_field_invalid[name=reason]",
            },
            {
                content: "The reason",
                trigger: ".modal .o_field_widget[name=reason] textarea",
                run: "edit The address is missing",
            },
            ...closeDialog("Decline"),
            hasStatus("New - CRM"),
            {
                content: "The reason is on the form",
                trigger:
                    'div[name=customer_declined]:contains("The address is missing")',
            },
            {
                content: "Nobody waits",
                trigger: ".o_approval_systray:not(:has(.o_approval_systray_counter))",
            },
        ]),
});

tours.add("sales_crm_manager_shows_team", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openApp(),
            listed("Managers Customer"),
            notListed("Own Customer"),
            ...switchSubordinates(),
            listed("Own Customer"),
            listed("Managers Customer"),
            notListed("Foreign Customer"),
            ...switchSubordinates(),
            notListed("Own Customer"),
            listed("Managers Customer"),
        ]),
});

function tick(name, field) {
    return {
        content: `Tick ${name}`,
        trigger: `.modal .o_data_row:contains("${name}") td[name=${field}] .o-checkbox`,
        run: "click",
    };
}

tours.add("sales_crm_maintain_salesmen", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openApp(),
            ...openCustomer("Own Customer"),
            pressInHeader("Maintain Customer Salesmen"),
            {
                content: "The linked one is ticked",
                trigger:
                    '.modal .o_data_row:contains("Anna") td[name=is_linked] input:checked',
            },
            tick("Bert", "is_linked"),
            ...closeDialog("Discard"),
            {
                content: "Nothing changed",
                trigger: ".o_field_widget[name=salesman_ids]:not(:contains(Bert))",
            },
            pressInHeader("Maintain Customer Salesmen"),
            {
                content: "Not ticked",
                trigger:
                    '.modal .o_data_row:contains("Bert") td[name=is_linked] input:not(:checked)',
            },
            tick("Bert", "is_linked"),
            ...closeDialog("Save"),
            {
                content: "The form shows him",
                trigger: ".o_field_widget[name=salesman_ids]:contains(Bert)",
            },
            ...backToList(),
        ]),
});
