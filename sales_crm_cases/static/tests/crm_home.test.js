import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {press, queryAllTexts} from "@odoo/hoot-dom";
import {animationFrame, Deferred} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {setupChartJsForTests} from "@web/../tests/views/graph/graph_test_helpers";
import {contains, onRpc} from "@web/../tests/web_test_helpers";
import {CrmHome} from "@sales_crm_cases/crm_home/crm_home";
import {
    makeHome,
    makeRecord,
    makeTab,
    mountHome,
    stepActions,
    stepSettings,
} from "@sales_crm_cases/../tests/home_helpers";

describe.current.tags("desktop");
defineMailModels();
setupChartJsForTests();

let home;
let failure;
beforeEach(() => {
    home = makeHome();
    failure = "";
    onRpc("sales.home", "get_home", () => {
        expect.step("get_home");
        if (failure) {
            throw new Error(failure);
        }
        return home;
    });
    stepActions();
});

async function mountLoaded(props) {
    await mountHome(CrmHome, props);
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["get_home"]);
}

test("shows its outline until its one call has answered", async () => {
    const answer = new Deferred();
    onRpc("sales.home", "get_home", () => answer);
    await mountHome(CrmHome);
    expect(".o_home_placeholder[role=status]").toHaveCount(1);
    answer.resolve(home);
    await animationFrame();
    await animationFrame();
    expect(".o_home_placeholder").toHaveCount(0);
    expect(".o_home_card").toHaveCount(3);
    expect.verifySteps([]);
});

test("a tile opens its list with its own domain and context, and no filter", async () => {
    await mountLoaded();
    expect(queryAllTexts(".o_home_tile")).toEqual([
        "Create cold call",
        "12\nCustomers",
        "2\nWarnings",
        "1\nPerformance",
    ]);
    // What is seen is what a screen reader says
    expect("[data-key=warnings]").not.toHaveAttribute("aria-label");
    await contains("[data-key=warnings]").click();
    expect.verifySteps([
        {
            xml_id: "sales_crm_cases.mail_activity_action_warnings",
            name: "Warnings",
            res_model: "mail.activity",
            domain: [["figure", "=", "warnings"]],
            context: {my: "context", search_disable_custom_filters: true},
            viewType: "list",
        },
    ]);
});

test("a tile whose action is missing opens a plain list", async () => {
    await mountLoaded();
    await contains("[data-key=performance]").click();
    expect.verifySteps([
        {
            xml_id: undefined,
            name: "Performance",
            res_model: "sales.target",
            domain: [["figure", "=", "performance"]],
            context: {search_disable_custom_filters: true},
            viewType: "list",
        },
    ]);
});

test("a cell opens its records in the list of their model", async () => {
    await mountLoaded();
    await contains("tr[data-type='1'] td:eq(1) button").click();
    expect.verifySteps([
        {
            xml_id: "sales_crm_cases.mail_activity_action_sales",
            name: "Call, done, New",
            res_model: "mail.activity",
            domain: [["figure", "=", "call new"]],
            context: {active_test: false, search_disable_custom_filters: true},
            viewType: "list",
        },
    ]);
});

test("an activity of today: who, where, and what can be done", async () => {
    home.today = makeTab("today", makeRecord(), makeRecord({id: 9, can_write: false}));
    await mountLoaded();
    expect("tr[data-id='7'] a.o_home_customer").toHaveAttribute(
        "href",
        "/odoo/customer-home/5"
    );
    expect("tr[data-id='7'] a[href='tel:+49 721 1']").toHaveAttribute(
        "aria-label",
        "Call +49 721 1"
    );
    expect("tr[data-id='9'] .o_home_done").toHaveCount(0);
    expect("tr[data-id='9']").toHaveText(/Read only/);
    await contains("tr[data-id='7'] .o_home_open_activity").click();
    await contains("tr[data-id='7'] .o_home_case").click();
    await contains("tr[data-id='7'] a.o_home_customer").click();
    expect.verifySteps([
        ["mail.activity", 7, "action_edit", {}],
        "get_home",
        ["crm.lead", 3],
        ["sales_crm_cases.customer_home_action", {resId: 5}],
    ]);
});

test("what was done in a dialog shows at once", async () => {
    await mountLoaded();
    home = makeHome({today: makeTab("today")});
    await contains("tr[data-id='7'] .o_home_done").click();
    await animationFrame();
    expect.verifySteps([["mail.activity", 7, "action_open_finish", {}], "get_home"]);
    expect(".o_home_activity_table").toHaveCount(0);
    expect(".o_home_empty").toHaveText(/Nothing is due today/);
});

