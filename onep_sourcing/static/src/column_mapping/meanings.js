import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What the figures of a price list mean: VAT, pieces or packs, currency, decimals, weights, content.
 *
 * Value: [{kind, label, value, choices: [[value, text]], level, certainty, confirmed, why}]; what a
 * person confirms or changes goes into the record's `decisions`: {kind: value}.
 */
export class Meanings extends Component {
    static template = "onep_sourcing.Meanings";
    static props = { ...standardFieldProps };

    get rows() {
        return this.props.record.data[this.props.name] || [];
    }

    getBadge(row) {
        const colors = { sure: "success", likely: "info", asked: "warning" };
        return `badge rounded-pill text-bg-${row.confirmed ? "primary" : colors[row.level]}`;
    }

    getText(row) {
        return (row.choices.find(([value]) => value === row.value) || [])[1];
    }

    /** What it is if it is not what was proposed: [value, text]. */
    getOther(row) {
        return row.choices.find(([value]) => value !== row.value);
    }

    decide(row, value) {
        const decisions = { ...(this.props.record.data.decisions || {}), [row.kind]: value };
        return this.props.record.update({ decisions });
    }
}

registry.category("fields").add("onep_meanings", {
    component: Meanings,
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "decisions", type: "json" }],
});
