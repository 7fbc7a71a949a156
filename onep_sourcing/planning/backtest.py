"""What the score said against what happened, on products we sold: calibration, and better weights.

Nothing here is applied: it measures, and proposes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls
from scipy.stats import spearmanr

from ...onep_margin.engine import score as scoring

#: Lower ends of the bands of scores of a calibration; the last one ends at 100.
BANDS = (0.0, 20.0, 40.0, 60.0, 80.0)
#: Cases below which weights are not proposed: they would be chance.
LEAST_CASES = 40
FOLDS = 5
#: How strongly proposed weights are held to the present ones; the best in cross-validation is kept.
PULLS = (0.0, 0.1, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What was said and what happened (n).

    score: points then, NaN without a score
    worth: what each signal was worth then [0-1]; shape (n, k), NaN missing
    units: sold since, net of returns
    margin: earned since [company currency], NaN unknown
    product: who the case is about; a product never teaches about itself
    """

    score: np.ndarray
    worth: np.ndarray
    units: np.ndarray
    margin: np.ndarray
    product: np.ndarray

    def __len__(self) -> int:
        return len(self.score)

    @property
    def outcome(self) -> np.ndarray:
        """What a good score should have foreseen (n): the margin, or units while it is unknown."""
        return self.margin if self.is_by_margin else self.units

    @property
    def is_by_margin(self) -> bool:
        """Whether margins are known of most cases."""
        return bool(len(self) and (~np.isnan(self.margin)).mean() > 0.5)


@dataclass(frozen=True, slots=True)
class Band:
    """Cases whose score lay from ``low`` to ``high``; means over them, NaN without a case."""

    low: float
    high: float
    count: int
    units: float
    margin: float
    profitable_share: float


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """Weights that would have told better.

    weights: of each signal (k), as many points together as the present ones
    before, after: rank correlation with the outcome on cases that were not learnt from, by the
        present and by the proposed weights
    """

    weights: np.ndarray
    before: float
    after: float


def worths(signals: scoring.ScoreSignals, profile: scoring.ScoreProfile) -> np.ndarray:
    """Return what each signal of a profile is worth; shape (n, k), NaN missing."""
    columns = [curve.worth(getattr(signals, curve.signal)) for curve in profile.curves]
    return np.stack(columns, axis=1) if columns else np.empty((len(signals), 0))


def calibrate(cases: Cases) -> list[Band]:
    """Return what happened by band of scores: a good score has more in each higher band."""
    ends = (*BANDS[1:], np.inf)
    bands = []
    for low, end in zip(BANDS, ends, strict=True):
        inside = (cases.score >= low) & (cases.score < end)
        margin = cases.margin[inside]
        known = margin[~np.isnan(margin)]
        bands.append(
            Band(
                low=low,
                high=min(end, 100.0),
                count=int(inside.sum()),
                units=_mean(cases.units[inside]),
                margin=_mean(known),
                profitable_share=_mean(known > 0),
            )
        )
    return bands


def rank_correlation(said: np.ndarray, happened: np.ndarray) -> float:
    """Return how far two orders agree: 1 the same, 0 nothing to do, -1 reversed; NaN unknown."""
    known = ~np.isnan(said) & ~np.isnan(happened)
    said, happened = said[known], happened[known]
    if len(said) < 3 or np.ptp(said) == 0 or np.ptp(happened) == 0:
        return np.nan
    return float(spearmanr(said, happened).statistic)


def propose(cases: Cases, weights: np.ndarray) -> Proposal | None:
    """Return weights fitted to what happened, None with too few cases to learn from.

    The worths of the signals, each times a weight that is not negative, are fitted to the rank of
    the outcome. How strongly the present weights hold is chosen by cross-validation over products.
    """
    kept = ~np.isnan(cases.outcome) & (~np.isnan(cases.worth)).any(axis=1)
    if kept.sum() < LEAST_CASES:
        return None
    worth, outcome = cases.worth[kept], cases.outcome[kept]
    folds = np.unique(cases.product[kept], return_inverse=True)[1] % FOLDS
    present = np.asarray(weights, dtype=np.float64)
    before = _validate(worth, outcome, folds, lambda _learnt: present)
    tried = [
        (_validate(worth, outcome, folds, _fit_on(worth, outcome, present, pull)), pull)
        for pull in PULLS
    ]
    # Of equals, the one that changes least.
    after, pull = max(tried, key=lambda one: (round(one[0], 3), one[1]))
    return Proposal(_fit(worth, outcome, present, pull), before, after)


def points(worth: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the score (n) of worths: the known ones share the weights; NaN without any."""
    known = ~np.isnan(worth)
    total = known @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100.0 * (np.nan_to_num(worth) @ weights) / total


def _fit_on(worth, outcome, present, pull):
    """Return what fits weights on a part of the cases."""
    return lambda learnt: _fit(worth[learnt], outcome[learnt], present, pull)


def _validate(worth, outcome, folds, fit) -> float:
    """Return the mean rank correlation on the cases of each fold, fitted on the others."""
    found = []
    for fold in range(FOLDS):
        left_out = folds == fold
        if left_out.any() and not left_out.all():
            found.append(
                rank_correlation(points(worth[left_out], fit(~left_out)), outcome[left_out])
            )
    known = [value for value in found if value == value]
    return float(np.mean(known)) if known else 0.0


def _fit(worth, outcome, present, pull: float) -> np.ndarray:
    """Return weights (k), as many points together as the present ones."""
    order = np.argsort(np.argsort(outcome, kind="stable"), kind="stable")
    target = order / max(len(order) - 1, 1)
    centred = np.where(np.isnan(worth), 0.0, worth - _column_means(worth))
    size = present.sum()
    # Present weights as shares that sum to one, held by so many cases' worth of trust.
    hold = np.sqrt(pull * len(target) / max(worth.shape[1], 1))
    matrix = np.vstack([centred, hold * np.eye(len(present))])
    wanted = np.concatenate([target - target.mean(), hold * present / size])
    found, _residual = nnls(matrix, wanted)
    total = found.sum()
    return found * (size / total) if total > 0 else present.copy()


def _column_means(worth) -> np.ndarray:
    known = ~np.isnan(worth)
    return np.nan_to_num(worth).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def _mean(values) -> float:
    return float(np.mean(values)) if len(values) else np.nan
