"""A batch of a file: text cells under unique column names, with the lines they stand on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
import pandas as pd
import pyarrow as pa

from .. import arrow

FIGURE_ROWS = 2000  # looked at to tell figures from texts
_FRACTION = re.compile(r"\d[.,]\d")


@dataclass(frozen=True, slots=True)
class RawFrame:
    """A batch of n rows as the file gives them.

    frame: DataFrame (n × columns) of text, empty where there is nothing, named `shape.columns`
    lines: int64 (n), 1-based line of the file or row of the sheet
    flaws: object (n), code of the rule a row breaks by its form (`row-too-long`…), else None
    figures: columns whose figures the file holds as such (cells of a workbook, numbers of JSON) and
        not as text: a dot is their decimal sign
    mended: rule → how often the text of the file was mended before these rows could be read
    """

    frame: pd.DataFrame
    lines: np.ndarray
    flaws: np.ndarray
    figures: frozenset[str] = frozenset()
    mended: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        """Return n."""
        return len(self.lines)

    @classmethod
    def from_table(
        cls,
        table: pa.Table,
        lines: np.ndarray,
        flaws: np.ndarray | None = None,
        figures: frozenset[str] = frozenset(),
    ) -> RawFrame:
        """Build a frame from Arrow text, rows without any value left out."""
        empty = np.ones(len(table), dtype=bool)
        for column in table.columns:
            if not empty.any():
                break
            candidates = np.flatnonzero(empty)
            some = arrow.text(column.take(pa.array(candidates)))
            empty[candidates] = ~arrow.known(arrow.trim(some))
        if flaws is None:
            flaws = np.full(len(table), None, dtype=object)
        if empty.any():
            table = table.filter(pa.array(~empty))
            lines, flaws = lines[~empty], flaws[~empty]
        return cls(_to_frame(table), np.asarray(lines, dtype=np.int64), flaws, figures)

    @classmethod
    def from_sample(
        cls,
        headers: Sequence[str],
        rows: pd.DataFrame | Sequence,
        lines: Sequence[int],
        figures: Iterable[str] = (),
    ) -> RawFrame:
        """Build a frame from rows kept elsewhere, such as the sample of a screen.

        headers: unique column names; rows: n × len(headers) texts, None as empty
        figures: columns the file holds as numbers
        """
        cells = rows.to_numpy(dtype=object) if isinstance(rows, pd.DataFrame) else rows
        texts = [list(row) for row in cells]
        return from_rows(texts, tuple(headers), np.asarray(lines), frozenset(figures))

    @classmethod
    def join(cls, first: RawFrame, second: RawFrame) -> RawFrame:
        """Return the rows of two frames of the same columns."""
        return cls(
            pd.concat([first.frame, second.frame], ignore_index=True),
            np.concatenate([first.lines, second.lines]),
            np.concatenate([first.flaws, second.flaws]),
            first.figures,
            first.mended + second.mended,
        )

    def slice(self, start: int, stop: int) -> RawFrame:
        """Return the rows from `start` up to `stop`; what was mended goes with the first row."""
        part = slice(start, stop)
        frame = self.frame.iloc[part].reset_index(drop=True)
        mended = Counter() if start else self.mended
        return RawFrame(frame, self.lines[part], self.flaws[part], self.figures, mended)

    def head(self, count: int) -> RawFrame:
        """Return the first rows."""
        return self.slice(0, count)


def from_rows(
    rows: list[list[str]],
    columns: tuple[str, ...],
    lines: np.ndarray,
    figures: frozenset[str] = frozenset(),
) -> RawFrame:
    """Build a frame from rows of cells, some too short or too long for the columns."""
    table, flaws = table_of(rows, columns, " ")
    return RawFrame.from_table(table, lines, flaws, figures)


def table_of(
    rows: list[list[str]], columns: tuple[str, ...], delimiter: str
) -> tuple[pa.Table, np.ndarray]:
    """Return rows as an Arrow table as wide as the columns, and the flaws of their form.

    What a row has too much stays, joined into its last cell, so that nothing is lost.
    """
    width = len(columns)
    flaws = np.full(len(rows), None, dtype=object)
    fitted: list[list[str]] = []
    for index, cells in enumerate(rows):
        if len(cells) > width:
            if any(str(cell or "").strip() for cell in cells[width:]):
                flaws[index] = "row-too-long"
                tail = delimiter.join(str(cell or "") for cell in cells[width - 1 :])
                cells = [*cells[: width - 1], tail]
            else:
                cells = cells[:width]
        elif len(cells) < width:
            flaws[index] = "row-short"
            cells = [*cells, *[""] * (width - len(cells))]
        fitted.append(cells)
    by_column = zip(*fitted, strict=True) if fitted else [()] * width
    arrays = [
        pa.array([arrow.encodable(cell) for cell in cells], pa.large_string())
        for cells in by_column
    ]
    return pa.table(arrays, names=list(columns)), flaws


def figure_columns(
    columns: Sequence[str], rows: list[list], is_fraction: Callable[[object], bool]
) -> frozenset[str]:
    """Return the columns whose fractions are all numbers of the file, none of them a text.

    is_fraction: tells a number with decimals from other cells
    """
    found = set()
    for name, cells in zip(columns, zip_longest(*rows[:FIGURE_ROWS]), strict=False):
        fractions = any(map(is_fraction, cells))
        if fractions and not any(type(cell) is str and _FRACTION.search(cell) for cell in cells):
            found.add(name)
    return frozenset(found)


def _to_frame(table: pa.Table) -> pd.DataFrame:
    data = {index: arrow.strings(arrow.text(column)) for index, column in enumerate(table.columns)}
    frame = pd.DataFrame(data, copy=False)
    frame.columns = table.column_names
    return frame
