import {_t} from "@web/core/l10n/translation";
import {Component} from "@odoo/owl";
import {formatAmount, formatDay} from "../home_parts/home_formats";

const STATUS_CLASSES = {
    new: "text-bg-info",
    released: "text-bg-warning",
    active: "text-bg-success",
    hold: "text-bg-danger",
};

/** Who the customer is: the head of its home page (H5), with the choice of the current case (B5). */
export class CustomerDetails extends Component {
    static template = "sales_crm_cases.CustomerDetails";
    static props = {
        // As the server gives them
        customer: Object,
        cases: Array,
        currencyId: {type: Number, optional: true},
        onCaseChosen: Function,
    };

    setup() {
        this.formatDay = formatDay;
    }

    get customer() {
        return this.props.customer;
    }

    get statusClass() {
        return STATUS_CLASSES[this.customer.approval_status];
    }

    get completeness() {
        return `${this.customer.completeness} %`;
    }

    /** The salesmen, the main one first. */
    get salesmen() {
        const main = this.customer.main_salesman_id;
        return [...(this.customer.salesman_ids || [])]
            .sort((a, b) => (b.id === main?.id) - (a.id === main?.id))
            .map(({id, display_name}) => ({
                id,
                name: display_name,
                isMain: id === main?.id,
            }));
    }

    get address() {
        // The first line is the name
        const lines = (this.customer.contact_address || "").split("\n");
        return lines.filter((line) => line.trim() && line !== this.customer.name);
    }

    /** As Odoo's own field: whatever a customer's website says, a click runs no script. */
    get websiteHref() {
        const {website} = this.customer;
        return /^(ht|f)tps?:\/\//i.test(website) ? website : `http://${website}`;
    }

    get contactName() {
        const {main_contact_id: contact, display_name: name} = this.customer;
        return contact && contact.id !== this.customer.id
            ? contact.display_name.replace(`${name}, `, "")
            : "";
    }

    get days() {
        const {customer} = this;
        return [
            {
                key: "next_call_date",
                label: _t("Next call due"),
                value: customer.next_call_date,
            },
            {
                key: "planned_call_date",
                label: _t("Call planned for"),
                value: customer.planned_call_date,
            },
            {
                key: "last_contact_date",
                label: _t("Last contact"),
                value: customer.last_contact_date,
            },
            {
                key: "first_business_date",
                label: _t("Customer since"),
                value: customer.first_business_date,
            },
        ].filter((day) => day.value);
    }

    // ------------------------------------------------------------------
    // Current case
    // ------------------------------------------------------------------

    get canChooseCase() {
        return "current_case_id" in this.customer;
    }

    get currentCaseId() {
        return this.customer.current_case_id?.id || "";
    }

    /** The open cases, and the current one if it is closed meanwhile. */
    get cases() {
        const {currentCaseId, customer} = this;
        const cases = this.props.cases.map(({id, name, number, expected_revenue}) => ({
            id,
            label: [
                number,
                name,
                expected_revenue &&
                    this.props.currencyId &&
                    formatAmount(expected_revenue, this.props.currencyId),
            ]
                .filter(Boolean)
                .join(" · "),
        }));
        if (currentCaseId && !cases.some(({id}) => id === currentCaseId)) {
            cases.push({
                id: currentCaseId,
                label: customer.current_case_id.display_name,
            });
        }
        return cases;
    }

    chooseCase(ev) {
        return this.props.onCaseChosen(Number(ev.target.value) || false);
    }
}
