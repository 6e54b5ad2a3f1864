import {crmKanbanView} from "@crm/views/crm_kanban/crm_kanban_view";
import {useService} from "@web/core/utils/hooks";
import {makeActiveField} from "@web/model/relational_model/utils";
import {useEffect, useState} from "@odoo/owl";
import {SalesBoardBar} from "./sales_board_bar";
import {SalesBoardData} from "./sales_board_model";
import {WITHOUT_PROCESS} from "./sales_board_search_model";

/**
 * The sales board: Odoo's kanban of cases with figures, customers without a case, and a choice
 * of process and columns. The domain of the view holds what was chosen.
 */
export class SalesBoardController extends crmKanbanView.Controller {
    static template = "sales_crm_cases.SalesBoard";
    static components = {...crmKanbanView.Controller.components, SalesBoardBar};

    setup() {
        this.board = useState(new SalesBoardData(useService("orm")));
        super.setup();
        useEffect(
            (isLoaded) => {
                if (isLoaded) {
                    this.forgetLostProcess();
                }
            },
            () => [this.board.isLoaded]
        );
    }

    get boardOptions() {
        return this.env.searchModel.board;
    }

    get modelParams() {
        const params = super.modelParams;
        return {
            ...params,
            board: this.board,
            groupByInfo: {
                stage_id: {
                    activeFields: {
                        outcome: makeActiveField(),
                        process_id: makeActiveField(),
                    },
                    fields: {
                        outcome: {name: "outcome", type: "selection", selection: []},
                        process_id: {
                            name: "process_id",
                            type: "many2one",
                            relation: "crm.process",
                        },
                    },
                },
            },
            hooks: {
                ...params.hooks,
                onWillLoadRoot: ({domain, context}) => {
                    // Beside the cards, not behind them
                    this.board.showsUnprocessed = this.boardOptions.unprocessed;
                    this.board.load(domain, context);
                },
            },
        };
    }

    /** The figures come from the server, in one query. */
    get progressBarAggregateFields() {
        return [];
    }

    /** A process that was chosen and is not there any more: archived, or of another company. */
    forgetLostProcess() {
        const {process} = this.boardOptions;
        const isKnown = this.board.processes.some(({id}) => id === process);
        if (process && process !== WITHOUT_PROCESS && !isKnown) {
            this.choose({process: false});
        }
    }

    choose(options) {
        return this.env.searchModel.setBoardOptions(options);
    }
}
