import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {useSetupAction} from "@web/search/action_hook";
import {session} from "@web/session";
import {FileUploader} from "@web/views/fields/file_handler";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Component, toRaw, useRef, useState} from "@odoo/owl";
import {HomeDashboard} from "../home_parts/home_dashboard";
import {HomeGear} from "../home_parts/home_gear";
import {getErrorMessage, useHomeActions, useHomeData} from "../home_parts/home_hooks";
import {HomeError, HomePlaceholder} from "../home_parts/home_state";
import {HomeTiles} from "../home_parts/home_tiles";
import {HomeView} from "../home_parts/home_view";
import {SaleHistory} from "../sale_history/sale_history";
import {getCustomerButtons} from "./customer_buttons";
import {CustomerDetails} from "./customer_details";

const CUSTOMERS = "sales_crm_cases.res_partner_action_customers";
const MAX_ROWS = 20;
// Which button adds a row to which panel
const ADD_BUTTONS = {
    contacts: "contact",
    activities: "activity",
    cases: "activity",
    quotes: "quote",
    notes: "note",
    salesmen: "salesmen",
    third_parties: "third_party",
};

/**
 * Customer home (H5, B5): who the customer is, what can be done, the dashboard for it, and
 * tiles with a panel each. The customer and the tile are in the address.
 */
export class CustomerHome extends Component {
    static template = "sales_crm_cases.CustomerHome";
    static components = {
        CustomerDetails,
        FileUploader,
        HomeDashboard,
        HomeError,
        HomeGear,
        HomePlaceholder,
        HomeTiles,
        HomeView,
        Layout,
        SaleHistory,
    };
    static props = {...standardActionServiceProps};
    static path = "customer-home";
    static displayName = _t("Customer");

    /** For buttons of the server, which cannot give properties. */
    static extractProps({params}) {
        return {resId: Number(params?.resId) || false};
    }

    setup() {
        this.orm = useService("orm");
        this.menu = useService("menu");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.maxRows = MAX_ROWS;
        const left = this.props.state || this.props.action.params || {};
        this.state = useState({tile: left.tile || "", revision: 0});
        this.keepInAddress();
        const home = useHomeData(() => this.load());
        this.home = home.state;
        this.reload = async () => {
            await home.reload();
            if (!this.home.error) {
                this.state.revision++;
            }
        };
        this.actions = useHomeActions(this.reload);
        useSetupAction({
            rootRef: this.root,
            getLocalState: () => ({
                tile: this.state.tile,
                data: toRaw(this.home.data),
            }),
        });
        this.showApp();
    }

    async load() {
        const data = await this.orm.call("sales.home", "get_customer_home", [
            this.props.resId || false,
        ]);
        this.env.config.setDisplayName(data.customer.display_name);
        // A contact was asked for: the address names its customer from now on
        this.props.updateActionState?.({resId: data.customer.id});
        return data;
    }

    /** The page has no entry in the menu: opened by its address, it shows its app. */
    showApp() {
        const home = this.menu.getAll().find((item) => item.actionPath === "crm-home");
        if (home && !this.menu.getCurrentApp()) {
            this.menu.setCurrentMenu(home.appID);
        }
    }

    keepInAddress() {
        this.props.updateActionState?.({tile: this.state.tile || undefined});
    }

    // ------------------------------------------------------------------
    // Details and buttons
    // ------------------------------------------------------------------

    get customer() {
        return this.home.data.customer;
    }

    get buttons() {
        return getCustomerButtons(this.customer, session.sales_crm_cases || {});
    }

    press(button) {
        return button.key === "edit"
            ? this.actions.openRecord("res.partner", this.customer.id)
            : this.actions.press(
                  "res.partner",
                  this.customer.id,
                  button.name,
                  button.context
              );
    }

    get currencyId() {
        return this.home.data.dashboard?.currency_id;
    }

    async chooseCase(caseId) {
        try {
            await this.orm.write("res.partner", [this.customer.id], {
                current_case_id: caseId,
            });
        } catch (error) {
            this.notification.add(getErrorMessage(error), {type: "danger"});
        }
        await this.reload();
    }

    openCustomers() {
        return this.actions.doAction(CUSTOMERS, {clearBreadcrumbs: true});
    }

    openFigure(figure, title) {
        return this.actions.openFigure(figure, `${title} · ${this.customer.name}`);
    }

    // ------------------------------------------------------------------
    // Tiles and their panels
    // ------------------------------------------------------------------

    /** The tile whose panel is shown; an address may name one that there is not. */
    get tile() {
        const {tiles} = this.home.data;
        return tiles.find((tile) => tile.key === this.state.tile) || tiles[0];
    }

    selectTile({key}) {
        this.state.tile = key;
        this.keepInAddress();
    }

    get addButton() {
        const key = ADD_BUTTONS[this.tile.key];
        return this.buttons.find((button) => button.key === key);
    }

    get canUpload() {
        return this.tile.key === "documents" && this.customer.crm_editable;
    }

    async upload({name, data}) {
        try {
            await this.orm.create("ir.attachment", [
                {
                    name,
                    datas: data,
                    res_model: "res.partner",
                    res_id: this.customer.id,
                },
            ]);
        } catch (error) {
            this.notification.add(getErrorMessage(error), {type: "danger"});
        }
        this.state.revision++;
    }
}

registry.category("actions").add("sales_customer_home", CustomerHome);
