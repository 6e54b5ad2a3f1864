import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {press, queryAllTexts, queryFirst} from "@odoo/hoot-dom";
import {animationFrame, Deferred} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
    toggleKanbanRecordDropdown,
} from "@web/../tests/web_test_helpers";
import {user} from "@web/core/user";

describe.current.tags("desktop");

class Process extends models.Model {
    _name = "crm.process";
    name = fields.Char();
    _records = [{id: 1, name: "Installation"}];
}

class Stage extends models.Model {
    _name = "crm.stage";
    name = fields.Char();
    outcome = fields.Char();
    process_id = fields.Many2one({relation: "crm.process"});
    _records = [
        {id: 1, name: "Prospect", outcome: "open", process_id: 1},
        {id: 2, name: "Offer", outcome: "open", process_id: 1},
        {id: 3, name: "Order", outcome: "order", process_id: 1},
        {id: 4, name: "Lost", outcome: "lost", process_id: 1},
    ];
}

class Lead extends models.Model {
    _name = "crm.lead";
    name = fields.Char();
    stage_id = fields.Many2one({relation: "crm.stage"});
    process_id = fields.Many2one({relation: "crm.process"});
    won_status = fields.Char();
    active = fields.Boolean();
    probability = fields.Float();
    is_automated_probability = fields.Boolean();
    crm_editable = fields.Boolean();
    _records = [
        {
            id: 1,
            name: "Two lifts",
            stage_id: 1,
            process_id: 1,
            won_status: "pending",
            active: true,
            probability: 35,
            crm_editable: true,
        },
        {
            id: 2,
            name: "Bakery",
            stage_id: 2,
            process_id: 1,
            won_status: "pending",
            active: true,
            probability: 60,
            is_automated_probability: true,
            crm_editable: true,
        },
        {
            id: 3,
            name: "Cold store",
            stage_id: 3,
            process_id: 1,
            won_status: "won",
            active: true,
        },
    ];
}
defineMailModels();
defineModels([Process, Stage, Lead]);

const ARCH = `
    <kanban js_class="sales_board" default_group_by="stage_id" group_create="0" groups_draggable="0">
        <field name="stage_id"/>
        <field name="probability"/>
        <field name="is_automated_probability"/>
        <field name="crm_editable"/>
        <templates>
            <t t-name="menu"><a role="menuitem" type="delete" class="dropdown-item">Delete</a></t>
            <t t-name="card"><field name="name"/></t>
        </templates>
    </kanban>`;
const STATUSES = [
    {id: 1, name: "Prospect", outcome: "open", is_current: true},
    {id: 2, name: "Offer", outcome: "open", is_current: false},
    {id: 3, name: "Order", outcome: "order", is_current: false},
    {id: 4, name: "Lost", outcome: "lost", is_current: false},
];
const IDLE = {
    id: 7,
    name: "Idle Mills",
    ref: "IDL0001",
    rank: "Gold",
    salesman: "Anna",
    next_call_date: "2031-05-05",
};
let board = {};
let saved = null;

beforeEach(() => {
    board = {
        currency_id: false,
        statuses: [
            {stage_id: 1, count: 1, projected: 1000, weighted: 350, actual: 0},
            {stage_id: 3, count: 1, projected: 300, weighted: 300, actual: 250},
        ],
        processes: [{id: 1, name: "Installation", sms_enabled: false}],
        unprocessed: null,
    };
    saved = {};
    patchWithCleanup(user, {
        get settings() {
            return {id: 1, sales_board: saved};
        },
        setUserSettings: async (name, value) => {
            saved = value;
            expect.step([name, value]);
        },
    });
    onRpc("crm.lead", "get_board", ({args, kwargs}) => {
        expect.step("board");
        board.domain = args[0];
        board.context = kwargs.context;
        return {
            ...board,
            unprocessed: kwargs.unprocessed_limit
                ? {count: 1, customers: [{...IDLE}]}
                : null,
        };
    });
    onRpc("crm.lead", "get_rainbowman_message", () => false);
    onRpc("crm.lead", "get_board_statuses", () => STATUSES);
});

