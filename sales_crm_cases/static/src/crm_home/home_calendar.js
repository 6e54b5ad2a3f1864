import {registry} from "@web/core/registry";
import {useBus} from "@web/core/utils/hooks";
import {CalendarController} from "@web/views/calendar/calendar_controller";
import {calendarView} from "@web/views/calendar/calendar_view";

const {DateTime} = luxon;

/** The calendar of the home page: it starts where it was left, and tells where it is. */
export class HomeCalendarController extends CalendarController {
    static props = {
        ...CalendarController.props,
        // Days as the server writes them
        date: {type: String, optional: true},
        onDateChanged: {type: Function, optional: true},
    };

    setup() {
        super.setup();
        useBus(this.model.bus, "update", () => {
            const date = this.model.date.toISODate();
            this.props.onDateChanged?.(
                date === DateTime.local().toISODate() ? "" : date
            );
        });
    }

    get modelParams() {
        const date = DateTime.fromISO(this.props.date || "");
        return {...super.modelParams, date: date.isValid ? date : undefined};
    }
}

registry.category("views").add("sales_home_calendar", {
    ...calendarView,
    Controller: HomeCalendarController,
});
