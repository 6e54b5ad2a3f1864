import {registry} from "@web/core/registry";
import {closeDialog, patient} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

function addNote(text) {
    return [
        {
            content: "Add Note",
            trigger:
                ".o_form_view .o_statusbar_buttons button[name=action_add_note], .o_popover button[name=action_add_note]",
            run: "click",
        },
        {
            content: "Type the note",
            trigger: ".modal .o_field_widget[name=body] textarea",
            run: `edit ${text}`,
        },
        ...closeDialog(),
    ];
}

function readNote(text) {
    return [
        {
            content: "Open the page with the notes",
            trigger: ".o_notebook .nav-link[name=customer_notes]",
            run: "click",
        },
        {
            content: "The note is there",
            trigger: `.o_field_widget[name=customer_note_ids] .o_data_row:contains("${text}")`,
        },
    ];
}

tours.add("sales_crm_note_on_customer", {
    steps: () =>
        patient([
            {content: "The form is there", trigger: ".o_form_view"},
            ...addNote("Ring the bell twice"),
            ...readNote("Ring the bell twice"),
            {
                content: "Open the note",
                trigger:
                    ".o_field_widget[name=customer_note_ids] .o_data_row:contains('Ring the bell twice') td[name=body]",
                run: "click",
            },
            {
                content: "Nothing of it can be changed",
                trigger: ".modal .o_field_widget[name=body]:not(:has(textarea))",
            },
            {
                content: "Close it",
                trigger: ".modal .btn-close",
                run: "click",
            },
            {content: "It is closed", trigger: "body:not(:has(.modal))"},
        ]),
});

tours.add("sales_crm_note_on_case", {
    steps: () =>
        patient([
            {content: "The form is there", trigger: ".o_form_view"},
            ...addNote("The decision falls in May"),
            ...readNote("The decision falls in May"),
        ]),
});
