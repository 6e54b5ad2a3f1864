import {_t} from "@web/core/l10n/translation";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {useService} from "@web/core/utils/hooks";
import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {formatDay} from "../home_parts/home_formats";
import {getErrorMessage, useHomeActions} from "../home_parts/home_hooks";

/** One activity in short, with what can be done about it. Another one takes another `t-key`. */
export class ActivitySummary extends Component {
    static template = "sales_crm_cases.ActivitySummary";
    static props = {
        activityId: Number,
        // Another number has the summary loaded again
        revision: {type: Number, optional: true},
        close: Function,
        onChanged: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.actions = useHomeActions(() => this.props.onChanged());
        this.formatDay = formatDay;
        this.state = useState({summary: null, error: ""});
        useHotkey("escape", () => this.props.close());
        onWillStart(() => this.load());
        onWillUpdateProps(() => this.load());
    }

    async load() {
        try {
            const summary = await this.orm.call("mail.activity", "get_summary", [
                this.props.activityId,
            ]);
            Object.assign(this.state, {summary, error: ""});
        } catch (error) {
            Object.assign(this.state, {summary: null, error: getErrorMessage(error)});
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

    press(method) {
        return this.actions.press("mail.activity", this.props.activityId, method);
    }
}
