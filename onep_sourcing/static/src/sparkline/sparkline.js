import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const WIDTH = 100;
const HEIGHT = 24;
const MARGIN = 2;

/** Numbers in the order of time (JSON: [number, …]) as a small curve; fewer than two draw nothing. */
export class Sparkline extends Component {
    static template = "onep_sourcing.Sparkline";
    static props = { ...standardFieldProps };

    get values() {
        return this.props.record.data[this.props.name] || [];
    }

    /** A curve that does not move is a line in the middle. */
    get points() {
        const low = Math.min(...this.values);
        const range = Math.max(...this.values) - low;
        const step = (WIDTH - 2 * MARGIN) / (this.values.length - 1);
        return this.values
            .map((value, place) => {
                const share = range ? (value - low) / range : 0.5;
                const x = MARGIN + place * step;
                const y = HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
                return `${x.toFixed(1)},${y.toFixed(1)}`;
            })
            .join(" ");
    }

    get title() {
        return this.values.map((value) => value.toLocaleString()).join(" → ");
    }

    get viewBox() {
        return `0 0 ${WIDTH} ${HEIGHT}`;
    }
}

registry.category("fields").add("onep_sparkline", {
    component: Sparkline,
    supportedTypes: ["json"],
});
