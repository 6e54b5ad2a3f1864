import {describe, expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {animationFrame, Deferred} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {setupChartJsForTests} from "@web/../tests/views/graph/graph_test_helpers";
import {
    contains,
    defineParams,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {cookie} from "@web/core/browser/cookie";
import {Component, useState, xml} from "@odoo/owl";
import {
    SaleHistory,
    SaleHistoryWidget,
} from "@sales_crm_cases/sale_history/sale_history";
import {getChart} from "@sales_crm_cases/../tests/home_helpers";

describe.current.tags("desktop");
defineMailModels();
setupChartJsForTests();

function makeFigure(resModel, key, value) {
    return {
        value,
        count: value ? 1 : 0,
        res_model: resModel,
        domain: [["month", "=", key]],
        context: {create: false},
    };
}

function makeSerie(key, label, resModel, values) {
    return {
        key,
        label,
        figures: values.map((value, month) => makeFigure(resModel, month, value)),
        total: makeFigure(
            resModel,
            "all",
            values.reduce((sum, value) => sum + value)
        ),
    };
}

function makeHistory() {
    return {
        currency_id: 1,
        months: [
            {key: "2031-01", label: "Jan 2031"},
            {key: "2031-02", label: "Feb 2031"},
        ],
        is_empty: false,
        series: [
            makeSerie("invoiced", "Invoiced", "account.move", [200, 0]),
            makeSerie("invoiced_margin", "Margin on invoices", "account.move", [50, 0]),
            makeSerie("ordered", "Ordered", "sale.order", [0, 75]),
        ],
    };
}

function mockAction() {
    mockService("action", {
        doAction: async ({res_model, domain, context}) =>
            expect.step([res_model, domain, context]),
    });
}

/** Mount the history of customer 7; the server is asked for it once. */
async function mountHistory(history = makeHistory()) {
    onRpc("res.partner", "get_sales_history", ({args}) => {
        expect.step(args);
        return history;
    });
    await mountWithCleanup(SaleHistory, {props: {partnerId: 7}});
    expect.verifySteps([[7]]);
}

test("shows the latest month first, with totals and margins", async () => {
    await mountHistory();
    expect(queryAllTexts("tbody th")).toEqual(["Feb 2031", "Jan 2031"]);
    expect(queryAllTexts("tbody td[data-key=rate]")).toEqual(["", "25%"]);
    expect("tbody tr:last td[data-key=invoiced]").toHaveText(/200/);
    expect("tfoot td[data-key=invoiced]").toHaveText(/200/);
    expect("tfoot td[data-key=rate]").toHaveText("25%");
});

test("a figure opens its documents, an empty one nothing", async () => {
    mockAction();
    await mountHistory();
    expect("tbody tr:first td[data-key=invoiced] button").toHaveCount(0);
    await contains("tbody tr:first td[data-key=ordered] button").click();
    await contains("tfoot td[data-key=invoiced] button").click();
    expect.verifySteps([
        ["sale.order", [["month", "=", 1]], {create: false}],
        ["account.move", [["month", "=", "all"]], {create: false}],
    ]);
});

test("a bar opens its documents", async () => {
    mockAction();
    await mountHistory();
    await animationFrame();
    const chart = getChart(".o_sale_history");
    expect(chart.data.labels).toEqual(["Jan 2031", "Feb 2031"]);
    expect(chart.data.datasets.map(({data}) => data)).toEqual([
        [200, 0],
        [50, 0],
        [0, 75],
    ]);
    chart.config.options.onClick({}, [{datasetIndex: 1, index: 0}]);
    chart.config.options.onClick({}, []);
    expect.verifySteps([["account.move", [["month", "=", 0]], {create: false}]]);
});

test("reads from right to left", async () => {
    defineParams({lang_parameters: {direction: "rtl"}});
    await mountHistory();
    await animationFrame();
    const {scales, plugins} = getChart(".o_sale_history").config.options;
    expect(scales.x.reverse).toBe(true);
    expect(scales.y.position).toBe("right");
    expect(plugins.legend.rtl).toBe(true);
});

test("its words are light on a dark page", async () => {
    cookie.set("color_scheme", "dark");
    await mountHistory();
    await animationFrame();
    const {scales, plugins} = getChart(".o_sale_history").config.options;
    expect([scales.x, scales.y].map(({ticks}) => ticks.color)).toEqual([
        "#E4E4E4",
        "#E4E4E4",
    ]);
    expect(plugins.legend.labels.color).toBe("#E4E4E4");
});

test("the answer for a customer that was left is not shown", async () => {
    class Parent extends Component {
        static components = {SaleHistoryWidget};
        static props = {};
        static template = xml`<SaleHistoryWidget record="{resId: state.customerId}"/>`;
        setup() {
            this.state = useState({customerId: 1});
        }
    }
    const answers = {1: {...makeHistory(), is_empty: true}, 2: new Deferred()};
    onRpc("res.partner", "get_sales_history", ({args}) => answers[args[0]]);
    const {state} = await mountWithCleanup(Parent);
    state.customerId = 2;
    await animationFrame();
    state.customerId = 1;
    await animationFrame();
    answers[2].resolve(makeHistory());
    await animationFrame();
    expect(".o_sale_history").toHaveText(/Nothing was invoiced or ordered/);
});

test("says so where nothing was sold, and where nothing may be read", async () => {
    const history = {...makeHistory(), is_empty: true};
    await mountHistory(history);
    expect(".o_sale_history").toHaveText(/Nothing was invoiced or ordered/);
    expect(".o_sale_history canvas").toHaveCount(0);
    await mountHistory({...history, series: []});
    expect(".o_sale_history:last").toHaveText(/neither the invoices nor the orders/);
});
