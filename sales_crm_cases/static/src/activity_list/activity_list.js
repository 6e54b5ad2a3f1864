import {useBus} from "@web/core/utils/hooks";
import {registry} from "@web/core/registry";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {useState} from "@odoo/owl";
import {ActivitySummary} from "../activity_summary/activity_summary";

/**
 * The list of activities: a click on a row shows a summary beside the list, which
 * stays where it is. The panel closes when its activity leaves the list.
 */
export class SalesActivityListController extends ListController {
    static template = "sales_crm_cases.ActivityList";
    static components = {...ListController.components, ActivitySummary};

    setup() {
        super.setup();
        this.summary = useState({activityId: false, revision: 0});
        this.signature = "";
        useBus(this.model.bus, "update", () => this.followList());
    }

    get shownRecord() {
        return this.model.root.records.find(
            (record) => record.resId === this.summary.activityId
        );
    }

    async openRecord(record) {
        this.summary.activityId =
            record.resId === this.summary.activityId ? false : record.resId;
        this.signature = this.getSignature(record);
    }

    getSignature({data}) {
        return JSON.stringify([
            data.summary,
            data.active,
            String(data.date_deadline),
            data.can_write,
        ]);
    }

    /** What a button in the row changed shows in the panel, too. */
    followList() {
        if (!this.summary.activityId) {
            return;
        }
        const record = this.shownRecord;
        if (!record) {
            this.summary.activityId = false;
        } else if (this.getSignature(record) !== this.signature) {
            this.signature = this.getSignature(record);
            this.summary.revision++;
        }
    }

    closeSummary() {
        this.summary.activityId = false;
    }

    async reloadList() {
        await this.model.root.load();
        this.followList();
    }
}

registry.category("views").add("sales_activity_list", {
    ...listView,
    Controller: SalesActivityListController,
});
