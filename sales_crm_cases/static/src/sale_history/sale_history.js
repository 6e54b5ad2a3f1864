import {loadBundle} from "@web/core/assets";
import {cookie} from "@web/core/browser/cookie";
import {getColor} from "@web/core/colors/colors";
import {localization} from "@web/core/l10n/localization";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary, formatPercentage} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {
    Component,
    onWillStart,
    onWillUpdateProps,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";

/**
 * Revenue and margin of a customer by month: a chart, and a table beside it. Every bar and
 * every figure opens the documents of which it is the sum.
 *
 * With `history`, as `res.partner.get_sales_history()` returns it, nothing is loaded: for pages
 * that get it with their own call.
 */
export class SaleHistory extends Component {
    static template = "sales_crm_cases.SaleHistory";
    static props = {
        partnerId: Number,
        months: {type: Number, optional: true},
        history: {type: Object, optional: true},
    };
    static defaultProps = {months: 12};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.state = useState({history: null});
        onWillStart(() =>
            Promise.all([loadBundle("web.chartjs_lib"), this.load(this.props)])
        );
        onWillUpdateProps((props) => this.load(props));
        useEffect(
            (history, canvas) => {
                if (!canvas) {
                    return;
                }
                const chart = new Chart(canvas, this.getChartConfig(history));
                return () => chart.destroy();
            },
            () => [this.state.history, this.canvas.el]
        );
    }

    async load({partnerId, months, history}) {
        this.state.history =
            history ||
            (await this.orm.call("res.partner", "get_sales_history", [partnerId], {
                months,
            }));
    }

    // ------------------------------------------------------------------
    // Table
    // ------------------------------------------------------------------

    get series() {
        return this.state.history.series;
    }

    /** The months, the latest first, each with a figure per series. */
    get rows() {
        const rows = this.state.history.months.map((month, index) => ({
            ...month,
            cells: this.series.map((serie) =>
                this.getCell(serie, serie.figures[index])
            ),
            rate: this.getRate((serie) => serie.figures[index].value),
        }));
        return rows.reverse();
    }

    get totals() {
        return this.series.map((serie) => this.getCell(serie, serie.total));
    }

    get totalRate() {
        return this.getRate((serie) => serie.total.value);
    }

    getCell(serie, figure) {
        return {key: serie.key, figure, text: this.format(figure.value)};
    }

    /** Margin in percent of what was invoiced; empty where nothing was. */
    getRate(getValue) {
        const [revenue, margin] = ["invoiced", "invoiced_margin"].map((key) => {
            const serie = this.series.find((candidate) => candidate.key === key);
            return serie ? getValue(serie) : 0;
        });
        return revenue > 0 ? formatPercentage(margin / revenue, {digits: [16, 1]}) : "";
    }

    format(value) {
        return formatMonetary(value, {currencyId: this.state.history.currency_id});
    }

    // ------------------------------------------------------------------
    // Chart
    // ------------------------------------------------------------------

    getChartConfig(history) {
        const isRtl = localization.direction === "rtl";
        const scheme = cookie.get("color_scheme");
        return {
            type: "bar",
            data: {
                labels: history.months.map((month) => month.label),
                datasets: history.series.map((serie, index) => ({
                    label: serie.label,
                    data: serie.figures.map((figure) => figure.value),
                    backgroundColor: getColor(index, scheme, "odoo"),
                })),
            },
            options: {
                maintainAspectRatio: false,
                onClick: (_event, [bar]) => bar && this.openBar(history, bar),
                onHover: (event, bars) => {
                    event.native.target.style.cursor = bars.length ? "pointer" : "";
                },
                plugins: {
                    legend: {position: "bottom", rtl: isRtl},
                    tooltip: {
                        rtl: isRtl,
                        callbacks: {
                            label: ({dataset, raw}) =>
                                `${dataset.label}: ${this.format(raw)}`,
                        },
                    },
                },
                scales: {
                    x: {reverse: isRtl, grid: {display: false}},
                    y: {position: isRtl ? "right" : "left"},
                },
            },
        };
    }

    openBar(history, {datasetIndex, index}) {
        return this.open(history.series[datasetIndex].figures[index]);
    }

    // ------------------------------------------------------------------
    // Documents
    // ------------------------------------------------------------------

    open({res_model, domain, context}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name:
                res_model === "account.move"
                    ? _t("Invoices and credit notes")
                    : _t("Confirmed orders"),
            res_model,
            domain,
            context,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}

/** The sale history as a part of the customer's form. */
export class SaleHistoryWidget extends Component {
    static template = "sales_crm_cases.SaleHistoryWidget";
    static components = {SaleHistory};
    static props = {...standardWidgetProps};
}

registry
    .category("view_widgets")
    .add("sales_crm_sale_history", {component: SaleHistoryWidget});
