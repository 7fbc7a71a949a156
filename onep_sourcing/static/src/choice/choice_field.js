import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A text chosen among those another field of the record lists (JSON: [text, …]). */
export class ChoiceField extends Component {
    static template = "onep_sourcing.ChoiceField";
    static props = { ...standardFieldProps, choices: { type: String } };

    get choices() {
        const choices = this.props.record.data[this.props.choices] || [];
        const value = this.value;
        return !value || choices.includes(value) ? choices : [value, ...choices];
    }

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    onChange(ev) {
        this.props.record.update({ [this.props.name]: ev.target.value || false });
    }
}

registry.category("fields").add("onep_choice", {
    component: ChoiceField,
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({ choices: options.choices }),
});
