import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger, formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** Below this, two figures are the same once they are written. */
const SAME = { money: 0.005, percent: 0.0005, number: 0.005 };

/**
 * Deals side by side: `{columns, rows}` as `onep.margin.comparison.mixin` prepares them. The
 * difference from the reference column is written under each figure, coloured by whether it is
 * good news; a figure that nobody knows says so, and the last rows say why.
 */
export class OnepComparisonField extends Component {
    static template = "onep_margin.OnepComparisonField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get table() {
        const value = this.props.record.data[this.props.name];
        return value && value.columns ? value : { columns: [], rows: [] };
    }

    /** @returns {number} index of the column that the others are told from, -1 for none */
    get reference() {
        return this.table.columns.findIndex((column) => column.is_reference);
    }

    /**
     * @param {number} value
     * @param {string} kind
     * @returns {string} the figure as it is written
     */
    format(value, kind) {
        if (kind === "money") {
            const currency = this.props.record.data.currency_id;
            return formatMonetary(value, { currencyId: currency && currency.id });
        }
        if (kind === "percent") {
            return formatPercentage(value, { digits: [16, 1] });
        }
        return kind === "number" ? formatInteger(value) : String(value);
    }

    /**
     * @param {number} change
     * @param {string} kind
     * @returns {string} a difference; between two shares, in points
     */
    formatChange(change, kind) {
        if (kind !== "percent") {
            return this.format(change, kind);
        }
        return _t("%s pts", formatFloat(100 * change, { digits: [16, 1] }));
    }

    /**
     * @param {Object} row
     * @param {number} index of the column
     * @returns {Object} text, muted, delta and its colour
     */
    getCell(row, index) {
        const value = row.values[index];
        if (row.kind === "text") {
            return { text: value || "" };
        }
        if (row.kind === "number" && value === null) {
            // A count that a column does not have, not one that nobody knows.
            return { text: "" };
        }
        if (value === null || value === undefined) {
            return { text: _t("unknown"), muted: true };
        }
        const cell = {
            text: this.format(value, row.kind),
            negative: row.key === "net_margin" && value < 0,
            positive: row.key === "net_margin" && value > 0,
        };
        const before = this.reference < 0 ? null : row.values[this.reference];
        if (index !== this.reference && before !== null && before !== undefined) {
            const change = value - before;
            if (Math.abs(change) >= (SAME[row.kind] || 0)) {
                const sign = change > 0 ? "+" : "−";
                cell.delta = sign + this.formatChange(Math.abs(change), row.kind);
                cell.color = "text-muted";
                if (row.better) {
                    const isGood = (row.better === "up") === change > 0;
                    cell.color = isGood ? "text-success" : "text-danger";
                }
            }
        }
        return cell;
    }

    /**
     * Opens the record of a column.
     *
     * @param {Object} column
     */
    open(column) {
        const [model, id] = column.record.split(",");
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: Number(id),
            views: [[false, "form"]],
        });
    }
}

export const onepComparisonField = {
    component: OnepComparisonField,
    displayName: _t("Side by Side"),
    supportedTypes: ["json"],
};

registry.category("fields").add("onep_comparison", onepComparisonField);
