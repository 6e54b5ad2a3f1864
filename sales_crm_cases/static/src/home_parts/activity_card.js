import {_t} from "@web/core/l10n/translation";
import {Component} from "@odoo/owl";
import {formatCount} from "./home_formats";
import {HomeFigure} from "./home_figure";

const COLUMNS = [
    {
        key: "existing",
        label: _t("Existing"),
        explanation: _t("Customers who had ordered or were invoiced before"),
    },
    {
        key: "new",
        label: _t("New"),
        explanation: _t("Customers without business so far"),
    },
    {key: "total", label: _t("Total")},
];

/** What was done in the last days, by type and kind of customer. */
export class ActivityCard extends Component {
    static template = "sales_crm_cases.ActivityCard";
    static components = {HomeFigure};
    static props = {table: Object, onOpen: Function};

    setup() {
        this.columns = COLUMNS;
    }

    get title() {
        const {days} = this.props.table;
        return days === 1
            ? _t("Activities of today")
            : _t("Activities for last %s days", days);
    }

    getCell(row, column, label) {
        return {
            figure: row[column.key],
            text: formatCount(row[column.key].count),
            title:
                column.key === "total"
                    ? _t("%s, done", label)
                    : _t("%(type)s, done, %(column)s", {
                          type: label,
                          column: column.label,
                      }),
        };
    }

    getCells(row) {
        return COLUMNS.map((column) => this.getCell(row, column, row.label));
    }

    get totals() {
        return COLUMNS.map((column) =>
            this.getCell(this.props.table.total, column, _t("Activities"))
        );
    }
}
