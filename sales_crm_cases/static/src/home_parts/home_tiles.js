import {Component} from "@odoo/owl";
import {formatCount} from "./home_formats";

/** Tiles in a grid: an icon, a label and, where the tile counts something, its number. */
export class HomeTiles extends Component {
    static template = "sales_crm_cases.HomeTiles";
    static props = {
        tiles: Array,
        onSelected: Function,
        // Key of the tile whose panel is shown; the tiles then choose, and open nothing
        selected: {type: String, optional: true},
        panelId: {type: String, optional: true},
    };

    setup() {
        this.formatCount = formatCount;
    }

    hasCount(tile) {
        return "count" in tile;
    }

    /** What is overdue shows that it is, and what makes something that it does. */
    getIconClass(tile) {
        if (this.isUrgent(tile)) {
            return "text-bg-danger";
        }
        return tile.key === "cold_call" ? "text-bg-primary" : "o_home_tile_icon_normal";
    }

    isUrgent(tile) {
        return tile.key === "warnings" && tile.count > 0;
    }
}
