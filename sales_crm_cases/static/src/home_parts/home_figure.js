import {Component} from "@odoo/owl";

/** A number that opens the records which it counts, or of which it is the sum (H4). */
export class HomeFigure extends Component {
    static template = "sales_crm_cases.HomeFigure";
    static props = {
        // As the server gives it
        figure: Object,
        text: String,
        // What it counts: for screen readers, and for the list that opens
        title: String,
        tooltip: {type: String, optional: true},
        isStrong: {type: Boolean, optional: true},
        // onOpen(figure, title)
        onOpen: Function,
    };
}
