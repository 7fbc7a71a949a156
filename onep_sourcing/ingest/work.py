"""The columns of one batch on their way from cells of text to typed values."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, constants, measures, numbers
from .fields import NUMBER_COLUMNS, TARGET_COLUMNS, TEXT_COLUMNS
from .issues import Issues
from .mapping import Mapping
from .readers.frame import RawFrame

_TEXT_FORMULA = r'^\s*="([^"]*)"\s*$'


class Work:
    """Source cells in, target columns out.

    today: the day that dates are counted from; None leaves them unread
    """

    def __init__(self, raw: RawFrame, mapping: Mapping, today: datetime.date | None = None) -> None:
        self.raw = raw
        self.mapping = mapping
        self.today = today
        self.count = len(raw)
        self.issues = Issues(raw.lines)
        self.out: dict[str, object] = {"line": raw.lines}
        #: What makes a purchase price as written one of a piece without VAT; NaN unknown.
        self.divisor = np.ones(self.count)
        #: The quantity a row's price is from, where rows repeat an article per quantity.
        self.step_quantity: np.ndarray | None = None
        self._cells: dict[str, pa.Array] = {}
        self._unwrapped: set[str] = set()
        self._made: dict[str, pa.Array | None] = {}

    def column(self, name: str) -> pa.Array:
        """Return the cells of a column of the file."""
        if name not in self._cells:
            self._cells[name] = arrow.text(self.raw.frame[name])
        return self._cells[name]

    def cells(self, field: str) -> pa.Array | None:
        """Return the cells of a field as a person wants them, or None when it has none.

        They are those of its column, or what an expression joins; where they are empty, and where
        the field has no column, its constant.
        """
        mapping = self.mapping
        if field not in mapping.constants and field not in mapping.expressions:
            return self._own_cells(field)
        if field not in self._made:
            self._made[field] = self._make_cells(field)
        return self._made[field]

    def _own_cells(self, field: str) -> pa.Array | None:
        name = self.mapping.column(field)
        return None if name is None else self._unwrap(name, field)

    def _make_cells(self, field: str) -> pa.Array | None:
        expression = self.mapping.expressions.get(field)
        if expression is not None and expression.parts:
            cells = expression.texts(lambda name: self._unwrap(name, field))
        else:
            cells = self._own_cells(field)
        constant = self.mapping.constants.get(field)
        if constant is None:
            return cells
        if cells is None:
            return arrow.text([constant] * self.count)
        return constants.fill(cells, field, constant, self.style(field))

    def _unwrap(self, name: str, field: str) -> pa.Array:
        """Return the cells of a column without the formula around a text.

        `="00123"`, which keeps a spreadsheet from taking zeros away, is 00123; any other formula
        is text like the rest.
        """
        cells = self.column(name)
        if name not in self._unwrapped and pc.any(pc.starts_with(cells, '="')).as_py():
            self._cells[name] = pc.replace_substring_regex(cells, _TEXT_FORMULA, r"\1")
            changed = arrow.mask(pc.not_equal(cells, self._cells[name]))
            self.issues.add("text-formula", changed, field, cells)
        self._unwrapped.add(name)
        return self._cells[name]

    def figures(self, field: str, values: np.ndarray) -> np.ndarray:
        """Return the figures of a field as an expression changes them."""
        expression = self.mapping.expressions.get(field)
        return values if expression is None else expression.figures(values)

    def style(self, field: str) -> numbers.NumberStyle:
        """Return how the column of a field writes numbers."""
        return self.mapping.style(self.mapping.column(field) or "")

    def unit_style(self, field: str) -> numbers.NumberStyle | None:
        """Return how the column of a field writes numbers before their unit."""
        return self.mapping.unit_styles.get(self.mapping.column(field) or "")

    def put(self, column: str, values: object) -> None:
        """Set a target column."""
        self.out[column] = values

    def note(self, field: str, cells: pa.Array, notes: dict[str, np.ndarray]) -> None:
        """Record what was noted about cells, by rule."""
        for rule, where in notes.items():
            self.issues.add(rule, where, field, cells)

    def note_units(self, field: str, kind: str, factor: np.ndarray) -> None:
        """Record that measures were brought to the unit they are kept in, once for the column."""
        for unit, count in measures.converted(factor, kind).items():
            params = {"unit": unit, "into": measures.KEPT_IN[kind]}
            self.issues.add_to_column("unit-converted", count, field, params)

    def frame(self) -> pd.DataFrame:
        """Return all target columns, those the file lacks unknown."""
        nan = np.full(self.count, np.nan)
        empty = arrow.strings(pa.nulls(self.count, pa.large_string()))
        columns: dict[str, object] = {}
        for name in TARGET_COLUMNS:
            if name in self.out:
                columns[name] = self.out[name]
            elif name in NUMBER_COLUMNS:
                columns[name] = nan
            elif name in TEXT_COLUMNS:
                columns[name] = empty
            else:
                columns[name] = booleans(np.full(self.count, np.nan))
        return pd.DataFrame(columns, columns=list(TARGET_COLUMNS), copy=False)


def booleans(values: np.ndarray) -> pd.arrays.BooleanArray:
    """Return 1, 0 and NaN as nullable booleans."""
    return pd.arrays.BooleanArray(values == 1, np.isnan(values))
