import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {press, queryAllTexts, queryAllValues, queryFirst} from "@odoo/hoot-dom";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineParams,
    getService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {WebClient} from "@web/webclient/webclient";

describe.current.tags("desktop");
defineMailModels();

const ACTION = {type: "ir.actions.client", tag: "sales_crm_targets", name: "Targets"};

function makeKind(key, label, cell, options = {}) {
    return {key, label, cell, is_amount: false, is_shown: true, ...options};
}

function makeKinds() {
    return [
        makeKind("cases", "Cases", {kind: "cases", activity_type_id: false}),
        makeKind(
            "orders",
            "Orders",
            {kind: "orders", activity_type_id: false},
            {is_amount: true}
        ),
        makeKind(
            "activities_7",
            "Fair",
            {kind: "activities", activity_type_id: 7},
            {is_shown: false}
        ),
    ];
}

function makeRow(key, label, values, options = {}) {
    return {
        key,
        label,
        cell: {employee_id: key},
        currency_id: 1,
        rate: 1,
        is_active: true,
        is_editable: true,
        values,
        ...options,
    };
}

function makeGrid(options = {}) {
    return {
        title: "May 2031",
        month: "2031-05-01",
        is_this_month: false,
        cell: {month: "2031-05-01"},
        columns: makeKinds().map((kind) => ({
            ...kind,
            total: {cases: 107, orders: 1500}[kind.key] || 0,
        })),
        rows: [
            makeRow(1, "Anna", {cases: 3, orders: 1000}),
            makeRow(2, "Bert", {cases: 4}, {is_editable: false}),
            makeRow(3, "Carl", {orders: 2000}, {rate: 0.25}),
        ],
        currency_id: 1,
        count: 200,
        may_set: true,
        ...options,
    };
}

function makeYear() {
    const cell = {employee_id: 1};
    return {
        title: "2031",
        month: "2031-05-01",
        is_this_month: false,
        employee_id: 1,
        employee: "Anna",
        cell,
        columns: ["05", "06"].map((month) =>
            makeKind(`2031-${month}-01`, month, {month: `2031-${month}-01`})
        ),
        rows: makeKinds().map((kind) => ({
            ...kind,
            currency_id: 1,
            is_editable: true,
            values: kind.key === "cases" ? {"2031-05-01": 3, "2031-06-01": 4} : {},
        })),
        currency_id: 1,
        count: 1,
        may_set: true,
    };
}

function getInput(label) {
    return `.o_target_grid input[aria-label="${label}"]`;
}

async function openTargets(action = ACTION) {
    await mountWithCleanup(WebClient);
    await getService("action").doAction(action);
}

let grid = null;

beforeEach(() => {
    grid = makeGrid();
    onRpc("sales.target", "get_grid", ({args, kwargs}) => {
        const {offset, search} = kwargs;
        expect.step(["load", args[0], offset, search]);
        return grid;
    });
    onRpc("sales.target", "get_year", ({args}) => {
        expect.step(["year", ...args]);
        return makeYear();
    });
});

test("shows the month, with formats and totals", async () => {
    await openTargets();
    expect.verifySteps([["load", false, 0, ""]]);
    expect(".o_sales_targets_title").toHaveText("May 2031");
    expect(queryAllTexts("thead th").slice(0, 3)).toEqual([
        "Salesman",
        "Cases",
        "Orders",
    ]);
    expect(queryAllValues("tbody input")).toEqual([
        "3",
        "$\u00a01,000",
        "",
        "$\u00a02,000",
    ]);
    expect(".o_target_grid tr[data-key='2'] input").toHaveCount(0);
    expect(".o_target_grid tr[data-key='2'] td[data-key=cases]").toHaveText("4");
    expect("tfoot td[data-key=cases]").toHaveText("107");
    expect("tfoot td[data-key=orders]").toHaveText("$ 1,500");
    expect(".o_pager_value").toHaveText("1-80");
    expect(".o_pager_limit").toHaveText("200");
});

test("saves in one call what was typed, and loads again", async () => {
    onRpc("sales.target", "save_cells", ({args}) => {
        expect.step(args[0]);
        grid = makeGrid({rows: [makeRow(1, "Anna", {cases: 12})]});
        return 2;
    });
    await openTargets();
    expect(".o_sales_targets_save").toHaveCount(0);
    await contains(getInput("Anna, Cases")).edit("12", {confirm: false});
    await contains(getInput("Anna, Orders")).edit("", {confirm: false});
    await contains(getInput("Carl, Orders")).edit("2400", {confirm: "blur"});
    expect(getInput("Carl, Orders")).toHaveValue("$\u00a02,400");
    expect("tfoot td[data-key=cases]").toHaveText("116");
    // -1,000, and 400 more at a quarter
    expect("tfoot td[data-key=orders]").toHaveText("$ 600");
    await contains(".o_sales_targets_save").click();
    const cell = {month: "2031-05-01", activity_type_id: false};
    expect.verifySteps([
        ["load", false, 0, ""],
        [
            {...cell, employee_id: 1, kind: "cases", value: 12},
            {...cell, employee_id: 1, kind: "orders", value: false},
            {...cell, employee_id: 3, kind: "orders", value: 2400},
        ],
        ["load", "2031-05-01", 0, ""],
    ]);
    expect(".o_sales_targets_save").toHaveCount(0);
    expect(queryAllValues("tbody input")).toEqual(["12", ""]);
});

