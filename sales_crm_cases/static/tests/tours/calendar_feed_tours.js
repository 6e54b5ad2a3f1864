import {registry} from "@web/core/registry";
import {patient} from "./tour_helpers";

function openPreferences() {
    return [
        {
            content: "Open the menu of the user",
            trigger: ".o_user_menu button",
            run: "click",
        },
        {
            content: "Preferences",
            trigger: ".o-dropdown--menu .dropdown-item:contains(Preferences)",
            run: "click",
        },
        {
            content: "The page of the calendar",
            trigger: ".o_form_view .nav-link[name=calendar]",
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("sales_crm_calendar_feed", {
    steps: () =>
        patient([
            ...openPreferences(),
            {
                content: "Make an address",
                trigger:
                    "button[name=action_make_calendar_feed]:contains(Make an address)",
                run: "click",
            },
            {
                content: "It is shown",
                trigger:
                    ".modal .o_field_widget[name=address]:contains(/crm/calendar/)",
            },
            {
                content: "Close",
                trigger: ".modal footer button:contains(Close)",
                run: "click",
            },
            {content: "It is closed", trigger: "body:not(:has(.modal))"},
            ...openPreferences(),
            {
                content: "The page says so",
                trigger:
                    ".o_form_view button[name=action_make_calendar_feed]:contains(Make a new address)",
            },
            {
                content: "Revoke",
                trigger: "button[name=action_revoke_calendar_feed]",
                run: "click",
            },
            {
                content: "Yes",
                trigger: ".modal:not(.o_inactive_modal) footer button.btn-primary",
                run: "click",
            },
            {
                content: "It is revoked",
                trigger: ".o_notification:contains(Revoked)",
            },
            {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
            ...openPreferences(),
            {
                content: "There is none any more",
                trigger:
                    "button[name=action_make_calendar_feed]:contains(Make an address)",
            },
        ]),
});

registry.category("web_tour.tours").add("sales_crm_calendar_feed_event", {
    steps: () =>
        patient([
            {
                content: "Tick the event",
                trigger: ".o_form_view .o_field_widget[name=in_calendar_feed] input",
                run: "click",
            },
            {
                content: "Save",
                trigger: ".o_form_button_save",
                run: "click",
            },
            {
                content: "It is saved",
                trigger: ".o_form_view .o_form_saved",
            },
            {
                content: "It can be downloaded",
                trigger: "button[name=action_download_ics]",
            },
        ]),
});
