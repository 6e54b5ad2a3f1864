import {_t} from "@web/core/l10n/translation";
import {formatMonetary} from "@web/views/fields/formatters";
import {Component} from "@odoo/owl";
import {useBarChart} from "./bar_chart";
import {formatAmount, formatCount, formatExactAmount} from "./home_formats";
import {HomeFigure} from "./home_figure";

/** What open cases are expected to bring, by the month in which they are to close. */
export class PipelineCard extends Component {
    static template = "sales_crm_cases.PipelineCard";
    static components = {HomeFigure};
    static props = {pipeline: Object, currencyId: Number, onOpen: Function};

    setup() {
        useBarChart(() => this.props.pipeline.rows, {
            getData: (rows) => ({
                labels: rows.map((row) => row.label),
                datasets: [{data: rows.map((row) => row.value), maxBarThickness: 64}],
            }),
            openBar: (rows, {index}) =>
                this.props.onOpen(rows[index], this.getTitle(rows[index])),
            formatTooltip: ({raw}) => formatExactAmount(raw, this.props.currencyId),
            legend: {display: false},
            y: {
                beginAtZero: true,
                border: {display: false},
                ticks: {
                    maxTicksLimit: 5,
                    callback: (value) =>
                        formatMonetary(value, {
                            currencyId: this.props.currencyId,
                            humanReadable: true,
                            digits: [16, 0],
                        }),
                },
            },
        });
    }

    get title() {
        return _t("%s month pipeline", this.props.pipeline.rows.length);
    }

    get isEmpty() {
        return this.props.pipeline.rows.every((row) => !row.count);
    }

    get rows() {
        return this.props.pipeline.rows.map((figure) => ({
            key: figure.key,
            label: figure.label,
            count: formatCount(figure.count),
            figure,
            text: formatAmount(figure.value, this.props.currencyId),
            exact: formatExactAmount(figure.value, this.props.currencyId),
            title: this.getTitle(figure),
        }));
    }

    getTitle({label}) {
        return _t("Cases to close in %s", label);
    }
}
