import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/**
 * The field a column of a price list fills: a selection, and beside it what else comes into
 * question, each one click away, in rows that are not being edited too.
 *
 * Reads of the record: `alternatives` ([field, …], likeliest first), `proposed_field`,
 * `is_decided`; a click writes the field and `is_decided`.
 */
export class TargetField extends Component {
    static template = "onep_sourcing.TargetField";
    static components = { SelectionField };
    static props = { ...SelectionField.props };
    static defaultProps = { ...SelectionField.defaultProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get alternatives() {
        const { data, fields } = this.props.record;
        const labels = Object.fromEntries(fields[this.props.name].selection);
        const names = [data.proposed_field, ...(data.alternatives || [])];
        return [...new Set(names)]
            .filter((name) => name && name !== this.value && labels[name])
            .slice(0, 3)
            .map((name) => ({ name, label: labels[name] }));
    }

    /** What is not used can be said so where it is asked about. */
    get canIgnore() {
        const { data } = this.props.record;
        return Boolean(this.value) || (data.level === "asked" && !data.is_decided);
    }

    /** Enter and blank press the button; the list would begin to edit the row. */
    onKeydown(ev) {
        if (["Enter", " "].includes(ev.key)) {
            ev.stopPropagation();
        }
    }

    choose(name) {
        return this.props.record.update({ [this.props.name]: name, is_decided: true });
    }
}

registry.category("fields").add("onep_target_field", {
    ...selectionField,
    component: TargetField,
    supportedTypes: ["selection"],
    fieldDependencies: [
        { name: "alternatives", type: "json" },
        { name: "proposed_field", type: "selection" },
        { name: "level", type: "selection" },
        { name: "is_decided", type: "boolean" },
    ],
});
