import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useDebounced } from "@web/core/utils/timing";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

import { Component } from "@odoo/owl";

/** An amount with a slider around today's one (`today.inputs`), half of it on each side. */
export class OnepSliderField extends Component {
    static template = "onep_margin.OnepSliderField";
    static components = { MonetaryField };
    static props = { ...MonetaryField.props };

    setup() {
        // Each move is a recomputation on the server: one for a gesture, not one for a pixel.
        this.move = useDebounced((value) => this.update(value), 120);
    }

    get value() {
        return this.props.record.data[this.props.name] || 0;
    }

    /** @returns {number} today's amount, or the present one when there is none */
    get centre() {
        const { today } = this.props.record.data;
        return (today && today.inputs && today.inputs[this.props.name]) || this.value;
    }

    get hasSlider() {
        return !this.props.readonly && this.centre > 0;
    }

    /** @returns {Object} bounds and step of the slider */
    get range() {
        const step = this.centre >= 20 ? 0.1 : 0.01;
        const whole = (amount) => Math.round(amount / step) * step;
        return { min: whole(this.centre * 0.5), max: whole(this.centre * 1.5), step };
    }

    update(value) {
        this.props.record.update({ [this.props.name]: Math.round(Number(value) * 100) / 100 });
    }
}

export const onepSliderField = {
    ...monetaryField,
    component: OnepSliderField,
    displayName: _t("Amount with a Slider"),
    supportedTypes: ["monetary", "float"],
};

registry.category("fields").add("onep_slider", onepSliderField);
