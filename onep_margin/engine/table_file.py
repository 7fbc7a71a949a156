"""Small tables in and out of CSV and XLSX: rows of cells, nothing more."""

import csv
import io
from collections.abc import Sequence

import openpyxl

#: More than any carrier's grid: beyond, it is another file.
MAX_ROWS = 5_000
MAX_COLUMNS = 200
_ZIP = b"PK\x03\x04"


class UnreadableFile(ValueError):
    """The file is no table: ``args[0]`` is a key: not_a_table, too_long, empty."""


def read(content: bytes) -> list[list]:
    """Return the rows of a CSV (any delimiter, UTF-8 or Windows) or of an XLSX's first sheet.

    Cells of an XLSX keep their type; those of a CSV are text.
    """
    rows = _read_xlsx(content) if content.startswith(_ZIP) else _read_csv(content)
    while rows and not any(str(cell if cell is not None else "").strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise UnreadableFile("empty")
    return rows


def _read_xlsx(content: bytes) -> list[list]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = []
        for row in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=MAX_ROWS + 1):
            cells = list(row)
            while cells and cells[-1] is None:
                cells.pop()
            rows.append(cells)
    except Exception as error:
        raise UnreadableFile("not_a_table") from error
    return _limited(rows)


def _read_csv(content: bytes) -> list[list]:
    if b"\x00" in content[:4096]:
        raise UnreadableFile("not_a_table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text[:4096]
    delimiter = max(";\t|,", key=head.count)
    if not head.count(delimiter):
        raise UnreadableFile("not_a_table" if head.strip() else "empty")
    return _limited(list(csv.reader(io.StringIO(text), delimiter=delimiter)))


def _limited(rows: list[list]) -> list[list]:
    if len(rows) > MAX_ROWS:
        raise UnreadableFile("too_long")
    return rows


def write_xlsx(rows: Sequence[Sequence], title: str) -> bytes:
    """Return rows as an XLSX, the first one bold and fixed."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title[:31]
    for row in rows:
        sheet.append(["" if cell is None else cell for cell in row])
    for cell in sheet[1]:
        cell.font = openpyxl.styles.Font(bold=True)
    sheet.freeze_panes = "A2"
    for column in sheet.columns:
        width = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[column[0].column_letter].width = min(width + 2, 40)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def write_csv(rows: Sequence[Sequence]) -> bytes:
    """Return rows as a CSV that spreadsheets open as it is: semicolons, UTF-8 with its mark."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")
