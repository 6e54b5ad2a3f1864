import {Dialog} from "@web/core/dialog/dialog";
import {Component} from "@odoo/owl";

/** The statuses of which one is chosen, for who does not drag. */
export class SalesBoardStatusDialog extends Component {
    static template = "sales_crm_cases.SalesBoardStatusDialog";
    static components = {Dialog};
    static props = {
        title: String,
        // With `id`, `name`, `outcome`, and `is_current` where the case is now
        statuses: Array,
        choose: Function,
        close: Function,
    };

    async choose(status) {
        this.props.close();
        await this.props.choose(status);
    }
}
