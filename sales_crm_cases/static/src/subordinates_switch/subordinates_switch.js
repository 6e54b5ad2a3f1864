import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {session} from "@web/session";

/**
 * "Show items for subordinates" in the menu of the user: writes the option, then
 * loads the current view again. What is shown is the server's decision.
 */
export function subordinatesSwitch(env) {
    return {
        type: "switch",
        id: "show_subordinates",
        description: _t("Show items for subordinates"),
        isChecked: Boolean(user.settings.show_subordinates),
        show: () => Boolean(session.sales_crm_cases?.is_salesman),
        callback: async () => {
            await user.setUserSettings(
                "show_subordinates",
                !user.settings.show_subordinates
            );
            await env.services.action.doAction("soft_reload");
        },
        sequence: 45,
    };
}

registry
    .category("user_menuitems")
    .add("sales_crm_cases.show_subordinates", subordinatesSwitch);
