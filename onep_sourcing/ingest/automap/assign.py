"""From probabilities of columns by themselves to one field for each: the file as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..fields import FIELDS, REPEATABLE
from .features import IGNORED, OPTIONS, place

_FLOOR = 0.02  # below, a field does not even compete
_COPIES = 6  # of the fields several columns may carry
_CLEAR = 0.95  # share of the odds from which a column has no rival
_RIVAL = 0.6  # probability, by itself, from which a column without a use rivals another
_TINY = 1e-9
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


def choose(probabilities: np.ndarray) -> list[Choice]:
    """Give each field to one column at most, so that the file as a whole is likeliest.

    probabilities: float64 (columns × OPTIONS), each column by itself
    """
    given = _assign(probabilities)
    sureness = {
        field: probabilities[row, place(field)]
        for row, field in given.items()
        if field not in REPEATABLE
    }
    choices = []
    for row, own in enumerate(probabilities):
        left = np.ones(len(OPTIONS))
        for field, sure in sureness.items():
            if given.get(row) != field:
                left[place(field)] = 1 - sure
        options = own * left
        options = options / options.sum()
        field = given.get(row)
        probability, rival = float(options[place(field)]), None
        if field == "purchase_price":
            share, rival = _rivalry(probabilities, given, row, place(field))
            probability *= share
        choices.append(Choice(field, probability, options, rival))
    return choices


def _assign(probabilities: np.ndarray) -> dict[int, str]:
    """Return column → field: the sum of the log-odds against filling none is the highest."""
    slots = np.array([place(name) for name in _SLOTS])
    offered = probabilities[:, slots]
    odds = np.maximum(offered, _TINY) / np.maximum(probabilities[:, [IGNORED]], _TINY)
    gain = np.where(offered < _FLOOR, 0.0, np.maximum(np.log(odds), 0.0))
    gain -= np.arange(len(gain))[:, None] * 1e-6 * (gain > 0)  # of equals, the first
    rows, places = linear_sum_assignment(gain, maximize=True)
    return {
        int(row): _SLOTS[slot]
        for row, slot in zip(rows, places, strict=True)
        if gain[row, slot] > 0
    }


def _rivalry(
    probabilities: np.ndarray, given: dict[int, str], row: int, option: int
) -> tuple[float, int | None]:
    """Return the share of the odds of a field that its column holds, and the rival's place if any.

    A column that has a better use is no rival; one that by itself would be the field is.
    """
    alone = probabilities[:, option].copy()
    for other, field in given.items():
        alone[other] *= 1 - probabilities[other, place(field)]
    alone[row] = 0.0
    rival = int(alone.argmax())
    odds = probabilities[[row, rival], option] / np.maximum(
        probabilities[[row, rival], IGNORED], _TINY
    )
    odds[1] *= alone[rival] / max(probabilities[rival, option], _TINY)
    share = float(odds[0] / odds.sum())
    return share, rival if alone[rival] >= _RIVAL and share < _CLEAR else None


def alternatives(choice: Choice, taken: Sequence[str | None], least: float = 0.02) -> list[str]:
    """Return the other fields that come into question, likeliest first, free ones before taken."""
    ranked = [
        (OPTIONS[option] in taken, -choice.options[option], OPTIONS[option])
        for option in np.argsort(-choice.options)
        if OPTIONS[option] not in (None, choice.field) and choice.options[option] >= least
    ]
    return [name for _taken, _probability, name in sorted(ranked)]
