"""Where the header of a table is, under logos and title lines, or that there is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .automap import lexicon
from .dialect import Row
from .errors import UnreadableFile
from .shape import SniffOptions

DEPTH = 40  # rows looked at for a header

_VALUE = re.compile(
    r"^[\s€$£+\-(]*\d[\d\s.,'\u00a0\u202f]*\s*(?:€|eur|chf|usd|gbp|kg|g|%|ht|ttc)?\)?$",
    re.IGNORECASE,
)
_LINK = re.compile(r"^(?:https?://|www\.|[^\s@]+@[^\s@]+\.)", re.IGNORECASE)
_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_KNOWN = 0.6  # lexicon score from which a cell counts as a column name


def find(rows: Sequence[Row]) -> int | None:
    """Return the index in `rows` of the header, None when no row names the columns.

    A header names several columns, is not made of values, and the rows below it are as wide.
    """
    width = _usual_width(rows)
    best: tuple[float, int] | None = None
    for index, row in enumerate(rows[:DEPTH]):
        score = _score(row, width)
        if score <= 0:
            continue
        # What names no known field must at least stand over values.
        if score < 1.0 and not _values_below(rows, index):
            continue
        score -= 0.02 * index
        if best is None or score > best[0]:
            best = (score, index)
    return best[1] if best else None


def locate(rows: Sequence[Row], options: SniffOptions) -> tuple[tuple[str, ...], int | None]:
    """Return the headers of a table and the line they stand on (None when it has no header).

    Rows may be wider than their header by one trailing delimiter: the table is as wide as most
    of its rows, and a column without a name keeps an empty one.

    Raises UnreadableFile: no-header, no-rows.
    """
    if not rows:
        raise UnreadableFile("empty-file")
    if options.has_header is False:
        width = _most_common_width(rows)
        return tuple(f"Column {index + 1}" for index in range(width)), None
    if options.header_row:
        index = next((i for i, row in enumerate(rows) if row.line >= options.header_row), None)
    else:
        index = find(rows)
    if index is None:
        raise UnreadableFile("no-header")
    if not rows[index + 1 :]:
        raise UnreadableFile("no-rows")
    cells = rows[index].cells
    missing = max(0, _most_common_width(rows[index + 1 :]) - len(cells))
    names = tuple(" ".join(cell.split()) for cell in cells) + ("",) * missing
    return names, rows[index].line


def score(rows: Sequence[Row]) -> float:
    """Tell how much a sheet looks like a price list: the score of its header, 0 when none."""
    index = find(rows)
    return _score(rows[index], _usual_width(rows)) if index is not None else 0.0


def known_names(cells: Sequence[str]) -> int:
    """Return how many cells name a field (or a column one knows to ignore)."""
    book = lexicon.load()
    return sum(
        1
        for cell in cells
        if cell
        and len(cell) <= 80
        and not is_value(cell)
        and any(hit.score >= _KNOWN for hit in book.hits(cell).values())
    )


def is_value(cell: str) -> bool:
    """Tell whether a cell is a figure, a date or an address, which no header is."""
    return bool(_VALUE.match(cell) or _LINK.match(cell) or _DATE.match(cell))


def _most_common_width(rows: Sequence[Row]) -> int:
    return Counter(len(row.cells) for row in rows).most_common(1)[0][0]


def _usual_width(rows: Sequence[Row]) -> int:
    """Return the number of filled cells of the row in the middle."""
    filled = sorted(row.filled for row in rows)
    return filled[len(filled) // 2] if filled else 0


def _score(row: Row, width: int) -> float:
    cells = [cell for cell in row.cells if cell]
    if not cells or (len(cells) < 2 and width >= 2):
        return 0.0
    if width >= 3 and len(cells) < width * 0.4:
        return 0.0
    values = sum(1 for cell in cells if is_value(cell))
    named = known_names(cells)
    if values and values >= max(1, named):
        return 0.0
    long = sum(1 for cell in cells if len(cell) > 60)
    distinct = len(set(cells)) / len(cells)
    coverage = min(1.0, len(cells) / max(1, width))
    share = named / len(cells)
    if named >= 2 or (named == 1 and len(cells) <= 2):
        return (1.0 + share + 0.2 * min(named, 5)) * coverage * (0.6 + 0.4 * distinct) - long * 0.3
    return 0.4 * coverage * distinct - values * 0.2 - long * 0.3 if len(cells) >= 2 else 0.0


def _values_below(rows: Sequence[Row], index: int) -> bool:
    """Tell whether columns hold values under names that are none: `foo;bar` over `A1;12,50`."""
    below = rows[index + 1 : index + 21]
    if not below:
        return False
    names = rows[index].cells
    valued = 0
    for column, name in enumerate(names):
        cells = [
            row.cells[column] for row in below if column < len(row.cells) and row.cells[column]
        ]
        if name and cells and sum(map(is_value, cells)) >= 0.8 * len(cells):
            valued += 1
    return valued >= 1
