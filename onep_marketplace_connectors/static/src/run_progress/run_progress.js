import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, onWillDestroy, useState } from "@odoo/owl";

const RELOAD_EVERY_MS = 2000;
const FIGURES = [
    { name: "done_count", type: "integer" },
    { name: "total_count", type: "integer" },
    { name: "rate_per_second", type: "float" },
    { name: "remaining_seconds", type: "integer" },
];
const COLOURS = { done: "bg-success", failed: "bg-danger", cancelled: "bg-secondary" };

/**
 * Progress of a run (onep.run.mixin): a bar, how far, how fast, how long still.
 *
 * Follows the bus message "onep/run". On the run itself it needs no option; on a record that
 * shows one of its runs, `run_field` names the many2one and `state_field` the run's state.
 */
export class RunProgress extends Component {
    static template = "onep_marketplace_connectors.RunProgress";
    static props = {
        ...standardFieldProps,
        runField: { type: String, optional: true },
        stateField: { type: String, optional: true },
    };
    static defaultProps = { stateField: "state" };

    setup() {
        this.live = useState({ message: null });
        this.reloadedAt = 0;
        const bus = useService("bus_service");
        const follow = (message) => this.onMessage(message);
        bus.subscribe("onep/run", follow);
        onWillDestroy(() => bus.unsubscribe("onep/run", follow));
    }

    get runId() {
        const { record, runField } = this.props;
        return runField ? record.data[runField]?.id : record.resId;
    }

    get runModel() {
        const { record, runField } = this.props;
        return runField ? record.fields[runField].relation : record.resModel;
    }

    /** Figures to show: the newest of the record's and the bus's. */
    get run() {
        const data = this.props.record.data;
        const stored = {
            id: this.runId,
            state: data[this.props.stateField],
            progress: data[this.props.name],
            done: data.done_count,
            total: data.total_count,
            rate: data.rate_per_second,
            remaining: data.remaining_seconds,
        };
        const live = this.live.message;
        const isNewer = live && live.id === stored.id && this.isUnderWay(stored.state);
        return isNewer ? { ...stored, ...live } : stored;
    }

    get colour() {
        return COLOURS[this.run.state] || "bg-primary";
    }

    get width() {
        return this.run.state === "done" ? 100 : Math.round(this.run.progress || 0);
    }

    get isMoving() {
        return this.run.state === "running";
    }

    get text() {
        const { state, done, total, rate, remaining } = this.run;
        if (!state || state === "draft") {
            return "";
        }
        if (state === "queued") {
            return _t("Waiting for its turn");
        }
        const parts = [
            total ? `${formatInteger(done)} / ${formatInteger(total)}` : formatInteger(done || 0),
        ];
        if (state === "running") {
            if (rate) {
                parts.push(
                    rate >= 10
                        ? _t("%s rows/s", formatInteger(Math.round(rate)))
                        : _t("%s rows/s", rate.toFixed(1))
                );
            }
            if (remaining) {
                parts.push(this.formatLeft(remaining));
            }
        }
        return parts.join(" · ");
    }

    formatLeft(seconds) {
        if (seconds < 90) {
            return _t("%s s left", seconds);
        }
        if (seconds < 5400) {
            return _t("%s min left", Math.round(seconds / 60));
        }
        return _t("%s h left", Math.round(seconds / 3600));
    }

    isUnderWay(state) {
        return ["queued", "running"].includes(state);
    }

    async onMessage(message) {
        if (message.model !== this.runModel || message.id !== this.runId) {
            return;
        }
        const before = this.run.state;
        this.live.message = message;
        const now = Date.now();
        if (message.state === before && now - this.reloadedAt < RELOAD_EVERY_MS) {
            return;
        }
        this.reloadedAt = now;
        if (!(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
    }
}

export const runProgress = {
    component: RunProgress,
    displayName: _t("Run progress"),
    supportedTypes: ["float"],
    supportedOptions: [
        { label: _t("Run"), name: "run_field", type: "field", availableTypes: ["many2one"] },
        { label: _t("Run state"), name: "state_field", type: "field" },
    ],
    fieldDependencies: ({ options }) => {
        const state = { name: options.state_field || "state", type: "selection" };
        const run = options.run_field ? [{ name: options.run_field, type: "many2one" }] : [];
        return [...FIGURES, state, ...run];
    },
    extractProps: ({ options }) => ({
        runField: options.run_field,
        stateField: options.state_field || "state",
    }),
};

registry.category("fields").add("onep_run_progress", runProgress);
