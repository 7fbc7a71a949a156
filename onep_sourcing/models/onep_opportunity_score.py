import numpy as np

from odoo import api, fields, models

from odoo.addons.onep_margin.engine import score as scoring
from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat, OptionalInteger

from ..planning import signals
from .offer_values import format_number

#: A score recomputed from stored columns differs by their rounding, no more.
SAME_SCORE = 0.3


class OnepOpportunity(models.Model):
    """Why a score: the signals it rests on, the vetoes it meets, and what other profiles say."""

    _inherit = "onep.opportunity"

    # Signals that nothing else tells; unknown is NULL
    estimated_sales = OptionalFloat(
        "Estimated sales",
        digits=(12, 1),
        aggregator="avg",
        help="Units that all sellers together sell in a month, estimated from the rank.",
    )
    estimated_sales_low = OptionalFloat("Estimated sales, low", digits=(12, 1), aggregator="avg")
    estimated_sales_high = OptionalFloat("Estimated sales, high", digits=(12, 1), aggregator="avg")
    price_volatility_30 = OptionalFloat(
        "Volatility, 30 days",
        digits=(16, 4),
        aggregator="avg",
        help="Standard deviation of the market price over its mean.",
    )
    price_volatility_90 = OptionalFloat("Volatility, 90 days", digits=(16, 4), aggregator="avg")
    price_trend = OptionalFloat(
        digits=(16, 4), aggregator="avg", help="Change of the market price in a month."
    )
    rank_trend = OptionalFloat(
        digits=(16, 4), aggregator="avg", help="Change of the rank in a month; less sells better."
    )
    holder_changes = OptionalInteger(
        "Changes of hands", aggregator="avg", help="Of the buy box, in 30 days."
    )
    main_holder_share = OptionalFloat("Main holder's share", digits=(16, 4), aggregator="avg")
    candidate_count = OptionalInteger(
        "Products with this EAN", aggregator=None, help="On the marketplace."
    )
    may_sell = fields.Selection(
        [
            ("yes", "Yes"),
            ("approval", "With an approval"),
            ("no", "No"),
            ("unknown", "Not told"),
        ],
        "May we sell it",
    )
    pack_mismatch = OptionalInteger(
        aggregator=None, help="1: the listing is a pack that the supplier's article does not tell."
    )
    # What a buyer is warned of
    suspicious_reasons = fields.Char(help="Keys of why it is too good to be true.")
    is_unstable = fields.Boolean(
        "Unstable",
        help="The price moves, or the buy box changes hands, more than the settings say.",
    )
    has_hidden_cost = fields.Boolean(
        "Hidden cost",
        help="Costs on top of the buying price eat a large part of the margin, or one of them is "
        "only assumed and the margin is thin.",
    )
    is_vetoed = fields.Boolean("Veto", help="It meets a veto of the score profile.")
    score_lines = fields.Json(compute="_compute_score_lines")
    profile_table = fields.Json(compute="_compute_profile_table")
    veto_text = fields.Text("Vetoes", compute="_compute_score_lines")

    def _get_signal_columns(self):
        """Return the columns of ``planning.signals`` of these opportunities, from stored figures.

        They are those of the day it was priced: a profile tells what it would have said then.
        """
        retailer = {"yes": 1.0, "no": 0.0}
        rights = {"yes": 0.0, "approval": 0.5, "no": 1.0}
        made = {
            "retailer_present": lambda deal: retailer.get(deal.retailer_present),
            "sell_restriction": lambda deal: rights.get(deal.may_sell),
            "assumption_count": lambda deal: (
                len((deal.estimated_reasons or "").split(",")) if deal.estimated_reasons else 0.0
            ),
            "freshness_days": lambda deal: (
                (deal.evaluated_at - deal.fetched_at).total_seconds() / 86400
                if deal.fetched_at and deal.evaluated_at
                else None
            ),
        }
        columns = {}
        for name in signals.SOURCES:
            read = made.get(name, lambda deal, name=name: deal[name])
            values = [read(deal) for deal in self]
            columns[name] = np.array(
                [np.nan if value is None or value is False else float(value) for value in values]
            )
        return columns

    def _score_by(self, profile):
        """Return the ``engine.score.ScoreResult`` of these opportunities by a profile."""
        flags = {name: np.array(self.mapped(name), dtype=bool) for name in scoring.FLAGS}
        return scoring.score(
            signals.gather(self._get_signal_columns()), profile._get_engine_profile(), flags
        )

    @api.depends("score", "evaluated_at")
    @api.depends_context("lang")
    def _compute_score_lines(self):
        """Why this score: each signal in words and in signed points around a neutral 50."""
        for opportunity in self:
            lines, vetoes = [], []
            profile = opportunity.marketplace_id._get_score_profile().sudo()
            if profile and opportunity.roi is not False:
                result = opportunity._score_by(profile)
                lines = opportunity._prepare_score_lines(
                    profile, result, opportunity._get_signal_words()
                )
                vetoes = opportunity._get_veto_words(profile, result)
            opportunity.score_lines = lines
            opportunity.veto_text = "\n".join(vetoes) or False

    def _prepare_score_lines(self, profile, result, words):
        """Return the lines of the widget: the signals, best first, then what a cap took off.

        words: of :meth:`_get_signal_words`
        """
        given, possible = result.contributions[0], result.possible[0]
        lines = [
            {
                "key": line.signal,
                "label": words[line.signal],
                "points": round(float(given[place] - possible[place] / 2), 1),
                "given": round(float(given[place]), 1),
                "possible": round(float(possible[place]), 1),
                "is_known": bool(possible[place]),
            }
            for place, line in enumerate(profile.line_ids.filtered(lambda line: line.weight > 0))
        ]
        lines.sort(key=lambda line: (not line["is_known"], -line["points"]))
        taken = round(float(result.veto_points[0]), 1)
        if taken:
            lines.append(
                {
                    "key": "veto",
                    "label": self.env._("Held down by a veto"),
                    "points": taken,
                    "given": taken,
                    "possible": 0.0,
                    "is_known": True,
                }
            )
        return lines

    def _get_veto_words(self, profile, result):
        """Return the vetoes that are met, with what each does."""
        effects = {
            scoring.CAP: self.env._("%(veto)s: the score is at most %(cap)s."),
            scoring.NO_SCORE: self.env._("%(veto)s: no score."),
            scoring.WARN: self.env._("%(veto)s."),
        }
        return [
            effects[veto.effect]
            % {"veto": veto.name, "cap": format_number(self.env, veto.cap, most=1)}
            for veto in profile._get_met_vetoes(result.vetoes[0])
        ]

    def _is_scored_otherwise(self):
        """Return whether the profile was changed since it was priced."""
        profile = self.marketplace_id._get_score_profile().sudo()
        if not profile or self.roi is False:
            return False
        now = float(self._score_by(profile).score[0])
        if now != now or self.score is False:
            return (now != now) != (self.score is False)
        return abs(now - self.score) > SAME_SCORE

    @api.depends("score", "evaluated_at")
    @api.depends_context("lang")
    def _compute_profile_table(self):
        """The score of this deal by each profile of its company, side by side."""
        Profile = self.env["onep.score.profile"]
        for opportunity in self:
            used = opportunity.marketplace_id._get_score_profile()
            profiles = used | Profile._get_profiles(opportunity.company_id)
            columns = []
            if opportunity.roi is not False:
                words = opportunity._get_signal_words()
                columns = [
                    opportunity._prepare_profile_column(profile.sudo(), profile == used, words)
                    for profile in profiles
                ]
            opportunity.profile_table = opportunity._prepare_profile_table(columns)

    def _prepare_profile_column(self, profile, is_used, words):
        """Return a column of the table of profiles, its figures by row."""
        result = self._score_by(profile)
        points = float(result.score[0])
        lines = [
            line
            for line in self._prepare_score_lines(profile, result, words)
            if line["is_known"] and line["key"] != "veto"
        ]
        return {
            "key": str(profile.id),
            "label": profile.name,
            "sublabel": self.env._("used on this marketplace") if is_used else False,
            "is_reference": is_used,
            "record": f"{profile._name},{profile.id}",
            "figures": {
                # By way of the decimal that is kept, as the badge shows it.
                "score": None if np.isnan(points) else int(round(points, 1) + 0.5),
                "grade": scoring.GRADES[result.grade[0]] if result.grade[0] >= 0 else "–",
                "confidence": round(float(result.confidence[0]), 3),
                "best": lines[0]["label"] if lines else "",
                "worst": lines[-1]["label"] if lines else "",
                "veto": " ".join(self._get_veto_words(profile, result)),
            },
        }

    def _prepare_profile_table(self, columns):
        """Return the table as the side-by-side widget wants it; no columns, no table."""
        labels = {
            "score": self.env._("Score"),
            "grade": self.env._("Grade"),
            "confidence": self.env._("Signals known"),
            "best": self.env._("Best signal"),
            "worst": self.env._("Worst signal"),
            "veto": self.env._("Vetoes"),
        }
        kinds = {"score": "number", "confidence": "percent"}
        return {
            "columns": [
                {key: value for key, value in column.items() if key != "figures"}
                for column in columns
            ],
            "rows": [
                {
                    "key": key,
                    "label": label,
                    "kind": kinds.get(key, "text"),
                    "better": "up" if key in kinds else False,
                    "values": [column["figures"][key] for column in columns],
                }
                for key, label in labels.items()
            ],
        }
