import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {Component, useState} from "@odoo/owl";

/** The number of a contract's items; in the list of contracts a click unfolds them. */
export class ContractItemsField extends Component {
    static template = "sales_crm_cases.ContractItemsField";
    static props = {...standardFieldProps};

    setup() {
        this.unfolded = useState(this.env.contractItems?.unfolded || {items: {}});
    }

    get count() {
        return this.props.record.data[this.props.name];
    }

    get isUnfolded() {
        return Boolean(this.unfolded.items[this.props.record.resId]);
    }

    get title() {
        return this.isUnfolded ? _t("Hide the items") : _t("Show the items");
    }

    toggle() {
        return this.env.contractItems?.toggle(this.props.record);
    }

    onKeydown(ev) {
        // Else the list takes it from the button and opens the contract
        if (ev.key === "Enter") {
            ev.stopPropagation();
        }
    }
}

registry.category("fields").add("contract_items", {
    component: ContractItemsField,
    supportedTypes: ["integer"],
});
