import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {useService} from "@web/core/utils/hooks";

/**
 * When the recommendations were worked out last, above their list; administrators run it
 * again from here.
 */
export class LastRun extends Component {
    static template = "sales_crm_cases.LastRun";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({
            isLoaded: false,
            lastRun: false,
            canRun: false,
            isRunning: false,
        });
        // Not awaited: the list does not wait for it
        this.refresh();
    }

    get label() {
        return this.state.lastRun
            ? _t("Worked out %s", this.state.lastRun.toRelative())
            : _t("Not worked out yet");
    }

    get title() {
        return this.state.lastRun ? formatDateTime(this.state.lastRun) : "";
    }

    async refresh() {
        const {last_run, can_run} = await this.orm.silent.call(
            "sales.recommendation",
            "get_last_run"
        );
        Object.assign(this.state, {
            isLoaded: true,
            lastRun: last_run && deserializeDateTime(last_run),
            canRun: can_run,
        });
    }

    async runNow() {
        this.state.isRunning = true;
        try {
            const action = await this.orm.call(
                "sales.recommendation",
                "action_run_now"
            );
            // Before the action: it reloads the list, and this component is gone
            await this.refresh();
            await this.action.doAction(action);
        } finally {
            this.state.isRunning = false;
        }
    }
}
