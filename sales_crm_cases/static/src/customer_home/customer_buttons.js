import {_t} from "@web/core/l10n/translation";

function isEditable({customer, rights}) {
    return rights.is_salesman && customer.crm_editable;
}

/**
 * What can be done about a customer (K2, K9), under the conditions of its form: a step of the
 * approval is offered where it can be taken, everything else where the user may change the
 * customer. The server decides again.
 */
const BUTTONS = [
    {
        key: "release",
        name: "action_open_approval_wizard",
        label: _t("Release Customer"),
        context: {transition: "release"},
        isPrimary: true,
        isShown: ({customer, rights}) =>
            rights.is_salesman && customer.approval_status === "new",
    },
    {
        key: "approve",
        name: "action_open_approval_wizard",
        label: _t("Approve"),
        context: {transition: "approve"},
        isPrimary: true,
        isShown: ({customer, rights}) =>
            rights.is_approver && customer.approval_status === "released",
    },
    {
        key: "decline",
        name: "action_open_approval_wizard",
        label: _t("Decline"),
        context: {transition: "decline"},
        isShown: ({customer, rights}) =>
            rights.is_approver && customer.approval_status === "released",
    },
    {
        key: "unhold",
        name: "action_open_approval_wizard",
        label: _t("Release from hold"),
        context: {transition: "unhold"},
        isPrimary: true,
        isShown: ({customer, rights}) =>
            rights.is_approver && customer.approval_status === "hold",
    },
    {key: "edit", label: _t("Edit"), isShown: () => true},
    {
        key: "contact",
        name: "action_add_contact",
        label: _t("Add Contact"),
        isShown: (page) => isEditable(page) && page.customer.is_company,
    },
    {
        key: "third_party",
        name: "action_add_third_party",
        label: _t("Add Third Party"),
        isShown: isEditable,
    },
    {
        key: "note",
        name: "action_add_note",
        label: _t("Add Note"),
        isShown: ({customer}) => customer.crm_editable,
    },
    {
        key: "salesmen",
        name: "action_maintain_salesmen",
        label: _t("Maintain Customer Salesmen"),
        isShown: isEditable,
    },
    {
        key: "cold_call",
        name: "action_create_cold_call",
        label: _t("Create Cold Call"),
        isShown: isEditable,
    },
    {
        key: "activity",
        name: "action_new_activity",
        label: _t("New Activity"),
        isShown: isEditable,
    },
    {
        key: "quote",
        name: "action_new_quotation",
        label: _t("New Quote"),
        isShown: isEditable,
    },
    {
        key: "hold",
        name: "action_open_approval_wizard",
        label: _t("Put on hold"),
        context: {transition: "hold"},
        isShown: ({customer, rights}) =>
            rights.is_approver && customer.approval_status === "active",
    },
];

/**
 * @param {Object} customer as the server gives it
 * @param {Object} rights of the user, from the session
 * @returns {Object[]} the buttons that the user sees, in order
 */
export function getCustomerButtons(customer, rights) {
    return BUTTONS.filter((button) => button.isShown({customer, rights}));
}
