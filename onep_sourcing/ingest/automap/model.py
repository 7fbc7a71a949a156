"""Evidence weighed into one probability for each column and field.

A conditional logit: each option (a field, or none) has a utility, linear in its features; the
probabilities of a column's options are the softmax of their utilities. The weights are data
(`weights.json`), fitted on layouts whose answers are known by `./onep bench automap --fit`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from ..fields import FIELDS
from .features import NAMES

PATH = Path(__file__).with_name("weights.json")
#: Fields that are taken for each other, by how their cells are read; they share a threshold.
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
_BAR = 0.6


def group(name: str) -> str:
    """Return the group of a field."""
    return GROUPS.get(FIELDS[name].kind, OTHER)


@dataclass(frozen=True)
class Model:
    """Weights of the features.

    weights: float64 (NAMES); slope, shift: of the log-odds that a chosen field is right, as a
        line on the model's own
    bars: group of fields → probability from which one is mapped without asking
    """

    weights: np.ndarray
    slope: float = 1.0
    shift: float = 0.0
    bars: Mapping[str, float] = field(default_factory=dict)

    def bar(self, name: str) -> float:
        """Return the probability from which a field is mapped without asking."""
        return self.bars.get(group(name), _BAR)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities (columns × OPTIONS) of features (columns × OPTIONS × NAMES)."""
        return softmax(features @ self.weights)

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
            "slope": round(self.slope, 4),
            "shift": round(self.shift, 4),
            "bars": dict(self.bars),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Model:
        """Read what `to_json` wrote; a feature it does not know weighs nothing."""
        weights = np.array([values["weights"].get(name, 0.0) for name in NAMES])
        return cls(weights, values["slope"], values["shift"], values["bars"])


def softmax(utilities: np.ndarray) -> np.ndarray:
    """Return probabilities along the last axis."""
    raised = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def fitted(
    features: Sequence[np.ndarray],
    answers: Sequence[np.ndarray],
    ridge: float,
    prior: np.ndarray | None = None,
) -> Model:
    """Return the model that makes the answers likeliest.

    features: one array (columns × OPTIONS × NAMES) a file; answers: boolean (columns × OPTIONS),
    the options that are right, one at least; ridge: how much it costs to leave the prior weights
    (NAMES; 0 without)
    """
    prior = np.zeros(len(NAMES)) if prior is None else prior
    inputs = np.concatenate(list(features))
    right = np.concatenate(list(answers))

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        all_options = softmax(inputs @ weights)
        given = np.where(right, all_options, 0.0)
        mass = given.sum(axis=1, keepdims=True)
        moved = weights - prior
        loss = -np.log(np.maximum(mass, 1e-12)).sum() + ridge * (moved**2).sum()
        pull = all_options - given / np.maximum(mass, 1e-12)
        return loss, np.einsum("co,cof->f", pull, inputs) + 2 * ridge * moved

    found = minimize(cost, prior, jac=True, method="L-BFGS-B")
    return Model(found.x)


@lru_cache(maxsize=1)
def load() -> Model:
    """Return the model of `weights.json`, read once."""
    return Model.from_json(json.loads(PATH.read_text(encoding="utf-8")))
