import {RottingKanbanRecord} from "@mail/js/rotting_mixin/rotting_kanban_record";

/** The card of a case; its menu moves it, too. */
export class SalesBoardRecord extends RottingKanbanRecord {
    static menuTemplate = "sales_crm_cases.SalesBoardRecordMenu";

    get canMove() {
        return this.props.canResequence && !this.props.readonly;
    }

    askForStatus() {
        return this.env.askForStatus(this.props.record);
    }
}
