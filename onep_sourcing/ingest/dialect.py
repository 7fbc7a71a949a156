"""Delimiter, quoting and logical lines of delimited text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from html.entities import html5
from itertools import islice

DELIMITERS = (";", "\t", ",", "|", "~", "^")
QUOTE = '"'
WIDE = "\x1f"  # stands for a delimiter of several signs while a text is cut
SAMPLE_ROWS = 400
_OPEN_ENTITY = re.compile(r"&(#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8})$")
#: A line that is one quoted value, and what spreadsheets leave behind it.
_WRAPPED = r'^"([^"]*(?:""[^"]*)*)"[;,\t]*\r?$'
_WRAPPED_TEXT = re.compile(_WRAPPED, re.MULTILINE)
_WRAPPED_BYTES = re.compile(_WRAPPED.encode(), re.MULTILINE)
#: Signs that stand inside values too often to part them.
_INSIDE_VALUES = frozenset(".,-_/\"'()%€$£+&*<>=")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is cut into cells. A delimiter of None means one column."""

    delimiter: str | None
    quoted: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sample: its 1-based line in the file and its cells, blanks around removed."""

    line: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        """Number of cells that hold something."""
        return sum(1 for cell in self.cells if cell)


def detect(text: str, delimiter: str | None = None) -> tuple[Dialect, list[Row]]:
    """Return the dialect of a sample of text and the sample's rows, cut with it.

    The delimiter wanted is the one that cuts most lines into the same number of cells; with
    several, the one that gives more cells. The sample's last line is expected to be whole.
    """
    candidates = (delimiter,) if delimiter else (*DELIMITERS, *_unusual(text))
    best: tuple[float, Dialect, list[Row]] | None = None
    for sign in candidates:
        if sign not in text and not delimiter:
            continue
        if not delimiter and text.count(sign) == 2 * text.count(sign * 2):
            sign = sign * 2  # never alone: `||` parts the values
        cut = text if single(sign) == sign else text.replace(sign, WIDE)
        for quoted in (True, False) if QUOTE in text else (True,):
            found = rows(cut, Dialect(single(sign), quoted))
            score = _regularity(found) * (1.0 if quoted else 0.98)
            if not quoted and _wrapped_share(found) > 0.5:
                continue  # quotes enclose values, though some lines have one too many
            if best is None or score > best[0]:
                best = (score, Dialect(sign, quoted), found)
    if best is None or (best[0] <= 0 and not delimiter):
        dialect = Dialect(None, True)
        return dialect, rows(text, dialect)
    return best[1], best[2]


def without_wrapping(text: str) -> str | None:
    """Return a sample whose whole lines are quoted values (`"R-1;""Lamp"";12,50"`) as it was
    before; None when its lines are not so, or hold no columns.
    """
    lines = [line for line in text.split("\n")[:SAMPLE_ROWS] if line.strip()]
    wrapped = sum(bool(_WRAPPED_TEXT.fullmatch(line)) for line in lines)
    if wrapped < max(2, 0.8 * len(lines)):
        return None
    bare = _WRAPPED_TEXT.sub(lambda found: found[1].replace(QUOTE * 2, QUOTE), text)
    found = detect(bare)[1]
    if not found:
        return None
    width, times = Counter(len(row.cells) for row in found).most_common(1)[0]
    fewest = 2 if wrapped == len(lines) else 3  # a comma inside of each value makes no columns
    return bare if width >= fewest and times >= 0.8 * len(found) else None


def unwrap(text: bytes) -> bytes:
    """Return a block of whole lines without the quotes around lines, those that have them."""
    return _WRAPPED_BYTES.sub(lambda found: found[1].replace(b'""', b'"'), text)


def single(delimiter: str | None) -> str | None:
    """Return the one sign that stands for a delimiter while a text is cut."""
    return WIDE if delimiter and not (len(delimiter) == 1 and delimiter.isascii()) else delimiter


def regular_share(found: list[Row]) -> float:
    """Return the share (0-1) of rows that have the usual number of cells."""
    widths = Counter(len(row.cells) for row in found)
    return max(widths.values()) / len(found) if found else 0.0


def unwrapped(cell: str) -> str:
    """Return a cell without the quotes around it."""
    bare = cell.strip()
    if len(bare) >= 2 and bare.startswith(QUOTE) and bare.endswith(QUOTE):
        return bare[1:-1].replace(QUOTE * 2, QUOTE)
    return cell


def _wrapped_share(found: list[Row]) -> float:
    cells = [cell for row in found for cell in row.cells if cell]
    wrapped = sum(len(cell) >= 2 and cell[0] == cell[-1] == QUOTE for cell in cells)
    return wrapped / len(cells) if cells else 0.0


def _unusual(text: str) -> list[str]:
    """Return signs that are no usual delimiter but stand equally often on nearly every line."""
    lines = [line for line in text.split("\n")[:60] if line.strip()]
    if len(lines) < 3:
        return []
    signs = {sign for line in lines for sign in line if not (sign.isalnum() or sign.isspace())}
    found = []
    for sign in sorted(signs - _INSIDE_VALUES - set(DELIMITERS)):
        times, lines_with = Counter(line.count(sign) for line in lines).most_common(1)[0]
        if times >= 2 and lines_with >= 0.9 * len(lines):
            found.append(sign)
    return found


def rows(text: str, dialect: Dialect, limit: int = SAMPLE_ROWS) -> list[Row]:
    """Cut a sample into rows; a quoted value may run over lines, a stray quote may not.

    Empty lines are left out; lines keep their number.
    """
    lines = text.split("\n")
    found: list[Row] = []
    index = 0
    while index < len(lines) and len(found) < limit:
        joined, taken = lines[index], 1
        if dialect.quoted and joined.count(QUOTE) % 2:
            joined, taken = _join_quoted(lines, index, dialect)
        cells = split(joined, dialect)
        if dialect.delimiter == ";" and "&" in joined:
            cells = with_entities(cells)
        if joined.strip():
            found.append(Row(index + 1, tuple(cell.strip() for cell in cells)))
        index += taken
    return found


def split(line: str, dialect: Dialect) -> list[str]:
    """Cut one logical line into its cells, as they stand.

    Quotes that leave it in pieces are text: nothing of the line is ever dropped.
    """
    if dialect.delimiter is None:
        return [line]
    if dialect.quoted and QUOTE in line:
        records = _records(_tight(line, dialect.delimiter), dialect.delimiter)
        if len(records) == 1:
            return records[0]
    return line.split(dialect.delimiter)


def with_entities(cells: list[str]) -> list[str]:
    """Put back together what the semicolon of an HTML entity has cut: `R&amp` and `D`."""
    whole: list[str] = []
    for cell in cells:
        found = _OPEN_ENTITY.search(whole[-1]) if whole else None
        if found and (found[1].startswith("#") or f"{found[1]};" in html5):
            whole[-1] += f";{cell}"
        else:
            whole.append(cell)
    return whole


def _tight(line: str, delimiter: str) -> str:
    """Take out blanks between delimiters and quotes: `12 , "red, large" , 5`."""
    if f" {QUOTE}" not in line:
        return line
    sign = re.escape(delimiter)
    line = re.sub(rf'(^|{sign})[ \t]+"', r'\1"', line)
    return re.sub(rf'"[ \t]+(?={sign}|$)', '"', line)


def is_record(text: str, dialect: Dialect, width: int) -> bool:
    """Tell whether some lines are one record of that many cells, with line breaks in quotes."""
    records = _records(text, dialect.delimiter or "\x1f")
    return len(records) == 1 and len(records[0]) == width


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _join_quoted(
    lines: list[str], index: int, dialect: Dialect, reach: int = 40
) -> tuple[str, int]:
    """Join the lines of a value that opened a quote, when it closes soon; else keep the one."""
    quotes = 0
    for taken, line in enumerate(islice(lines, index, index + reach), start=1):
        quotes += line.count(QUOTE)
        if quotes % 2 == 0:
            joined = "\n".join(lines[index : index + taken])
            if len(_records(joined, dialect.delimiter or "\x1f")) == 1:
                return joined, taken
            break
    return lines[index], 1


def _regularity(found: list[Row]) -> float:
    """Score a cut: the share of rows with the usual number of cells, times how much it cuts."""
    widths = Counter(len(row.cells) for row in found)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] * min(item[0], 6), item[0]))
    if width < 2:
        return 0.0
    near = sum(times for other, times in widths.items() if abs(other - width) == 1)
    share = (count + 0.3 * near) / len(found)
    cells = [cell.strip(QUOTE) for row in found for cell in row.cells]
    filled = sum(map(bool, cells)) / max(1, len(cells))
    return share**2 * min(width, 12) ** 0.5 * (0.5 + 0.5 * filled)
