import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatFloat, formatMonetary} from "@web/views/fields/formatters";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {useState, useSubEnv} from "@odoo/owl";

const SPECIFICATION = {
    name: {},
    quantity: {},
    yearly_cost: {},
    currency_id: {},
    usage_ids: {fields: {kind: {}, volume: {}, period: {}, rate: {}}},
};

/** The list of contracts: a row below a contract shows its items and their usage. */
export class ContractListRenderer extends ListRenderer {
    static recordRowTemplate = "sales_crm_cases.ContractListRecordRow";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.fieldService = useService("field");
        this.unfolded = useState({items: {}, periods: {}});
        useSubEnv({
            contractItems: {
                unfolded: this.unfolded,
                toggle: (record) => this.toggleItems(record),
            },
        });
    }

    getItems(record) {
        return this.unfolded.items[record.resId];
    }

    async toggleItems(record) {
        if (this.getItems(record)) {
            delete this.unfolded.items[record.resId];
            return;
        }
        const [{records}, {period}] = await Promise.all([
            this.orm.webSearchRead(
                "third.party.contract.item",
                [["contract_id", "=", record.resId]],
                {specification: SPECIFICATION}
            ),
            this.fieldService.loadFields("third.party.contract.usage", {
                fieldNames: ["period"],
            }),
        ]);
        this.unfolded.periods = Object.fromEntries(period.selection);
        this.unfolded.items[record.resId] = records;
    }

    formatNumber(number) {
        return formatFloat(number, {digits: [16, 6], trailingZeros: false});
    }

    formatCost(item) {
        return formatMonetary(item.yearly_cost, {currencyId: item.currency_id});
    }
}

registry.category("views").add("third_party_contract_list", {
    ...listView,
    Renderer: ContractListRenderer,
});
