import {_t} from "@web/core/l10n/translation";
import {RelationalModel} from "@web/model/relational_model/relational_model";
import {markRaw} from "@odoo/owl";
import {checkRainbowmanMessage} from "@crm/views/check_rainbowman_message";

const UNPROCESSED_PAGE = 20;

/** @returns {String|undefined} the outcome of the status of a column */
export function getOutcome(group) {
    if (group.groupByField.name !== "stage_id") {
        return undefined;
    }
    return group.value ? group.record?.data.outcome : "lost";
}

/** @returns {String} the name of a column: without a status, cases are lost */
export function getColumnName(group) {
    return getOutcome(group) === "lost" && !group.value
        ? _t("Lost")
        : group.displayName;
}

/** All of the board but its cards: figures, processes, customers without a case. */
export class SalesBoardData {
    constructor(orm) {
        this.orm = markRaw(orm);
        this.loadCount = 0;
        this.isLoaded = false;
        this.currencyId = false;
        this.figures = {};
        this.processes = [];
        this.unprocessed = null;
        this.showsUnprocessed = false;
    }

    /**
     * What a later load has overtaken is not shown; whoever waits for it goes on, as the card
     * does that was moved.
     *
     * @param {Array} domain of the cases
     * @param {Object} context
     */
    async load(domain, context) {
        this.domain = domain;
        this.context = context;
        const shown = this.unprocessed?.customers.length || 0;
        const number = ++this.loadCount;
        const board = await this.orm.call("crm.lead", "get_board", [domain], {
            unprocessed_limit: this.showsUnprocessed
                ? Math.max(shown, UNPROCESSED_PAGE)
                : 0,
            context,
        });
        if (number !== this.loadCount) {
            return;
        }
        this.currencyId = board.currency_id;
        this.figures = Object.fromEntries(
            board.statuses.map((row) => [row.stage_id || false, row])
        );
        this.processes = board.processes;
        this.unprocessed = board.unprocessed;
        this.isLoaded = true;
    }

    /** The same again, after something was changed. */
    refresh() {
        return this.load(this.domain, this.context);
    }

    async loadMoreUnprocessed() {
        const {customers} = this.unprocessed;
        const offset = customers.length;
        const more = await this.orm.call(
            "crm.lead",
            "get_board_unprocessed",
            [this.domain],
            {limit: UNPROCESSED_PAGE, offset, context: this.context}
        );
        // Loaded anew meanwhile, or asked for twice
        if (customers !== this.unprocessed?.customers || customers.length !== offset) {
            return;
        }
        this.unprocessed.count = more.count;
        customers.push(...more.customers);
    }
}

/** Moves cases between columns as Odoo's kanban does, asks why one is lost, and takes back. */
export class SalesBoardModel extends RelationalModel {
    static services = [...RelationalModel.services, "effect"];

    setup(params, {effect}) {
        super.setup(...arguments);
        this.board = params.board;
        this.effect = effect;
        this.lastMove = null;
        // The messages that offer to take a move back, by case
        this.offers = new Map();
    }

    /** What is needed to take a move of a card back. */
    _prepareMove(record, source, target) {
        const {data} = record;
        const former = {stage_id: source.value || false};
        if (getOutcome(source) === "lost") {
            former.lost_reason_id = data.lost_reason_id?.id || false;
        } else if (!data.is_automated_probability && getOutcome(source) === "open") {
            former.probability = data.probability;
        }
        return {
            resId: record.resId,
            name: data.name,
            former,
            formerName: getColumnName(source),
            movedToId: target.id,
            movedToName: target.name,
            outcome: target.outcome,
        };
    }

    /** Say what was done, and offer to take it back. */
    async _announceMove(move) {
        this.lastMove = move;
        this.closeOffer(move.resId);
        const close = this.notification.add(
            _t("“%(case)s” is in “%(status)s” now.", {
                case: move.name,
                status: move.movedToName,
            }),
            {
                type: "success",
                autocloseDelay: 10000,
                buttons: [
                    {
                        name: _t("Undo"),
                        primary: true,
                        onClick: () => this.undo(move),
                    },
                ],
            }
        );
        this.offers.set(move.resId, close);
        if (move.outcome === "order") {
            await checkRainbowmanMessage(this.orm, this.effect, move.resId);
        }
    }

