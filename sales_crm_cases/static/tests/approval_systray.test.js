import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {press, queryFirst} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    clearRegistry,
    contains,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {registry} from "@web/core/registry";
import {NavBar} from "@web/webclient/navbar/navbar";
import {approvalSystrayItem} from "@sales_crm_cases/approval_systray/approval_systray";
import {signInWith} from "@sales_crm_cases/../tests/session_helpers";

describe.current.tags("desktop");
defineMailModels();

const DOMAIN = [["approval_status", "=", "released"]];
let count = 0;

beforeEach(() => {
    count = 3;
    onRpc("res.partner", "get_waiting_for_approval", () => {
        expect.step("count");
        return {count, res_model: "res.partner", domain: DOMAIN};
    });
    const items = registry.category("systray");
    clearRegistry(items);
    items.add("approval", approvalSystrayItem);
});

async function mountBar(rights = {is_approver: true}) {
    signInWith(rights);
    await mountWithCleanup(NavBar);
    await animationFrame();
}

test("shows accounts how many customers wait", async () => {
    await mountBar();
    expect(".o_approval_systray_counter").toHaveText("3");
    expect(".o_approval_systray button").toHaveAttribute(
        "aria-label",
        "Waiting for approval: 3"
    );
    expect.verifySteps(["count"]);
});

test("shows no number while nobody waits", async () => {
    count = 0;
    await mountBar();
    expect(".o_approval_systray button").toHaveCount(1);
    expect(".o_approval_systray_counter").toHaveCount(0);
    expect.verifySteps(["count"]);
});

test("is hidden from others, and asks nothing", async () => {
    await mountBar({is_approver: false});
    expect(".o_approval_systray").toHaveCount(0);
    expect.verifySteps([]);
});

test("counts again when the server says so", async () => {
    let notify = null;
    mockService("bus_service", {
        subscribe(type, callback) {
            if (type === "sales_crm_cases/waiting_for_approval") {
                notify = callback;
            }
            return super.subscribe(type, callback);
        },
    });
    await mountBar();
    count = 4;
    notify({}, {id: 1});
    await animationFrame();
    expect(".o_approval_systray_counter").toHaveText("4");
    expect.verifySteps(["count", "count"]);
});

test("opens the list of the server's domain, by keyboard, too", async () => {
    mockService("action", {
        loadAction: async (xmlId) => ({id: xmlId, domain: "[]"}),
        doAction: async (action) => {
            expect.step(action.id);
            expect(action.domain).toEqual(DOMAIN);
        },
    });
    await mountBar();
    await contains(".o_approval_systray button").click();
    await animationFrame();
    queryFirst(".o_approval_systray button").focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([
        "count",
        "count",
        "sales_crm_cases.res_partner_action_waiting",
        "count",
        "sales_crm_cases.res_partner_action_waiting",
    ]);
});
