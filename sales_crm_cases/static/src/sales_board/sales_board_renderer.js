import {CrmKanbanRenderer} from "@crm/views/crm_kanban/crm_kanban_renderer";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {useState, useSubEnv} from "@odoo/owl";
import {SalesBoardHeader} from "./sales_board_header";
import {getColumnName, getOutcome} from "./sales_board_model";
import {isEditable, SalesBoardRecord} from "./sales_board_record";
import {SalesBoardStatusDialog} from "./sales_board_status_dialog";
import {UNPROCESSED, UnprocessedColumn} from "./unprocessed_column";

/**
 * The columns of the board. Cards are dragged as in Odoo's kanban; with the keyboard, "m" on a
 * card asks for its new status, and Ctrl+Z takes the last move back.
 */
export class SalesBoardRenderer extends CrmKanbanRenderer {
    static template = "sales_crm_cases.SalesBoardRenderer";
    static components = {
        ...CrmKanbanRenderer.components,
        KanbanHeader: SalesBoardHeader,
        KanbanRecord: SalesBoardRecord,
        UnprocessedColumn,
    };

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.board = useState(this.boardModel.board);
        useSubEnv({askForStatus: (record) => this.askForStatus(record)});
        const area = () => this.rootRef.el;
        useHotkey("m", ({target}) => this.onMoveKey(target), {
            area,
            isAvailable: (target) =>
                this.canMoveRecords && target.classList.contains("o_kanban_record"),
        });
        useHotkey("control+z", () => this.boardModel.undo(), {
            isAvailable: () => Boolean(this.boardModel.lastMove),
        });
    }

    get boardModel() {
        return this.props.list.model;
    }

    get showsUnprocessed() {
        return this.props.list.isGrouped && Boolean(this.board.unprocessed);
    }

    get showNoContentHelper() {
        return super.showNoContentHelper && !this.showsUnprocessed;
    }

    /** The cases that were lost without a status come last. */
    getGroupsOrRecords() {
        const items = super.getGroupsOrRecords();
        const isStray = ({group}) => group && !group.value;
        return [
            ...items.filter((item) => !isStray(item)),
            ...items.filter((item) => isStray(item)),
        ];
    }

    // ------------------------------------------------------------------
    // Move
    // ------------------------------------------------------------------

    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const targetId = params.parent?.dataset.id;
        if (dataGroupId !== UNPROCESSED && targetId !== UNPROCESSED) {
            return super.sortRecordDrop(...arguments);
        }
        params.parent?.classList.remove("o_kanban_hover");
        const target = this.props.list.groups.find(({id}) => id === targetId);
        if (dataGroupId !== UNPROCESSED) {
            this.notification.add(
                _t("A case stays a case: a customer is unprocessed while it has none."),
                {type: "warning"}
            );
        } else if (target) {
            const customer = this.getCustomer(dataRecordId);
            await this.openCase(customer, this.getStatus(target));
        }
    }

    onMoveKey(target) {
        const customer = this.getCustomer(target.dataset.id);
        if (customer) {
            return this.askWhereToBegin(customer);
        }
        const record = this.props.list.records.find(({id}) => id === target.dataset.id);
        return record && isEditable(record) && this.askForStatus(record);
    }

    async askForStatus(record) {
        const statuses = await this.boardModel.orm.call(
            "crm.lead",
            "get_board_statuses",
            [[record.resId]],
            {context: this.props.list.context}
        );
        this.dialog.add(SalesBoardStatusDialog, {
            title: _t("Move “%s” to", record.data.name),
            statuses,
            choose: (status) => this.moveToStatus(record, status),
        });
    }

    async moveToStatus(record, status) {
        await this.boardModel.moveToStatus(record, status);
        // The card is in another column now: who works with the keyboard goes on there
        setTimeout(() => this.focusCard(record.id));
    }

    focusCard(id) {
        this.rootRef.el?.querySelector(`.o_kanban_record[data-id="${id}"]`)?.focus();
    }

    // ------------------------------------------------------------------
    // Customers without a case
    // ------------------------------------------------------------------

    getCustomer(dataId) {
        return this.board.unprocessed?.customers.find(
            ({id}) => `${UNPROCESSED}_${id}` === dataId
        );
    }

    getStatus(group) {
        return {
            id: group.value || false,
            name: getColumnName(group),
            outcome: getOutcome(group),
        };
    }

    askWhereToBegin(customer) {
        this.dialog.add(SalesBoardStatusDialog, {
            title: _t("Open a case of %s in", customer.name),
            statuses: this.props.list.groups
                .map((group) => this.getStatus(group))
                .filter(({outcome}) => outcome !== "lost"),
            choose: (status) => this.openCase(customer, status),
        });
    }

    openCase(customer, status) {
        return this.boardModel.openCase(customer, status);
    }

    /** Customers are not selected. */
    onSpaceKeyPress(target) {
        if (!this.getCustomer(target.dataset.id)) {
            super.onSpaceKeyPress(...arguments);
        }
    }

    // ------------------------------------------------------------------
    // Figures follow
    // ------------------------------------------------------------------

    async validateQuickCreate() {
        await super.validateQuickCreate(...arguments);
        await this.board.refresh();
    }
}
