import {_t} from "@web/core/l10n/translation";
import {Component} from "@odoo/owl";
import {
    formatAmount,
    formatCount,
    formatExactAmount,
    formatShare,
} from "./home_formats";
import {HomeFigure} from "./home_figure";

/** What was reached in the last months, beside its target where there is one. */
export class PerformanceCard extends Component {
    static template = "sales_crm_cases.PerformanceCard";
    static components = {HomeFigure};
    static props = {performance: Object, currencyId: Number, onOpen: Function};

    get title() {
        return _t("%s month performance", this.props.performance.months);
    }

    /** The period in words, from its first month. */
    get period() {
        const {months, label} = this.props.performance;
        return months === 1 ? label : _t("since %s", label);
    }

    get rows() {
        return this.props.performance.rows.map((figure) => {
            const {value, target} = figure;
            const row = {
                kind: figure.kind,
                figure,
                text: this.format(figure, value),
                exact: figure.is_amount
                    ? formatExactAmount(value, this.props.currencyId)
                    : undefined,
                title: figure.label,
            };
            if (target) {
                row.target = this.format(figure, target);
                row.share = formatShare(value, target);
                row.isReached = value >= target;
                row.width = Math.max(0, Math.min(100, (value / target) * 100));
            }
            return row;
        });
    }

    /** Whether there is any target, so that it is worth saying where there is none. */
    get hasTargets() {
        return this.props.performance.rows.some((row) => row.target);
    }

    format(figure, value) {
        return figure.is_amount
            ? formatAmount(value, this.props.currencyId)
            : formatCount(value);
    }
}
