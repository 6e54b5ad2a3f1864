import {delay} from "@web/core/utils/concurrency";
import {parseFloat, parseInteger} from "@web/views/fields/parsers";
import {user} from "@web/core/user";
import {getServices, until} from "./tour_helpers";

const MAX_ROWS = 80;
// A list of its own, not the one in a panel of the page
const LIST = ".o_action_manager > .o_list_view";

// Where an amount is in the records, and in which currency
const AMOUNTS = {
    "account.move": {
        fields: ["amount_untaxed_signed"],
        get: (record) => record.amount_untaxed_signed,
    },
    "crm.lead": {
        fields: ["expected_revenue"],
        get: (record) => record.expected_revenue,
    },
    "sale.order": {
        fields: ["amount_untaxed", "currency_rate"],
        get: (record) => record.amount_untaxed / record.currency_rate,
    },
};

function queryAll(selector, root = document) {
    return [...root.querySelectorAll(selector)];
}

function parseAmount(text) {
    return parseFloat(text.replace(/[^\d.,-]/g, ""));
}

// ----------------------------------------------------------------------
// What a page counts
// ----------------------------------------------------------------------

/**
 * Whatever can be pressed on a home page to see what it counts.
 *
 * @returns {Object[]} `name`, `press()`, and what is shown: `count`, `amount`; undefined where
 *      nothing is shown
 */
function readFigures() {
    return [
        ...queryAll(".o_home_tile:has(.o_home_tile_count)").map((tile) => ({
            name: `tile ${tile.dataset.key}`,
            count: parseInteger(tile.querySelector(".o_home_tile_count").textContent),
            press: () => tile.click(),
        })),
        ...queryAll(".o_home_activities button.o_home_figure").map((button) => ({
            name: button.getAttribute("aria-label"),
            count: parseInteger(button.textContent),
            press: () => button.click(),
        })),
        ...queryAll(".o_home_performance button.o_home_figure").map((button) => ({
            name: button.getAttribute("aria-label"),
            ...(button.title
                ? {amount: parseAmount(button.title)}
                : {count: parseInteger(button.textContent)}),
            press: () => button.click(),
        })),
        ...readPipeline(),
    ];
}

function readPipeline() {
    const rows = queryAll(".o_home_pipeline tbody tr").map((row) => {
        const button = row.querySelector("button");
        return {
            name: `month ${row.dataset.month}`,
            count: parseInteger(row.querySelector("td").textContent),
            amount: button && parseAmount(button.title),
            press: button && (() => button.click()),
        };
    });
    const canvas = document.querySelector(".o_home_pipeline canvas");
    const chart = canvas && window.Chart.getChart(canvas);
    const bars = chart ? chart.getDatasetMeta(0).data : [];
    const drawn = rows
        .map((row, index) => ({
            ...row,
            name: `bar of ${row.name}`,
            press: () => clickBar(chart, bars[index]),
        }))
        // A bar of nothing has no height to click on
        .filter((row) => row.amount);
    return [...rows.filter((row) => row.press), ...drawn];
}

async function clickBar(chart, bar) {
    await until(
        () => Math.abs(bar.y - bar.getProps(["y"], true).y) < 0.5,
        "the bar at its height"
    );
    const {left, top} = chart.canvas.getBoundingClientRect();
    const {x, y} = bar.getCenterPoint();
    const place = {clientX: left + x, clientY: top + y, bubbles: true};
    chart.canvas.dispatchEvent(new MouseEvent("click", place));
}

// ----------------------------------------------------------------------
// What the list holds
// ----------------------------------------------------------------------

