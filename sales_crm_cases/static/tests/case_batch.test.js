import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    clearRegistry,
    contains,
    defineModels,
    fields,
    makeMockServer,
    mockService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {download} from "@web/core/network/download";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {
    batchSmsItem,
    exportCustomersItem,
} from "@sales_crm_cases/case_batch/case_batch";
import {signInWith} from "@sales_crm_cases/../tests/session_helpers";

describe.current.tags("desktop");

class Lead extends models.Model {
    _name = "crm.lead";
    name = fields.Char();
    active = fields.Boolean();
    _records = [{id: 1, name: "Two lifts", active: true}];
}
class Other extends models.Model {
    _name = "other";
    name = fields.Char();
}
defineMailModels();
defineModels([Lead, Other]);

const ARCHS = {
    kanban: '<kanban><templates><t t-name="card"><field name="name"/></t></templates></kanban>',
    list: '<list export_xlsx="0"><field name="name"/></list>',
};
const DOMAIN = [["name", "=", "Two lifts"]];

beforeEach(() => {
    const items = registry.category("cogMenu");
    clearRegistry(items);
    items.add("export", exportCustomersItem).add("sms", batchSmsItem);
});

async function openView(
    type,
    {rights = {has_batch_sms: true}, mayExport = true, ...props} = {}
) {
    await makeMockServer();
    signInWith(rights);
    patchWithCleanup(user, {hasGroup: async () => mayExport});
    await mountView({
        type,
        resModel: "crm.lead",
        arch: ARCHS[type],
        domain: DOMAIN,
        ...props,
    });
}

async function openCog() {
    await contains(".o_cp_action_menus .dropdown-toggle").click();
}

for (const type of ["kanban", "list"]) {
    test(`both are in the cog of the ${type} of cases`, async () => {
        await openView(type);
        await openCog();
        expect(".o_export_customers_menu").toHaveCount(1);
        expect(".o_batch_sms_menu").toHaveCount(1);
    });
}

test("each of them with its right only", async () => {
    await openView("kanban", {mayExport: false});
    await openCog();
    expect(".o_export_customers_menu").toHaveCount(0);
    expect(".o_batch_sms_menu").toHaveCount(1);
});

test("neither without rights", async () => {
    await openView("kanban", {rights: {has_batch_sms: false}, mayExport: false});
    expect(".o_cp_action_menus").toHaveCount(0);
});

test("neither on other records", async () => {
    await openView("list", {resModel: "other"});
    expect(".o_cp_action_menus").toHaveCount(0);
});

test("SMS: the server gets the domain of the view and opens the dialog", async () => {
    onRpc("crm.lead", "action_send_batch_sms", ({args, kwargs}) => {
        expect.step(["domain", args[0], kwargs.context.active_test]);
        return {type: "ir.actions.act_window", res_model: "sms.composer"};
    });
    mockService("action", {
        doAction: async (action) => expect.step(action.res_model),
    });
    await openView("kanban", {context: {active_test: false}});
    await openCog();
    await contains(".o_batch_sms_menu").click();
    expect.verifySteps([["domain", DOMAIN, false], "sms.composer"]);
});

test("export: Odoo's dialog downloads the customers by their domain", async () => {
    const customers = [["case_ids", "any", DOMAIN]];
    onRpc("crm.lead", "get_customer_export", ({args, kwargs}) => {
        expect.step(["domain", args[0], "active_test" in kwargs.context]);
        return {
            res_model: "res.partner",
            domain: customers,
            context: {active_test: false},
            fields: ["ref", "name"],
        };
    });
    onRpc("/web/export/formats", () => [
        {tag: "xlsx", label: "XLSX"},
        {tag: "csv", label: "CSV"},
    ]);
    onRpc("/web/export/get_fields", async (request) => {
        const {params} = await request.json();
        expect.step([params.model, params.domain]);
        return ["name", "ref", "phone"].map((name) => ({
            id: name,
            string: name,
            value: name,
            children: false,
            field_type: "char",
        }));
    });
    onRpc("ir.exports", "search_read", () => []);
    patchWithCleanup(download, {
        _download: ({url, data}) => {
            const {
                context,
                domain,
                fields: exported,
                ids,
                model,
            } = JSON.parse(data.data);
            expect(context.active_test).toBe(false);
            expect.step([url, model, ids, domain, exported.map((field) => field.name)]);
            return Promise.resolve();
        },
    });
    await openView("list");
    await openCog();
    await contains(".o_export_customers_menu").click();
    await contains(".o_export_data_dialog .o_select_button").click();
    expect.verifySteps([
        ["domain", DOMAIN, false],
        ["res.partner", customers],
        ["/web/export/xlsx", "res.partner", false, customers, ["ref", "name"]],
    ]);
});
