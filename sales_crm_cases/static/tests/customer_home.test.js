import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {queryAllTexts, queryFirst} from "@odoo/hoot-dom";
import {animationFrame, Deferred} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {setupChartJsForTests} from "@web/../tests/views/graph/graph_test_helpers";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    mockService,
    models,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {CustomerHome} from "@sales_crm_cases/customer_home/customer_home";
import {
    makeCustomer,
    makeCustomerHome,
    mountHome,
    stepActions,
} from "@sales_crm_cases/../tests/home_helpers";
import {signInWith} from "@sales_crm_cases/../tests/session_helpers";

describe.current.tags("desktop");

class CustomerNote extends models.Model {
    _name = "customer.note";
    customer_id = fields.Integer();
    body = fields.Char();
    _records = Array.from({length: 23}, (_, index) => ({
        id: index + 1,
        customer_id: index ? 5 : 99,
        body: `Note ${index}`,
    }));
    _views = {
        "list,11": `<list><field name="body"/></list>`,
        "search,false": `<search/>`,
    };
}

defineMailModels();
defineModels([CustomerNote]);
setupChartJsForTests();

const NO_HISTORY = {currency_id: 1, months: [], is_empty: true, series: []};

let home;
let failure;
beforeEach(() => {
    home = makeCustomerHome();
    failure = "";
    onRpc("sales.home", "get_customer_home", ({args}) => {
        expect.step(["get_customer_home", ...args]);
        if (failure) {
            throw makeServerError({type: "UserError", message: failure});
        }
        return home;
    });
    onRpc("res.partner", "get_sales_history", () => NO_HISTORY);
    signInWith({is_salesman: true, is_approver: false});
    stepActions();
    mockService("menu", {getAll: () => [], getCurrentApp: () => ({})});
});

async function mountLoaded(props = {}) {
    await mountHome(CustomerHome, {resId: 5, ...props});
    await animationFrame();
    await animationFrame();
    await animationFrame();
    expect.verifySteps([["get_customer_home", props.resId || 5], "Hopfner"]);
}

test("a website is a link, and no script", async () => {
    const link = ".o_customer_details a[target=_blank]";
    home.customer = makeCustomer({website: "javascript:alert(1)"});
    await mountLoaded();
    expect(link).toHaveAttribute("href", "http://javascript:alert(1)");
    home.customer = makeCustomer({website: "https://hopfner.example.com"});
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    await animationFrame();
    expect(link).toHaveAttribute("href", "https://hopfner.example.com");
    expect.verifySteps([["get_customer_home", 5], "Hopfner"]);
});

test("who the customer is, what is missing, whom to call", async () => {
    await mountLoaded();
    expect("h1").toHaveText("Hopfner");
    expect(".o_customer_details").toHaveText(/HOP0001/);
    expect(".o_customer_status").toHaveText("Active");
    expect(".o_customer_details").toHaveText(/Gold/);
    expect(".o_customer_details").toHaveText(/89 %/);
    expect(".o_customer_details").toHaveText(/Missing: Tax ID/);
    expect(".o_customer_details").toHaveText(/Contact\s*Julia Brandt/);
    expect(".o_customer_details").toHaveText(/Sam\s*main\s*Lena/);
    expect(".o_customer_details a[href='tel:+49 721 1']").toHaveCount(1);
    expect("a[href='mailto:julia@hopfner.example.com']").toHaveCount(1);
    expect(".o_customer_days").toHaveText(/Next call due/);
    expect(".o_customer_days").not.toHaveText(/Last contact/);
});

test("a salesman's buttons, which call the server", async () => {
    await mountLoaded();
    expect(queryAllTexts(".o_customer_buttons button")).toEqual([
        "Edit",
        "Add Contact",
        "Add Third Party",
        "Add Note",
        "Maintain Customer Salesmen",
        "Create Cold Call",
        "New Activity",
        "New Quote",
    ]);
    await contains("button[data-key=note]").click();
    await animationFrame();
    await contains(".o_customer_buttons button[data-key=edit]").click();
    expect.verifySteps([
        ["res.partner", 5, "action_add_note", {}],
        ["get_customer_home", 5],
        "Hopfner",
        ["res.partner", 5],
    ]);
});

test("Release Customer is offered on New - CRM only", async () => {
    home.customer = makeCustomer({approval_status: "new", approval_label: "New - CRM"});
    await mountLoaded();
    expect("button[data-key=release]").toHaveClass("btn-primary");
    await contains("button[data-key=release]").click();
    expect.verifySteps([
        ["res.partner", 5, "action_open_approval_wizard", {transition: "release"}],
        ["get_customer_home", 5],
        "Hopfner",
    ]);
});

test("accounts decide on released customers", async () => {
    signInWith({is_salesman: false, is_approver: true});
    home.customer = makeCustomer({approval_status: "released"});
    await mountLoaded();
    expect(queryAllTexts(".o_customer_buttons button")).toEqual([
        "Approve",
        "Decline",
        "Edit",
        "Add Note",
    ]);
});

test("who may only look changes nothing", async () => {
    home.customer = makeCustomer({crm_editable: false});
    await mountLoaded({action: {params: {tile: "documents"}}});
    expect(queryAllTexts(".o_customer_buttons button")).toEqual(["Edit"]);
    expect(queryAllTexts(".o_customer_panel .card-header button")).toEqual([
        "Open the list",
    ]);
});

