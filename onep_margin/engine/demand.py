"""Units that a marketplace sells in a month, from the best-seller rank: a power law, and its band.

Marketplaces publish ranks and no sales. Over most of a category, sales fall with a power of the
rank: units = scale · rank^-exponent. The level is an estimate, hence a low and a high figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class RankCurves:
    """Curves of one marketplace by category of its rate card; the last row is for none.

    scale: units a month at rank 1, NaN without a curve
    exponent: how fast sales fall with the rank
    low, high: what the estimate is multiplied by for its band
    """

    scale: np.ndarray
    exponent: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping], category_index: Mapping[int, int]) -> "RankCurves":
        """Build from rows with the keys category_id (falsy for all), scale, exponent, low_factor
        and high_factor; a category without a row of its own takes that of all.
        """
        columns = np.full((4, max(category_index.values(), default=-1) + 2), np.nan)
        usual = [row for row in rows if not row["category_id"]]
        own = [row for row in rows if row["category_id"] in category_index]
        for row in (*usual, *own):
            place = category_index[row["category_id"]] if row["category_id"] else slice(None)
            figures = (row["scale"], row["exponent"], row["low_factor"], row["high_factor"])
            columns[:, place] = np.reshape(figures, (4, 1) if not row["category_id"] else (4,))
        return cls(*columns)


def estimate_sales(rank, category, curves: RankCurves) -> tuple[np.ndarray, ...]:
    """Return units a month (n) that all sellers together sell: the estimate, low and high.

    rank: best-seller ranks (n), NaN unknown
    category: index of the rate card (n), -1 for none
    """
    rank = np.asarray(rank, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        rank = np.where(rank >= 1.0, rank, np.nan)
    units = curves.scale[category] * rank ** -curves.exponent[category]
    return units, units * curves.low[category], units * curves.high[category]
