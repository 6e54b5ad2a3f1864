import {deserializeDate, deserializeDateTime, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {Pager} from "@web/core/pager/pager";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Component, onWillStart, useState} from "@odoo/owl";

const PAGE = 50;

/** Case info and history: what is known of a case, and all that happened on it. */
export class CaseHistory extends Component {
    static template = "sales_crm_cases.CaseHistory";
    static components = {Pager};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({
            case: null,
            entries: [],
            total: 0,
            offset: 0,
            limit: PAGE,
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

    formatDay(date) {
        return date ? formatDate(deserializeDate(date)) : "";
    }

    formatMoment(entry) {
        const moment = deserializeDateTime(entry.date);
        // An open activity is due on a day, at no hour
        return entry.kind === "activity"
            ? this.formatDay(entry.date.slice(0, 10))
            : formatDate(moment);
    }

    formatAmount(amount, currencyId) {
        return formatMonetary(amount, {currencyId});
    }

    openEntry(entry) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: entry.res_model,
            res_id: entry.res_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("sales_crm_case_history", CaseHistory);
