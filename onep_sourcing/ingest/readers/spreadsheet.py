"""Workbooks: sheets of rows whose cells become the text a person would see.

XLSX, XLS, XLSB and ODS are read by calamine; pages of HTML and Excel's XML are books of tables.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from .. import arrow, header, source
from ..dialect import Row
from ..errors import UnreadableFile
from ..shape import FileShape, Format, Merge, SniffOptions
from ..source import Packing, Source
from . import extents, formats, markup
from .frame import RawFrame, figure_columns

SAMPLE_ROWS = 200
SHEETS_LOOKED_AT = 20


def zipped_format(sample: bytes) -> Format:
    """Tell which workbook a ZIP is by the names of its first members.

    Raises UnreadableFile: unsupported-format.
    """
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in sample[:200]:
        return "ods"
    if b"mimetypeapplication/vnd.oasis" in sample[:200]:
        raise UnreadableFile("unsupported-format", format="OpenDocument")
    if b"word/" in sample[:65536] and b"xl/" not in sample[:65536]:
        raise UnreadableFile("unsupported-format", format="Word")
    if b"ppt/" in sample[:65536] and b"xl/" not in sample[:65536]:
        raise UnreadableFile("unsupported-format", format="PowerPoint")
    return "xlsb" if b"workbook.bin" in sample else "xlsx"


def sniff(data: bytes, kind: Format, options: SniffOptions) -> FileShape:
    """Choose the sheet that looks most like a price list and find its header.

    Raises UnreadableFile: damaged-file, unknown-sheet, no-header, no-rows, empty-file,
    archive-too-large, sheet-too-large.
    """
    book = _open(data, kind, options.encoding)
    names = book.names
    wanted = options.sheet
    if wanted is not None and wanted not in names:
        loose = {name.strip().casefold(): name for name in names}
        wanted = loose.get(wanted.strip().casefold())
        if wanted is None:
            raise UnreadableFile("unknown-sheet", sheet=options.sheet, sheets=", ".join(names))
    looked_at = [wanted] if wanted is not None else book.shown[:SHEETS_LOOKED_AT]
    samples = {name: _sample(book, name) for name in looked_at}
    filled = {name: rows for name, rows in samples.items() if rows}
    if not filled:
        raise UnreadableFile("empty-file")
    best = max(filled, key=lambda name: _likeness(filled[name]))
    found = header.locate(_trimmed(filled[best]), options)
    last_named = max((i for i, name in enumerate(found.names) if name), default=-1) + 1
    used = max((_width(row.cells) for row in filled[best]), default=0)
    shape = FileShape(
        kind,
        (),
        (),
        encoding=options.encoding if kind == "html" else None,
        sheet=best,
        sheets=tuple(names),
        header_row=found.line,
        guessed=found.guessed,
    ).named(found.names[: max(last_named, used)])
    if kind == "xlsx":
        pads = formats.leading_zeros(data, best, shape)
        shape = replace(shape, pads=pads) if any(pads) else shape
    return shape


def frames(data: Source, shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
    """Yield the rows below the header of the sheet, at most `batch_rows` at a time.

    A cell merged over several rows counts in each of them.
    """
    pack = Packing(shape.compression, shape.member)
    book = _open(source.whole(data, pack), shape.format, shape.encoding)
    first = shape.header_row or 0
    cells = islice(_filled_down(book, shape.sheet or book.names[0]), first, None)
    line = first + 1
    while batch := list(islice(cells, batch_rows)):
        table, flaws = _table(batch, shape)
        lines = np.arange(line, line + len(batch))
        figures = figure_columns(shape.columns, batch, _is_fraction)
        frame = RawFrame.from_table(table, lines, flaws, figures)
        line += len(batch)
        if len(frame):
            yield frame


class _Workbook:
    """A workbook calamine reads, sheet by sheet."""

    def __init__(self, book: calamine.CalamineWorkbook, kind: str) -> None:
        self._book = book
        self._kind = kind
        self._last: tuple[str, calamine.CalamineSheet] | None = None

    @property
    def names(self) -> list[str]:
        """Names of the sheets, in order."""
        return list(self._book.sheet_names)

    @property
    def shown(self) -> list[str]:
        """Names of the sheets a person sees; all when none is."""
        visible = calamine.SheetVisibleEnum.Visible
        seen = [sheet.name for sheet in self._book.sheets_metadata if sheet.visible == visible]
        return seen or self.names

    def rows(self, name: str) -> Iterator[list]:
        """Yield the rows of a sheet from its very first, empty ones included."""
        sheet = self._sheet(name)
        if sheet.start is None:
            return
        _top, left = sheet.start
        for row in sheet.iter_rows():  # starts at the first row, but at the first used column
            yield [""] * left + list(row) if left else row

    def merges(self, name: str) -> list[Merge]:
        """Return the ranges of cells that stand as one."""
        ranges = self._sheet(name).merged_cell_ranges or []
        return [Merge(*start, *end) for start, end in ranges]

    def _sheet(self, name: str) -> calamine.CalamineSheet:
        if self._last is None or self._last[0] != name:
            self._last = (name, self._read(name))
        return self._last[1]

    def _read(self, name: str) -> calamine.CalamineSheet:
        try:
            return self._book.get_sheet_by_name(name)
        except (calamine.CalamineError, IndexError, OSError, ValueError):
            raise UnreadableFile("damaged-file", format=self._kind.upper()) from None
        except BaseException as error:  # noqa: BLE001 calamine is Rust: damage may end in its panic
            _reraise_unless_panic(error)
            raise UnreadableFile("damaged-file", format=self._kind.upper()) from None


class _Page(markup.MarkupBook):
    """A book of tables in markup, where every table is seen."""

    @property
    def shown(self) -> list[str]:
        """Names of the tables."""
        return self.names


Book = _Workbook | _Page


def _open(data: bytes, kind: str, codec: str | None) -> Book:
    if kind == "html":
        return _Page(markup.open_html(data, codec).tables)
    if kind == "spreadsheetml":
        return _Page(markup.open_spreadsheet_xml(data).tables)
    extents.check(data, kind)
    try:
        return _Workbook(calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)), kind)
    except (calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise UnreadableFile("damaged-file", format=kind.upper()) from None
    except BaseException as error:  # noqa: BLE001 as above
        _reraise_unless_panic(error)
        raise UnreadableFile("damaged-file", format=kind.upper()) from None


def _reraise_unless_panic(error: BaseException) -> None:
    if type(error).__name__ != "PanicException":
        raise error


def _filled_down(book: Book, name: str) -> Iterator[list]:
    """Yield the rows of a sheet, each cell merged over several rows filled in all of them."""
    tall = [merge for merge in book.merges(name) if merge.bottom > merge.top]
    if not tall:
        yield from book.rows(name)
        return
    starts: dict[int, list[Merge]] = {}
    for merge in tall:
        starts.setdefault(merge.top, []).append(merge)
    open_ones: list[tuple[Merge, object]] = []
    for number, row in enumerate(book.rows(name)):
        cells = list(row)
        open_ones = [(merge, value) for merge, value in open_ones if merge.bottom >= number]
        for merge, value in open_ones:
            if merge.left < len(cells) and cells[merge.left] in ("", None):
                cells[merge.left] = value
        for merge in starts.get(number, ()):
            if merge.left < len(cells):
                open_ones.append((merge, cells[merge.left]))
        yield cells


def _sample(book: Book, name: str) -> list[Row]:
    """Return the first rows; a heading merged over some columns names each of them."""
    rows = [_text_row(row) for row in islice(_filled_down(book, name), SAMPLE_ROWS)]
    width = max((_width(tuple(row)) for row in rows), default=0)
    for merge in book.merges(name):
        if merge.top < header.DEPTH and 1 < merge.right - merge.left + 1 <= 0.6 * width:
            for row in rows[merge.top : merge.bottom + 1]:
                if merge.left < len(row) and row[merge.left]:
                    row.extend([""] * (merge.right + 1 - len(row)))
                    fill = [cell or row[merge.left] for cell in row[merge.left : merge.right + 1]]
                    row[merge.left : merge.right + 1] = fill
    return [
        Row(number, tuple(cell.strip() for cell in row))
        for number, row in enumerate(rows, start=1)
        if any(cell.strip() for cell in row)
    ]


def _table(rows: list[list], shape: FileShape) -> tuple[pa.Table, np.ndarray]:
    """Return rows of cells as text columns, and the flaws of their form.

    A row of a sheet has no end: what misses on its right is empty, not short. What stands right of
    the table stays, joined into its last column.
    """
    columns = [_text_column(cells) for cells in zip_longest(*rows, fillvalue="")]
    empty = pa.array([""] * len(rows), pa.large_string())
    columns += [empty] * (shape.width - len(columns))
    flaws = np.full(len(rows), None, dtype=object)
    beyond = columns[shape.width :]
    columns = columns[: shape.width]
    for column in beyond:
        filled = arrow.known(arrow.trim(column))
        if filled.any():
            flaws[filled] = "row-too-long"
            blank = pa.scalar(" ", pa.large_string())
            joined = pc.binary_join_element_wise(columns[-1], column, blank)
            columns[-1] = pc.if_else(pa.array(filled), joined, columns[-1])
    for place, length in enumerate(shape.pads):
        if length:
            digits = pc.match_substring_regex(columns[place], r"^\d+$")
            padded = pc.utf8_lpad(columns[place], length, "0")
            columns[place] = pc.if_else(digits, padded, columns[place])
    return pa.table(columns, names=list(shape.columns)), flaws


def _is_fraction(cell: object) -> bool:
    return type(cell) is float and not cell.is_integer()


def _text_column(cells: tuple) -> pa.Array:
    """Return the cells of a column as text; numbers of a kind all at once."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return _strings(cells)
    if kinds == {float} or kinds == {float, str}:
        places = [place for place, cell in enumerate(cells) if type(cell) is float]
        values = np.array([cells[place] for place in places])
        whole = (np.abs(values) < 1e15) & (values == np.floor(values))
        texts = np.full(len(cells), "", dtype=object)
        if float in kinds and str in kinds:
            texts[:] = [cell if type(cell) is str else "" for cell in cells]
        written = np.empty(len(values), dtype=object)
        written[whole] = values[whole].astype(np.int64).astype(str)
        written[~whole] = _decimals(values[~whole])
        texts[places] = written
        return _strings(texts)
    return _strings([cell if type(cell) is str else _text(cell) for cell in cells])


