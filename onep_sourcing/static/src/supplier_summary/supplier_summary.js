import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** One thing is said otherwise than several; both sentences are in the reader's language. */
function counted(count, one, many) {
    return count === 1 ? one : many;
}

/** What each supplier's order amounts to and still misses: a card a supplier. */
export class OnepSupplierSummaryField extends Component {
    static template = "onep_sourcing.OnepSupplierSummaryField";
    static props = { ...standardFieldProps };

    get cards() {
        const value = this.props.record.data[this.props.name];
        return Array.isArray(value) ? value : [];
    }

    /** @returns {string} an amount, empty when it is unknown */
    amount(value, currencyId) {
        return typeof value === "number" ? formatMonetary(value, { currencyId }) : "";
    }

    percentage(value) {
        return typeof value === "number" ? formatPercentage(value, { digits: [16, 1] }) : "";
    }

    /** @returns {number} how much of a threshold is reached, in percent */
    reached(card, missing) {
        const whole = card.amount + missing;
        return whole > 0 ? Math.min(100, (100 * card.amount) / whole) : 0;
    }

    /** @returns {Object[]} thresholds of the order: words, whether reached, share reached */
    thresholds(card) {
        const found = [];
        if (card.has_minimum && typeof card.to_minimum === "number") {
            found.push(
                this.threshold(card, "minimum", card.to_minimum, {
                    missing: (amount) => _t("%s to the minimum order", amount),
                    met: _t("Minimum order reached"),
                    bar: "bg-danger",
                })
            );
        }
        if (card.has_carriage && typeof card.to_carriage_paid === "number") {
            found.push(
                this.threshold(card, "carriage", card.to_carriage_paid, {
                    missing: (amount) => _t("%s to carriage paid", amount),
                    met: _t("Carriage paid"),
                    bar: "bg-warning",
                })
            );
        }
        return found;
    }

    threshold(card, key, missing, words) {
        const isMet = missing <= 0;
        return {
            key,
            isMet,
            text: isMet ? words.met : words.missing(this.amount(missing, card.currency_id)),
            bar: isMet ? "bg-success" : words.bar,
            width: isMet ? 100 : this.reached(card, missing),
        };
    }

    /** @returns {string} how many lines the order has */
    lines(card) {
        return counted(card.line_count, _t("1 line"), _t("%s lines", card.line_count));
    }

    /** @returns {string} what is known to be some is never read as none */
    measure(value, decimals) {
        const least = 10 ** -decimals;
        const digits = [16, decimals];
        return value < least / 2
            ? `< ${formatFloat(least, { digits })}`
            : formatFloat(value, { digits });
    }

    /** @returns {string} weight, volume and cover: "≥" where a line is missing from a sum */
    details(card) {
        const parts = [];
        if (card.weight_kg) {
            const kg = this.measure(card.weight_kg, 1);
            parts.push(card.unknown_weight_count ? `≥ ${kg} kg` : `${kg} kg`);
        }
        if (card.volume_m3) {
            const m3 = this.measure(card.volume_m3, card.volume_m3 < 0.1 ? 4 : 3);
            parts.push(card.unknown_volume_count ? `≥ ${m3} m³` : `${m3} m³`);
        }
        if (typeof card.days_of_cover === "number") {
            const days = formatFloat(card.days_of_cover, { digits: [16, 0] });
            parts.push(
                counted(
                    Math.round(card.days_of_cover),
                    _t("1 day of cover"),
                    _t("%s days of cover", days)
                )
            );
        }
        return parts.join(" · ");
    }

    /** @returns {string} what the figures leave out */
    gaps(card) {
        const lacking = (count, one, many) => (count ? counted(count, one, many) : "");
        const {
            unknown_weight_count: weights,
            unknown_volume_count: volumes,
            unknown_sales_count: sales,
            unknown_count: margins,
            ordered_count: ordered,
        } = card;
        return [
            lacking(weights, _t("1 line without a weight"), _t("%s lines without a weight", weights)),
            lacking(volumes, _t("1 line without a size"), _t("%s lines without a size", volumes)),
            lacking(
                sales,
                _t("1 line without known sales"),
                _t("%s lines without known sales", sales)
            ),
            lacking(margins, _t("1 line without a margin"), _t("%s lines without a margin", margins)),
            lacking(
                ordered,
                _t("1 line on an RFQ or an order"),
                _t("%s lines on an RFQ or an order", ordered)
            ),
        ]
            .filter(Boolean)
            .join(" · ");
    }
}

registry.category("fields").add("onep_supplier_summary", {
    component: OnepSupplierSummaryField,
    displayName: _t("Summary by Supplier"),
    supportedTypes: ["json"],
});
