import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {queryAllAttributes, queryAllTexts} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {setupChartJsForTests} from "@web/../tests/views/graph/graph_test_helpers";
import {contains, defineParams, mountWithCleanup} from "@web/../tests/web_test_helpers";
import {HomeDashboard} from "@sales_crm_cases/home_parts/home_dashboard";
import {getChart, makeDashboard} from "@sales_crm_cases/../tests/home_helpers";

describe.current.tags("desktop");
defineMailModels();
setupChartJsForTests();

let dashboard;
beforeEach(() => {
    dashboard = makeDashboard();
});

function mountDashboard() {
    return mountWithCleanup(HomeDashboard, {
        props: {
            dashboard,
            onOpen: ({domain}, title) => expect.step([domain[0][2], title]),
        },
    });
}

test("every cell opens its activities, an empty one nothing", async () => {
    await mountDashboard();
    expect(".o_home_activities h2").toHaveText("Activities for last 30 days");
    expect(queryAllTexts(".o_home_activities tbody td")).toEqual([
        "2",
        "3",
        "5",
        "0",
        "1",
        "1",
    ]);
    expect("tr[data-type='2'] td:first button").toHaveCount(0);
    await contains("tr[data-type='1'] td:eq(0) button").click();
    await contains("tr[data-type='1'] td:eq(1) button").click();
    await contains("tr[data-type='2'] td:eq(2) button").click();
    await contains(".o_home_activities tfoot td:eq(2) button").click();
    expect.verifySteps([
        ["call existing", "Call, done, Existing"],
        ["call new", "Call, done, New"],
        ["meeting total", "Meeting, done"],
        ["all total", "Activities, done"],
    ]);
});

test("a screen reader hears what a number counts", async () => {
    await mountDashboard();
    expect(queryAllAttributes("tr[data-type='1'] button", "aria-label")).toEqual([
        "Call, done, Existing: 2",
        "Call, done, New: 3",
        "Call, done: 5",
    ]);
});

test("performance beside its target, with the share in words", async () => {
    await mountDashboard();
    expect(".o_home_performance h2").toHaveText("1 month performance");
    expect("[data-kind=cases]").toHaveText(/4\s*of 8\s*50 %/);
    expect("[data-kind=cases] .progress-bar").toHaveAttribute("style", "width: 50%");
    expect("[data-kind=cases] [role=img]").toHaveCount(0);
    expect("[data-kind=orders]").toHaveText(/150 %/);
    expect("[data-kind=orders] .progress-bar").toHaveAttribute("style", "width: 100%");
    expect("[data-kind=orders] [role=img]").toHaveAttribute("aria-label", "Reached");
    expect("[data-kind=quotes]").toHaveText(/without target/);
    await contains("[data-kind=orders] button").click();
    expect.verifySteps([["orders", "Orders"]]);
});

test("without any target none is missed", async () => {
    dashboard.performance.rows.forEach((row) => delete row.target);
    await mountDashboard();
    expect(".o_home_performance").not.toHaveText(/target/);
    expect(".o_home_performance .progress").toHaveCount(0);
});

test("amounts without cents, millions in short", async () => {
    dashboard.performance.rows[1].value = 23456789;
    await mountDashboard();
    expect("[data-kind=orders] button").toHaveText(/23.5M/);
    expect("[data-kind=orders] button").toHaveAttribute("title", /23,456,789\.00/);
});

test("a bar of the pipeline opens its cases, and so does the table", async () => {
    await mountDashboard();
    await animationFrame();
    const chart = getChart(".o_home_pipeline");
    expect(chart.data.labels).toEqual(["Mar 2031", "Apr 2031"]);
    expect(chart.data.datasets[0].data).toEqual([900, 0]);
    chart.config.options.onClick({}, [{index: 0}]);
    chart.config.options.onClick({}, []);
    await contains("[data-month='2031-03'] button").click();
    expect("[data-month='2031-04'] button").toHaveCount(0);
    expect.verifySteps([
        ["march", "Cases to close in Mar 2031"],
        ["march", "Cases to close in Mar 2031"],
    ]);
});

test("an empty pipeline says what to do", async () => {
    dashboard.pipeline.rows[0] = {...dashboard.pipeline.rows[0], count: 0, value: 0};
    await mountDashboard();
    expect(".o_home_pipeline").toHaveText(/Give cases an expected closing date/);
    expect(".o_home_pipeline canvas").toHaveCount(0);
});

test("reads from right to left", async () => {
    defineParams({lang_parameters: {direction: "rtl"}});
    await mountDashboard();
    await animationFrame();
    const {scales, plugins} = getChart(".o_home_pipeline").config.options;
    expect(scales.x.reverse).toBe(true);
    expect(scales.y.position).toBe("right");
    expect(plugins.tooltip.rtl).toBe(true);
});

test("what may not be read is left out", async () => {
    Object.assign(dashboard, {activities: null, pipeline: null});
    await mountDashboard();
    expect(".o_home_card").toHaveCount(1);
});
