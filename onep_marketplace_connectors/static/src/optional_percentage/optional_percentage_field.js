import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { useInputField } from "@web/views/fields/input_field_hook";
import { useNumpadDecimal } from "@web/views/fields/numpad_decimal_hook";
import { parsePercentage } from "@web/views/fields/parsers";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";

/** A percentage that may be unknown: shown as nothing, never as 0 %. */
export class OptionalPercentageField extends PercentageField {
    setup() {
        useInputField({
            getValue: () => this.format({ noSymbol: true }),
            refName: "numpadDecimal",
            parse: (text) => (text.trim() ? parsePercentage(text) : false),
        });
        useNumpadDecimal();
    }

    get formattedValue() {
        return this.format();
    }

    format(options = {}) {
        const value = this.props.record.data[this.props.name];
        const field = this.props.record.fields[this.props.name];
        return value === false
            ? ""
            : formatPercentage(value, { digits: this.props.digits, field, ...options });
    }
}

registry.category("fields").add("onep_optional_percentage", {
    ...percentageField,
    component: OptionalPercentageField,
});
