import {registry} from "@web/core/registry";
import {useDebounced} from "@web/core/utils/timing";
import {charField, CharField} from "@web/views/fields/char/char_field";
import {useEffect} from "@odoo/owl";

const PAUSE = 500;

/** Text that the form knows of while it is typed, so that duplicates show at once. */
export class TypedCharField extends CharField {
    setup() {
        super.setup();
        const commit = useDebounced(() => this.commit(), PAUSE);
        useEffect(
            (input) => {
                input?.addEventListener("input", commit);
                return () => input?.removeEventListener("input", commit);
            },
            () => [this.input.el]
        );
    }

    commit() {
        const input = this.input.el;
        // A space at the end would be trimmed while the next word is typed
        if (input && input.value === input.value.trim()) {
            input.dispatchEvent(new Event("change"));
        }
    }
}

registry
    .category("fields")
    .add("typed_char", {...charField, component: TypedCharField});