    /** What a later move, or its undo, has overtaken cannot be taken back. */
    closeOffer(resId) {
        this.offers.get(resId)?.();
        this.offers.delete(resId);
    }

    /** @param {Object} [move] the last one if it is not given */
    async undo(move = this.lastMove) {
        if (!move) {
            return;
        }
        if (this.lastMove === move) {
            this.lastMove = null;
        }
        this.closeOffer(move.resId);
        try {
            await this.orm.call(
                "crm.lead",
                "action_undo_board_move",
                [[move.resId], move.movedToId, move.former],
                {context: this.root.context}
            );
            this.notification.add(
                _t("“%(case)s” is back in “%(status)s”.", {
                    case: move.name,
                    status: move.formerName,
                }),
                {type: "info"}
            );
        } finally {
            // Also when it was refused: somebody else has moved it
            await this.load();
        }
    }

    /**
     * Move a card to a status of its process, whether or not that is a column of the board.
     *
     * @param {Object} record
     * @param {Object} status as the server lists it: `id`, `name`, `outcome`
     */
    async moveToStatus(record, status) {
        const {groups} = this.root;
        const source = groups.find((group) =>
            group.list.records.some(({id}) => id === record.id)
        );
        const target = groups.find((group) => (group.value || false) === status.id);
        if (target) {
            return this.root.moveRecord(record.id, source.id, null, target.id);
        }
        const move = this._prepareMove(record, source, status);
        if (status.outcome === "lost") {
            return this.lose(move);
        }
        await record.update(
            {stage_id: {id: status.id, display_name: status.name}},
            {save: true}
        );
        await this.load();
        await this._announceMove(move);
    }

    /** Ask why the case is lost, in Odoo's own dialog; closing it loses nothing. */
    lose(move) {
        return this.action.doAction("crm.crm_lead_lost_action", {
            additionalContext: {
                active_model: "crm.lead",
                active_id: move.resId,
                active_ids: [move.resId],
            },
            onClose: () => this._finishLoss(move),
        });
    }

    async _finishLoss(move) {
        const {context} = this.root;
        const [values] = await this.orm.read(
            "crm.lead",
            [move.resId],
            ["won_status", "stage_id"],
            {context}
        );
        if (values?.won_status !== "lost") {
            return;
        }
        if (move.movedToId && values.stage_id[0] !== move.movedToId) {
            // One of several lost statuses
            await this.orm.write(
                "crm.lead",
                [move.resId],
                {stage_id: move.movedToId},
                {context}
            );
        }
        await this.load();
        await this._announceMove(move);
    }

    /** Open a case of a customer that has none. */
    async openCase(customer, status) {
        if (this.isOpeningCase) {
            return;
        }
        this.isOpeningCase = true;
        try {
            await this.orm.call(
                "crm.lead",
                "create_board_case",
                [customer.id, status.id],
                {context: this.root.context}
            );
            this.notification.add(
                _t("A case of %(customer)s is in “%(status)s” now.", {
                    customer: customer.name,
                    status: status.name,
                }),
                {type: "success"}
            );
        } finally {
            this.isOpeningCase = false;
            await this.load();
        }
    }
}

SalesBoardModel.DynamicGroupList = class extends RelationalModel.DynamicGroupList {
    async moveRecord(recordId, sourceId, refId, targetId) {
        const source = this.groups.find((group) => group.id === sourceId);
        const target = this.groups.find((group) => group.id === targetId);
        if (!source || !target || source === target || !getOutcome(target)) {
            return super.moveRecord(...arguments);
        }
        const record = source.list.records.find(({id}) => id === recordId);
        const outcome = getOutcome(target);
        const move = this.model._prepareMove(record, source, {
            id: target.value || false,
            name: getColumnName(target),
            outcome,
        });
        if (outcome === "lost") {
            return this.model.lose(move);
        }
        await super.moveRecord(...arguments);
        if ((record.data.stage_id?.id || false) === move.movedToId) {
            await Promise.all([
                this.model.board.refresh(),
                this.model._announceMove(move),
            ]);
        }
    }
};
