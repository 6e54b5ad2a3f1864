import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {usePager} from "@web/search/pager_hook";
import {parseFloat, parseMonetary} from "@web/views/fields/parsers";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Component, onWillStart, useRef, useState} from "@odoo/owl";
import {getCell, getCellKey, getSaved, isAmount, TargetGrid} from "./target_grid";

const PAGE_SIZE = 80;
const SEARCH_DELAY = 300;

/**
 * The screen "Targets": a month of all salesmen, or a year of one. What is typed is saved by
 * Save, and before anything else is shown.
 */
export class SalesTargets extends Component {
    static template = "sales_crm_cases.SalesTargets";
    static components = {Layout, TargetGrid};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        this.state = useState({
            grid: null,
            changes: {},
            added: [],
            isSaving: false,
            where: {
                month: false,
                employeeId: false,
                search: "",
                offset: 0,
                limit: PAGE_SIZE,
                ...this.props.state?.where,
            },
        });
        // What is in the box at this moment: it may be ahead of what was searched for
        this.searchText = this.state.where.search;
        this.search = useDebounced(
            () => this.goTo({search: this.searchText, offset: 0}),
            SEARCH_DELAY
        );
        useSetupAction({
            rootRef: useRef("root"),
            getLocalState: () => ({where: {...this.state.where}}),
            beforeLeave: () => this.save(),
            beforeUnload: (ev) => {
                if (this.isDirty) {
                    ev.preventDefault();
                    ev.returnValue = "Unsaved changes";
                }
            },
        });
        usePager(() => {
            if (this.isYear || !this.state.grid) {
                return undefined;
            }
            const {offset, limit} = this.state.where;
            return {
                offset,
                limit,
                total: this.state.grid.count,
                onUpdate: (page) => this.goTo(page),
            };
        });
        onWillStart(() => this.load(this.state.where));
    }

    get isYear() {
        return Boolean(this.state.where.employeeId);
    }

    get isEmpty() {
        return !this.state.grid.rows.length;
    }

    // ------------------------------------------------------------------
    // Load
    // ------------------------------------------------------------------

    async load(where) {
        const {month, employeeId, search, offset, limit} = where;
        const request = employeeId
            ? this.orm.call("sales.target", "get_year", [employeeId, month])
            : this.orm.call("sales.target", "get_grid", [month], {
                  offset,
                  limit,
                  search,
              });
        const grid = await this.keepLast.add(request);
        Object.assign(this.state, {grid, where: {...where, month: grid.month}});
    }

    /** Show something else; what was typed is saved before. */
    async goTo(changes) {
        if (await this.save()) {
            await this.load({...this.state.where, ...changes});
        }
    }

    onSearchInput(ev) {
        this.searchText = ev.target.value;
        this.search();
    }

    /** @param {Number} count months, or years of a salesman, to go; 0 to the current one */
    step(count) {
        if (!count) {
            return this.goTo({month: false});
        }
        const month = luxon.DateTime.fromISO(this.state.grid.month);
        return this.goTo({
            month: month.plus({[this.isYear ? "years" : "months"]: count}).toISODate(),
        });
    }

    openSalesman(employeeId) {
        return this.goTo({employeeId});
    }

    openMonth() {
        return this.goTo({employeeId: false});
    }

    openList() {
        return this.action.doAction("sales_crm_cases.sales_target_action");
    }

    // ------------------------------------------------------------------
    // Type
    // ------------------------------------------------------------------

    get isDirty() {
        return Object.keys(this.state.changes).length > 0;
    }

    getKey(row, column) {
        return getCellKey(this.state.grid, row, column);
    }

    onInput(row, column, text) {
        let value = false;
        let isInvalid = false;
        if (text.trim()) {
            try {
                value = (isAmount(row, column) ? parseMonetary : parseFloat)(
                    text.trim()
                );
                isInvalid = !(value >= 0);
            } catch {
                isInvalid = true;
            }
        }
        const cell = getCell(this.state.grid, row, column);
        this.state.changes[this.getKey(row, column)] = {cell, value, text, isInvalid};
    }

    /** What was typed is shown as numbers are, unless it is none. */
    onLeave(row, column) {
        const key = this.getKey(row, column);
        const change = this.state.changes[key];
        if (!change || change.isInvalid) {
            return;
        }
        if (change.value === getSaved(row, column)) {
            delete this.state.changes[key];
        } else {
            delete change.text;
        }
    }

    onRevert(row, column) {
        delete this.state.changes[this.getKey(row, column)];
    }

    onAdd(key) {
        this.state.added.push(key);
    }

    // ------------------------------------------------------------------
    // Save
    // ------------------------------------------------------------------

    /** @returns {Promise<Boolean>} whether nothing is left to save */
    async save() {
        // A second click waits for the first
        this.saving ??= this._save().finally(() => {
            this.saving = undefined;
        });
        return this.saving;
    }

    async _save() {
        const saved = {...this.state.changes};
        const changes = Object.values(saved);
        if (!changes.length) {
            return true;
        }
        if (changes.some((change) => change.isInvalid)) {
            this.notification.add(
                _t(
                    "Some targets are no numbers, or negative. Correct those in red, or press Escape in them."
                ),
                {type: "danger"}
            );
            return false;
        }
        this.state.isSaving = true;
        try {
            await this.orm.call("sales.target", "save_cells", [
                changes.map(({cell, value}) => ({...cell, value})),
            ]);
            await this.load(this.state.where);
            for (const [key, {value}] of Object.entries(saved)) {
                // Not what was typed meanwhile
                if (this.state.changes[key]?.value === value) {
                    delete this.state.changes[key];
                }
            }
        } finally {
            this.state.isSaving = false;
        }
        return true;
    }

    discard() {
        this.state.changes = {};
    }

    // ------------------------------------------------------------------
    // Copy
    // ------------------------------------------------------------------

    copyForward() {
        const {employeeId, search} = this.state.where;
        return this.openCopy(_t("Copy forward"), {
            default_mode: "forward",
            default_employee_id: employeeId,
            default_employee_name: employeeId ? false : search,
        });
    }

    applyToAll() {
        return this.openCopy(_t("Apply to all"), {
            default_mode: "all",
            default_employee_id: this.state.where.employeeId,
        });
    }

    async openCopy(name, context) {
        if (!(await this.save())) {
            return;
        }
        await this.action.doAction(
            {
                type: "ir.actions.act_window",
                name,
                res_model: "sales.target.copy.wizard",
                views: [[false, "form"]],
                target: "new",
                context: {...context, default_month: this.state.grid.month},
            },
            {onClose: () => this.load(this.state.where)}
        );
    }
}

registry.category("actions").add("sales_crm_targets", SalesTargets);
