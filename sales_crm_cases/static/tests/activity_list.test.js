import {describe, expect, test} from "@odoo/hoot";
import {animationFrame, Deferred} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Visit extends models.Model {
    _name = "visit";
    summary = fields.Char();
    date_deadline = fields.Date();
    active = fields.Boolean();
    can_write = fields.Boolean();

    _records = [
        {
            id: 1,
            summary: "Call",
            date_deadline: "2026-01-01",
            active: true,
            can_write: true,
        },
        {
            id: 2,
            summary: "Visit",
            date_deadline: "2026-01-02",
            active: true,
            can_write: false,
        },
    ];
}
defineMailModels();
defineModels([Visit]);

function makeSummary(values) {
    return {
        id: 1,
        title: "Call",
        type: "Call",
        icon: "fa-phone",
        state: "overdue",
        can_write: true,
        user: "Anna",
        date_deadline: "2026-01-01",
        first_deadline: "2025-12-24",
        date_done: false,
        outcome: "",
        note: "Ask for\nBen",
        postpone_count: 1,
        postponements: [
            {id: 1, date_from: "2025-12-24", date_to: "2026-01-01", reason: "Holidays"},
        ],
        customer: {id: 7, name: "Shared Bakery"},
        contact: {id: 8, name: "Ben", phone: "+49 30 1", email: ""},
        case: {id: 9, name: "New ovens", number: "C00009", stage: "New", is_open: true},
        ...values,
    };
}

async function mountList() {
    onRpc("mail.activity", "get_summary", ({args}) => {
        const [id] = args;
        expect.step(`summary ${id}`);
        return id === 1
            ? makeSummary()
            : makeSummary({id: 2, title: "Visit", can_write: false, user: "Bert"});
    });
    await mountView({
        type: "list",
        resModel: "visit",
        arch: `<list js_class="sales_activity_list">
            <field name="summary"/><field name="date_deadline"/>
            <field name="active" column_invisible="1"/>
            <field name="can_write" column_invisible="1"/>
        </list>`,
    });
}

test("a click on a row shows the summary beside the list, a second one hides it", async () => {
    await mountList();
    expect(".o_activity_summary").toHaveCount(0);
    await contains(".o_data_row:first .o_data_cell").click();
    expect.verifySteps(["summary 1"]);
    expect(".o_data_row").toHaveCount(2);
    expect(".o_activity_summary h3").toHaveText("Call");
    expect(".o_activity_summary").toHaveText(/Shared Bakery/);
    expect(".o_activity_summary").toHaveText(/Holidays/);
    expect('.o_activity_summary button:contains("Next action")').toHaveCount(1);
    await contains(".o_data_row:first .o_data_cell").click();
    expect(".o_activity_summary").toHaveCount(0);
});

test("a colleague's activity can be read only", async () => {
    await mountList();
    await contains(".o_data_row:last .o_data_cell").click();
    await animationFrame();
    expect.verifySteps(["summary 2"]);
    expect("[name=of_colleague]").toHaveText(/Bert/);
    expect('.o_activity_summary button:contains("Next action")').toHaveCount(0);
    expect('.o_activity_summary button:contains("Reschedule")').toHaveCount(0);
    expect('.o_activity_summary button:contains("Case info and history")').toHaveCount(
        1
    );
});

test("the panel closes by its button and by escape", async () => {
    await mountList();
    await contains(".o_data_row:first .o_data_cell").click();
    await contains(".o_activity_summary .btn-close").click();
    expect(".o_activity_summary").toHaveCount(0);
    expect.verifySteps(["summary 1"]);
});

test("the answer for a row that was left is not shown", async () => {
    await mountList();
    await contains(".o_data_row:first .o_data_cell").click();
    const answers = {1: new Deferred(), 2: new Deferred()};
    onRpc("mail.activity", "get_summary", ({args}) => answers[args[0]]);
    await contains(".o_data_row:last .o_data_cell").click();
    await contains(".o_data_row:first .o_data_cell").click();
    answers[1].resolve(makeSummary());
    await animationFrame();
    answers[2].resolve(makeSummary({id: 2, title: "Visit"}));
    await animationFrame();
    expect(".o_activity_summary h3").toHaveText("Call");
    expect.verifySteps(["summary 1"]);
});

test("a second click on a button opens no second dialog", async () => {
    const opened = new Deferred();
    mockService("action", {
        doActionButton: ({name, resId}) => {
            expect.step([name, resId]);
            return opened;
        },
    });
    await mountList();
    await contains(".o_data_row:first .o_data_cell").click();
    await contains('.o_activity_summary button:contains("Done")').click();
    await contains('.o_activity_summary button:contains("Done")').click();
    expect.verifySteps(["summary 1", ["action_open_finish", 1]]);
});
