import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {Component, useState} from "@odoo/owl";
import {WITHOUT_PROCESS} from "./sales_board_search_model";

/** Above the columns: the process, and which columns there are besides the open ones. */
export class SalesBoardBar extends Component {
    static template = "sales_crm_cases.SalesBoardBar";
    static components = {Dropdown, DropdownItem};
    static props = {
        board: Object,
        options: Object,
        choose: Function,
    };

    setup() {
        this.board = useState(this.props.board);
    }

    get columns() {
        return [
            {name: "unprocessed", label: _t("Unprocessed")},
            {name: "won", label: _t("Won")},
            {name: "lost", label: _t("Lost")},
        ];
    }

    get processes() {
        return [
            {id: false, name: _t("All processes")},
            ...this.board.processes,
            {id: WITHOUT_PROCESS, name: _t("Without a process")},
        ];
    }

    get processName() {
        const {process} = this.props.options;
        return this.processes.find(({id}) => id === process)?.name || "…";
    }

    toggle(name) {
        return this.props.choose({[name]: !this.props.options[name]});
    }
}
