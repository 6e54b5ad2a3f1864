import {registry} from "@web/core/registry";
import {openList, openMenu, patient, row} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

/** Of the list of cases, an entry behind the cog. */
function chooseInCog(className, content) {
    return [
        ...openList("Cases", "crm_lead_menu"),
        {
            content: "The cases are listed",
            trigger: row("Lift of Aster"),
        },
        {
            content: "Open the menu behind the cog",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {content, trigger: `.dropdown-menu .${className}`, run: "click"},
    ];
}

tours.add("sales_crm_batch_sms", {
    url: "/odoo",
    steps: () =>
        patient([
            ...chooseInCog("o_batch_sms_menu", "SMS to all customers"),
            {
                content: "Two customers get it",
                trigger: '.modal .alert-info:contains("get the SMS, each one once: 2")',
            },
            {
                content: "Four do not, and the dialog says why",
                trigger:
                    '.modal .alert-warning:contains("not get it: 4"):contains("without a phone number: 1"):contains("on the blacklist: 1")',
            },
            {
                content: "Write",
                trigger: ".modal .o_field_widget[name=body] textarea",
                run: "edit Open day on Friday",
            },
            {
                content: "Send",
                trigger: '.modal footer button:contains("Send")',
                run: "click",
            },
            {
                content: "The summary is open: two wait",
                trigger:
                    '.o_form_view .o_field_widget[name=waiting_count]:contains("2")',
            },
            {
                content: "It says what is not sent",
                trigger: '.o_field_widget[name=reasons]:contains("Blacklisted: 1")',
            },
            {
                content: "And to whom",
                trigger: `${row("Daisy")}:contains("Not sent"):contains("Duplicate")`,
            },
        ]),
});

tours.add("sales_crm_batch_sms_summary", {
    url: "/odoo",
    steps: () =>
        patient([
            ...openList("Cases", "crm_lead_menu"),
            ...openMenu("crm_sms_batch_menu"),
            {
                content: "Open it",
                trigger: `${row("Open day on Friday")}:contains("Done") td[name=name]`,
                run: "click",
            },
            {
                content: "Two were sent",
                trigger: 'button:has([name=sent_count]:contains("2"))',
                run: "click",
            },
            {
                content: "To Aster and Birch",
                trigger: `.o_list_view:has(${row("Aster")}):has(${row("Birch")}):not(:has(${row("Daisy")}))`,
            },
        ]),
});

tours.add("sales_crm_export_customers", {
    url: "/odoo",
    steps: () =>
        patient([
            ...chooseInCog("o_export_customers_menu", "Export all customers"),
            {
                content: "Odoo's dialog offers the columns of a customer",
                trigger:
                    '.o_export_data_dialog .o_fields_list .o_export_field[data-field_id="main_salesman_id"]',
            },
            {
                content: "Export",
                trigger: ".o_export_data_dialog .o_select_button",
                run({anchor}) {
                    // nothing on the page tells that a download is through
                    const {send} = XMLHttpRequest.prototype;
                    XMLHttpRequest.prototype.send = function (...args) {
                        this.addEventListener("loadend", () =>
                            document.body.classList.add("o_exported")
                        );
                        return send.apply(this, args);
                    };
                    anchor.click();
                },
            },
            {content: "It is downloaded", trigger: "body.o_exported"},
        ]),
});
