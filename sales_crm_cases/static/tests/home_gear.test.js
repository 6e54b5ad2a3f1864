import {describe, expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    mockService,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {user} from "@web/core/user";
import {HomeGear} from "@sales_crm_cases/home_parts/home_gear";
import {stepSettings} from "@sales_crm_cases/../tests/home_helpers";
import {signInWith} from "@sales_crm_cases/../tests/session_helpers";

describe.current.tags("desktop");
defineMailModels();

function mountGear() {
    return mountWithCleanup(HomeGear, {
        props: {
            options: {show_subordinates: true, hide_customer_dashboard: false},
            onChanged: () => expect.step("changed"),
        },
    });
}

test("writes an option, then has the page loaded again", async () => {
    signInWith({is_salesman: true});
    stepSettings();
    await mountGear();
    await contains(".o_home_gear").click();
    expect(queryAllTexts(".dropdown-item")).toEqual([
        "Show items for subordinates",
        "Hide dashboard panel on customer page",
    ]);
    expect("[data-option=show_subordinates]").toHaveAttribute("aria-checked", "true");
    expect("[data-option=hide_customer_dashboard]").toHaveAttribute(
        "aria-checked",
        "false"
    );
    await contains("[data-option=hide_customer_dashboard]").click();
    expect.verifySteps([["hide_customer_dashboard", true], "changed"]);
    await contains(".o_home_gear").click();
    await contains("[data-option=show_subordinates]").click();
    expect.verifySteps([["show_subordinates", false], "changed"]);
});

test("who is no salesman has no subordinates", async () => {
    signInWith({is_salesman: false});
    await mountGear();
    await contains(".o_home_gear").click();
    expect(queryAllTexts(".dropdown-item")).toEqual([
        "Hide dashboard panel on customer page",
    ]);
});

test("says why an option was not written", async () => {
    signInWith({is_salesman: true});
    mockService("notification", {add: (message) => expect.step(message)});
    patchWithCleanup(user, {
        setUserSettings: async () => {
            throw new Error("No connection");
        },
    });
    await mountGear();
    await contains(".o_home_gear").click();
    await contains("[data-option=show_subordinates]").click();
    expect.verifySteps(["No connection"]);
});