async function mountBoard() {
    await mountView({resModel: "crm.lead", type: "kanban", arch: ARCH});
    await animationFrame();
    expect.verifySteps(["board"]);
}

function getColumns() {
    return queryAllTexts(".o_column_title > span:first-child");
}

function getFigures(number) {
    return queryAllTexts(`.o_kanban_group:nth-child(${number}) [data-figure] dd`);
}

function drop(name, number) {
    return contains(`.o_kanban_record:contains(${name})`).dragAndDrop(
        `.o_kanban_group:nth-child(${number})`
    );
}

test("columns with their figures, by one call beside the cards", async () => {
    const calls = [];
    onRpc(({model, method}) => {
        if (["crm.lead", "crm.stage", "crm.process"].includes(model)) {
            calls.push(`${model}.${method}`);
        }
    });
    await mountBoard();
    expect(getColumns()).toEqual(["Prospect", "Offer", "Order"]);
    expect(getFigures(1)).toEqual(["1,000", "350"]);
    expect(getFigures(2)).toEqual(["0", "0"]);
    expect(getFigures(3)).toEqual(["300", "300", "250"]);
    const loading = calls.filter((call) => call !== "crm.lead.get_views");
    expect(loading.sort()).toEqual(["crm.lead.get_board", "crm.lead.web_read_group"]);
});

test("the domain of the view holds process and columns", async () => {
    saved = {process: 1, won: false, lost: true};
    await mountBoard();
    expect(board.domain).toEqual([
        "&",
        ["process_id", "=", 1],
        "|",
        "&",
        ["active", "=", true],
        ["won_status", "in", ["pending"]],
        "&",
        ["active", "=", false],
        ["won_status", "=", "lost"],
    ]);
    expect(board.context.sales_board_outcomes).toEqual(["open", "lost"]);
    expect(".o_sales_board_process").toHaveText("Installation");
    expect(".o_kanban_record:contains(Cold store)").toHaveCount(0);
});

test("columns are switched on and off, and kept", async () => {
    await mountBoard();
    expect("button[data-column=won]").toHaveAttribute("aria-pressed", "true");
    await contains("button[data-column=won]").click();
    await animationFrame();
    const chosen = {process: false, won: false, lost: false, unprocessed: false};
    expect.verifySteps([["sales_board", chosen], "board"]);
    expect("button[data-column=won]").toHaveAttribute("aria-pressed", "false");
    expect(".o_kanban_record:contains(Cold store)").toHaveCount(0);
    expect(board.context.sales_board_outcomes).toEqual(["open"]);
});

test("another process is chosen", async () => {
    await mountBoard();
    await contains(".o_sales_board_process").click();
    expect(queryAllTexts(".o-dropdown-item")).toEqual([
        "All processes",
        "Installation",
        "Without a process",
    ]);
    await contains(".o-dropdown-item:contains(Without)").click();
    await animationFrame();
    expect.verifySteps([
        ["sales_board", {process: "none", won: true, lost: false, unprocessed: false}],
        "board",
    ]);
    expect(board.domain).toInclude(["process_id", "=", false]);
});

test("a process that is not there any more is forgotten", async () => {
    saved = {process: 99};
    await mountView({resModel: "crm.lead", type: "kanban", arch: ARCH});
    await animationFrame();
    await animationFrame();
    expect.verifySteps([
        "board",
        ["sales_board", {process: false, won: true, lost: false, unprocessed: false}],
        "board",
    ]);
    expect(".o_kanban_record").toHaveCount(3);
});

test("without processes there is nothing to choose", async () => {
    board.processes = [];
    await mountBoard();
    expect(".o_sales_board_process").toHaveCount(0);
});

