import {Component, EventBus} from "@odoo/owl";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {STATIC_ACTIONS_GROUP_NUMBER} from "@web/search/action_menus/action_menus";
import {useExportRecords} from "@web/views/view_hook";
import {session} from "@web/session";

const VIEW_TYPES = ["kanban", "list"];

/** Whether the items are about the view at all: cases, and none of them is selected. */
function showsCases(env) {
    return (
        env.searchModel?.resModel === "crm.lead" &&
        VIEW_TYPES.includes(env.config.viewType) &&
        !env.inDialog &&
        !env.model?.root?.selection?.length
    );
}

/**
 * What is done with all customers of a view of cases (B4). The server gets the domain of
 * the view, and looks itself what the user sees of it.
 */
class CaseBatchItem extends Component {
    static components = {DropdownItem};
    static props = {};

    /** The menu, and this item with it, is gone before the answer is there. */
    callServer(method) {
        const {domain, context} = this.env.searchModel;
        const kwargs = {};
        if ("active_test" in context) {
            kwargs.context = {active_test: context.active_test};
        }
        return this.env.services.orm.call("crm.lead", method, [domain], kwargs);
    }
}

export class BatchSms extends CaseBatchItem {
    static template = "sales_crm_cases.BatchSms";

    async onSelected() {
        const {services} = this.env;
        services.action.doAction(await this.callServer("action_send_batch_sms"));
    }
}

export class ExportCustomers extends CaseBatchItem {
    static template = "sales_crm_cases.ExportCustomers";

    setup() {
        // Odoo's own dialog and download, of customers instead of the view's records
        this.fieldNames = [];
        this.model = {dialog: this.env.services.dialog, root: null};
        this.exportRecords = useExportRecords(
            {model: this.model, searchModel: new EventBus()},
            {},
            () => this.fieldNames.map((name) => ({name}))
        );
    }

    async onSelected() {
        const {res_model, domain, context, fields} =
            await this.callServer("get_customer_export");
        this.fieldNames = fields;
        this.model.root = {
            resModel: res_model,
            domain,
            context: {...user.context, ...context},
            groupBy: [],
            isDomainSelected: true,
            selection: [],
        };
        this.exportRecords();
    }
}

export const batchSmsItem = {
    Component: BatchSms,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: (env) =>
        showsCases(env) && Boolean(session.sales_crm_cases?.has_batch_sms),
};

export const exportCustomersItem = {
    Component: ExportCustomers,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: async (env) =>
        showsCases(env) && (await user.hasGroup("base.group_allow_export")),
};

registry
    .category("cogMenu")
    .add("sales_crm_cases.export_customers", exportCustomersItem, {sequence: 11})
    .add("sales_crm_cases.batch_sms", batchSmsItem, {sequence: 12});
