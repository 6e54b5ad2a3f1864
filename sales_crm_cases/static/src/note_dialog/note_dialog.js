import {registry} from "@web/core/registry";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

/**
 * Forms save what was typed when the page is closed or reloaded. Not a note: nobody
 * could take back half a sentence.
 */
export class NoteDialogController extends FormController {
    async beforeUnload() {}
}

registry.category("views").add("customer_note_dialog", {
    ...formView,
    Controller: NoteDialogController,
});
