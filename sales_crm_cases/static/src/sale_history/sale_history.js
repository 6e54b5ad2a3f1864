import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary, formatPercentage} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {Component, onWillStart, useState} from "@odoo/owl";
import {useBarChart} from "../home_parts/bar_chart";

/**
 * Revenue and margin of a customer by month: a chart, and a table beside it. Every bar and
 * every figure opens the documents of which it is the sum. Another customer takes another
 * `t-key`.
 */
export class SaleHistory extends Component {
    static template = "sales_crm_cases.SaleHistory";
    static props = {partnerId: Number};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({history: null});
        onWillStart(() => this.load());
        useBarChart(() => this.state.history, {
            getData: ({months, series}) => ({
                labels: months.map((month) => month.label),
                datasets: series.map(({label, figures}) => ({
                    label,
                    data: figures.map((figure) => figure.value),
                })),
            }),
            openBar: ({series}, {datasetIndex, index}) =>
                this.open(series[datasetIndex].figures[index]),
            formatTooltip: ({dataset, raw}) => `${dataset.label}: ${this.format(raw)}`,
            legend: {position: "bottom"},
        });
    }

    async load() {
        this.state.history = await this.orm.call("res.partner", "get_sales_history", [
            this.props.partnerId,
        ]);
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
