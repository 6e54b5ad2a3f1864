import {useService} from "@web/core/utils/hooks";
import {getDefaultConfig, View} from "@web/views/view";
import {Component, onWillStart, useChildSubEnv} from "@odoo/owl";

/** One of Odoo's views as a part of a page: its first records, and a way to all of them. */
export class HomeView extends Component {
    static template = "sales_crm_cases.HomeView";
    static components = {View};
    static props = {
        // Records and `action`, as the server gives them
        figure: Object,
        type: String,
        // From useHomeActions()
        actions: Object,
        // How many records are shown; all, if not given
        limit: {type: Number, optional: true},
        onOpenAll: {type: Function, optional: true},
        // More properties of the view
        viewProps: {type: Object, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.hasMore = false;
        // The page's own title and breadcrumbs are not the view's
        useChildSubEnv({config: getDefaultConfig()});
        onWillStart(() => Promise.all([this.loadView(), this.checkForMore()]));
    }

    async loadView() {
        const {figure, type, limit} = this.props;
        const action = await this.props.actions.loadAction(figure.action);
        const getViewId = (wanted) =>
            action?.views.find(([, other]) => other === wanted)?.[0] || false;
        const formId = getViewId("form");
        this.viewProps = {
            type,
            resModel: figure.res_model,
            domain: figure.domain,
            context: figure.context,
            // With "search" all fields are known, as in the view's own action
            views: [
                [getViewId(type), type],
                [action?.search_view_id?.[0] || false, "search"],
            ],
            display: {controlPanel: false},
            limit,
            useSampleModel: false,
            noContentHelp: action?.help,
            selectRecord: (resId) =>
                this.props.actions.openRecord(figure.res_model, resId, formId),
            ...this.props.viewProps,
        };
    }

    async checkForMore() {
        const {figure, limit} = this.props;
        if (limit) {
            const count = await this.orm.searchCount(figure.res_model, figure.domain, {
                context: figure.context,
                limit: limit + 1,
            });
            this.hasMore = count > limit;
        }
    }
}
