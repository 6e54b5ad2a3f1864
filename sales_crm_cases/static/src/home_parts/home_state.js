import {Component} from "@odoo/owl";

/** What stands on a home page before its data: its outline, or why there is none. */
export class HomePlaceholder extends Component {
    static template = "sales_crm_cases.HomePlaceholder";
    static props = {};
}

/** Something went wrong: what, and what can be done about it. */
export class HomeError extends Component {
    static template = "sales_crm_cases.HomeError";
    static props = {
        message: String,
        onRetry: Function,
        slots: {type: Object, optional: true},
    };
}
