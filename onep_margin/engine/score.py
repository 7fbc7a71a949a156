"""One score out of 100 from several signals, each with its own curve and weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

GRADES = ("A", "B", "C", "D", "E")
#: ``ScoreResult.grade`` of a deal that cannot be scored.
UNGRADED = -1


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSignals:
    """What a score may rest on, one deal per index. NaN is a missing signal.

    roi: net margin over landed cost
    margin_rate: net margin over revenue without VAT
    sales_rank: best-seller rank, 1 is best
    offer_count: offers on the listing
    supplier_stock: units the supplier has
    retailer_present: 1 when the marketplace itself sells it, 0 when not
    freshness_days: age of the market price [days]
    """

    roi: np.ndarray = np.nan
    margin_rate: np.ndarray = np.nan
    sales_rank: np.ndarray = np.nan
    offer_count: np.ndarray = np.nan
    supplier_stock: np.ndarray = np.nan
    retailer_present: np.ndarray = np.nan
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
        if self.is_log:
            # Below 1 the logarithm of a count has no use: 0 in stock counts like 1.
            return np.interp(
                np.log10(np.maximum(value, 1.0)),
                np.log10(np.maximum(self.values, 1.0)),
                self.worths,
            )
        return np.interp(value, self.values, self.worths)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreProfile:
    """How signals make a score.

    curves: one per signal that counts
    thresholds: lowest score of grades A, B, C and D; E is below
    """

    curves: tuple[Curve, ...]
    thresholds: tuple[float, float, float, float]

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping], thresholds: Sequence[float]) -> "ScoreProfile":
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
        )

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals, in the order of the contributions' columns."""
        return tuple(curve.signal for curve in self.curves)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreResult:
    """Scores of n deals over k signals.

    score: 0 to 100; NaN when a required signal, or all of them, are missing
    confidence: share of the weights whose signal was known [0-1]
    contributions: points each signal gave; shape (n, k); 0 where it is missing
    possible: points each signal could give; shape (n, k); 0 where it is missing
    grade: 0 for A to 4 for E; -1 without a score
    """

    score: np.ndarray
    confidence: np.ndarray
    contributions: np.ndarray
    possible: np.ndarray
    grade: np.ndarray


def score(signals: ScoreSignals, profile: ScoreProfile) -> ScoreResult:
    """Score n deals. Missing signals lower the confidence: the others share their weight."""
    worth = np.empty((len(profile.curves), len(signals)))
    required = np.zeros(len(signals), dtype=bool)
    for line, curve in enumerate(profile.curves):
        worth[line] = curve.worth(getattr(signals, curve.signal))
        if curve.is_required:
            required |= np.isnan(worth[line])
    weights = np.array([[curve.weight] for curve in profile.curves])
    known = np.where(np.isnan(worth), 0.0, weights)
    total = known.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        possible = 100.0 * known / total
    possible[:, total == 0.0] = 0.0
    contributions = possible * np.nan_to_num(worth)
    points = contributions.sum(axis=0)
    points[required | (total == 0.0)] = np.nan
    return ScoreResult(
        score=points,
        confidence=total / weights.sum(),
        contributions=contributions.T,
        possible=possible.T,
        grade=grades(points, profile.thresholds),
    )


def grades(points: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """Return the grade (int8, n) of each score: 0 for A to 4 for E, -1 for NaN."""
    ascending = np.sort(np.asarray(thresholds, dtype=np.float64))
    grade = (len(ascending) - np.searchsorted(ascending, points, side="right")).astype(np.int8)
    return np.where(np.isnan(points), np.int8(UNGRADED), grade)
