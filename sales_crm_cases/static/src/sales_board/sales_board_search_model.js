import {Domain} from "@web/core/domain";
import {user} from "@web/core/user";
import {SearchModel} from "@web/search/search_model";

// What `process` says for the cases that follow none
export const WITHOUT_PROCESS = "none";

/** What the user has chosen on the board, as it was kept for him. */
function readOptions() {
    const {process, won, lost, unprocessed} = user.settings?.sales_board || {};
    return {
        process:
            Number.isInteger(process) || process === WITHOUT_PROCESS ? process : false,
        won: won !== false,
        lost: lost === true,
        unprocessed: unprocessed === true,
    };
}

/**
 * The search of the board: the process and the columns that the user has chosen are part of
 * its domain, so that whatever works with the domain of the view is about what he sees. They
 * are no part of his favorites.
 */
export class SalesBoardSearchModel extends SearchModel {
    async load(config) {
        const {sales_board_process_id: processId} = config.context || {};
        this.board = {...readOptions(), ...(processId ? {process: processId} : {})};
        await super.load(config);
    }

    /** @returns {String[]} the outcomes of the cases that are shown */
    get boardOutcomes() {
        const {won, lost} = this.board;
        return ["open", ...(won ? ["order"] : []), ...(lost ? ["lost"] : [])];
    }

    get boardDomain() {
        const {process, won, lost} = this.board;
        const domains = [];
        if (process) {
            const processId = process === WITHOUT_PROCESS ? false : process;
            domains.push([["process_id", "=", processId]]);
        }
        const active = [["won_status", "in", won ? ["pending", "won"] : ["pending"]]];
        if (lost) {
            domains.push(
                Domain.or([
                    Domain.and([[["active", "=", true]], active]),
                    [
                        ["active", "=", false],
                        ["won_status", "=", "lost"],
                    ],
                ])
            );
        } else {
            domains.push(active);
        }
        return Domain.and(domains);
    }

    get context() {
        return {...super.context, sales_board_outcomes: this.boardOutcomes};
    }

    /** The columns are always the statuses. */
    get groupBy() {
        return ["stage_id"];
    }

    _getDomain(params = {}) {
        let domain = super._getDomain({...params, raw: true});
        if (params.withGlobal !== false) {
            domain = Domain.and([domain, this.boardDomain]);
        }
        return params.raw ? domain : domain.toList(this.domainEvalContext);
    }

    /** Show another process or other columns, now and next time. */
    async setBoardOptions(options) {
        this.board = {...this.board, ...options};
        await Promise.all([
            this._notify(),
            user.setUserSettings("sales_board", this.board),
        ]);
    }

    exportState() {
        return {...super.exportState(), board: this.board};
    }

    _importState(state) {
        super._importState(state);
        if (state.board) {
            this.board = {...state.board};
        }
    }
}
