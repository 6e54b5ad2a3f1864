import {crmKanbanView} from "@crm/views/crm_kanban/crm_kanban_view";
import {registry} from "@web/core/registry";
import {SalesBoardController} from "./sales_board_controller";
import {SalesBoardModel} from "./sales_board_model";
import {SalesBoardRenderer} from "./sales_board_renderer";
import {SalesBoardSearchModel} from "./sales_board_search_model";

export const salesBoardView = {
    ...crmKanbanView,
    Controller: SalesBoardController,
    Model: SalesBoardModel,
    Renderer: SalesBoardRenderer,
    SearchModel: SalesBoardSearchModel,
    searchMenuTypes: ["filter", "favorite"],
};

registry.category("views").add("sales_board", salesBoardView);
