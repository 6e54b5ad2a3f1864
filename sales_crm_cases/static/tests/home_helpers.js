import {expect} from "@odoo/hoot";
import {queryFirst} from "@odoo/hoot-dom";
import {
    makeMockEnv,
    mockService,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {user} from "@web/core/user";
import {getDefaultConfig} from "@web/views/view";

/** A figure as the server gives it; its domain tells the figures apart. */
export function makeFigure(name, count = 1, values = {}) {
    return {
        res_model: "crm.lead",
        domain: [["figure", "=", name]],
        context: {},
        count,
        ...values,
    };
}

function makeRow(name, existing, fresh) {
    const done = {res_model: "mail.activity", context: {active_test: false}};
    return {
        existing: makeFigure(`${name} existing`, existing, done),
        new: makeFigure(`${name} new`, fresh, done),
        total: makeFigure(`${name} total`, existing + fresh, done),
    };
}

export function makeDashboard() {
    const amount = {is_amount: true, res_model: "sale.order"};
    return {
        currency_id: 1,
        activities: {
            days: 30,
            rows: [
                {id: 1, label: "Call", icon: "fa-phone", ...makeRow("call", 2, 3)},
                {
                    id: 2,
                    label: "Meeting",
                    icon: "fa-users",
                    ...makeRow("meeting", 0, 1),
                },
            ],
            total: makeRow("all", 2, 4),
        },
        performance: {
            months: 1,
            label: "March 2031",
            rows: [
                makeFigure("cases", 4, {
                    kind: "cases",
                    label: "Cases",
                    is_amount: false,
                    value: 4,
                    target: 8,
                }),
                makeFigure("orders", 2, {
                    kind: "orders",
                    label: "Orders",
                    ...amount,
                    value: 1500.5,
                    target: 1000,
                }),
                makeFigure("quotes", 0, {
                    kind: "quotes",
                    label: "Quotes",
                    ...amount,
                    value: 0,
                    target: 0,
                }),
            ],
        },
        pipeline: {
            rows: [
                makeFigure("march", 2, {key: "2031-03", label: "Mar 2031", value: 900}),
                makeFigure("april", 0, {key: "2031-04", label: "Apr 2031", value: 0}),
            ],
        },
    };
}

export function makeRecord(values = {}) {
    return {
        id: 7,
        summary: "Ask for the drawings",
        date_deadline: "2031-03-10",
        date_done: false,
        outcome: false,
        icon: "fa-phone",
        type: "Call",
        customer_id: 5,
        customer: "Hopfner",
        contact: "Julia Brandt",
        phone: "+49 721 1",
        case_id: 3,
        case: "Filling line",
        salesman: "Sam",
        can_write: true,
        ...values,
    };
}

export function makeTab(name, ...records) {
    return makeFigure(name, records.length, {res_model: "mail.activity", records});
}

export function makeHome(values = {}) {
    return {
        options: {
            show_subordinates: false,
            hide_customer_dashboard: false,
            is_restricted: true,
        },
        dashboard: makeDashboard(),
        tiles: [
            {
                key: "cold_call",
                label: "Create cold call",
                icon: "fa-phone",
                action: false,
            },
            makeFigure("customers", 12, {
                key: "customers",
                label: "Customers",
                icon: "fa-building-o",
                res_model: "res.partner",
                action: "sales_crm_cases.res_partner_action_customers",
            }),
            makeFigure("warnings", 2, {
                key: "warnings",
                label: "Warnings",
                icon: "fa-exclamation-triangle",
                res_model: "mail.activity",
                action: "sales_crm_cases.mail_activity_action_warnings",
                context: {my: "context"},
            }),
            makeFigure("performance", 1, {
                key: "performance",
                label: "Performance",
                icon: "fa-bar-chart",
                res_model: "sales.target",
                action: "sales_crm_cases.missing_action",
            }),
        ],
        today: makeTab("today", makeRecord()),
        recent: makeTab(
            "recent",
            makeRecord({id: 8, date_done: "2031-03-09", outcome: "Satisfied"})
        ),
        ...values,
    };
}

/** Mount a home page as the web client does, with steps for what it tells it. */
export async function mountHome(Page, props = {}) {
    const config = {...getDefaultConfig(), setDisplayName: (name) => expect.step(name)};
    const env = await makeMockEnv({config});
    return mountWithCleanup(Page, {
        env,
        props: {action: {}, updateActionState: () => {}, ...props},
    });
}

/** @returns {Chart} what is drawn within an element */
export function getChart(selector) {
    return window.Chart.getChart(queryFirst(`${selector} canvas`));
}

/** What is opened becomes a step; of an action's views the test sees the list only. */
export function stepActions() {
    mockService("action", {
        loadAction: async (xmlid) => {
            if (xmlid === "sales_crm_cases.missing_action") {
                throw Object.assign(new Error(), {
                    exceptionName:
                        "odoo.addons.web.controllers.action.MissingActionError",
                });
            }
            return {
                id: 77,
                xml_id: xmlid,
                domain: [["a", "filter"]],
                context: {search_default_mine: 1},
                views: [
                    [11, "list"],
                    [12, "form"],
                    [13, "search"],
                ],
            };
        },
        doAction: async (action, options) => {
            const {xml_id, name, res_model, res_id, domain, context} = action;
            expect.step(
                typeof action === "string"
                    ? [action, options.props].filter(Boolean)
                    : res_id
                      ? [res_model, res_id]
                      : {xml_id, name, res_model, domain, context, ...options}
            );
        },
        doActionButton: async ({name, resModel, resId, context, onClose}) => {
            expect.step([resModel, resId, name, context]);
            await onClose();
        },
    });
}

/** The user's options, as steps when they are written. */
export function stepSettings() {
    patchWithCleanup(user, {
        setUserSettings: async (name, value) => expect.step([name, value]),
    });
}

export function makeCustomer(values = {}) {
    return {
        id: 5,
        display_name: "Hopfner",
        name: "Hopfner",
        ref: "HOP0001",
        approval_status: "active",
        approval_label: "Active",
        is_company: true,
        completeness: 89,
        missing_fields: "Tax ID",
        main_contact_phone: "+49 721 1",
        main_contact_email: "julia@hopfner.example.com",
        email: false,
        phone: false,
        website: false,
        contact_address: "Hopfner\nMill Lane 1\n\nLeeds",
        last_contact_date: false,
        next_call_date: "2031-03-10",
        planned_call_date: false,
        first_business_date: false,
        is_active_business: true,
        crm_editable: true,
        active: true,
        rank_id: {id: 1, display_name: "Gold"},
        main_salesman_id: {id: 2, display_name: "Sam"},
        salesman_ids: [
            {id: 1, display_name: "Lena"},
            {id: 2, display_name: "Sam"},
        ],
        call_contact_id: {id: 6, display_name: "Hopfner, Julia Brandt"},
        main_contact_id: {id: 6, display_name: "Hopfner, Julia Brandt"},
        ...values,
    };
}

export function makeCustomerHome(values = {}) {
    const {options, dashboard} = makeHome();
    dashboard.performance.rows.forEach((row) => delete row.target);
    return {
        options,
        dashboard,
        customer: makeCustomer(),
        tiles: [
            {key: "sale_history", label: "Sale history", icon: "fa-line-chart"},
            {
                key: "notes",
                label: "Notes",
                icon: "fa-sticky-note-o",
                action: "sales_crm_cases.customer_note_action",
                res_model: "customer.note",
                domain: [["customer_id", "=", 5]],
                context: {default_customer_id: 5},
            },
            {
                key: "documents",
                label: "Documents",
                icon: "fa-file-o",
                action: "sales_crm_cases.ir_attachment_action_customer",
                res_model: "customer.note",
                domain: [["customer_id", "=", 0]],
                context: {},
            },
        ],
        cases: [
            {id: 31, name: "Filling line", number: "C-1", expected_revenue: 0},
            {id: 32, name: "Racks", number: "", expected_revenue: 0},
        ],
        ...values,
    };
}
