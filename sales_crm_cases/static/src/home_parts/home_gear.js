import {CheckboxItem} from "@web/core/dropdown/checkbox_item";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {_t} from "@web/core/l10n/translation";
import {session} from "@web/session";
import {Component} from "@odoo/owl";
import {useHomeOptions} from "./home_hooks";

/** The gear of the home pages (H6): options of the user, in force at once, kept for good. */
export class HomeGear extends Component {
    static template = "sales_crm_cases.HomeGear";
    static components = {CheckboxItem, Dropdown};
    static props = {
        // As the server gives them with the page
        options: Object,
        onChanged: Function,
    };

    setup() {
        this.setOption = useHomeOptions(() => this.props.onChanged());
    }

    get items() {
        const items = [
            {
                name: "hide_customer_dashboard",
                label: _t("Hide dashboard panel on customer page"),
            },
        ];
        if (session.sales_crm_cases?.is_salesman) {
            items.unshift({
                name: "show_subordinates",
                label: _t("Show items for subordinates"),
            });
        }
        return items;
    }

    toggle(name) {
        return this.setOption(name, !this.props.options[name]);
    }
}
