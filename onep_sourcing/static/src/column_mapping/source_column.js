import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Name of a column of the file, and its first values (`sample`) below. */
export class SourceColumn extends Component {
    static template = "onep_sourcing.SourceColumn";
    static props = { ...standardFieldProps };
}

registry.category("fields").add("onep_source_column", {
    component: SourceColumn,
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "sample", type: "char" }],
});
