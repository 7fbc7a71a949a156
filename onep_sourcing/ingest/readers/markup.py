"""Tables written as markup: HTML that calls itself a workbook, and Excel's XML of 2003."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lxml import etree, html

from .. import encoding, source
from ..errors import UnreadableFile
from ..shape import Merge
from .xml_repair import Mender

SPREADSHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
_SPAN_LIMIT = 1000  # rows or columns one cell may claim
_WIDTH_LIMIT = 2000
_CELL_LIMIT = 30_000_000
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_NAMESPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"

Element = etree._Element
Grid = list[list[str | float]]
#: What pages call Latin-1 is read as Windows-1252, as browsers do: it has the euro.
_LATIN = frozenset({"iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"})


class MarkupBook:
    """Tables of a page or worksheets of an XML workbook, by name."""

    def __init__(self, tables: dict[str, tuple[Grid, list[Merge]]]) -> None:
        self.tables = tables

    @property
    def names(self) -> list[str]:
        """Names of the tables, in order."""
        return list(self.tables)

    def rows(self, name: str) -> Iterator[list[str | float]]:
        """Yield the rows of a table from its first."""
        return iter(self.tables[name][0])

    def merges(self, name: str) -> list[Merge]:
        """Return the ranges of cells that stand as one."""
        return self.tables[name][1]


def looks_like_html(start: str) -> bool:
    """Tell HTML with a table from other text by its beginning (lower case)."""
    return any(mark in start for mark in ("<html", "<!doctype html", "<table", "<meta"))


def open_html(data: bytes, forced: str | None = None) -> MarkupBook:
    """Read every table of an HTML page. Raises UnreadableFile: damaged-file, no-table."""
    text = encoding.decode(data, forced or _charset(data)).replace("\x00", "")
    try:
        page = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (etree.LxmlError, ValueError):
        raise UnreadableFile("damaged-file", format="HTML") from None
    tables = {}
    for number, table in enumerate(page.iter("table"), start=1):
        grid = _Grid()
        for row in table.iter("tr"):
            if next(row.iterancestors("table")) is table:
                grid.start_row()
                for cell in row.iterchildren("td", "th"):
                    grid.add(_html_text(cell), _span(cell, "colspan"), _span(cell, "rowspan"))
        if grid.rows:
            tables[f"Table {number}"] = (grid.rows, grid.merges)
    if not tables:
        raise UnreadableFile("no-table")
    return MarkupBook(tables)


def open_spreadsheet_xml(data: bytes) -> MarkupBook:
    """Read the worksheets of an XML workbook. Raises UnreadableFile: damaged-file, unsafe-xml."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(Mender().feed(data, final=True), parser)
    except (etree.LxmlError, ValueError, LookupError):
        raise UnreadableFile("damaged-file", format="XML") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _entity in declared.iterentities()):
        raise UnreadableFile("unsafe-xml")
    tables = {}
    for number, sheet in enumerate(root.iter(f"{_NAMESPACE}Worksheet"), start=1):
        grid = _Grid()
        for row in sheet.iter(f"{_NAMESPACE}Row"):
            grid.start_row(_number(row, "Index"))
            for cell in row.iter(f"{_NAMESPACE}Cell"):
                grid.move_to(_number(cell, "Index"))
                value = cell.find(f"{_NAMESPACE}Data")
                text = "".join(value.itertext()) if value is not None else ""
                across, down = _number(cell, "MergeAcross"), _number(cell, "MergeDown")
                grid.add(_plain_number(text, value), across + 1, down + 1)
        tables[sheet.get(f"{_NAMESPACE}Name") or f"Sheet {number}"] = (grid.rows, grid.merges)
    if not tables:
        raise UnreadableFile("damaged-file", format="XML")
    return MarkupBook(tables)


class _Grid:
    """Cells put in rows and columns, with room for those that span several."""

    def __init__(self) -> None:
        self.rows: Grid = []
        self.merges: list[Merge] = []
        self._taken: dict[int, set[int]] = {}
        self._column = 0
        self._cells = 0

    def start_row(self, number: int = 0) -> None:
        """Begin the next row, or the one with this number."""
        if number - len(self.rows) > 1_100_000:
            raise UnreadableFile("sheet-too-large")
        while len(self.rows) + 1 < number:
            self.rows.append([])
        self.rows.append([])
        self._taken.pop(len(self.rows) - 2, None)
        self._column = 0

    def move_to(self, number: int) -> None:
        """Leave columns empty up to the one with this number."""
        if number:
            self._column = min(number - 1, _WIDTH_LIMIT)

    def add(self, cell: str | float, across: int = 1, down: int = 1) -> None:
        """Put a cell at the next free place."""
        here = len(self.rows) - 1
        taken = self._taken.get(here, ())
        while self._column in taken:
            self._column += 1
        row = self.rows[-1]
        end = min(self._column + across, _WIDTH_LIMIT)
        self._cells += max(0, end - len(row))
        if self._cells > _CELL_LIMIT:
            raise UnreadableFile("sheet-too-large")
        row.extend([""] * (end - len(row)))
        if self._column < end:
            row[self._column] = cell
        for below in range(here + 1, here + down):
            self._taken.setdefault(below, set()).update(range(self._column, end))
        if across > 1 or down > 1:
            self.merges.append(Merge(here, self._column, here + down - 1, max(end, 1) - 1))
        self._column = end


def _charset(data: bytes) -> str:
    """Return the encoding the page declares, when its bytes agree; else the one they look like."""
    found = encoding.detect(data[: source.SAMPLE_BYTES])
    declared = _CHARSET.search(data[:4096])
    if declared and found not in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        try:
            name = declared.group(1).decode().lower()
            name = "cp1252" if name in _LATIN else name
            return encoding.check(data[: source.SAMPLE_BYTES], name)
        except UnreadableFile:
            return found
    return found


def _html_text(cell: html.HtmlElement) -> str:
    for line_break in cell.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    return " ".join(cell.text_content().split())


def _span(cell: html.HtmlElement, name: str) -> int:
    value = str(cell.get(name, "1")).strip()
    return min(max(int(value), 1), _SPAN_LIMIT) if value.isascii() and value.isdigit() else 1


def _number(element: Element, name: str) -> int:
    value = element.get(f"{_NAMESPACE}{name}", "0").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 7 else 0


def _plain_number(text: str, value: Element | None) -> str | float:
    """Return a number as a person would see it: `3.70123E+12` has all its digits in the file.

    One with decimals stays a number, which no column may read otherwise.
    """
    kind = value.get(f"{_NAMESPACE}Type") if value is not None else None
    if kind == "DateTime":
        return text.removesuffix("T00:00:00.000").removesuffix("T00:00:00")
    if kind != "Number" or not ("e" in text.lower() or "." in text):
        return text.strip()
    try:
        number = float(text)
    except ValueError:
        return text.strip()
    if not math.isfinite(number):
        return text.strip()
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else number
