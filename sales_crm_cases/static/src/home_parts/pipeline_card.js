import {loadBundle} from "@web/core/assets";
import {cookie} from "@web/core/browser/cookie";
import {getColor, getCustomColor} from "@web/core/colors/colors";
import {localization} from "@web/core/l10n/localization";
import {_t} from "@web/core/l10n/translation";
import {formatMonetary} from "@web/views/fields/formatters";
import {Component, onWillStart, useEffect, useRef} from "@odoo/owl";
import {formatAmount, formatCount, formatExactAmount} from "./home_formats";
import {HomeFigure} from "./home_figure";

/** What open cases are expected to bring, by the month in which they are to close. */
export class PipelineCard extends Component {
    static template = "sales_crm_cases.PipelineCard";
    static components = {HomeFigure};
    static props = {pipeline: Object, currencyId: Number, onOpen: Function};

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (rows, canvas) => {
                if (!canvas) {
                    return;
                }
                const chart = new Chart(canvas, this.getChartConfig(rows));
                return () => chart.destroy();
            },
            () => [this.props.pipeline.rows, this.canvas.el]
        );
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

    getChartConfig(rows) {
        const isRtl = localization.direction === "rtl";
        const scheme = cookie.get("color_scheme");
        const grid = getCustomColor(scheme, "#d8dadd", "#3C3E4B");
        const ticks = {color: getCustomColor(scheme, "#374151", "#E4E4E4")};
        return {
            type: "bar",
            data: {
                labels: rows.map((row) => row.label),
                datasets: [
                    {
                        data: rows.map((row) => row.value),
                        backgroundColor: getColor(0, scheme, "odoo"),
                        maxBarThickness: 64,
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                onClick: (_event, [bar]) => bar && this.openBar(rows[bar.index]),
                onHover: (event, bars) => {
                    event.native.target.style.cursor = bars.length ? "pointer" : "";
                },
                plugins: {
                    legend: {display: false},
                    tooltip: {
                        rtl: isRtl,
                        callbacks: {
                            label: ({raw}) =>
                                formatExactAmount(raw, this.props.currencyId),
                        },
                    },
                },
                scales: {
                    x: {reverse: isRtl, grid: {display: false}, ticks},
                    y: {
                        position: isRtl ? "right" : "left",
                        beginAtZero: true,
                        border: {display: false},
                        grid: {color: grid},
                        ticks: {
                            ...ticks,
                            maxTicksLimit: 5,
                            callback: (value) =>
                                formatMonetary(value, {
                                    currencyId: this.props.currencyId,
                                    humanReadable: true,
                                    digits: [16, 0],
                                }),
                        },
                    },
                },
            },
        };
    }

    openBar(figure) {
        return this.props.onOpen(figure, this.getTitle(figure));
    }
}
