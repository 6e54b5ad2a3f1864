import {Component, onWillDestroy, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {session} from "@web/session";

const NOTIFICATION = "sales_crm_cases/waiting_for_approval";

/**
 * The number of customers that wait for accounts; a click opens their list.
 * Only a shortcut: the server decides who may read and approve them.
 */
export class ApprovalSystray extends Component {
    static template = "sales_crm_cases.ApprovalSystray";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({count: 0});
        this.domain = [];
        const bus = useService("bus_service");
        const onNotification = () => this.refresh();
        bus.subscribe(NOTIFICATION, onNotification);
        onWillDestroy(() => bus.unsubscribe(NOTIFICATION, onNotification));
        // Not awaited: the navigation bar does not wait for a number
        this.refresh();
    }

    get label() {
        return _t("Waiting for approval: %s", this.state.count);
    }

    async refresh() {
        const waiting = await this.orm.silent.call(
            "res.partner",
            "get_waiting_for_approval"
        );
        this.domain = waiting.domain;
        this.state.count = waiting.count;
    }

    async open() {
        const [action] = await Promise.all([
            this.action.loadAction("sales_crm_cases.res_partner_action_waiting"),
            this.refresh(),
        ]);
        await this.action.doAction(
            {...action, domain: this.domain},
            {clearBreadcrumbs: true}
        );
    }
}

export const approvalSystrayItem = {
    Component: ApprovalSystray,
    isDisplayed: () => Boolean(session.sales_crm_cases?.is_approver),
};

registry
    .category("systray")
    .add("sales_crm_cases.approval_systray", approvalSystrayItem, {sequence: 22});
