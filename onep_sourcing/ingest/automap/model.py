"""Evidence weighed into one probability for each column and field.

Each option (a field, or none) of a column has a utility, linear in its features and in the traits
of the cells. The weights are data (`weights.json`), fitted on layouts whose answers are known by
`./onep bench automap --fit`: so that the right field is likeliest among a column's options, and
the right column among those that could be a field (a pseudo-likelihood of `assign.marginals`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..fields import FIELDS, IDENTIFIERS
from . import traits
from .columns import Column
from .features import IGNORED, NAMES, matrix

PATH = Path(__file__).with_name("weights.json")
#: Fields that are taken for each other, by how their cells are read.
GROUPS = {
    "code": "code",
    "gtin": "code",
    "text": "text",
    "price": "price",
    "percent": "price",
    "price_per": "price",
    "quantity": "quantity",
    "pack": "quantity",
    "availability": "quantity",
}
OTHER = "other"
#: Fields that an import must have right; of the others a file may do without.
KEY = frozenset(
    {*IDENTIFIERS, "name", "purchase_price", "stock_quantity", "minimum_order_quantity"}
)
_BAR = 0.6


def kind(name: str) -> str:
    """Return which threshold a field has: that of those an import needs, or of the others."""
    return "needed" if name in KEY else "other"


def told_by_cells(columns: Sequence[Column]) -> np.ndarray:
    """Return the traits of the cells of columns (columns × traits.NAMES)."""
    contents = [column.content for column in columns]
    return traits.matrix(contents, [column.where for column in columns])


def group(name: str) -> str:
    """Return the group of a field."""
    return GROUPS.get(FIELDS[name].kind, OTHER)


@dataclass(frozen=True)
class Model:
    """Weights of the features and of what cells are like.

    weights: float64 (NAMES); traits: float64 (traits.NAMES × FIELDS)
    slope, shift: of the log-odds that a chosen field is right, as a line on the model's own
    bars: kind of field → probability from which one is mapped without asking
    """

    weights: np.ndarray
    traits: np.ndarray
    slope: float = 1.0
    shift: float = 0.0
    bars: Mapping[str, float] = field(default_factory=dict)

    def bar(self, name: str) -> float:
        """Return the probability from which a field is mapped without asking."""
        return self.bars.get(kind(name), _BAR)

    def utilities(self, columns: Sequence[Column]) -> np.ndarray:
        """Return how much speaks for each option of each column (columns × OPTIONS)."""
        return self.weigh(matrix(columns), told_by_cells(columns))

    def weigh(self, features: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """Return the utilities of features (columns × OPTIONS × NAMES) and traits of cells."""
        found = features @ self.weights
        found[:, :IGNORED] += cells @ self.traits
        return found

    def calibrated(self, probability: np.ndarray | float) -> np.ndarray:
        """Return how often choices of this probability are right, as measured on unseen files."""
        clipped = np.clip(probability, 1e-6, 1 - 1e-6)
        odds = np.log(clipped / (1 - clipped))
        return 1 / (1 + np.exp(-(self.slope * odds + self.shift)))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        named = zip(NAMES, self.weights, strict=True)
        return {
            "weights": {name: round(float(value), 4) for name, value in named},
            "traits": {
                name: dict(zip(FIELDS, np.round(row, 3).tolist(), strict=True))
                for name, row in zip(traits.NAMES, self.traits, strict=True)
            },
            "slope": round(self.slope, 4),
            "shift": round(self.shift, 4),
            "bars": dict(self.bars),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Model:
        """Read what `to_json` wrote; a feature it does not know weighs nothing."""
        weights = np.array([values["weights"].get(name, 0.0) for name in NAMES])
        told = values.get("traits", {})
        cells = np.array(
            [[told.get(name, {}).get(field, 0.0) for field in FIELDS] for name in traits.NAMES]
        )
        return cls(weights, cells, values["slope"], values["shift"], values["bars"])


@lru_cache(maxsize=1)
def load() -> Model:
    """Return the model of `weights.json`, read once."""
    return Model.from_json(json.loads(PATH.read_text(encoding="utf-8")))
