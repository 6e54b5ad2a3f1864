import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    clearRegistry,
    contains,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {UserMenu} from "@web/webclient/user_menu/user_menu";
import {subordinatesSwitch} from "@sales_crm_cases/subordinates_switch/subordinates_switch";
import {signInWith} from "@sales_crm_cases/../tests/session_helpers";

describe.current.tags("desktop");
defineMailModels();

beforeEach(() => {
    const items = registry.category("user_menuitems");
    clearRegistry(items);
    items.add("sales_crm_cases.show_subordinates", subordinatesSwitch);
});

test("writes the option and loads the view again", async () => {
    signInWith({is_salesman: true});
    user.updateUserSettings("id", 7);
    user.updateUserSettings("show_subordinates", false);
    onRpc("res.users.settings", "set_res_users_settings", ({args, kwargs}) => {
        expect(args[0]).toEqual([7]);
        expect.step(kwargs.new_settings);
        return kwargs.new_settings;
    });
    mockService("action", {
        doAction: async (action) => expect.step(action),
    });
    await mountWithCleanup(UserMenu);
    await contains("button.dropdown-toggle").click();
    expect(".dropdown-item").toHaveText("Show items for subordinates");
    expect(".dropdown-item input").not.toBeChecked();
    await contains(".dropdown-item").click();
    expect.verifySteps([{show_subordinates: true}, "soft_reload"]);
    expect(user.settings.show_subordinates).toBe(true);

    await contains("button.dropdown-toggle").click();
    expect(".dropdown-item input").toBeChecked();
    await contains(".dropdown-item").click();
    expect.verifySteps([{show_subordinates: false}, "soft_reload"]);
});

test("is offered to salesmen only", async () => {
    signInWith({is_salesman: false});
    await mountWithCleanup(UserMenu);
    await contains("button.dropdown-toggle").click();
    expect(".dropdown-item").toHaveCount(0);
});
