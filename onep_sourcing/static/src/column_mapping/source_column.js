import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A column of the file as it is called on screen (`label`), and its first values (`sample`). */
export class SourceColumn extends Component {
    static template = "onep_sourcing.SourceColumn";
    static props = { ...standardFieldProps };

    get label() {
        const { data } = this.props.record;
        return data.label || data[this.props.name];
    }
}

registry.category("fields").add("onep_source_column", {
    component: SourceColumn,
    supportedTypes: ["char"],
    fieldDependencies: [
        { name: "label", type: "char" },
        { name: "sample", type: "char" },
    ],
});