test("a cold call from the tile, and from an empty day", async () => {
    home.today = makeTab("today");
    await mountLoaded();
    await contains("[data-key=cold_call]").click();
    await contains(".o_home_empty button").click();
    expect.verifySteps([
        ["sales_crm_cases.crm_entry_wizard_action_cold_call"],
        ["sales_crm_cases.crm_entry_wizard_action_cold_call"],
    ]);
});

test("more than fits: the rest is in the list", async () => {
    home.today.count = 57;
    await mountLoaded();
    expect(".o_home_more").toHaveText(/The first 1 of 57/);
    await contains(".o_home_more button").click();
    expect.verifySteps([
        {
            xml_id: "sales_crm_cases.mail_activity_action_sales",
            name: "Today's activities",
            res_model: "mail.activity",
            domain: [["figure", "=", "today"]],
            context: {search_disable_custom_filters: true},
            viewType: "list",
        },
    ]);
});

test("tabs by click and by arrow, in the address but for the first", async () => {
    const states = [];
    await mountLoaded({updateActionState: (state) => states.push(state)});
    expect("[role=tab][aria-selected=true]").toHaveText("Today's activities");
    await contains("#o_home_tab_recent").click();
    expect("[role=tab][aria-selected=true]").toHaveText("Recent");
    expect("tr[data-id='8']").toHaveText(/Satisfied/);
    await contains("#o_home_tab_recent").focus();
    await press("ArrowRight");
    await animationFrame();
    expect("#o_home_tab_today").toBeFocused();
    expect("#o_home_tab_today").toHaveAttribute("aria-selected", "true");
    expect(states).toEqual([
        {tab: undefined, date: undefined},
        {tab: "recent", date: undefined},
        {tab: undefined, date: undefined},
    ]);
});

test("an address with a tab shows it", async () => {
    await mountLoaded({action: {params: {tab: "recent"}}});
    expect("[role=tab][aria-selected=true]").toHaveText("Recent");
});

test("an address with an unknown tab shows the first", async () => {
    await mountLoaded({action: {params: {tab: "nonsense"}}});
    expect("[role=tab][aria-selected=true]").toHaveText("Today's activities");
});

test("back from a list the page is there at once, and then anew", async () => {
    const answer = new Deferred();
    onRpc("sales.home", "get_home", () => answer);
    const shown = makeHome();
    shown.tiles[1].count = 99;
    await mountHome(CrmHome, {state: {tab: "recent", data: shown}});
    expect("[data-key=customers]").toHaveText(/99/);
    expect("[role=tab][aria-selected=true]").toHaveText("Recent");
    answer.resolve(home);
    await animationFrame();
    await animationFrame();
    expect("[data-key=customers]").toHaveText(/12/);
});

test("is loaded again when the browser tab is shown again", async () => {
    await mountLoaded();
    home.tiles[1].count = 13;
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["get_home"]);
    expect("[data-key=customers]").toHaveText(/13/);
});

test("says what went wrong, and tries again", async () => {
    failure = "The CRM home is for salespeople";
    await mountLoaded();
    expect(".o_home_error[role=alert]").toHaveText(/The CRM home is for salespeople/);
    expect(".o_home_placeholder, .o_home_card").toHaveCount(0);
    failure = "";
    await contains(".o_home_retry").click();
    await animationFrame();
    expect.verifySteps(["get_home"]);
    expect(".o_home_error").toHaveCount(0);
    expect(".o_home_card").toHaveCount(3);
});

test("what was loaded stays while it cannot be loaded again", async () => {
    await mountLoaded();
    failure = "No connection";
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["get_home"]);
    expect(".o_home_error").toHaveText(/No connection/);
    expect(".o_home_card").toHaveCount(3);
});

test("who has no customers yet is told how to get some", async () => {
    stepSettings();
    home.tiles[1].count = 0;
    home.today = makeTab("today");
    await mountLoaded();
    expect(".o_home_empty").toHaveText(/No customer is linked to you yet/);
    await contains(".o_home_empty button:contains(subordinates)").click();
    expect.verifySteps([["show_subordinates", true], "get_home"]);
});

test("with the team shown it says so, and whose an activity is", async () => {
    home.options.show_subordinates = true;
    await mountLoaded();
    expect(".o_home_team").toHaveText("With your team");
    expect(queryAllTexts(".o_home_activity_table th")).toInclude("Salesman");
    expect("tr[data-id='7']").toHaveText(/Sam/);
});
