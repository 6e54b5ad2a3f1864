import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {press, queryFirst} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Contract extends models.Model {
    _name = "third.party.contract";
    name = fields.Char();
    item_count = fields.Integer();

    _records = [
        {id: 1, name: "L-1", item_count: 2},
        {id: 2, name: "L-2", item_count: 1},
        {id: 3, name: "L-3", item_count: 0},
    ];
    _views = {form: '<form><field name="name"/></form>'};
}

class Item extends models.Model {
    _name = "third.party.contract.item";
    name = fields.Char();
    contract_id = fields.Many2one({relation: "third.party.contract"});
    quantity = fields.Float();
    yearly_cost = fields.Float();
    currency_id = fields.Many2one({relation: "res.currency"});
    usage_ids = fields.One2many({
        relation: "third.party.contract.usage",
        relation_field: "item_id",
    });

    _records = [
        {
            id: 1,
            name: "Copier",
            contract_id: 1,
            quantity: 2,
            yearly_cost: 1234.5,
            currency_id: 1,
            usage_ids: [1, 2],
        },
        {id: 2, name: "Scanner", contract_id: 1, quantity: 1.5, currency_id: 1},
        {id: 3, name: "Van", contract_id: 2, quantity: 1, currency_id: 1},
    ];
}

class Usage extends models.Model {
    _name = "third.party.contract.usage";
    item_id = fields.Many2one({relation: "third.party.contract.item"});
    kind = fields.Char();
    volume = fields.Float();
    period = fields.Selection({
        selection: [
            ["month", "Month"],
            ["year", "Year"],
        ],
    });
    rate = fields.Float();

    _records = [
        {id: 1, item_id: 1, kind: "Pages", volume: 3000, period: "month", rate: 0.0125},
        {id: 2, item_id: 1, kind: "Repairs", volume: 4, period: "year", rate: 80},
    ];
}

defineMailModels();
defineModels([Contract, Item, Usage]);

const FIRST = ".o_data_row:contains(L-1) .o_contract_items";
const SECOND = ".o_data_row:contains(L-2) .o_contract_items";

beforeEach(async () => {
    onRpc("third.party.contract.item", "web_search_read", ({kwargs}) => {
        expect.step(kwargs.domain);
    });
    await mountView({
        type: "list",
        resModel: "third.party.contract",
        arch: `<list js_class="third_party_contract_list">
            <field name="name"/><field name="item_count" widget="contract_items"/>
        </list>`,
        selectRecord: (id) => expect.step(`open ${id}`),
    });
});

test("shows how many items there are, and nothing to unfold where there are none", async () => {
    expect(FIRST).toHaveText("2");
    expect(SECOND).toHaveText("1");
    expect(".o_data_row:contains(L-3)").toHaveCount(1);
    expect(".o_data_row:contains(L-3) .o_contract_items").toHaveCount(0);
    expect(".o_contract_items_row").toHaveCount(0);
    expect.verifySteps([]);
});

test("a click unfolds the items with their usage, another one folds them", async () => {
    expect(FIRST).toHaveAttribute("aria-expanded", "false");
    expect(FIRST).toHaveAttribute("title", "Show the items");
    await contains(FIRST).click();
    expect.verifySteps([[["contract_id", "=", 1]]]);
    expect(FIRST).toHaveAttribute("aria-expanded", "true");
    expect(FIRST).toHaveAttribute("title", "Hide the items");
    expect(".o_contract_items_row").toHaveCount(1);
    expect(".o_data_row:contains(L-1) + .o_contract_items_row").toHaveCount(1);
    expect(".o_contract_items_row").toHaveText(/2 ×\s*Copier/);
    expect(".o_contract_items_row").toHaveText(/1,234\.50/);
    expect(".o_contract_items_row").toHaveText(/1\.5 ×\s*Scanner/);
    expect(".o_contract_items_row li:first").toHaveText(
        /Pages:\s*3,000\s*\/\s*Month\s*×\s*0\.0125/
    );
    expect(".o_contract_items_row li:last").toHaveText(
        /Repairs:\s*4\s*\/\s*Year\s*×\s*80/
    );
    await contains(FIRST).click();
    expect(".o_contract_items_row").toHaveCount(0);
    expect(FIRST).toHaveAttribute("aria-expanded", "false");
    // nothing was asked, and no contract was opened
    expect.verifySteps([]);
});

test("several contracts are unfolded one by one", async () => {
    await contains(FIRST).click();
    await contains(SECOND).click();
    expect(".o_contract_items_row").toHaveCount(2);
    expect(".o_data_row:contains(L-2) + .o_contract_items_row").toHaveText(/Van/);
    await contains(FIRST).click();
    expect(".o_contract_items_row").toHaveCount(1);
    expect(SECOND).toHaveAttribute("aria-expanded", "true");
    expect.verifySteps([[["contract_id", "=", 1]], [["contract_id", "=", 2]]]);
});

test("Enter on the button unfolds and folds, too", async () => {
    queryFirst(FIRST).focus();
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(".o_contract_items_row").toHaveText(/Copier/);
    expect(FIRST).toHaveAttribute("aria-expanded", "true");
    expect(FIRST).toBeFocused();
    await press("Enter");
    await animationFrame();
    expect(".o_contract_items_row").toHaveCount(0);
    // the items once, and no contract was opened
    expect.verifySteps([[["contract_id", "=", 1]]]);
});

test("Space is left to the browser, which presses the button", async () => {
    queryFirst(FIRST).focus();
    const events = await press(" ");
    expect(events.map((event) => event.type)).toInclude("keyup");
    expect(events.some((event) => event.defaultPrevented)).toBe(false);
    expect.verifySteps([]);
});

test("Enter elsewhere in the row opens the contract", async () => {
    queryFirst(".o_data_row:contains(L-1) td[name=name]").focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps(["open 1"]);
});
