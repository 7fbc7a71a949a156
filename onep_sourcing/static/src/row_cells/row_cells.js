import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The cells of a quarantined row: what the file says, and beside it what a person says instead.
 *
 * Value: {column: corrected text}; the row itself is the record's `cells`:
 * [{column, label, field, raw, blamed}]
 */
export class RowCells extends Component {
    static template = "onep_sourcing.RowCells";
    static props = { ...standardFieldProps };

    get rows() {
        const corrections = this.props.record.data[this.props.name] || {};
        return (this.props.record.data.cells || []).map((cell) => ({
            ...cell,
            correction: corrections[cell.column] ?? "",
        }));
    }

    onChange(row, text) {
        const corrections = { ...(this.props.record.data[this.props.name] || {}) };
        if (text.trim() && text !== row.raw) {
            corrections[row.column] = text;
        } else {
            delete corrections[row.column];
        }
        this.props.record.update({ [this.props.name]: corrections });
    }
}

registry.category("fields").add("onep_row_cells", {
    component: RowCells,
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "cells", type: "json" }],
});
