import {_t} from "@web/core/l10n/translation";
import {Component} from "@odoo/owl";
import {formatDay} from "../home_parts/home_formats";

/** The user's activities in short: what is due today, or what was done last (H3). */
export class HomeActivities extends Component {
    static template = "sales_crm_cases.HomeActivities";
    static props = {
        // As the server gives it: `records`, `count` and what opens all of them
        figure: Object,
        isDone: {type: Boolean, optional: true},
        // Whether activities of others are among them
        withSalesman: {type: Boolean, optional: true},
        // From useHomeActions()
        actions: Object,
        onOpenAll: Function,
        slots: {type: Object, optional: true},
    };

    setup() {
        this.formatDay = formatDay;
    }

    get hasMore() {
        return this.props.figure.count > this.props.figure.records.length;
    }

    /** Without a subject of its own, an activity is known by its type. */
    getTitle(record) {
        return record.summary || record.type || "";
    }

    getLabels(record) {
        const title = this.getTitle(record);
        return {
            call: _t("Call %s", record.phone),
            done: _t("Done: %s", title),
            reschedule: _t("Reschedule: %s", title),
        };
    }

    press(record, name) {
        return this.props.actions.press("mail.activity", record.id, name);
    }

    openCase(record) {
        return this.props.actions.openRecord("crm.lead", record.case_id);
    }
}
