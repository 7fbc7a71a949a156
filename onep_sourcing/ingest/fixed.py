"""Fixed-width text: columns that start at the same place on every line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .dialect import Row

SAMPLE_LINES = 400
FEWEST_LINES = 3
_AGREE = 0.97  # of the lines have a blank where two columns meet
_MARKS = set(";|\t~^")


def detect(text: str) -> tuple[tuple[int, ...], list[Row]] | None:
    """Return where columns start and the rows cut there; None when lines are not so made.

    Columns are parted by places that are blank on (nearly) every line. A single blank may stand
    between words, so it parts columns only when many lines agree.
    """
    lines = text.split("\n")[:SAMPLE_LINES]
    filled = [line.rstrip() for line in lines if line.strip()]
    body = _body(filled)
    if len(body) < FEWEST_LINES or any(mark in line for line in body[:20] for mark in _MARKS):
        return None
    width = max(map(len, body))
    if not 10 <= width <= 4000:
        return None
    grid = np.array([list(line.ljust(width)) for line in body])
    blank = (grid == " ").mean(axis=0) >= _AGREE
    cuts = _cuts(blank, wide=1 if len(body) >= 20 else 2)
    if len(cuts) < 3:
        return None
    rows = [
        Row(number, tuple(cell.strip() for cell in split(line, cuts)))
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    # Aligned by chance, as the words of a text are, columns are mostly half empty.
    share = sum(row.filled for row in rows) / (len(rows) * len(cuts))
    return (cuts, rows) if share > 0.6 else None


def split(line: str, cuts: Sequence[int]) -> list[str]:
    """Cut one line into its cells, padding included."""
    ends = [*cuts[1:], None]
    return [line[start:end] for start, end in zip(cuts, ends, strict=True)]


def _body(lines: list[str]) -> list[str]:
    """Return the lines of the table: those about as long as most, titles left out."""
    if not lines:
        return []
    usual = float(np.median([len(line) for line in lines]))
    return [line for line in lines if len(line) >= 0.6 * usual]


def _cuts(blank: np.ndarray, wide: int) -> tuple[int, ...]:
    """Return the starts of the runs of filled places, short gaps inside them closed."""
    filled = np.flatnonzero(~blank)
    if not filled.size:
        return ()
    gaps = np.flatnonzero(np.diff(filled) > wide)
    return (0, *(int(place) for place in filled[gaps + 1]))
