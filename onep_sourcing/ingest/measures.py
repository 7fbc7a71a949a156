"""Weights in grams and sizes in millimetres, whatever the unit they are given in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, numbers, vocabulary
from .numbers import NumberStyle
from .quantities import Cells, once_each

_WITH_UNIT = r"^(?P<number>[\d.,\s]*\d)\s*(?P<unit>[a-z\"]+)\.?$"
_TRIPLE = (
    r"^(?P<a>\d+(?:[.,]\d+)?)\s*(?:mm|cm|m)?\s*[x×*/]\s*(?P<b>\d+(?:[.,]\d+)?)\s*(?:mm|cm|m)?"
    r"\s*[x×*/]\s*(?P<c>\d+(?:[.,]\d+)?)\s*(?P<unit>mm|cm|m|in|\")?\.?$"
)


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


def triple(column: pa.Array, unit: str = "cm") -> np.ndarray:
    """Read `10x20x5 cm` as millimetres (n × 3: length, width, height), NaN where it is not so."""
    parts = pc.extract_regex(arrow.fold(column), _TRIPLE)
    table = vocabulary.figures("millimetres")
    given = arrow.look_up(pc.fill_null(pc.struct_field(parts, "unit"), ""), table)
    factor = np.where(np.isnan(given), table[unit], given)
    sides = [
        numbers.parse(
            pc.replace_substring(pc.fill_null(pc.struct_field(parts, name), ""), ",", ".").cast(
                pa.large_string()
            ),
            NumberStyle("."),
        ).value
        * factor
        for name in ("a", "b", "c")
    ]
    return np.column_stack(sides)


def _measure(
    column: pa.Array,
    style: NumberStyle,
    kind: str,
    unit: str,
    style_before_unit: NumberStyle | None,
) -> Cells:
    table = vocabulary.figures(kind)
    parsed = numbers.parse(column, style)
    value = parsed.value * table[unit]
    rows = np.flatnonzero(parsed.unread)
    if rows.size:
        parts = pc.extract_regex(arrow.fold(column.take(pa.array(rows))), _WITH_UNIT)
        factor = arrow.look_up(pc.fill_null(pc.struct_field(parts, "unit"), ""), table)
        own = style_before_unit or style_with_unit(column, style)
        value[rows] = numbers.parse(_numbers_of(parts), own).value * factor
    negative = value < 0
    value[~(value > 0)] = np.nan
    zero = np.abs(parsed.value) == 0
    return Cells(
        np.round(value, 3),
        {
            "unit-not-read": parsed.given & np.isnan(value) & ~zero & ~negative,
            "number-negative": negative,
        },
    )


def _numbers_of(parts: pa.Array) -> pa.Array:
    return pc.fill_null(pc.struct_field(parts, "number"), "").cast(pa.large_string())
