import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {formatFloat, formatInteger, formatMonetary} from "@web/views/fields/formatters";

const LONG_AMOUNT = 10 ** 7;

/** A number of records. */
export function formatCount(value) {
    return formatInteger(value);
}

/** An amount without cents; millions are shortened. */
export function formatAmount(value, currencyId) {
    if (Math.abs(value) >= LONG_AMOUNT) {
        return formatMonetary(value, {
            currencyId,
            humanReadable: true,
            digits: [16, 1],
        });
    }
    return formatMonetary(value, {currencyId, digits: [16, 0]});
}

/** An amount to its last cent, for tooltips. */
export function formatExactAmount(value, currencyId) {
    return formatMonetary(value, {currencyId});
}

/** The share of what was to be reached, as a whole number of percent. */
export function formatShare(value, target) {
    return `${formatFloat((value / target) * 100, {digits: [16, 0]})} %`;
}

/** A day as the server writes it. */
export function formatDay(day) {
    return day ? formatDate(deserializeDate(day)) : "";
}
