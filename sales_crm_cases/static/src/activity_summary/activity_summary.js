import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {useService} from "@web/core/utils/hooks";
import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";

/** One activity in short, with what can be done about it. */
export class ActivitySummary extends Component {
    static template = "sales_crm_cases.ActivitySummary";
    static props = {
        activityId: Number,
        revision: {type: Number, optional: true},
        close: Function,
        onChanged: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({summary: null, error: ""});
        useHotkey("escape", () => this.props.close());
        onWillStart(() => this.load(this.props.activityId));
        onWillUpdateProps((props) => this.load(props.activityId));
    }

    async load(activityId) {
        try {
            const summary = await this.orm.call("mail.activity", "get_summary", [
                activityId,
            ]);
            Object.assign(this.state, {summary, error: ""});
        } catch (error) {
            const message = error.data?.message || error.message;
            Object.assign(this.state, {summary: null, error: message});
        }
    }

    get isOpen() {
        return this.state.summary.state !== "done";
    }

    get stateClass() {
        return {
            overdue: "text-bg-danger",
            today: "text-bg-warning",
            done: "text-bg-secondary",
        }[this.state.summary.state];
    }

    get stateLabel() {
        return {
            overdue: _t("Overdue"),
            today: _t("Today"),
            planned: _t("Planned"),
            done: _t("Done"),
        }[this.state.summary.state];
    }

    format(date) {
        return date ? formatDate(deserializeDate(date)) : "";
    }

    async press(method) {
        await this.action.doActionButton({
            type: "object",
            name: method,
            resModel: "mail.activity",
            resId: this.props.activityId,
            resIds: [this.props.activityId],
            context: {},
            onClose: () => this.props.onChanged(),
        });
    }
}
