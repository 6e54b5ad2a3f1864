import {_t} from "@web/core/l10n/translation";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {useComponent, useExternalListener, useState} from "@odoo/owl";

// The lists in which records appear for which a figure names none
const ACTIONS = {
    "account.move": "account.action_move_out_invoice_type",
    "crm.lead": "sales_crm_cases.crm_lead_action",
    "mail.activity": "sales_crm_cases.mail_activity_action_sales",
    "sale.order": "sales_crm_cases.sale_order_action_quotes",
};

// The server answered, and there is nothing to be shown any more
const REFUSALS = ["odoo.exceptions.AccessError", "odoo.exceptions.UserError"];

/** @returns {String} what the server, or the network, had to say */
export function getErrorMessage(error) {
    return error.data?.message || error.message || _t("Unknown error");
}

/**
 * The data of a page, loaded at once and again whenever its browser tab is shown again. What
 * was loaded stays visible while it is loaded anew, and while that fails; not if it is refused.
 *
 * @param {Function} load async, returns the data
 * @returns {Object} `state` with `data` (null before the first answer) and `error`; `reload()`
 */
export function useHomeData(load) {
    const {props} = useComponent();
    let loadCount = 0;
    // What the page showed when it was left; it comes back from the breadcrumbs with it
    const state = useState({
        data: props.state?.data || null,
        error: "",
    });

    // What a later load has overtaken is not shown; whoever waits for it goes on
    async function reload() {
        const number = ++loadCount;
        try {
            const data = await load();
            if (number === loadCount) {
                Object.assign(state, {data, error: ""});
            }
        } catch (error) {
            if (number !== loadCount) {
                return;
            }
            state.error = getErrorMessage(error);
            if (REFUSALS.includes(error.exceptionName)) {
                state.data = null;
            }
        }
    }

    useExternalListener(document, "visibilitychange", () => {
        if (document.visibilityState === "visible") {
            reload();
        }
    });
    reload();
    return {state, reload};
}

/**
 * Writes an option of the user, and says so where that fails.
 *
 * @param {Function} onChanged called after an option was written
 * @returns {Function} `async (name, value)`
 */
export function useHomeOptions(onChanged) {
    const notification = useService("notification");
    return async (name, value) => {
        try {
            await user.setUserSettings(name, value);
        } catch (error) {
            notification.add(getErrorMessage(error), {type: "danger"});
            return;
        }
        await onChanged();
    };
}

/**
 * Opens records of figures, customers, cases; and presses buttons of the server.
 *
 * @param {Function} [onClose] called after a dialog that was opened here
 */
export function useHomeActions(onClose = () => {}) {
    const action = useService("action");
    const pressed = new Set();

    async function loadAction(xmlid) {
        if (!xmlid) {
            return null;
        }
        try {
            return await action.loadAction(xmlid);
        } catch (error) {
            if (error.exceptionName?.endsWith("MissingActionError")) {
                return null;
            }
            throw error;
        }
    }

    /**
     * Open the list of a figure: its domain and nothing else, so that no filter changes
     * the number.
     *
     * @param {Object} figure as the server gives it
     * @param {String} title
     */
    async function openFigure(figure, title) {
        const known = await loadAction(figure.action || ACTIONS[figure.res_model]);
        const description = known
            ? {
                  id: known.id,
                  path: known.path,
                  xml_id: known.xml_id,
                  help: known.help,
                  search_view_id: known.search_view_id,
                  mobile_view_mode: known.mobile_view_mode,
                  views: known.views.filter(([, type]) => type !== "search"),
              }
            : {
                  views: [
                      [false, "list"],
                      [false, "form"],
                  ],
              };
        return action.doAction(
            {
                ...description,
                type: "ir.actions.act_window",
                name: title,
                display_name: title,
                res_model: figure.res_model,
                domain: figure.domain,
                context: {...figure.context, search_disable_custom_filters: true},
            },
            {viewType: "list"}
        );
    }

    function openRecord(resModel, resId, viewId = false) {
        return action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[viewId, "form"]],
        });
    }

    /** A click on a link to a customer; with a key held down, the browser opens a tab. */
    function openCustomer(ev, customerId) {
        if (ev.ctrlKey || ev.metaKey || ev.shiftKey) {
            return;
        }
        ev.preventDefault();
        return action.doAction("sales_crm_cases.customer_home_action", {
            props: {resId: customerId},
        });
    }

    /** A second click while the first is under way would open a second dialog. */
    async function once(key, callback) {
        if (pressed.has(key)) {
            return;
        }
        pressed.add(key);
        try {
            await callback();
        } finally {
            pressed.delete(key);
        }
    }

    /**
     * Call a method of a record that returns a dialog or a page.
     *
     * @param {String} resModel
     * @param {Number} resId
     * @param {String} name of the method
     * @param {Object} [context]
     */
    function press(resModel, resId, name, context = {}) {
        return once([resModel, resId, name].join(), () =>
            action.doActionButton({
                type: "object",
                name,
                resModel,
                resId,
                resIds: [resId],
                context,
                onClose,
            })
        );
    }

    function openDialog(xmlid) {
        return once(xmlid, () => action.doAction(xmlid, {onClose}));
    }

    return {
        doAction: action.doAction,
        loadAction,
        openFigure,
        openRecord,
        openCustomer,
        press,
        openDialog,
    };
}
