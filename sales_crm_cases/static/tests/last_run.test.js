import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {queryFirst} from "@odoo/hoot-dom";
import {animationFrame, Deferred, mockDate} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {LastRun} from "@sales_crm_cases/recommendations/last_run";

describe.current.tags("desktop");
defineMailModels();

const NOTIFICATION = {type: "ir.actions.client", tag: "display_notification"};
let answer = {};

beforeEach(() => {
    mockDate("2031-05-05 12:00:00", 0);
    answer = {last_run: "2031-05-05 09:00:00", can_run: false};
    onRpc("sales.recommendation", "get_last_run", () => {
        expect.step("last run");
        return answer;
    });
});

async function mountLastRun() {
    await mountWithCleanup(LastRun);
    await animationFrame();
    expect.verifySteps(["last run"]);
}

function mockAction() {
    mockService("action", {
        doAction: async (action) => {
            expect(action).toEqual(NOTIFICATION);
            expect.step("notification");
        },
    });
}

test("says how long ago, and in its title when", async () => {
    await mountLastRun();
    expect(".o_recommendations_last_run small").toHaveText("Worked out 3 hours ago");
    expect(".o_recommendations_last_run small").toHaveAttribute("title", /2031.*9:00/);
});

test("says so when nothing was worked out yet", async () => {
    answer.last_run = false;
    await mountLastRun();
    expect(".o_recommendations_last_run small").toHaveText("Not worked out yet");
    expect(".o_recommendations_last_run small").toHaveAttribute("title", "");
});

test("what is around it does not wait for the answer", async () => {
    const asked = new Deferred();
    onRpc("sales.recommendation", "get_last_run", () => asked);
    await mountWithCleanup(LastRun);
    expect(".o_recommendations_last_run").toHaveCount(0);
    asked.resolve(answer);
    await animationFrame();
    expect(".o_recommendations_last_run").toHaveCount(1);
});

test("only who may run it is offered to", async () => {
    await mountLastRun();
    expect(".o_recommendations_last_run button").toHaveCount(0);
});

test("Run now runs it once, and tells the time again", async () => {
    answer.can_run = true;
    mockAction();
    const running = new Deferred();
    onRpc("sales.recommendation", "action_run_now", () => {
        expect.step("run");
        return running;
    });
    await mountLastRun();
    expect("button:contains(Run now)").toBeEnabled();
    await contains("button:contains(Run now)").click();
    expect("button:contains(Run now)").not.toBeEnabled();
    queryFirst("button:contains(Run now)").click();
    await animationFrame();
    expect.verifySteps(["run"]);
    answer.last_run = "2031-05-05 11:59:30";
    running.resolve(NOTIFICATION);
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["last run", "notification"]);
    expect("button:contains(Run now)").toBeEnabled();
    expect(".o_recommendations_last_run small").toHaveText("Worked out 30 seconds ago");
});

test("a run that fails can be tried again", async () => {
    expect.errors(1);
    answer.can_run = true;
    mockAction();
    onRpc("sales.recommendation", "action_run_now", () => {
        throw new Error("No database");
    });
    await mountLastRun();
    await contains("button:contains(Run now)").click();
    await animationFrame();
    expect("button:contains(Run now)").toBeEnabled();
    expect.verifyErrors(["No database"]);
    expect.verifySteps([]);
});
