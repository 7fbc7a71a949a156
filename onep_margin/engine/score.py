"""One score out of 100 from several signals, each with its own curve and weight.

Above the curves stand the vetoes of a profile: what they meet is capped, or has no score at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

GRADES = ("A", "B", "C", "D", "E")
#: ``ScoreResult.grade`` of a deal that cannot be scored.
UNGRADED = -1
#: What a veto may also look at, beside the signals: 1 where it is up.
FLAGS = ("is_suspicious", "is_unstable", "has_hidden_cost")
#: Comparisons of a veto; none of them holds for a missing value.
OPERATORS = {
    "gt": np.greater,
    "ge": np.greater_equal,
    "lt": np.less,
    "le": np.less_equal,
    "eq": np.equal,
}
CAP, NO_SCORE, WARN = EFFECTS = ("cap", "no_score", "warn")
#: Most vetoes of a profile: one bit each.
MAX_VETOES = 32
#: Deals scored at a time, so that the columns at work stay in the processor's cache.
BLOCK = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSignals:
    """What a score may rest on, one deal per index. NaN is a missing signal.

    roi: net margin over landed cost
    margin_rate: net margin over revenue without VAT
    monthly_margin: margin of the units we may expect to sell in a month, of those that the
        supplier has [company currency]
    buy_box_headroom: share by which our break-even price is under the buy box
    price_volatility_30, price_volatility_90: standard deviation over mean of the market price,
        last 30 and 90 days
    price_trend: change of the market price in a month, over its mean
    offer_count: offers on the listing
    holder_changes: times that the buy box changed hands in 30 days
    main_holder_share: share of those days that its main holder held it [0-1]
    retailer_present: 1 when the marketplace itself sells it, 0 when not
    sales_rank: best-seller rank, 1 is best
    estimated_sales: units that all sellers together sell in a month, from the rank
    rank_trend: change of the rank in a month, over its mean; negative sells better and better
    own_sales: units that we sell in a month
    supplier_stock: units the supplier has
    lead_time_days: days from order to receipt
    sell_restriction: 0 when we may sell it, 0.5 with an approval, 1 when not
    candidate_count: products of the marketplace that carry this EAN
    pack_mismatch: 1 when the listing is a pack that the supplier's article does not tell
    assumption_count: estimates that the margin rests on
    freshness_days: age of the market price [days]
    """

    roi: np.ndarray = np.nan
    margin_rate: np.ndarray = np.nan
    monthly_margin: np.ndarray = np.nan
    buy_box_headroom: np.ndarray = np.nan
    price_volatility_30: np.ndarray = np.nan
    price_volatility_90: np.ndarray = np.nan
    price_trend: np.ndarray = np.nan
    offer_count: np.ndarray = np.nan
    holder_changes: np.ndarray = np.nan
    main_holder_share: np.ndarray = np.nan
    retailer_present: np.ndarray = np.nan
    sales_rank: np.ndarray = np.nan
    estimated_sales: np.ndarray = np.nan
    rank_trend: np.ndarray = np.nan
    own_sales: np.ndarray = np.nan
    supplier_stock: np.ndarray = np.nan
    lead_time_days: np.ndarray = np.nan
    sell_restriction: np.ndarray = np.nan
    candidate_count: np.ndarray = np.nan
    pack_mismatch: np.ndarray = np.nan
    assumption_count: np.ndarray = np.nan
    freshness_days: np.ndarray = np.nan

    def __post_init__(self):
        columns = [
            np.atleast_1d(np.asarray(getattr(self, field.name), dtype=np.float64))
            for field in fields(self)
        ]
        for field, column in zip(fields(self), np.broadcast_arrays(*columns), strict=True):
            object.__setattr__(self, field.name, column)

    def __len__(self) -> int:
        return len(self.roi)


SIGNALS = tuple(field.name for field in fields(ScoreSignals))


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What a signal's value is worth, between 0 and 1.

    signal: name of a column of ``ScoreSignals``
    weight: its points relative to the other signals'
    values, worths: corners of the curve, values ascending; straight between, flat outside
    is_log: straight lines on the logarithm of the value, for ranks and stocks
    is_required: without this signal there is no score at all
    """

    signal: str
    weight: float
    values: np.ndarray
    worths: np.ndarray
    is_log: bool = False
    is_required: bool = False

    @classmethod
    def through(cls, signal: str, weight: float, points: Sequence, **options) -> "Curve":
        """Build from (value, worth) points in any order."""
        ordered = sorted(points)
        return cls(
            signal=signal,
            weight=float(weight),
            values=np.array([value for value, _worth in ordered], dtype=np.float64),
            worths=np.array([worth for _value, worth in ordered], dtype=np.float64),
            **options,
        )

    def worth(self, value: np.ndarray) -> np.ndarray:
        """Return the worth (n) of each value; NaN where the value is missing."""
        corners = self.values
        if self.is_log:
            # Below 1 the logarithm of a count has no use: 0 in stock counts like 1.
            value = np.log(np.maximum(value, 1.0))
            corners = np.log(np.maximum(corners, 1.0))
        # One clipped step a segment: no search, and what is missing stays so.
        total = np.where(np.isnan(value), np.nan, self.worths[0])
        for place in range(len(corners) - 1):
            low, high = corners[place], corners[place + 1]
            if high > low:
                slope = (self.worths[place + 1] - self.worths[place]) / (high - low)
                step = np.minimum(np.maximum(value, low), high)
                step -= low
                step *= slope
                total += step
        return total