test("a move is announced, and taken back with all it was", async () => {
    onRpc("crm.lead", "action_undo_board_move", ({args}) => {
        expect.step(args);
        return true;
    });
    await mountBoard();
    await drop("Two lifts", 2);
    await animationFrame();
    expect(
        ".o_kanban_group:nth-child(2) .o_kanban_record:contains(Two lifts)"
    ).toHaveCount(1);
    expect.verifySteps(["board"]);
    expect(".o_notification_content").toHaveText("“Two lifts” is in “Offer” now.");
    await contains(".o_notification_buttons button").click();
    await animationFrame();
    expect.verifySteps([[[1], 2, {stage_id: 1, probability: 35}], "board"]);
    expect(".o_notification_content").toHaveText("“Two lifts” is back in “Prospect”.");
});

test("a probability that the status gave is not kept", async () => {
    onRpc("crm.lead", "action_undo_board_move", ({args}) => {
        expect.step(args);
        return true;
    });
    await mountBoard();
    await drop("Bakery", 1);
    await animationFrame();
    expect.verifySteps(["board"]);
    queryFirst(".o_kanban_record").focus();
    await press(["ctrl", "z"]);
    await animationFrame();
    expect.verifySteps([[[2], 1, {stage_id: 2}], "board"]);
    // Its message does not offer it once more
    expect(".o_notification_buttons").toHaveCount(0);
});

test("cards that are moved one after the other can be moved again", async () => {
    await mountBoard();
    const figures = new Deferred();
    onRpc("crm.lead", "get_board", () => figures);
    await drop("Two lifts", 2);
    await drop("Bakery", 1);
    await animationFrame();
    expect(".o_kanban_record:contains(Two lifts)").not.toHaveClass("o_draggable");
    board.statuses = [
        {stage_id: 1, count: 1, projected: 2000, weighted: 700, actual: 0},
    ];
    figures.resolve();
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["board", "board"]);
    expect(getFigures(1)).toEqual(["2,000", "700"]);
    expect(".o_kanban_record:contains(Two lifts)").toHaveClass("o_draggable");
    expect(".o_kanban_record:contains(Bakery)").toHaveClass("o_draggable");
});

test("a refused move goes back", async () => {
    expect.errors(1);
    onRpc("crm.lead", "web_save", () => {
        throw makeServerError({message: "A status of another process"});
    });
    await mountBoard();
    await drop("Two lifts", 2);
    await animationFrame();
    expect.verifyErrors(["A status of another process"]);
    expect(".modal-body").toHaveText(/A status of another process/);
    expect(
        ".o_kanban_group:nth-child(1) .o_kanban_record:contains(Two lifts)"
    ).toHaveCount(1);
    expect(".o_notification").toHaveCount(0);
    expect.verifySteps([]);
});

test("a refused undo shows where the case is", async () => {
    expect.errors(1);
    onRpc("crm.lead", "action_undo_board_move", () => {
        throw makeServerError({message: "Somebody has moved it"});
    });
    await mountBoard();
    await drop("Two lifts", 2);
    await animationFrame();
    expect.verifySteps(["board"]);
    await contains(".o_notification_buttons button").click();
    await animationFrame();
    await animationFrame();
    expect.verifyErrors(["Somebody has moved it"]);
    expect.verifySteps(["board"]);
});

test("the keyboard moves a card", async () => {
    await mountBoard();
    queryFirst(".o_kanban_record:contains(Two lifts)").focus();
    await press("m");
    await animationFrame();
    expect(".modal-title").toHaveText("Move “Two lifts” to");
    expect(queryAllTexts(".o_sales_board_statuses button span")).toEqual([
        "Prospect",
        "Offer",
        "Order",
        "Lost",
    ]);
    expect(".o_sales_board_statuses button:contains(Prospect)").not.toBeEnabled();
    await contains(".o_sales_board_statuses button:contains(Order)").click();
    await animationFrame();
    expect(
        ".o_kanban_group:nth-child(3) .o_kanban_record:contains(Two lifts)"
    ).toHaveCount(1);
    expect.verifySteps(["board"]);
});

