import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {useSetupAction} from "@web/search/action_hook";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Component, toRaw, useRef, useState} from "@odoo/owl";
import {HomeDashboard} from "../home_parts/home_dashboard";
import {HomeGear} from "../home_parts/home_gear";
import {useHomeActions, useHomeData, useHomeOptions} from "../home_parts/home_hooks";
import {HomeError, HomePlaceholder} from "../home_parts/home_state";
import {HomeTiles} from "../home_parts/home_tiles";
import {HomeView} from "../home_parts/home_view";
import {HomeActivities} from "./home_activities";

const COLD_CALL = "sales_crm_cases.crm_entry_wizard_action_cold_call";
const FIRST_TAB = "today";

/**
 * CRM home, the first page of salespeople (H1-H4): dashboard, tiles, and tabs with today's
 * activities, recent ones and the calendar. Tab and month of the calendar are in the address.
 */
export class CrmHome extends Component {
    static template = "sales_crm_cases.CrmHome";
    static components = {
        HomeActivities,
        HomeDashboard,
        HomeError,
        HomeGear,
        HomePlaceholder,
        HomeTiles,
        HomeView,
        Layout,
    };
    static props = {...standardActionServiceProps};
    static path = "crm-home";
    static displayName = _t("Home");

    setup() {
        this.orm = useService("orm");
        this.root = useRef("root");
        const home = useHomeData(() => this.orm.call("sales.home", "get_home"));
        this.home = home.state;
        this.reload = home.reload;
        this.actions = useHomeActions(this.reload);
        this.setOption = useHomeOptions(this.reload);
        const left = this.props.state || this.props.action.params || {};
        this.state = useState({tab: left.tab || FIRST_TAB, date: left.date || ""});
        this.keepInAddress();
        useSetupAction({
            rootRef: this.root,
            getLocalState: () => ({...toRaw(this.state), data: toRaw(this.home.data)}),
        });
    }

    // ------------------------------------------------------------------
    // Dashboard and tiles
    // ------------------------------------------------------------------

    get options() {
        return this.home.data.options;
    }

    get isTeamShown() {
        return this.options.show_subordinates && this.options.is_restricted;
    }

    /** Whether what is shown may be somebody else's. */
    get showsOthers() {
        return this.isTeamShown || !this.options.is_restricted;
    }

    get withoutCustomers() {
        return this.getTile("customers")?.count === 0;
    }

    getTile(key) {
        return this.home.data.tiles.find((tile) => tile.key === key);
    }

    openTile(tile) {
        return tile.key === "cold_call"
            ? this.createColdCall()
            : this.actions.openFigure(tile, tile.label);
    }

    createColdCall() {
        return this.actions.openDialog(COLD_CALL);
    }

    showTeam() {
        return this.setOption("show_subordinates", true);
    }

    // ------------------------------------------------------------------
    // Tabs
    // ------------------------------------------------------------------

    get tabs() {
        const tabs = [
            {key: "today", label: _t("Today's activities")},
            {key: "recent", label: _t("Recent")},
        ];
        if (this.getTile("activities")) {
            tabs.push({key: "calendar", label: _t("Calendar")});
        }
        return tabs;
    }

    /** The tab that is shown; an address may name one that there is not. */
    get tab() {
        const isKnown = this.tabs.some((tab) => tab.key === this.state.tab);
        return isKnown ? this.state.tab : FIRST_TAB;
    }

    selectTab(key) {
        this.state.tab = key;
        this.keepInAddress();
    }

    /** With the arrows from tab to tab, as in every list of tabs. */
    onTabKeydown(ev) {
        const step = {ArrowRight: 1, ArrowLeft: -1}[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const {direction} = getComputedStyle(ev.currentTarget);
        const buttons = [...ev.currentTarget.querySelectorAll("[role=tab]")];
        const position =
            buttons.indexOf(ev.target) + (direction === "rtl" ? -step : step);
        const button = buttons.at(position % buttons.length);
        button.focus();
        button.click();
    }

    get calendarProps() {
        return {
            jsClass: "sales_home_calendar",
            date: this.state.date,
            onDateChanged: (date) => {
                this.state.date = date;
                this.keepInAddress();
            },
        };
    }

    keepInAddress() {
        const {tab, date} = this.state;
        this.props.updateActionState?.({
            tab: tab === FIRST_TAB ? undefined : tab,
            date: (tab === "calendar" && date) || undefined,
        });
    }
}

registry.category("actions").add("sales_crm_home", CrmHome);
