import {RottingKanbanHeader} from "@mail/js/rotting_mixin/rotting_kanban_header";
import {useState} from "@odoo/owl";
import {formatAmount, formatCount, formatExactAmount} from "../home_parts/home_formats";
import {getColumnName, getOutcome} from "./sales_board_model";

/** The head of a column: its status, and what the cases in it are worth. */
export class SalesBoardHeader extends RottingKanbanHeader {
    static template = "sales_crm_cases.SalesBoardHeader";

    setup() {
        super.setup();
        this.board = useState(this.props.list.model.board);
    }

    get columnName() {
        return getColumnName(this.group);
    }

    /** The process of the status, where the board shows several. */
    get processName() {
        const processes = new Set(
            this.props.list.groups
                .filter((group) => group.value)
                .map((group) => group.record?.data.process_id?.id)
        );
        return processes.size > 1 && this.group.record?.data.process_id?.display_name;
    }

    get count() {
        return formatCount(this.group.count);
    }

    get hasFigures() {
        return this.board.isLoaded && Boolean(getOutcome(this.group));
    }

    get figures() {
        const row = this.board.figures[this.group.value || false];
        const names = ["projected", "weighted"];
        if (getOutcome(this.group) === "order" || row?.actual) {
            names.push("actual");
        }
        return names.map((name) => {
            const value = row?.[name] || 0;
            return {
                name,
                text: formatAmount(value, this.board.currencyId),
                title: formatExactAmount(value, this.board.currencyId),
            };
        });
    }

    canQuickCreate() {
        return super.canQuickCreate() && getOutcome(this.group) !== "lost";
    }
}
