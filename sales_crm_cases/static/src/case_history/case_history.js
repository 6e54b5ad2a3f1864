import {deserializeDateTime, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {Pager} from "@web/core/pager/pager";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Component, onWillStart, useState} from "@odoo/owl";
import {formatDay} from "../home_parts/home_formats";
import {useHomeActions} from "../home_parts/home_hooks";

const PAGE_SIZE = 50;

/** Case info and history: what is known of a case, and all that happened on it. */
export class CaseHistory extends Component {
    static template = "sales_crm_cases.CaseHistory";
    static components = {Pager};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.actions = useHomeActions();
        this.formatDay = formatDay;
        this.state = useState({
            case: null,
            entries: [],
            total: 0,
            offset: 0,
            limit: PAGE_SIZE,
        });
        onWillStart(() => this.load());
    }

    get caseId() {
        return this.props.action.params.case_id;
    }

    async load() {
        const page = await this.orm.call("crm.lead", "get_history", [this.caseId], {
            offset: this.state.offset,
            limit: this.state.limit,
        });
        Object.assign(this.state, page);
    }

    async turnPage({offset, limit}) {
        Object.assign(this.state, {offset, limit});
        await this.load();
    }

    kindLabel(kind) {
        return {
            activity: _t("Activity"),
            quote: _t("Quote"),
            order: _t("Order"),
            message: _t("Message"),
            note: _t("Note"),
        }[kind];
    }

    /** A day without an hour, as that of an open activity, is the same in all time zones. */
    formatMoment(date) {
        return date.endsWith(" 00:00:00")
            ? formatDay(date.slice(0, 10))
            : formatDate(deserializeDateTime(date));
    }

    formatAmount(amount, currencyId) {
        return formatMonetary(amount, {currencyId});
    }
}

registry.category("actions").add("sales_crm_case_history", CaseHistory);
