"""Weights in grams and sizes in millimetres, whatever the unit they are given in."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, numbers, vocabulary
from .cells import Cells, once_each
from .numbers import NumberStyle

_WITH_UNIT = r"^(?:~|env\.?|ca\.?|approx\.?|≈)?\s*(?P<number>[\d.,\s]*\d)\s*(?P<unit>[a-z\"]+)\.?$"
_LABEL = r"(?:(?P<%s>[lhpwdbt])[a-z]*\.?\s*[:=]?\s*)?"
_SIDE = r"(?P<%s>\d+(?:[.,]\d+)?)\s*(?P<u%s>mm|cm|m|in|\")?\s*\(?[lhpwdbt]?[a-z]*\.?\)?"
_BETWEEN = r"\s*[x×*/]\s*"
_TRIPLE = (
    rf"^(?:dim\w*\.?\s*:?\s*)?{_LABEL % 'la'}{_SIDE % ('a', 'a')}"
    rf"{_BETWEEN}{_LABEL % 'lb'}{_SIDE % ('b', 'b')}"
    rf"(?:{_BETWEEN}{_LABEL % 'lc'}(?P<c>\d+(?:[.,]\d+)?))?\s*"
    r"(?P<unit>mm|cm|dm|m|in|inch(?:es)?|\")?\.?"
    r"\s*(?:\(?[lhpwdbt]\)?|\([^)]*\))?$"
)
#: Kind of measure → the unit it is kept in.
KEPT_IN = {"grams": "g", "millimetres": "mm"}
_LABELS = re.compile(r"\b([lhpwdbt])\w*\s*[x×*/]\s*([lhpwdbt])\w*\s*[x×*/]\s*([lhpwdbt])\w*\b")


@once_each
def weight(
    column: pa.Array,
    style: NumberStyle,
    unit: str = "kg",
    style_before_unit: NumberStyle | None = None,
) -> Cells:
    """Read weights in grams; a bare number is in `unit`. Zero is unknown.

    style_before_unit: how numbers that have their unit are written, as `style_with_unit` says
    """
    return _measure(column, style, "grams", unit, style_before_unit)


@once_each
def size(
    column: pa.Array,
    style: NumberStyle,
    unit: str = "cm",
    style_before_unit: NumberStyle | None = None,
) -> Cells:
    """Read lengths in millimetres; a bare number is in `unit`. Zero is unknown."""
    return _measure(column, style, "millimetres", unit, style_before_unit)


def style_with_unit(column: pa.Array, style: NumberStyle) -> NumberStyle:
    """Decide how cells with a unit write numbers, which may differ from the bare ones.

    column: a sample; style: of the bare numbers, followed when the sample does not tell
    """
    parts = pc.extract_regex(arrow.fold(column), _WITH_UNIT)
    return numbers.style_of(_numbers_of(parts), habit=style.decimal)


class Sides(NamedTuple):
    """Sizes of n parcels.

    value: float64 (n × 3): length, width, height [mm], NaN unknown
    factor: float64 (n), millimetres in the unit they are given in, NaN where none was read
    """

    value: np.ndarray
    factor: np.ndarray


def triple(column: pa.Array, unit: str = "cm", header: str = "") -> Sides:
    """Read `10x20x5 cm` as millimetres, NaN where it is not so.

    Two sides are length and width. Which one is the height is told by letters beside the sides
    (`H 5 x L 10 x P 20`), else by those of the header (`HxLxP`); it is the last one otherwise.
    """
    parts = pc.extract_regex(arrow.fold(column), _TRIPLE)
    table = vocabulary.figures("millimetres")
    units = [
        arrow.look_up(pc.fill_null(pc.struct_field(parts, name), ""), table)
        for name in ("ua", "ub", "unit")
    ]
    usual = np.full(len(column), table[unit])
    for given in units:  # the last unit named holds for the sides without one
        usual = np.where(np.isnan(given), usual, given)
    factors = [np.where(np.isnan(given), usual, given) for given in units]
    sides = np.column_stack(
        [_side(parts, name) * factor for name, factor in zip("abc", factors, strict=True)]
    )
    factor = np.where(np.isnan(sides[:, 0]), np.nan, factors[-1])
    if np.isnan(sides).all():
        return Sides(sides, factor)
    named = _LABELS.search(arrow.fold(arrow.text([header]))[0].as_py())
    labels = np.array(
        [
            pc.fill_null(pc.struct_field(parts, f"l{name}"), "").to_numpy(zero_copy_only=False)
            for name in ("a", "b", "c")
        ],
        dtype=object,
    ).T
    labels[labels == ""] = None
    if named:
        labels = np.where(labels == None, np.array(named.groups(), dtype=object), labels)  # noqa: E711
    for place in (0, 1):  # the height goes last, the others keep their order
        high = labels[:, place] == "h"
        sides[high] = np.column_stack([np.delete(sides[high], place, 1), sides[high, place]])
    return Sides(sides, factor)


def converted(factor: np.ndarray, kind: str) -> dict[str, int]:
    """Count the figures that were given in another unit than they are kept in: unit → figures.

    factor: as read, NaN where nothing was; kind: of KEPT_IN
    """
    words = {value: word for word, value in reversed(vocabulary.figures(kind).items())}
    counts = {word: int(np.count_nonzero(factor == value)) for value, word in words.items()}
    return {word: count for word, count in counts.items() if count and word != KEPT_IN[kind]}


def _side(parts: pa.Array, name: str) -> np.ndarray:
    text = pc.replace_substring(pc.fill_null(pc.struct_field(parts, name), ""), ",", ".")
    return numbers.parse(text.cast(pa.large_string()), NumberStyle(".")).value


def _measure(
    column: pa.Array,
    style: NumberStyle,
    kind: str,
    unit: str,
    style_before_unit: NumberStyle | None,
) -> Cells:
    table = vocabulary.figures(kind)
    parsed = numbers.parse(column, style)
    factor = np.full(len(column), table[unit])
    value = parsed.value * factor
    silent = np.zeros(len(value), dtype=bool)
    rows = np.flatnonzero(parsed.unread)
    if rows.size:
        silent[rows] = vocabulary.says_nothing(arrow.fold(column.take(pa.array(rows))))
        parts = pc.extract_regex(arrow.fold(column.take(pa.array(rows))), _WITH_UNIT)
        factor[rows] = arrow.look_up(pc.fill_null(pc.struct_field(parts, "unit"), ""), table)
        own = style_before_unit or style_with_unit(column, style)
        value[rows] = numbers.parse(_numbers_of(parts), own).value * factor[rows]
    negative = value < 0
    value[~(value > 0)] = np.nan
    zero = np.abs(parsed.value) == 0
    return Cells(
        np.round(value, 3),
        {
            "unit-not-read": parsed.given & np.isnan(value) & ~zero & ~negative & ~silent,
            "number-negative": negative,
        },
        np.where(np.isnan(value), np.nan, factor),
    )


def _numbers_of(parts: pa.Array) -> pa.Array:
    return pc.fill_null(pc.struct_field(parts, "number"), "").cast(pa.large_string())
