import {Component, useState} from "@odoo/owl";
import {formatCount, formatDay} from "../home_parts/home_formats";
import {useHomeActions} from "../home_parts/home_hooks";

export const UNPROCESSED = "unprocessed";
const UNCOUNTED = 10000;

/** The customers that are somebody's and have no open case; a card becomes a case. */
export class UnprocessedColumn extends Component {
    static template = "sales_crm_cases.UnprocessedColumn";
    static props = {
        board: Object,
        isDraggable: Boolean,
        openCase: Function,
    };

    setup() {
        this.board = useState(this.props.board);
        this.actions = useHomeActions();
        this.formatDay = formatDay;
        this.id = UNPROCESSED;
    }

    get customers() {
        return this.board.unprocessed?.customers || [];
    }

    get remaining() {
        return (this.board.unprocessed?.count || 0) - this.customers.length;
    }

    get count() {
        const {count} = this.board.unprocessed;
        return count < UNCOUNTED ? formatCount(count) : `${formatCount(UNCOUNTED)}+`;
    }

    onClick(ev, customer) {
        if (!ev.target.closest("button")) {
            this.actions.openCustomer(ev, customer.id);
        }
    }
}
