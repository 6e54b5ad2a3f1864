import {describe, expect, test} from "@odoo/hoot";
import {queryFirst, unload} from "@odoo/hoot-dom";
import {animationFrame, mockSendBeacon} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Remark extends models.Model {
    _name = "remark";
    body = fields.Text();
}
defineMailModels();
defineModels([Remark]);

test("what is half typed is no note when the page is left", async () => {
    mockSendBeacon(() => expect.step("save"));
    await mountView({
        type: "form",
        resModel: "remark",
        arch: '<form js_class="customer_note_dialog"><field name="body"/></form>',
    });
    await contains(".o_field_widget[name=body] textarea").edit("Half a sen");
    await unload();
    await animationFrame();
    expect.verifySteps([]);
    expect(queryFirst(".o_field_widget[name=body] textarea")).toHaveValue("Half a sen");
});
