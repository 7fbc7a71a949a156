import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * First normalised rows of a price list, refused cells in red with their reason.
 *
 * Value: {columns: [{name, label}], rows: [{line, state, reasons, cells: {name: text},
 * marks: {name: reason}}], repairs: [text], summary, message}
 */
export class MappingPreview extends Component {
    static template = "onep_sourcing.MappingPreview";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name] || {};
    }
}

registry.category("fields").add("onep_mapping_preview", {
    component: MappingPreview,
    supportedTypes: ["json"],
});