def _decimals(values: np.ndarray) -> np.ndarray:
    """Return figures as text; those that need more digits than a spreadsheet keeps, rounded."""
    short = pc.cast(pa.array(values), pa.string())
    texts = short.to_numpy(zero_copy_only=False)
    odd = np.asarray(pc.greater(pc.binary_length(short), 16))
    odd |= np.asarray(pc.match_substring(short, "e"))
    texts[odd] = [_text(float(value)) for value in values[odd]]
    return texts


def _strings(cells: Sequence[str]) -> pa.Array:
    """Return text Arrow and PostgreSQL can hold: no lone surrogate, no NUL."""
    try:
        column = pa.array(cells, pa.large_string())
    except UnicodeEncodeError:
        column = pa.array([arrow.encodable(cell) for cell in cells], pa.large_string())
    return pc.replace_substring(column, "\x00", "")


def _trimmed(rows: list[Row]) -> list[Row]:
    """Cut each row after its last filled cell: sheets are rectangles, tables are not."""
    return [Row(row.line, row.cells[: max(1, _width(row.cells))]) for row in rows]


def _width(cells: tuple[str, ...]) -> int:
    return max((index + 1 for index, cell in enumerate(cells) if cell), default=0)


def _likeness(rows: list[Row]) -> tuple[float, int]:
    return round(header.score(rows), 1), len(rows)


def _text_row(row: list) -> list[str]:
    return [cell if type(cell) is str else _text(cell) for cell in row]


def _text(cell: object) -> str:
    """Return a cell as text: whole numbers without decimals, dates in ISO form."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        # 15 digits are all a spreadsheet keeps: 0.1 + 0.2 is 0.3 there.
        short = f"{cell:.15g}"
        return short if "e" not in short else f"{cell:.15f}".rstrip("0")
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
