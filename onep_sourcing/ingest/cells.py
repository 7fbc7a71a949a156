"""Values read from a column, and the small steps its readers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, numbers
from .numbers import NumberStyle


@dataclass(frozen=True, slots=True)
class Cells:
    """Values read from a column of n cells.

    value: float64, NaN when unknown
    notes: rule → boolean mask (n) of the cells it concerns
    factor: float64, what figures as written were multiplied by to be in the unit of the field, NaN
        where none was read; None for fields without a unit
    """

    value: np.ndarray
    notes: dict[str, np.ndarray]
    factor: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> Cells:
        """Return the cells at these places."""
        return Cells(
            self.value[rows],
            {rule: where[rows] for rule, where in self.notes.items()},
            None if self.factor is None else self.factor[rows],
        )


def once_each(read: Callable[..., Cells]) -> Callable[..., Cells]:
    """Make a reader of a column read each distinct cell once."""

    @wraps(read)
    def reader(column: pa.Array, *options: object) -> Cells:
        few = arrow.distinct(column)
        return read(few[0], *options).take(few[1]) if few else read(column, *options)

    return reader


def captured(words: pa.Array, pattern: str, names: tuple[str, ...]) -> list[pa.Array]:
    """Return the named groups of a pattern (RE2) in each text, empty where it is not found."""
    found = pc.extract_regex(words, pattern)
    return [pc.fill_null(pc.struct_field(found, name), "") for name in names]


def first(texts: list[pa.Array], style: NumberStyle) -> np.ndarray:
    """Return per row the first of several texts that is a number, NaN where none is."""
    result = np.full(len(texts[0]), np.nan)
    for text in texts:
        value = numbers.parse(text.cast(pa.large_string()), style).value
        result = np.where(np.isnan(result), value, result)
    return result


def scatter(rows: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
    """Return a mask of `count` rows from the mask of some of them."""
    mask = np.zeros(count, dtype=bool)
    mask[rows[where]] = True
    return mask
