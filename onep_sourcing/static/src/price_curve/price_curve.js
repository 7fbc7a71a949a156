import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { deserializeDateTime, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";

const { DateTime } = luxon;
const DAY = 24 * 3600 * 1000;

/**
 * A price over time, in steps: periods that follow each other,
 * `{start, end, state, price, currency_id, file}`.
 *
 * What is not known is not drawn: absences, unknown prices and prices in another currency are
 * bands, and a price that no file has repeated since is dashed.
 */
export class OnepPriceCurveField extends Component {
    static template = "onep_sourcing.OnepPriceCurveField";
    static props = { ...standardFieldProps };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.destroy();
            },
            () => [JSON.stringify(this.props.record.data[this.props.name]), this.canvas.el]
        );
    }

    /** @returns {Object[]} the periods, with their times as dates of the user's time zone */
    get periods() {
        const value = this.props.record.data[this.props.name];
        return (Array.isArray(value) ? value : []).map((period) => ({
            ...period,
            start: deserializeDateTime(period.start),
            end: deserializeDateTime(period.end),
        }));
    }

    /** @returns {Object[]} the lines of the legend: what the picture shows, in words */
    get legend() {
        const states = new Set(this.periods.map((period) => period.state));
        return this.states.filter(({ state }) => states.has(state));
    }

    /** @returns {Object[]} the states of a period, with their colour and their words */
    get states() {
        const scheme = cookie.get("color_scheme");
        const line = getCustomColor(scheme, "#714b67", "#c9a5bf");
        return [
            { state: "listed", isLine: true, color: line, label: _t("Price") },
            {
                state: "unconfirmed",
                isLine: true,
                isDashed: true,
                color: line,
                label: _t("Last known price, no file since"),
            },
            { state: "absent", color: "rgba(217, 83, 79, 0.18)", label: _t("Not in the catalogue") },
            { state: "unknown", color: "rgba(128, 128, 128, 0.22)", label: _t("Price unknown") },
            {
                state: "currency",
                color: "rgba(240, 173, 78, 0.25)",
                label: _t("In another currency"),
            },
        ];
    }

    /** @returns {string} where it began, where it stands, its lowest and highest */
    get summary() {
        const known = this.periods.filter((period) => this.isDrawn(period));
        if (!known.length) {
            return _t("No price is known in the currency of today.");
        }
        const prices = known.map((period) => period.price);
        return _t("Since %(date)s: lowest %(lowest)s, highest %(highest)s, last %(last)s", {
            date: formatDate(this.periods[0].start),
            lowest: this.format(Math.min(...prices), known.at(-1).currency_id),
            highest: this.format(Math.max(...prices), known.at(-1).currency_id),
            last: this.format(prices.at(-1), known.at(-1).currency_id),
        });
    }

    /** @returns {boolean} whether a period is a line; the others are bands */
    isDrawn({ state }) {
        return state === "listed" || state === "unconfirmed";
    }

    format(price, currencyId) {
        return formatMonetary(price, { currencyId });
    }

    /**
     * Both ends of each period of a state; a null between two cuts the line.
     *
     * @param {string} state
     * @returns {Object[]}
     */
    getPoints(state) {
        return this.periods.flatMap((period) => {
            const start = period.start.toMillis();
            const y = period.state === state ? period.price : null;
            return [
                { x: start, y, period },
                { x: period.end.toMillis(), y, period },
            ];
        });
    }

    draw() {
        this.destroy();
        if (this.canvas.el && this.periods.length) {
            // eslint-disable-next-line no-undef
            this.chart = new Chart(this.canvas.el, this.getConfig());
        }
    }

    destroy() {
        this.chart?.destroy();
        this.chart = null;
    }

    /** @returns {Object} a plugin that fills the time in which there is no price to draw */
    getBands() {
        const colors = Object.fromEntries(this.states.map(({ state, color }) => [state, color]));
        const bands = this.periods.filter((period) => !this.isDrawn(period));
        return {
            id: "onepBands",
            beforeDatasetsDraw({ ctx, chartArea, scales }) {
                ctx.save();
                for (const band of bands) {
                    const left = scales.x.getPixelForValue(band.start.toMillis());
                    const right = scales.x.getPixelForValue(band.end.toMillis());
                    ctx.fillStyle = colors[band.state];
                    ctx.fillRect(left, chartArea.top, right - left, chartArea.height);
                }
                ctx.restore();
            },
        };
    }

    /** @returns {Object} the Chart.js configuration */
    getConfig() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#374151", "#e4e4e4");
        const grid = getCustomColor(scheme, "#e5e7eb", "#3c3e4b");
        const periods = this.periods;
        const currencyId = periods.at(-1).currency_id;
        const [first, last] = [periods[0].start.toMillis(), periods.at(-1).end.toMillis()];
        const span = Math.max(last - first, DAY);
        const dataset = ({ state, color, isDashed, label }) => ({
            label,
            data: this.getPoints(state),
            borderColor: color,
            backgroundColor: color,
            borderWidth: 2,
            borderDash: isDashed ? [5, 4] : [],
            // a dot where a file gave a price, none where the period ends
            pointRadius: (item) => (item.dataIndex % 2 || isDashed ? 0 : 3),
            pointHitRadius: 12,
            spanGaps: false,
        });
        return {
            type: "line",
            data: { datasets: this.states.filter((one) => one.isLine).map(dataset) },
            plugins: [this.getBands()],
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "nearest", intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        callbacks: {
                            title: ([item]) => (item ? this.getDates(item.raw.period) : ""),
                            label: ({ raw }) => this.format(raw.y, raw.period.currency_id),
                            afterLabel: ({ raw }) => raw.period.file || "",
                        },
                    },
                },
                scales: {
                    x: {
                        type: "linear",
                        min: last - span,
                        max: last,
                        grid: { display: false },
                        afterBuildTicks: (axis) => {
                            axis.ticks = this.getDays(last - span, last);
                        },
                        ticks: {
                            color: text,
                            autoSkip: false,
                            maxRotation: 0,
                            callback: (value) => formatDate(DateTime.fromMillis(value)),
                        },
                    },
                    y: {
                        grace: "10%",
                        grid: { color: grid },
                        ticks: {
                            color: text,
                            maxTicksLimit: 6,
                            callback: (value) => this.format(value, currencyId),
                        },
                    },
                },
            },
        };
    }

    /** @returns {Object[]} seven ticks at most, each at the beginning of a day */
    getDays(from, to) {
        const step = Math.ceil((to - from) / DAY / 7);
        const ticks = [];
        let day = DateTime.fromMillis(from).plus(DAY - 1).startOf("day");
        for (; day.toMillis() <= to; day = day.plus({ days: step })) {
            ticks.push({ value: day.toMillis() });
        }
        return ticks;
    }

    /** @returns {string} the dates of a period */
    getDates({ start, end }) {
        const [from, to] = [formatDate(start), formatDate(end)];
        return from === to ? from : `${from} – ${to}`;
    }
}

registry.category("fields").add("onep_price_curve", {
    component: OnepPriceCurveField,
    displayName: _t("Price Curve"),
    supportedTypes: ["json"],
});
