import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";

/**
 * From the price to what remains: a list of
 * `{key, label, amount, kind, note, rule, estimated}` as floating bars, with a table below.
 *
 * - `kind`: "total" starts from zero, "gain" and "cost" from where the bar before ended
 * - `amount`: signed; null is unknown, drawn as nothing and written "unknown"
 * - `rule`: "model,id" of the record that made the line, opened by a click
 * - `why`, `fixes`: of an unknown line, the causes in words and what opens their remedy, a list of
 *   `{label, method}` of the record
 *
 * Options: `{'table': false}` leaves the table out, `{'chart': false}` the picture.
 */
export class OnepWaterfallField extends Component {
    static template = "onep_margin.OnepWaterfallField";
    static props = {
        ...standardFieldProps,
        showChart: { type: Boolean, optional: true },
        showTable: { type: Boolean, optional: true },
    };
    static defaultProps = { showChart: true, showTable: true };

    setup() {
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => this.props.showChart && loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.destroy();
            },
            () => [JSON.stringify(this.lines), Boolean(this.canvas.el)]
        );
    }

    /** @returns {Object[]} the lines of the field; empty when there is nothing to show */
    get lines() {
        const value = this.props.record.data[this.props.name];
        return Array.isArray(value) ? value : [];
    }

    /** @returns {boolean} whether some amount can be drawn */
    get hasChart() {
        return this.props.showChart && this.lines.some((line) => line.amount);
    }

    /**
     * @param {number} amount
     * @returns {string} the amount in the currency of the record
     */
    format(amount) {
        const currency = this.props.record.data.currency_id;
        return formatMonetary(amount, { currencyId: currency && currency.id });
    }

    /** Draws the bars anew. */
    draw() {
        this.destroy();
        if (this.canvas.el && this.hasChart) {
            // eslint-disable-next-line no-undef
            this.chart = new Chart(this.canvas.el, this.getConfig());
        }
    }

    /** Frees what the bars hold. */
    destroy() {
        this.chart?.destroy();
        this.chart = null;
    }

    /** @returns {Array<[number, number]|null>} where each bar begins and ends */
    getBars() {
        let level = 0;
        return this.lines.map(({ amount, kind }) => {
            if (amount === null || amount === undefined) {
                return null;
            }
            const start = kind === "total" ? 0 : level;
            level = kind === "total" ? amount : level + amount;
            return [start, level];
        });
    }

    /** @returns {string[]} the colour of each bar; an estimate is paler */
    getColors() {
        const scheme = cookie.get("color_scheme");
        const colors = {
            total: getCustomColor(scheme, "#714b67", "#a78aa0"),
            gain: getCustomColor(scheme, "#28a745", "#4fc26b"),
            cost: getCustomColor(scheme, "#d9534f", "#e57f7c"),
        };
        return this.lines.map((line, index) => {
            let color = colors[line.kind] || colors.total;
            if (line.kind === "total" && index === this.lines.length - 1) {
                // What remains is the answer: earned or lost.
                color = line.amount < 0 ? colors.cost : colors.gain;
            }
            return line.estimated ? `${color}99` : color;
        });
    }

    /** @returns {Object} the Chart.js configuration */
    getConfig() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#374151", "#e4e4e4");
        const grid = getCustomColor(scheme, "#e5e7eb", "#3c3e4b");
        return {
            type: "bar",
            data: {
                labels: this.lines.map((line) => line.label),
                datasets: [
                    {
                        data: this.getBars(),
                        backgroundColor: this.getColors(),
                        borderSkipped: false,
                        borderRadius: 2,
                        minBarLength: 2,
                        maxBarThickness: 56,
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                onClick: (_ev, elements) => {
                    if (elements.length) {
                        this.openRule(this.lines[elements[0].index]);
                    }
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        callbacks: {
                            label: (item) => this.format(this.lines[item.dataIndex].amount),
                            afterLabel: (item) => this.lines[item.dataIndex].note || "",
                        },
                    },
                },
                scales: {
                    x: {
                        grid: { display: false },
                        ticks: { color: text, autoSkip: false, maxRotation: 45 },
                    },
                    y: { beginAtZero: true, grid: { color: grid }, ticks: { color: text } },
                },
            },
        };
    }

    /**
     * @param {Object} line
     * @returns {boolean} nobody knows its amount
     */
    isUnknown({ amount }) {
        return amount === null || amount === undefined;
    }

    /**
     * Opens what makes an unknown line known.
     *
     * @param {Object} fix label and method of the record
     */
    fix({ method }) {
        const { resModel, resId, context } = this.props.record;
        this.action.doActionButton({
            type: "object",
            name: method,
            resModel,
            resId,
            resIds: [resId],
            context,
            onClose: () => this.props.record.load(),
        });
    }

    /**
     * Opens the record that made a line.
     *
     * @param {Object} line
     */
    openRule(line) {
        if (!line.rule) {
            return;
        }
        const [model, id] = line.rule.split(",");
        this.action.doAction({
            type: "ir.actions.act_window",
            name: line.label,
            res_model: model,
            res_id: Number(id),
            views: [[false, "form"]],
            target: "new",
        });
    }
}

export const onepWaterfallField = {
    component: OnepWaterfallField,
    displayName: _t("Margin Waterfall"),
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({
        showChart: options.chart !== false,
        showTable: options.table !== false,
    }),
};

registry.category("fields").add("onep_waterfall", onepWaterfallField);