test("the menu of a card moves it to a column that is off", async () => {
    saved = {won: false};
    await mountBoard();
    await toggleKanbanRecordDropdown(0);
    await contains(".o_sales_board_move").click();
    await contains(".o_sales_board_statuses button:contains(Order)").click();
    await animationFrame();
    expect(".o_notification_content").toHaveText("“Two lifts” is in “Order” now.");
    expect.verifySteps(["board"]);
});

test("a case is lost in Odoo's dialog, or not at all", async () => {
    mockService("action", {
        doAction: async (action, {additionalContext, onClose}) => {
            expect.step([action, additionalContext.active_ids]);
            await onClose();
        },
    });
    await mountBoard();
    queryFirst(".o_kanban_record:contains(Two lifts)").focus();
    await press("m");
    await animationFrame();
    await contains(".o_sales_board_statuses button:contains(Lost)").click();
    await animationFrame();
    expect.verifySteps([["crm.crm_lead_lost_action", [1]]]);
    expect(".o_notification").toHaveCount(0);
    expect(".o_kanban_group:nth-child(1) .o_kanban_record").toHaveCount(1);
});

test("a customer without a case becomes one, once", async () => {
    saved = {unprocessed: true};
    const created = new Deferred();
    onRpc("crm.lead", "create_board_case", ({args}) => {
        expect.step(args);
        return created;
    });
    await mountBoard();
    expect(getColumns()[0]).toBe("Unprocessed");
    expect(".o_sales_board_unprocessed .o_kanban_record").toHaveText(
        /Idle Mills\s+IDL0001\s+Gold/
    );
    await drop("Idle Mills", 3);
    await drop("Idle Mills", 3);
    expect.verifySteps([[7, 2]]);
    created.resolve([9]);
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["board"]);
    expect(".o_notification_content").toHaveText(
        "A case of Idle Mills is in “Offer” now."
    );
});

test("the keyboard opens a case, too", async () => {
    saved = {unprocessed: true};
    onRpc("crm.lead", "create_board_case", ({args}) => {
        expect.step(args);
        return [9];
    });
    await mountBoard();
    queryFirst(".o_sales_board_unprocessed .o_kanban_record").focus();
    await press("m");
    await animationFrame();
    expect(queryAllTexts(".o_sales_board_statuses button span")).toEqual([
        "Prospect",
        "Offer",
        "Order",
    ]);
    await contains(".o_sales_board_statuses button:contains(Prospect)").click();
    await animationFrame();
    expect.verifySteps([[7, 1], "board"]);
});

test("a case does not become unprocessed", async () => {
    saved = {unprocessed: true};
    await mountBoard();
    await drop("Two lifts", 1);
    await animationFrame();
    expect(".o_notification_content").toHaveText(/A case stays a case/);
    expect(
        ".o_kanban_group:nth-child(2) .o_kanban_record:contains(Two lifts)"
    ).toHaveCount(1);
    expect.verifySteps([]);
});

test("what the user may only read stays where it is", async () => {
    await mountBoard();
    expect(".o_kanban_record:contains(Two lifts)").toHaveClass("o_draggable");
    expect(".o_kanban_record:contains(Cold store)").not.toHaveClass("o_draggable");
    await toggleKanbanRecordDropdown(2);
    expect(".o-dropdown--menu .dropdown-item").toHaveCount(1);
    expect(".o_sales_board_move").toHaveCount(0);
    queryFirst(".o_kanban_record:contains(Cold store)").focus();
    await press("m");
    await animationFrame();
    expect(".modal").toHaveCount(0);
});

test("the figures follow what is deleted", async () => {
    await mountBoard();
    await toggleKanbanRecordDropdown(0);
    await contains(".o-dropdown--menu .dropdown-item:contains(Delete)").click();
    await contains(".modal footer button:contains(Delete)").click();
    await animationFrame();
    expect(".o_kanban_record:contains(Two lifts)").toHaveCount(0);
    expect.verifySteps(["board"]);
});
