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
    # Names of columns may fill them: there it is enough that the rows below leave room.
    roomy = (grid[1:] == " ").mean(axis=0) >= _AGREE
    cuts = _cuts(blank, roomy, grid[0] != " ", wide=1 if len(body) >= 20 else 2)
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


def _cuts(blank: np.ndarray, roomy: np.ndarray, named: np.ndarray, wide: int) -> tuple[int, ...]:
    """Return the starts of columns.

    blank: places no line fills; roomy: places no row fills; named: places the header fills
    wide: how many places must be free in the rows for a gap between columns
    """
    filled = np.flatnonzero(~blank)
    if not filled.size:
        return ()
    breaks = np.flatnonzero(np.diff(filled) > 1)
    starts = filled[np.concatenate(([0], breaks + 1))]
    ends = filled[np.concatenate((breaks, [len(filled) - 1]))] + 1
    has_rows = [not roomy[start:end].all() for start, end in zip(starts, ends, strict=True)]
    has_name = [named[start:end].any() for start, end in zip(starts, ends, strict=True)]
    found = [0]
    for run in range(1, len(starts)):
        start = int(starts[run])
        if not has_rows[run]:  # a word of a name: of the column before, or of figures to come
            later = next((n for n in range(run, len(starts)) if has_rows[n]), None)
            if later is None or has_name[later] or not has_rows[run - 1]:
                continue
        if has_rows[run] and not has_name[run] and not has_rows[run - 1]:
            continue  # figures on the right of their name, which started the column
        before = start
        while before and roomy[before - 1]:
            before -= 1
        after = start
        while after < ends[run] and roomy[after]:
            after += 1  # figures stand on the right below their name
        if (after if has_rows[run] else start) - before >= wide:
            found.append(start)
    return tuple(found)
