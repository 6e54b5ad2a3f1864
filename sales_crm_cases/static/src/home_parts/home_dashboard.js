import {Component} from "@odoo/owl";
import {ActivityCard} from "./activity_card";
import {PerformanceCard} from "./performance_card";
import {PipelineCard} from "./pipeline_card";

/**
 * The dashboard of the home pages (H1, H4, H5): activities, performance, pipeline. A card is
 * left out where the user may not read what it counts.
 */
export class HomeDashboard extends Component {
    static template = "sales_crm_cases.HomeDashboard";
    static components = {ActivityCard, PerformanceCard, PipelineCard};
    static props = {
        // As the server gives it with the page
        dashboard: Object,
        // Opens the list of a figure: onOpen(figure, title)
        onOpen: Function,
    };
}
