import {RottingKanbanRecord} from "@mail/js/rotting_mixin/rotting_kanban_record";

/** @returns {Boolean} whether the user may change the case: shared ones he may only read */
export function isEditable(record) {
    return record.data.crm_editable !== false;
}

/** The card of a case; its menu moves it, too. */
export class SalesBoardRecord extends RottingKanbanRecord {
    static menuTemplate = "sales_crm_cases.SalesBoardRecordMenu";

    get canMove() {
        const {canResequence, readonly, record} = this.props;
        return canResequence && !readonly && isEditable(record);
    }

    getRecordClasses() {
        const classes = super.getRecordClasses();
        return isEditable(this.props.record)
            ? classes
            : classes.replace("o_draggable", "");
    }

    askForStatus() {
        return this.env.askForStatus(this.props.record);
    }
}
