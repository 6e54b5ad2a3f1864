import {describe, expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {mockTimeZone} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {contains, mountWithCleanup, onRpc} from "@web/../tests/web_test_helpers";
import {CaseHistory} from "@sales_crm_cases/case_history/case_history";

describe.current.tags("desktop");
defineMailModels();

const CASE = {
    id: 3,
    name: "New ovens",
    number: "C00003",
    customer: "Shared Bakery",
    customer_id: 7,
    contact: "Ben",
    phone: "",
    email: "",
    salesman: "Anna",
    type: "",
    stage: "New",
    status: "Pending",
    is_open: true,
    reason: "",
    expected_revenue: 10,
    currency_id: 1,
    date_deadline: false,
    information: "",
};

function makeEntry(number, values = {}) {
    return {
        key: `message-${number}`,
        kind: "message",
        date: "2026-01-01 10:00:00",
        type: "Comment",
        icon: "fa-comment-o",
        title: `Message ${number}`,
        state: "",
        outcome: "",
        note: "",
        user: "Anna",
        res_model: "crm.lead",
        res_id: 3,
        ...values,
    };
}

async function mountHistory(entries) {
    onRpc("crm.lead", "get_history", ({args, kwargs: {offset, limit}}) => {
        expect.step(`${args[0]}: ${offset}+${limit}`);
        return {
            case: CASE,
            total: entries.length,
            entries: entries.slice(offset, offset + limit),
        };
    });
    await mountWithCleanup(CaseHistory, {
        props: {
            action: {params: {case_id: 3}, type: "ir.actions.client", tag: "x"},
            actionId: 1,
            updateActionState: () => {},
            className: "",
        },
    });
}

test("a long history has pages", async () => {
    await mountHistory([...Array(120).keys()].map((number) => makeEntry(number)));
    expect.verifySteps(["3: 0+50"]);
    expect(".o_case_history_entry").toHaveCount(50);
    expect(".o_case_history").toHaveText(/Shared Bakery/);
    await contains(".o_pager_next").click();
    expect.verifySteps(["3: 50+50"]);
    expect(".o_case_history_entry:first").toHaveText(/Message 50/);
});

test("an empty history says what to do", async () => {
    await mountHistory([]);
    expect.verifySteps(["3: 0+50"]);
    expect(".o_case_history").toHaveText(/Nothing happened on this case yet/);
    expect(".o_pager").toHaveCount(0);
});

test("what was done is on the day it was for the user, what is planned on its own", async () => {
    mockTimeZone(+10);
    const activity = {kind: "activity", postponed: []};
    await mountHistory([
        makeEntry(1, {...activity, state: "planned", date: "2026-01-05 00:00:00"}),
        makeEntry(2, {...activity, state: "done", date: "2026-01-01 22:00:00"}),
    ]);
    expect(queryAllTexts(".o_case_history_date")).toEqual([
        "01/05/2026\nActivity",
        "01/02/2026\nActivity",
    ]);
    expect.verifySteps(["3: 0+50"]);
});
