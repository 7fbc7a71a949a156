"""Workbooks (XLSX, XLS, XLSB, ODS), read by calamine; cells become the text a person would see."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from itertools import islice

import numpy as np
import python_calamine as calamine

from .. import header, source
from ..dialect import Row
from ..errors import UnreadableFile
from ..shape import FileShape, Format, SniffOptions
from ..source import Packing, Source
from .frame import RawFrame, from_rows

SAMPLE_ROWS = 200
SHEETS_LOOKED_AT = 20
#: A workbook of a few kilobytes may claim to hold gigabytes.
UNPACKED_LIMIT = 1024**3


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
    archive-too-large.
    """
    book = _open(data, kind)
    names = list(book.sheet_names)
    if options.sheet is not None and options.sheet not in names:
        raise UnreadableFile("unknown-sheet", sheet=options.sheet, sheets=", ".join(names))
    wanted = [options.sheet] if options.sheet is not None else names[:SHEETS_LOOKED_AT]
    samples = {name: _sample(book, name, kind) for name in wanted}
    filled = {name: rows for name, rows in samples.items() if rows}
    if not filled:
        raise UnreadableFile("empty-file")
    best = max(filled, key=lambda name: _likeness(filled[name]))
    shape = FileShape(kind, (), (), sheet=best, sheets=tuple(names))
    headers, line = header.locate(_trimmed(filled[best]), options)
    last_named = max((i for i, name in enumerate(headers) if name), default=-1) + 1
    used = max((_width(row.cells) for row in filled[best]), default=0)
    headers = headers[: max(last_named, used)]
    return FileShape(kind, (), (), sheet=shape.sheet, sheets=shape.sheets, header_row=line).named(
        headers
    )


def frames(data: Source, shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
    """Yield the rows below the header of the sheet, at most `batch_rows` at a time."""
    pack = Packing(shape.compression, shape.member)
    book = _open(source.whole(data, pack), shape.format)
    sheet = _sheet(book, shape.sheet, shape.format)
    cells = _cells(sheet)
    line = (shape.header_row or 0) + 1
    for _skipped in islice(cells, shape.header_row or 0):
        pass
    while batch := list(islice(cells, batch_rows)):
        rows = [_text_row(row)[: _width_of(row, shape.width)] for row in batch]
        lines = np.arange(line, line + len(rows))
        frame = from_rows(_padded(rows, shape.width), shape.columns, lines)
        line += len(rows)
        if len(frame):
            yield frame


def _open(data: bytes, kind: str) -> calamine.CalamineWorkbook:
    if kind != "xls":
        _check_size(data, kind)
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise UnreadableFile("damaged-file", format=kind.upper()) from None
    except BaseException as error:  # noqa: BLE001 calamine is Rust: damage may end in its panic
        _reraise_unless_panic(error)
        raise UnreadableFile("damaged-file", format=kind.upper()) from None


def _check_size(data: bytes, kind: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableFile("damaged-file", format=kind.upper()) from None
    if unpacked > UNPACKED_LIMIT:
        raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)


def _sheet(book: calamine.CalamineWorkbook, name: str | None, kind: str) -> calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name or book.sheet_names[0])
    except (calamine.CalamineError, IndexError, OSError, ValueError):
        raise UnreadableFile("damaged-file", format=kind.upper()) from None
    except BaseException as error:  # noqa: BLE001 as above
        _reraise_unless_panic(error)
        raise UnreadableFile("damaged-file", format=kind.upper()) from None


def _reraise_unless_panic(error: BaseException) -> None:
    if type(error).__name__ != "PanicException":
        raise error


def _cells(sheet: calamine.CalamineSheet) -> Iterator[list]:
    """Yield the rows of a sheet from its very first, empty ones included."""
    if sheet.start is None:
        return
    _top, left = sheet.start
    for row in sheet.iter_rows():  # starts at the first row, but at the first used column
        yield [""] * left + list(row) if left else row


def _sample(book: calamine.CalamineWorkbook, name: str, kind: str) -> list[Row]:
    rows = islice(_cells(_sheet(book, name, kind)), SAMPLE_ROWS)
    return [
        Row(number, tuple(cell.strip() for cell in _text_row(row)))
        for number, row in enumerate(rows, start=1)
        if any(str(cell).strip() for cell in row)
    ]


def _trimmed(rows: list[Row]) -> list[Row]:
    """Cut each row after its last filled cell: sheets are rectangles, tables are not."""
    return [Row(row.line, row.cells[: max(1, _width(row.cells))]) for row in rows]


def _width(cells: tuple[str, ...]) -> int:
    return max((index + 1 for index, cell in enumerate(cells) if cell), default=0)


def _width_of(row: list, width: int) -> int:
    """Return how many cells of a row count: those of the table and what stands right of it."""
    used = max((index + 1 for index, cell in enumerate(row) if cell != ""), default=0)
    return max(used, min(width, len(row)))


def _padded(rows: list[list[str]], width: int) -> list[list[str]]:
    """A row of a sheet has no end: what misses on its right is empty, not short."""
    return [row if len(row) >= width else row + [""] * (width - len(row)) for row in rows]


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
