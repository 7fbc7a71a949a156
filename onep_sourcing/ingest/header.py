"""Where the header of a table is, under logos and title lines, or that there is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from . import arrow, headless, money, vocabulary
from .automap import lexicon
from .dialect import Row
from .errors import UnreadableFile
from .shape import SniffOptions

DEPTH = 40  # rows looked at for a header
_JUDGED = 120  # cells of a row that are compared with known names: enough, of however many

_MONEY = f"{money.signs()}|(?:{money.codes()})(?![A-Za-z])\\.?"
_VALUE = re.compile(
    rf"^(?:[\s+\-(]|{_MONEY})*\d[\d\s.,'\u00a0\u202f]*\s*(?:{_MONEY}|kg|g|%|ht|ttc)?\)?$",
    re.IGNORECASE,
)
_LINK = re.compile(r"^(?:https?://|www\.|[^\s@]+@[^\s@]+\.)", re.IGNORECASE)
_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_UNIT = re.compile(
    rf"^[(\[]?(?:(?:en |in )?(?:{_MONEY})(?: ?ht| ?ttc)?|"
    r"kg|g|gr|mm|cm|m|l|ml|%|pcs?|pces?|u|unités?|units?|stk|st|"
    r"jours?|days?|tage|h|ht|ttc|hors taxes?|netto|brutto|net|brut|en kg|en g|obligatoire|"
    r"optionnel|mandatory|optional|required|text|texte|number|numeric|string|decimal|integer)[)\]]?$",
    re.IGNORECASE,
)
_TAX_OR_UNIT = re.compile(
    rf"^(?:ht|ttc|net|netto|brut|brutto|min|max|mini|maxi|{_MONEY}|unitaire|unit|carton|colis|qté|qty)\.?$",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"^-?\d{1,6}$")
_CENTS = re.compile(r"^\d\d(?:\D|$)")
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


@dataclass(frozen=True, slots=True)
class Located:
    """Where the columns of a table get their names from.

    names: as the file gives them, blanks around removed; line: of the (last) header row, None when
        there is none; guessed: the columns are named by what they hold
    """

    names: tuple[str, ...]
    line: int | None
    guessed: bool = False


def locate(rows: Sequence[Row], options: SniffOptions, delimiter: str | None = None) -> Located:
    """Find the header of a table: one row, or two that are joined (`Prix` over `HT`).

    Rows may be wider than their header by one trailing delimiter: the table is as wide as most
    of its rows, and a column without a name keeps an empty one. Not so where a delimiter of commas
    cuts decimals: those rows are too long. A table without a header has its
    columns named by what they hold.

    Raises UnreadableFile: no-header, no-rows.
    """
    if not rows:
        raise UnreadableFile("empty-file")
    if options.has_header is False:
        return Located(headless.names(rows, _most_common_width(rows)), None, guessed=True)
    if options.header_row:
        index = next((i for i, row in enumerate(rows) if row.line >= options.header_row), None)
    else:
        index = find(rows)
        if index is None and headless.is_table(rows):
            names = headless.names(rows, _most_common_width(rows))
            if headless.is_enough(names):
                return Located(names, None, guessed=True)
    if index is None:
        raise UnreadableFile("no-header")
    cells, last = _joined(rows, index)
    if not rows[last + 1 :]:
        raise UnreadableFile("no-rows")
    below = rows[last + 1 :]
    names = tuple(" ".join(arrow.encodable(cell).split()) for cell in cells)
    wider = sum(len(row.cells) > len(cells) for row in below)
    usual = _most_common_width(below)
    cuts_decimals = delimiter == "," and wider and _cuts_decimals(below, len(names))
    if wider > 0.5 * len(below) and not cuts_decimals:
        names += ("",) * (usual - len(names))
    while len(names) > usual and not names[-1] and not wider:
        names = names[:-1]  # only the header ends with a delimiter
    return Located(names, rows[last].line)


def _cuts_decimals(rows: Sequence[Row], width: int) -> bool:
    """Tell rows made too wide by decimals whose comma also parts the values: `A1,12,50,7`.

    Then a column of two digits stands after one of whole figures.
    """
    wide = [row.cells for row in rows if len(row.cells) > width]
    for place in range(width):
        cut = sum(bool(_WHOLE.match(row[place]) and _CENTS.match(row[place + 1])) for row in wide)
        if cut >= 0.95 * len(wide):
            return True
    return False


def _joined(rows: Sequence[Row], index: int) -> tuple[list[str], int]:
    """Return the names of a header and the index of its last row.

    The row above joins when it groups columns, the row below when it goes on with the names (or
    gives their units).
    """
    cells, last = list(rows[index].cells), index
    if index + 2 < len(rows) and rows[index + 1].line == rows[index].line + 1:
        below = rows[index + 1].cells
        if _continues(cells, below, rows[index + 2 : index + 22]):
            cells, last = _paired(cells, below), index + 1
    if index and rows[index].line == rows[index - 1].line + 1:
        above = rows[index - 1].cells
        if _groups(above, cells):
            joined = _paired(_spread(above, cells), cells, keep_known=True)
            # A title says nothing of the columns: it may stay where it is.
            told = known_names(joined) > known_names(cells)
            if told or len(set(joined)) > len(set(cells)):
                cells = joined
    return cells, last


def _continues(names: Sequence[str], below: Sequence[str], values: Sequence[Row]) -> bool:
    """Tell whether a row goes on with the names above it instead of holding an article."""
    filled = [cell for cell in below if cell]
    if not filled or any(is_value(cell) or len(cell) > 30 for cell in filled):
        return False
    if all(_UNIT.match(cell) for cell in filled):
        return True
    if len(filled) < 2 or not _values_below_of(values):
        return False
    # A column of figures has none in this row, or it is an article.
    for column in _value_columns(values):
        if column < len(below) and any(char.isdigit() for char in below[column]):
            return False
    joined = _paired(names, below)
    if len(set(filter(None, joined))) > len(set(filter(None, names))):
        return True  # `Prix` twice, over `achat` and `public`
    # `rupture` names a field as well, but is what an article says of itself
    said = [cell for cell in filled if cell.lower() not in vocabulary.words("availability")]
    return known_names(joined) > known_names(names) or known_names(said) >= max(
        2, 0.6 * len(filled)
    )


def _groups(above: Sequence[str], names: Sequence[str]) -> bool:
    """Tell whether a row above a header names groups of its columns."""
    filled = [cell for cell in above if cell]
    if len(set(filled)) < 2 and not (filled and not above[0] and len(filled) > 1):
        single = len(filled) == 1 and not above[0]
        place = next((i for i, cell in enumerate(above) if cell), 0)
        below = [name for name in names[place:] if name]
        return single and len(filled[0]) <= 30 and bool(below) and known_names(below[:1]) == 0
    return not any(is_value(cell) or len(cell) > 40 for cell in filled)


def _spread(above: Sequence[str], names: Sequence[str]) -> list[str]:
    """Let a group name the columns right of it, up to one that stands by itself."""
    spread, group = [], ""
    for column, name in enumerate(names):
        cell = above[column] if column < len(above) else ""
        if cell:
            group = cell
        elif not name or (known_names([name]) and not _TAX_OR_UNIT.match(name)):
            group = ""
        spread.append(group)
    return spread


def _paired(above: Sequence[str], below: Sequence[str], *, keep_known: bool = False) -> list[str]:
    """Join two rows of names, column by column.

    keep_known: a name that says enough by itself stays alone
    """
    names = []
    for column in range(max(len(above), len(below))):
        first = above[column] if column < len(above) else ""
        second = below[column] if column < len(below) else ""
        joined = first if first == second else f"{first} {second}".strip()
        alone = keep_known and second and _likeness(second) > _likeness(joined) + 0.02
        names.append(second if alone else joined)
    return names


def _likeness(name: str) -> float:
    return max((hit.score for hit in lexicon.load().hits(name).values()), default=0.0)


def _value_columns(rows: Sequence[Row]) -> list[int]:
    """Return the columns that mostly hold figures."""
    width = max((len(row.cells) for row in rows), default=0)
    found = []
    for column in range(width):
        cells = [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]]
        if cells and sum(map(is_value, cells)) >= 0.6 * len(cells):
            found.append(column)
    return found


def _values_below_of(rows: Sequence[Row]) -> bool:
    return bool(_value_columns(rows))


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
    judged = cells[:_JUDGED]
    named = known_names(judged)
    if values and values >= max(1, named):
        return 0.0
    long = sum(1 for cell in cells if len(cell) > 60)
    distinct = len(set(cells)) / len(cells)
    coverage = min(1.0, len(cells) / max(1, width))
    share = named / len(judged)
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
