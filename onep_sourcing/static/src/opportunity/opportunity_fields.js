import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** The grade as a coloured badge, with the score's number when the view has it. */
export class OnepGradeField extends Component {
    static template = "onep_sourcing.OnepGradeField";
    static props = { ...standardFieldProps };

    get grade() {
        return this.props.record.data[this.props.name];
    }

    /** @returns {string} the score without decimals, empty when it is unknown */
    get score() {
        const { score } = this.props.record.data;
        return typeof score === "number" ? formatFloat(score, { digits: [16, 0] }) : "";
    }
}

/** The article's name, with its EAN and brand in small below. */
export class OnepArticleField extends Component {
    static template = "onep_sourcing.OnepArticleField";
    static props = { ...standardFieldProps };

    get name() {
        return this.props.record.data[this.props.name] || "";
    }

    /** @returns {string} EAN and brand, those that are known */
    get details() {
        const { ean, brand } = this.props.record.data;
        return [ean, brand].filter(Boolean).join(" · ");
    }
}

/** A dot for how old the market figures are, and their age in words; `{'age': false}`: the dot. */
export class OnepFreshnessField extends Component {
    static template = "onep_sourcing.OnepFreshnessField";
    static props = { ...standardFieldProps, showAge: { type: Boolean, optional: true } };
    static defaultProps = { showAge: true };

    get value() {
        return this.props.record.data[this.props.name];
    }

    /** @returns {string} fresh, ageing, old or never */
    get freshness() {
        return this.props.record.data.freshness || (this.value ? "fresh" : "never");
    }

    get age() {
        return this.value ? this.value.toRelative({ style: "short" }) : _t("never");
    }

    get title() {
        return this.value
            ? `${this.age} (${formatDateTime(this.value)})`
            : _t("Never read on this marketplace");
    }
}

/** The flags of an opportunity: immediate, warnings, demo market. */
export class OnepFlagsField extends Component {
    static template = "onep_sourcing.OnepFlagsField";
    static props = { ...standardFieldProps };

    /** @returns {Object[]} icon, colour and words of each flag that is up */
    get flags() {
        const { is_immediate, is_suspicious, is_unstable, has_hidden_cost, is_vetoed, is_demo } =
            this.props.record.data;
        return [
            is_immediate && {
                key: "immediate",
                icon: "fa-bolt text-success",
                title: _t("Immediate opportunity"),
            },
            is_suspicious && {
                key: "suspicious",
                icon: "fa-exclamation-triangle text-warning",
                title: _t("Too good to be true: check the pack size and the price"),
            },
            has_hidden_cost && {
                key: "hidden_cost",
                icon: "fa-eye-slash text-warning",
                title: _t("Hidden cost: costs on top of the price eat the margin, or one is assumed"),
            },
            is_unstable && {
                key: "unstable",
                icon: "fa-random text-warning",
                title: _t("Unstable: the price or the holder of the buy box keeps changing"),
            },
            is_vetoed && {
                key: "veto",
                icon: "fa-ban text-danger",
                title: _t("Meets a veto of the score profile"),
            },
            is_demo && {
                key: "demo",
                icon: "fa-flask text-info",
                title: _t("Demo market: these figures are invented"),
            },
        ].filter(Boolean);
    }
}

/** Why a score: signed bars around a neutral 50, a signal each, in words. */
export class OnepScoreLinesField extends Component {
    static template = "onep_sourcing.OnepScoreLinesField";
    static props = { ...standardFieldProps };

    get lines() {
        const value = this.props.record.data[this.props.name];
        return Array.isArray(value) ? value : [];
    }

    /** @returns {number} the longest bar's points, so that bars share one scale */
    get scale() {
        return Math.max(1, ...this.lines.map((line) => Math.abs(line.points)));
    }

    /** @returns {string} points with their sign */
    format(points) {
        const text = formatFloat(Math.abs(points), { digits: [16, 1] });
        return points < 0 ? `−${text}` : `+${text}`;
    }

    /** @returns {string} style of one bar: half the width is the longest one */
    style(line) {
        const width = (50 * Math.abs(line.points)) / this.scale;
        return `width: ${width}%; ${line.points < 0 ? "right" : "left"}: 50%`;
    }
}

const fields = registry.category("fields");
fields.add("onep_grade", {
    component: OnepGradeField,
    displayName: _t("Grade and Score"),
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "score", type: "float" }],
});
fields.add("onep_article", {
    component: OnepArticleField,
    displayName: _t("Article"),
    supportedTypes: ["char"],
    fieldDependencies: [
        { name: "ean", type: "char" },
        { name: "brand", type: "char" },
    ],
});
fields.add("onep_freshness", {
    component: OnepFreshnessField,
    displayName: _t("Freshness"),
    supportedTypes: ["datetime"],
    extractProps: ({ options }) => ({ showAge: options.age !== false }),
    fieldDependencies: [{ name: "freshness", type: "selection" }],
});
fields.add("onep_flags", {
    component: OnepFlagsField,
    displayName: _t("Opportunity Flags"),
    supportedTypes: ["boolean"],
    fieldDependencies: [
        { name: "is_suspicious", type: "boolean" },
        { name: "is_unstable", type: "boolean" },
        { name: "has_hidden_cost", type: "boolean" },
        { name: "is_vetoed", type: "boolean" },
        { name: "is_demo", type: "boolean" },
    ],
});
fields.add("onep_score_lines", {
    component: OnepScoreLinesField,
    displayName: _t("Score Parts"),
    supportedTypes: ["json"],
});