@dataclass(frozen=True, slots=True)
class Veto:
    """A rule above the curves: where ``fact operator value`` holds, the score is held down.

    fact: a signal, or one of FLAGS
    operator: a key of OPERATORS
    effect: ``cap`` (not above ``cap`` points), ``no_score``, or ``warn`` (told, score untouched)
    """

    fact: str
    operator: str
    value: float
    effect: str = CAP
    cap: float = 0.0

    def holds(self, facts: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return where (bool, n) the rule is met; never where the fact is missing."""
        return OPERATORS[self.operator](facts[self.fact], self.value)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreProfile:
    """How signals make a score.

    curves: one per signal that counts
    thresholds: lowest score of grades A, B, C and D; E is below
    vetoes: at most MAX_VETOES
    """

    curves: tuple[Curve, ...]
    thresholds: tuple[float, float, float, float]
    vetoes: tuple[Veto, ...] = ()

    @classmethod
    def from_rows(
        cls, rows: Sequence[Mapping], thresholds: Sequence[float], vetoes: Sequence[Veto] = ()
    ) -> "ScoreProfile":
        """Build from rows with the keys signal, weight, points [(value, worth)], and
        optionally is_log, is_required.
        """
        return cls(
            curves=tuple(
                Curve.through(
                    row["signal"],
                    row["weight"],
                    row["points"],
                    is_log=bool(row.get("is_log")),
                    is_required=bool(row.get("is_required")),
                )
                for row in rows
            ),
            thresholds=tuple(float(threshold) for threshold in thresholds),
            vetoes=tuple(vetoes),
        )

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals, in the order of the contributions' columns."""
        return tuple(curve.signal for curve in self.curves)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreResult:
    """Scores of n deals over k signals.

    score: 0 to 100; NaN when a required signal, or all of them, are missing, or by a veto
    confidence: share of the weights whose signal was known [0-1]
    grade: 0 for A to 4 for E; -1 without a score
    vetoes: bits (uint32) of the profile's vetoes that were met, warnings among them
    veto_points: what a cap took off the signals' points, 0 or less
    contributions: points each signal gave; shape (n, k); 0 where it is missing; None unless asked
    possible: points each signal could give; shape (n, k); 0 where it is missing; None unless asked
    """

    score: np.ndarray
    confidence: np.ndarray
    grade: np.ndarray
    vetoes: np.ndarray
    veto_points: np.ndarray
    contributions: np.ndarray | None = None
    possible: np.ndarray | None = None


def score(
    signals: ScoreSignals,
    profile: ScoreProfile,
    flags: Mapping[str, np.ndarray] | None = None,
    with_parts: bool = True,
) -> ScoreResult:
    """Score n deals. Missing signals lower the confidence: the others share their weight.

    flags: those of FLAGS that are known (n); a veto on another one is never met
    with_parts: whether to tell what each signal gave
    """
    size = len(signals)
    given, known = np.empty(size), np.empty(size)
    worths = np.empty((len(profile.curves), size)) if with_parts else None
    for start in range(0, size, BLOCK):
        part = slice(start, start + BLOCK)
        given[part], known[part] = _weigh(signals, profile, part, worths)
    with np.errstate(divide="ignore", invalid="ignore"):
        points = 100.0 * given / known
    facts = {name: getattr(signals, name) for name in SIGNALS}
    facts |= {name: np.full(size, np.nan) for name in FLAGS}
    facts |= {
        name: np.asarray(flags[name], dtype=np.float64) for name in FLAGS if name in (flags or {})
    }
    points, met, veto_points = _apply_vetoes(points, profile, facts)
    weights = np.array([curve.weight for curve in profile.curves])
    contributions = possible = None
    if worths is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            possible = np.where(np.isnan(worths), 0.0, 100.0 * weights[:, None] / known)
        possible[:, known == 0.0] = 0.0
        contributions = (possible * np.nan_to_num(worths)).T
        possible = possible.T
    return ScoreResult(
        score=points,
        confidence=known / weights.sum(),
        grade=grades(points, profile.thresholds),
        vetoes=met,
        veto_points=veto_points,
        contributions=contributions,
        possible=possible,
    )


def _weigh(signals, profile, part: slice, worths) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted worths and the known weights of a block of deals.

    The first are NaN where a required signal is missing. ``worths`` (k, n) are filled when asked.
    """
    given = np.zeros(len(signals.roi[part]))
    known = np.zeros(len(given))
    for line, curve in enumerate(profile.curves):
        worth = curve.worth(getattr(signals, curve.signal)[part])
        if worths is not None:
            worths[line, part] = worth
        missing = np.isnan(worth)
        if curve.is_required:
            given[missing] = np.nan
        worth[missing] = 0.0
        worth *= curve.weight
        given += worth
        known += curve.weight * ~missing
    return given, known


def _apply_vetoes(points, profile: ScoreProfile, facts):
    """Return the points after the vetoes, which were met, and what a cap took off."""
    met = np.zeros(len(points), dtype=np.uint32)
    held = points
    for place, veto in enumerate(profile.vetoes[:MAX_VETOES]):
        holds = veto.holds(facts)
        met[holds] |= np.uint32(1 << place)
        if veto.effect == CAP:
            held = np.where(holds, np.minimum(held, veto.cap), held)
        elif veto.effect == NO_SCORE:
            held = np.where(holds, np.nan, held)
    return held, met, np.nan_to_num(held - points)


def grades(points: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """Return the grade (int8, n) of each score: 0 for A to 4 for E, -1 for NaN."""
    ascending = np.sort(np.asarray(thresholds, dtype=np.float64))
    grade = (len(ascending) - np.searchsorted(ascending, points, side="right")).astype(np.int8)
    return np.where(np.isnan(points), np.int8(UNGRADED), grade)
