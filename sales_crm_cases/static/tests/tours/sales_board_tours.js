import {registry} from "@web/core/registry";
import {patient} from "./tour_helpers";

const tours = registry.category("web_tour.tours");

function column(name) {
    return `.o_kanban_group:has(.o_column_title:contains("${name}"))`;
}

function card(name, inColumn = "") {
    const within = inColumn ? `${column(inColumn)} ` : "";
    return `${within}.o_kanban_record:contains("${name}")`;
}

function isIn(name, inColumn) {
    return {
        content: `“${name}” is in ${inColumn}`,
        trigger: card(name, inColumn),
    };
}

function drag(name, toColumn) {
    return {
        content: `Drag “${name}” to ${toColumn}`,
        trigger: card(name),
        run: `drag_and_drop (${column(toColumn)})`,
    };
}

function toggle(name) {
    return {
        content: `Switch the column ${name}`,
        trigger: `.o_sales_board_bar button[data-column=${name}]`,
        run: "click",
    };
}

function shows(inColumn, figure, text) {
    return {
        content: `${inColumn}: ${figure} is ${text}`,
        trigger: `${column(inColumn)} [data-figure=${figure}] dd:contains("${text}")`,
    };
}

function undo() {
    return {
        content: "Undo",
        trigger: ".o_notification_buttons button:contains(Undo)",
        run: "click",
    };
}

/** The calls of the page so far that are about records. */
function getCalls() {
    return performance
        .getEntriesByType("resource")
        .map(({name}) => name.match(/\/call_kw\/((?:crm|res\.partner)[^?]*)/)?.[1])
        .filter((call) => call && !call.endsWith("/get_views"));
}

tours.add("sales_board", {
    steps: () =>
        patient([
            isIn("Two lifts", "Prospect"),
            shows("Prospect", "projected", "1,000"),
            shows("Prospect", "weighted", "200"),
            {
                content: "One call for the cards, one for everything else",
                trigger: ".o_sales_board_bar",
                run() {
                    const calls = getCalls().sort().join();
                    if (calls !== "crm.lead/get_board,crm.lead/web_read_group") {
                        throw new Error(`The board called ${calls}`);
                    }
                },
            },
            drag("Two lifts", "Offer"),
            isIn("Two lifts", "Offer"),
            shows("Prospect", "projected", "0"),
            shows("Offer", "weighted", "600"),
            undo(),
            isIn("Two lifts", "Prospect"),
            shows("Prospect", "weighted", "200"),
            // Columns on and off
            {content: "Won ones are shown", trigger: column("Order")},
            toggle("won"),
            {
                content: "They are not",
                trigger: `.o_kanban_renderer:not(:has(${column("Order")}))`,
            },
            toggle("won"),
            {content: "They are again", trigger: column("Order")},
            toggle("unprocessed"),
            isIn("Idle Mills", "Unprocessed"),
            drag("Idle Mills", "Offer"),
            isIn("Case of Idle Mills", "Offer"),
            {
                content: "Nothing is left to do",
                trigger: ".o_sales_board_unprocessed .o_sales_board_empty",
            },
            drag("Two lifts", "Order"),
            isIn("Two lifts", "Order"),
            shows("Order", "actual", "0"),
            {
                content: "Load the page again",
                trigger: card("Two lifts", "Order"),
                run: () => window.location.reload(),
                expectUnloadPage: true,
            },
            {
                content: "The columns are the same",
                trigger: `.o_kanban_renderer:has(${column("Unprocessed")}):has(${column("Order")})`,
            },
        ]),
});

tours.add("sales_board_keyboard", {
    steps: () =>
        patient([
            isIn("Two lifts", "Prospect"),
            {
                content: "Focus the card",
                trigger: card("Two lifts"),
                run: ({anchor}) => anchor.focus(),
            },
            {content: "Ask for its status", trigger: card("Two lifts"), run: "press m"},
            {
                content: "Its own status cannot be chosen",
                trigger: ".o_sales_board_statuses button:disabled:contains(Prospect)",
            },
            {
                content: "Offer",
                trigger: ".o_sales_board_statuses button:contains(Offer)",
                run: "click",
            },
            isIn("Two lifts", "Offer"),
            {
                content: "The card has the focus",
                trigger: `${card("Two lifts", "Offer")}:focus`,
                run: "press ctrl+z",
            },
            isIn("Two lifts", "Prospect"),
            // Lost: why? Its column is not shown
            {
                content: "The menu of the card",
                trigger: card("Two lifts"),
                run: `hover && click ${card("Two lifts")} .o_dropdown_kanban button`,
            },
            {content: "Move to", trigger: ".o_sales_board_move", run: "click"},
            {
                content: "Lost",
                trigger: ".o_sales_board_statuses button:contains(Lost)",
                run: "click",
            },
            {
                content: "The dialog is complete",
                trigger: ".modal [name=lost_feedback] .odoo-editor-editable",
            },
            {
                content: "Why?",
                trigger: ".modal .o_selection_badge:contains(Too dear)",
                run: "click",
            },
            {
                content: "It is chosen",
                trigger: ".modal .o_selection_badge.active:contains(Too dear)",
            },
            {
                content: "Mark as Lost",
                trigger: ".modal footer button[name=action_lost_reason_apply]",
                run: "click",
            },
            {
                content: "It is not shown",
                trigger: `.o_kanban_renderer:not(:has(${card("Two lifts")}))`,
            },
            toggle("lost"),
            isIn("Two lifts", "Lost"),
            undo(),
            isIn("Two lifts", "Prospect"),
            drag("Two lifts", "Lost"),
            {
                content: "Close the dialog: nothing is lost",
                trigger: ".modal footer button:contains(Discard)",
                run: "click",
            },
            {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
            isIn("Two lifts", "Prospect"),
        ]),
});