/** @returns {Promise<Object>} `count` and `amount` of the list that is open */
async function readList() {
    await until(`${LIST} .o_list_renderer`);
    await until(
        () => getServices().action.currentController?.action.res_model,
        "the action of the list"
    );
    const {res_model, domain, context} = getServices().action.currentController.action;
    const {fields, get} = AMOUNTS[res_model] || {fields: []};
    const records = await getServices().orm.searchRead(
        res_model,
        domain,
        fields.length ? [...fields, "company_id"] : ["id"],
        {context: {...user.context, ...context}}
    );
    // Where there is nothing, some lists show samples
    const rows = queryAll(
        `${LIST} .o_content:not(.o_view_sample_data) .o_data_row`
    ).length;
    const shown = Math.min(records.length, MAX_ROWS);
    if (rows !== shown) {
        throw new Error(`${rows} rows are shown, not ${shown}`);
    }
    if (document.querySelector(".o_searchview .o_facet_value")) {
        throw new Error("A filter is set");
    }
    return {
        count: records.length,
        amount: get && (await addUp(records, get)),
    };
}

/** The sum of the records' amounts, in the currency of the current company. */
async function addUp(records, get) {
    const {orm} = getServices();
    const companyIds = [...new Set(records.map((record) => record.company_id[0]))];
    const rates = {};
    for (const companyId of companyIds.filter(Boolean)) {
        const [company] = await orm.read("res.company", [companyId], ["currency_id"]);
        const [currency] = await orm.read(
            "res.currency",
            [company.currency_id[0]],
            ["inverse_rate"]
        );
        rates[companyId] = currency.inverse_rate;
    }
    return records.reduce(
        (sum, record) => sum + get(record) * (rates[record.company_id[0]] ?? 1),
        0
    );
}

function compare({name, count, amount}, found) {
    if (count !== undefined && count !== found.count) {
        throw new Error(`${name}: ${count}, in the list ${found.count}`);
    }
    if (amount !== undefined && !(Math.abs(amount - found.amount) < 0.011)) {
        throw new Error(`${name}: ${amount}, in the list ${found.amount}`);
    }
}

/** Everything that is counted on the page: press it, look at the list, and go back. */
async function pressAll(page) {
    const names = [];
    for (let index = 0; ; index++) {
        await until(`${page} .o_home_dashboard .o_home_card`);
        await until(
            () => !names.length || readFigures().length === names.length,
            `the figures of ${page} as they were`
        );
        const figures = readFigures();
        if (!names.length) {
            names.push(...figures.map((figure) => figure.name));
        }
        if (index === figures.length) {
            break;
        }
        await figures[index].press();
        await until(LIST);
        compare(figures[index], await readList());
        window.history.back();
    }
    console.log(`${names.length} figures on ${page}: ${names.join(", ")}`);
    for (const part of [
        ".o_home_activities",
        ".o_home_performance",
        ".o_home_pipeline",
    ]) {
        await until(`${page} ${part} button.o_home_figure`);
    }
    await until(`${page} .o_home_pipeline canvas`);
}

/** Every panel has as many rows as the list that it opens, and is kept meanwhile. */
async function openPanels() {
    const getTile = (key) => `.o_home_tile[data-key=${key}]`;
    const keys = queryAll(".o_home_tile")
        .map((tile) => tile.dataset.key)
        .filter((key) => key !== "sale_history");
    for (const key of keys) {
        (await until(getTile(key))).click();
        await until(`${getTile(key)}[aria-pressed=true]`);
        await until(".o_customer_panel .o_list_renderer");
        const count = queryAll(".o_customer_panel .o_data_row").length;
        (await until(".o_home_open_list")).click();
        await until(LIST);
        compare({name: `panel ${key}`, count}, await readList());
        window.history.back();
        await until(`${getTile(key)}[aria-pressed=true]`);
    }
    console.log(`${keys.length} panels: ${keys.join(", ")}`);
}

/**
 * On CRM home and on the page of a customer: press every tile, cell and bar, and compare what
 * it shows with the list that it opens.
 *
 * @param {String} customer whose name is among today's activities
 */
export async function pressEverything(customer) {
    await pressAll(".o_crm_home");
    const getLink = () =>
        queryAll(".o_home_customer").find((link) => link.textContent === customer);
    (await until(getLink, customer)).click();
    await pressAll(".o_customer_home");
    await openPanels();
}