test("what is typed and taken back is nothing to save", async () => {
    await openTargets();
    await contains(getInput("Anna, Cases")).edit("12", {confirm: false});
    expect(".o_sales_targets_save").toHaveCount(1);
    await press("Escape");
    await animationFrame();
    expect(getInput("Anna, Cases")).toHaveValue("3");
    expect(".o_sales_targets_save").toHaveCount(0);
    await contains(getInput("Anna, Orders")).edit("1000", {confirm: "blur"});
    expect(".o_sales_targets_save").toHaveCount(0);
    await contains(getInput("Anna, Cases")).edit("7", {confirm: "blur"});
    await contains(".o_sales_targets_discard").click();
    expect(getInput("Anna, Cases")).toHaveValue("3");
    expect.verifySteps([["load", false, 0, ""]]);
});

test("refuses what is negative or no number", async () => {
    onRpc("sales.target", "save_cells", () => expect.step("save"));
    await openTargets();
    for (const text of ["-3", "many"]) {
        await contains(getInput("Anna, Cases")).edit(text, {confirm: "blur"});
        expect(getInput("Anna, Cases")).toHaveClass("o_target_grid_invalid");
        expect(getInput("Anna, Cases")).toHaveValue(text);
        expect("tfoot td[data-key=cases]").toHaveText("107");
    }
    await contains(".o_sales_targets_save").click();
    expect(".o_notification").toHaveText(/negative/);
    await contains(".o_sales_targets_next").click();
    expect.verifySteps([["load", false, 0, ""]]);
});

test("saves before it shows another month", async () => {
    onRpc("sales.target", "save_cells", ({args}) => {
        expect.step(args[0].length);
        return 1;
    });
    await openTargets();
    await contains(getInput("Anna, Cases")).edit("12", {confirm: false});
    await contains(".o_sales_targets_next").click();
    expect.verifySteps([
        ["load", false, 0, ""],
        1,
        ["load", "2031-05-01", 0, ""],
        ["load", "2031-06-01", 0, ""],
    ]);
});

test("Enter and arrows go over cells that cannot be changed", async () => {
    await openTargets();
    await contains(getInput("Anna, Cases")).click();
    await press("Enter");
    expect(getInput("Carl, Cases")).toBeFocused();
    await press("ArrowRight");
    expect(getInput("Carl, Orders")).toBeFocused();
    await press("ArrowUp");
    expect(getInput("Anna, Orders")).toBeFocused();
    await press("ArrowUp");
    expect(getInput("Anna, Orders")).toBeFocused();
    await press("ArrowLeft");
    expect(getInput("Anna, Cases")).toBeFocused();
    const input = queryFirst(getInput("Anna, Cases"));
    expect([input.selectionStart, input.selectionEnd]).toEqual([0, 1]);
    expect.verifySteps([["load", false, 0, ""]]);
});

test("the arrows follow the direction of the language", async () => {
    defineParams({lang_parameters: {direction: "rtl"}});
    await openTargets();
    await contains(getInput("Anna, Cases")).click();
    await press("ArrowLeft");
    expect(getInput("Anna, Orders")).toBeFocused();
    expect.verifySteps([["load", false, 0, ""]]);
});

test("adds activity types to the columns", async () => {
    await openTargets();
    expect(getInput("Anna, Fair")).toHaveCount(0);
    await contains(".o_target_grid_add_button").click();
    await contains(".dropdown-item:contains(Fair)").click();
    expect(getInput("Anna, Fair")).toHaveCount(1);
    expect(".o_target_grid_add_button").toHaveCount(0);
    expect.verifySteps([["load", false, 0, ""]]);
});

test("searches and turns pages", async () => {
    await openTargets();
    await contains(".o_pager_next").click();
    await contains(".o_searchview_input").edit("ann", {confirm: false});
    await advanceTime(500);
    await animationFrame();
    expect.verifySteps([
        ["load", false, 0, ""],
        ["load", "2031-05-01", 80, ""],
        ["load", "2031-05-01", 0, "ann"],
    ]);
    expect(".o_searchview_input").toHaveValue("ann");
});

test("shows the year of a salesman, and the month again", async () => {
    await openTargets();
    await contains(".o_target_grid_salesman:contains(Anna)").click();
    expect(".o_sales_targets_title").toHaveText(/2031 · Anna/);
    expect(queryAllTexts("tbody th")).toEqual(["Cases", "Orders"]);
    expect("tr[data-key=cases] td[data-key=total]").toHaveText("7");
    await contains(".o_sales_targets_previous").click();
    await contains(".o_switch_view:eq(0)").click();
    expect(".o_sales_targets_title").toHaveText("May 2031");
    expect.verifySteps([
        ["load", false, 0, ""],
        ["year", 1, "2031-05-01"],
        ["year", 1, "2030-05-01"],
        ["load", "2031-05-01", 0, ""],
    ]);
});

test("a reader gets no buttons and no cells to type into", async () => {
    grid = makeGrid({
        rows: [makeRow(1, "Anna", {cases: 3}, {is_editable: false})],
        may_set: false,
        count: 1,
    });
    await openTargets();
    expect(".o_target_grid input").toHaveCount(0);
    expect(".o_sales_targets_forward, .o_sales_targets_all").toHaveCount(0);
    expect(".o_sales_targets_hint").toHaveCount(1);
    expect.verifySteps([["load", false, 0, ""]]);
});

test("says so where there is nobody", async () => {
    grid = makeGrid({rows: [], count: 0, may_set: false});
    await openTargets();
    expect(".o_target_grid").toHaveCount(0);
    expect(".o_view_nocontent").toHaveText(/No salesmen here/);
    expect.verifySteps([["load", false, 0, ""]]);
});
