import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

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

    /** @returns {string} weight, volume and cover, as far as they are known */
    details(card) {
        const parts = [];
        if (card.weight_kg) {
            parts.push(`${formatFloat(card.weight_kg, { digits: [16, 1] })} kg`);
        }
        if (card.volume_m3) {
            parts.push(`${formatFloat(card.volume_m3, { digits: [16, 3] })} m³`);
        }
        if (typeof card.days_of_cover === "number") {
            parts.push(
                _t("%s days of cover", formatFloat(card.days_of_cover, { digits: [16, 0] }))
            );
        }
        return parts.join(" · ");
    }

    /** @returns {string} what the figures leave out */
    gaps(card) {
        return [
            card.unknown_weight_count && _t("%s without a weight", card.unknown_weight_count),
            card.unknown_volume_count && _t("%s without a size", card.unknown_volume_count),
            card.unknown_count && _t("%s without a margin", card.unknown_count),
            card.ordered_count && _t("%s on an RFQ or an order", card.ordered_count),
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
