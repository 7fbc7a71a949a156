"""From probabilities of columns by themselves to one field for each: the file as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..fields import AUXILIARY, FIELDS, REPEATABLE
from .features import IGNORED, OPTIONS, place

_COPIES = 6  # of the fields several columns may carry
_RIVAL = 0.4  # chance, of that of the purchase price, from which another column rivals it
_LARGEST = 30.0  # log-odds beyond which nothing is surer
_ROUNDS = 25
_SHARED = np.array([name in REPEATABLE or name in AUXILIARY for name in FIELDS])
_SLOTS = tuple(name for name in FIELDS for _copy in range(_COPIES if name in REPEATABLE else 1))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a column is given.

    field: None when it fills none
    probability: of this choice (0-1), given what the other columns took
    options: probability of every option (OPTIONS), given the same
    rival: place of the column that could be the purchase price just as well, or None
    """

    field: str | None
    probability: float
    options: np.ndarray
    rival: int | None = None


def choose(utilities: np.ndarray) -> list[Choice]:
    """Give each field to one column at most, so that the file as a whole is likeliest.

    utilities: float64 (columns × OPTIONS), of each option for each column by itself
    """
    odds = np.exp(np.clip(utilities[:, :IGNORED] - utilities[:, [IGNORED]], -_LARGEST, _LARGEST))
    given = _assign(odds)
    options = marginals(odds)
    choices = []
    for row, own in enumerate(options):
        field = given.get(row)
        rival = _rival(options, given, row) if field == "purchase_price" else None
        choices.append(Choice(field, float(own[place(field)]), own, rival))
    return choices


def marginals(odds: np.ndarray) -> np.ndarray:
    """Return the probability of each option for each column, given that no field is taken twice.

    By belief propagation between columns and fields. odds: float64 (columns × FIELDS), of a field
    against filling none, for each column by itself
    """
    free = np.ones_like(odds)
    for _round in range(_ROUNDS):
        open_to = odds * free
        wanted = odds / (1 + open_to.sum(axis=1, keepdims=True) - open_to)
        left = 1 / (1 + wanted.sum(axis=0, keepdims=True) - wanted)
        free = np.where(_SHARED, 1.0, (free + left) / 2)
    weights = np.concatenate([odds * free, np.ones((len(odds), 1))], axis=1)
    return weights / weights.sum(axis=1, keepdims=True)


def _assign(odds: np.ndarray) -> dict[int, str]:
    """Return column → field: the sum of the log-odds against filling none is the highest."""
    # half a second to load, which what maps nothing should not wait for
    from scipy.optimize import linear_sum_assignment

    slots = np.array([place(name) for name in _SLOTS])
    gain = np.maximum(np.log(odds[:, slots]), 0.0)
    gain -= np.arange(len(gain))[:, None] * 1e-6 * (gain > 0)  # of equals, the first
    rows, places = linear_sum_assignment(gain, maximize=True)
    return {
        int(row): _SLOTS[slot]
        for row, slot in zip(rows, places, strict=True)
        if gain[row, slot] > 0
    }


def _rival(options: np.ndarray, given: dict[int, str], row: int) -> int | None:
    """Return the column without a use that could be the purchase price nearly as well."""
    chances = options[:, place("purchase_price")].copy()
    own = chances[row]
    chances[list(given)] = 0.0
    rival = int(chances.argmax())
    return rival if chances[rival] >= _RIVAL * own else None


def alternatives(choice: Choice, taken: Sequence[str | None], least: float = 0.02) -> list[str]:
    """Return the other fields that come into question, likeliest first, free ones before taken."""
    ranked = [
        (OPTIONS[option] in taken, -choice.options[option], OPTIONS[option])
        for option in np.argsort(-choice.options)
        if OPTIONS[option] not in (None, choice.field) and choice.options[option] >= least
    ]
    return [name for _taken, _probability, name in sorted(ranked)]
