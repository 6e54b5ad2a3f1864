import {loadBundle} from "@web/core/assets";
import {cookie} from "@web/core/browser/cookie";
import {getColor, getCustomColor} from "@web/core/colors/colors";
import {localization} from "@web/core/l10n/localization";
import {onWillStart, useEffect, useRef} from "@odoo/owl";

function getConfig(source, {getData, openBar, formatTooltip, legend, y = {}}) {
    const isRtl = localization.direction === "rtl";
    const scheme = cookie.get("color_scheme");
    // A canvas knows no variables of CSS: these are the greys of Odoo's own charts
    const color = getCustomColor(scheme, "#374151", "#E4E4E4");
    const gridColor = getCustomColor(scheme, "#d8dadd", "#3C3E4B");
    const {labels, datasets} = getData(source);
    return {
        type: "bar",
        data: {
            labels,
            datasets: datasets.map((dataset, index) => ({
                backgroundColor: getColor(index, scheme, "odoo"),
                ...dataset,
            })),
        },
        options: {
            maintainAspectRatio: false,
            onClick: (_event, [bar]) => bar && openBar(source, bar),
            onHover: (event, bars) => {
                event.native.target.style.cursor = bars.length ? "pointer" : "";
            },
            plugins: {
                legend: {rtl: isRtl, labels: {color}, ...legend},
                tooltip: {rtl: isRtl, callbacks: {label: formatTooltip}},
            },
            scales: {
                x: {reverse: isRtl, grid: {display: false}, ticks: {color}},
                y: {
                    position: isRtl ? "right" : "left",
                    grid: {color: gridColor},
                    ...y,
                    ticks: {color, ...y.ticks},
                },
            },
        },
    };
}

/**
 * A bar chart on the canvas of the component (`t-ref="canvas"`), in the colours of the user's
 * scheme and the direction of his language. A bar opens what it stands for.
 *
 * @param {Function} getSource returns what is drawn; when that is another object, it is drawn anew
 * @param {Object} chart
 * @param {Function} chart.getData `(source)`: `labels` and `datasets` as Chart.js takes them
 * @param {Function} chart.openBar `(source, bar)`
 * @param {Function} chart.formatTooltip as Chart.js calls it
 * @param {Object} chart.legend as Chart.js takes it
 * @param {Object} [chart.y] the axis of the values, as Chart.js takes it
 */
export function useBarChart(getSource, chart) {
    const canvas = useRef("canvas");
    onWillStart(() => loadBundle("web.chartjs_lib"));
    useEffect(
        (source, element) => {
            if (!element) {
                return;
            }
            const drawn = new Chart(element, getConfig(source, chart));
            return () => drawn.destroy();
        },
        () => [getSource(), canvas.el]
    );
}
