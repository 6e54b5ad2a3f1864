import {registry} from "@web/core/registry";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {LastRun} from "./last_run";

export class RecommendationListController extends ListController {
    static template = "sales_crm_cases.RecommendationList";
    static components = {...ListController.components, LastRun};
}

export class RecommendationKanbanController extends KanbanController {
    static template = "sales_crm_cases.RecommendationKanban";
    static components = {...KanbanController.components, LastRun};
}

registry.category("views").add("sales_recommendation_list", {
    ...listView,
    Controller: RecommendationListController,
});
registry.category("views").add("sales_recommendation_kanban", {
    ...kanbanView,
    Controller: RecommendationKanbanController,
});
