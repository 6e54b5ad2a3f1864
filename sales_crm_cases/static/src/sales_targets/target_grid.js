import {formatCurrency} from "@web/core/currency";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {getActiveHotkey} from "@web/core/hotkeys/hotkey_service";
import {localization} from "@web/core/l10n/localization";
import {formatFloat} from "@web/views/fields/formatters";
import {useNumpadDecimal} from "@web/views/fields/numpad_decimal_hook";
import {Component, useRef} from "@odoo/owl";

const FIELDS = ["employee_id", "month", "kind", "activity_type_id"];

/**
 * The target at a row and a column of a grid.
 *
 * @returns {Object} the values that tell it from others
 */
export function getCell(grid, row, column) {
    return {...grid.cell, ...row.cell, ...column.cell};
}

export function getCellKey(grid, row, column) {
    const cell = getCell(grid, row, column);
    return FIELDS.map((name) => cell[name] || 0).join("/");
}

/** @returns {Number|false} what is saved; false without target */
export function getSaved(row, column) {
    return row.values[column.key] ?? false;
}

export function isAmount(row, column) {
    return Boolean(row.is_amount || column.is_amount);
}

/**
 * Table of targets, as `sales.target` returns them, with what was typed but not saved.
 *
 * Enter and the arrows go from cell to cell, Escape takes back what was typed into one.
 */
export class TargetGrid extends Component {
    static template = "sales_crm_cases.TargetGrid";
    static components = {Dropdown, DropdownItem};
    static props = {
        grid: Object,
        // What was typed, by the key of the cell: `{cell, value, text, isInvalid}`
        changes: Object,
        added: Array,
        isYear: Boolean,
        onAdd: Function,
        onInput: Function,
        onLeave: Function,
        onRevert: Function,
        onOpenSalesman: Function,
    };

    setup() {
        this.table = useRef("numpadDecimal");
        // Also what selects the text of a cell that gets the focus
        useNumpadDecimal();
    }

    // ------------------------------------------------------------------
    // Rows and columns
    // ------------------------------------------------------------------

    get columns() {
        return this.getShown(this.props.grid.columns);
    }

    get rows() {
        return this.getShown(this.props.grid.rows);
    }

    /** Activity types that can be added. */
    get addable() {
        const {grid, isYear, added} = this.props;
        return (isYear ? grid.rows : grid.columns).filter(
            ({key, is_shown}) => !is_shown && !added.includes(key)
        );
    }

    get mayAdd() {
        return this.props.grid.may_set && this.addable.length > 0;
    }

    getShown(lines) {
        return lines.filter(
            ({key, is_shown}) => is_shown !== false || this.props.added.includes(key)
        );
    }

    // ------------------------------------------------------------------
    // Values
    // ------------------------------------------------------------------

    getChange(row, column) {
        return this.props.changes[getCellKey(this.props.grid, row, column)];
    }

    /** @returns {Number|false} what is typed, else what is saved */
    getValue(row, column) {
        const change = this.getChange(row, column);
        return change && !change.isInvalid ? change.value : getSaved(row, column);
    }

    getText(row, column) {
        const change = this.getChange(row, column);
        return change?.text ?? this.format(this.getValue(row, column), row, column);
    }

    isInvalid(row, column) {
        return Boolean(this.getChange(row, column)?.isInvalid);
    }

    format(value, row, column) {
        if (value === false) {
            return "";
        }
        return isAmount(row, column)
            ? formatCurrency(value, row.currency_id, {trailingZeros: false})
            : formatFloat(value, {trailingZeros: false});
    }

    getLabel(row, column) {
        return `${row.label}, ${column.label}`;
    }

    // ------------------------------------------------------------------
    // Totals
    // ------------------------------------------------------------------

    /** Of all salesmen, those of other pages too. */
    getColumnTotal(column) {
        const {grid} = this.props;
        let total = column.total;
        for (const row of this.rows) {
            const rate = column.is_amount ? row.rate : 1;
            total += rate * (this.getValue(row, column) - getSaved(row, column));
        }
        return this.format(total || false, {currency_id: grid.currency_id}, column);
    }

    getRowTotal(row) {
        const total = this.columns.reduce(
            (sum, column) => sum + this.getValue(row, column),
            0
        );
        return this.format(total || false, row, {});
    }

    // ------------------------------------------------------------------
    // Keyboard
    // ------------------------------------------------------------------

    onKeydown(ev, row, column, rowIndex, columnIndex) {
        const step = this.getStep(ev);
        if (step) {
            const next = this.findInput(rowIndex, columnIndex, step);
            ev.preventDefault();
            next?.focus();
        } else if (getActiveHotkey(ev) === "escape") {
            this.props.onRevert(row, column);
        }
    }

    /** @returns {Number[]|undefined} rows and columns to go */
    getStep(ev) {
        const {selectionStart, selectionEnd, value} = ev.target;
        const isAll = selectionStart === 0 && selectionEnd === value.length;
        const ahead = localization.direction === "rtl" ? -1 : 1;
        switch (getActiveHotkey(ev)) {
            case "enter":
            case "arrowdown":
                return [1, 0];
            case "shift+enter":
            case "arrowup":
                return [-1, 0];
            case "arrowleft":
                return isAll || selectionEnd === 0 ? [0, -ahead] : undefined;
            case "arrowright":
                return isAll || selectionStart === value.length
                    ? [0, ahead]
                    : undefined;
        }
    }

    /** The next cell in this direction that can be typed into. */
    findInput(rowIndex, columnIndex, [rowStep, columnStep]) {
        const isInside = (index, lines) => index >= 0 && index < lines.length;
        let row = rowIndex + rowStep;
        let column = columnIndex + columnStep;
        while (isInside(row, this.rows) && isInside(column, this.columns)) {
            const input = this.table.el.querySelector(
                `input[data-row="${row}"][data-column="${column}"]`
            );
            if (input) {
                return input;
            }
            row += rowStep;
            column += columnStep;
        }
    }
}