test("a tile shows its panel, and is in the address", async () => {
    const states = [];
    await mountLoaded({updateActionState: (state) => states.push(state)});
    expect("[data-key=sale_history]").toHaveAttribute("aria-pressed", "true");
    expect(".o_customer_panel .o_sale_history").toHaveCount(1);
    await contains(".o_home_tile[data-key=notes]").click();
    await animationFrame();
    expect("[data-key=notes]").toHaveAttribute("aria-pressed", "true");
    expect(".o_customer_panel h2").toHaveText("Notes");
    expect(".o_customer_panel .o_data_row").toHaveCount(20);
    expect(".o_customer_panel .o_data_row:first").toHaveText("Note 1");
    expect(states).toEqual([{tile: undefined}, {resId: 5}, {tile: "notes"}]);
    expect(".o_home_more").toHaveText(/The first 20/);
    await contains(".o_home_open_list").click();
    await contains(".o_data_row:first td").click();
    expect.verifySteps([
        {
            xml_id: "sales_crm_cases.customer_note_action",
            name: "Notes · Hopfner",
            res_model: "customer.note",
            domain: [["customer_id", "=", 5]],
            context: {default_customer_id: 5, search_disable_custom_filters: true},
            viewType: "list",
        },
        ["customer.note", 2],
    ]);
});

test("an address with a tile shows its panel, with the button that adds to it", async () => {
    await mountLoaded({action: {params: {tile: "notes"}}});
    await animationFrame();
    expect(".o_customer_panel h2").toHaveText("Notes");
    expect(queryAllTexts(".o_customer_panel .card-header button")).toEqual([
        "Add Note",
        "Open the list",
    ]);
    home.tiles[1].domain = [["customer_id", "=", 99]];
    await contains(".o_customer_panel button:contains(Add Note)").click();
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_customer_panel .o_data_row")).toEqual(["Note 0"]);
    expect.verifySteps([
        ["res.partner", 5, "action_add_note", {}],
        ["get_customer_home", 5],
        "Hopfner",
    ]);
});

test("a panel is loaded anew though the browser tab was shown again meanwhile", async () => {
    await mountLoaded({action: {params: {tile: "notes"}}});
    await animationFrame();
    home.tiles[1].domain = [["customer_id", "=", 99]];
    queryFirst(".o_customer_panel button:contains(Add Note)").click();
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_customer_panel .o_data_row")).toEqual(["Note 0"]);
    expect.verifySteps([
        ["res.partner", 5, "action_add_note", {}],
        ["get_customer_home", 5],
        ["get_customer_home", 5],
        "Hopfner",
        "Hopfner",
    ]);
});

test("the dashboard of the customer, unless it is hidden", async () => {
    await mountLoaded();
    expect(".o_home_card").toHaveCount(3);
    await contains(".o_home_performance [data-kind=cases] button").click();
    expect.verifySteps([
        {
            xml_id: "sales_crm_cases.crm_lead_action",
            name: "Cases · Hopfner",
            res_model: "crm.lead",
            domain: [["figure", "=", "cases"]],
            context: {search_disable_custom_filters: true},
            viewType: "list",
        },
    ]);
    home.dashboard = null;
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    await animationFrame();
    expect.verifySteps([["get_customer_home", 5], "Hopfner"]);
    expect(".o_home_dashboard").toHaveCount(0);
});

test("the page of a contact is that of its customer", async () => {
    const states = [];
    await mountLoaded({resId: 6, updateActionState: (state) => states.push(state)});
    expect(states).toEqual([{tile: undefined}, {resId: 5}]);
});

test("a button of the server names the customer", async () => {
    expect(CustomerHome.extractProps({params: {resId: 5}})).toEqual({resId: 5});
    expect(CustomerHome.extractProps({})).toEqual({resId: false});
});

test("a customer without sight: why, and a way back", async () => {
    failure = "There is no such customer, or you are not linked to it.";
    await mountHome(CustomerHome, {resId: 99});
    await animationFrame();
    await animationFrame();
    expect(".o_home_error[role=alert]").toHaveText(/There is no such customer/);
    expect(".o_home_placeholder, .o_customer_details").toHaveCount(0);
    await contains(".o_home_customers").click();
    expect.verifySteps([
        ["get_customer_home", 99],
        ["sales_crm_cases.res_partner_action_customers"],
    ]);
});

test("a customer who is hidden from now on is gone from the page", async () => {
    await mountLoaded();
    failure = "There is no such customer, or you are not linked to it.";
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    await animationFrame();
    expect.verifySteps([["get_customer_home", 5]]);
    expect(".o_home_error").toHaveText(/There is no such customer/);
    expect(".o_customer_details, .o_customer_panel").toHaveCount(0);
    expect(".o_home_customers").toHaveCount(1);
});

test("a second click while a dialog opens opens no second one", async () => {
    const opened = new Deferred();
    mockService("action", {
        doActionButton: ({name}) => {
            expect.step(name);
            return opened;
        },
    });
    await mountLoaded();
    await contains("button[data-key=note]").click();
    await contains("button[data-key=note]").click();
    opened.resolve();
    await animationFrame();
    await contains("button[data-key=note]").click();
    expect.verifySteps(["action_add_note", "action_add_note"]);
});

test("the current case is chosen among the open ones", async () => {
    onRpc("res.partner", "write", ({args}) => {
        expect.step(args);
        return true;
    });
    home.customer = makeCustomer({current_case_id: {id: 30, display_name: "Old deal"}});
    await mountLoaded();
    expect(queryAllTexts(".o_customer_current_case option")).toEqual([
        "None chosen",
        "C-1 · Filling line",
        "Racks",
        "Old deal",
    ]);
    expect(queryFirst(".o_customer_current_case").value).toBe("30");
    await contains(".o_customer_current_case").select("32");
    await animationFrame();
    expect.verifySteps([
        [[5], {current_case_id: 32}],
        ["get_customer_home", 5],
        "Hopfner",
    ]);
});

test("no choice of the case without the field", async () => {
    await mountLoaded();
    expect(".o_customer_current_case").toHaveCount(0);
});
