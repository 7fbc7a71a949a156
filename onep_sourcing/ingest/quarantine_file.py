"""The refused rows of a supplier as a spreadsheet: reasons beside the original cells."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter

_MAX_COLUMN_WIDTH = 60
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not imported.

    line: its line in the file; reason: why, in words
    cells: column → original text; blamed: the columns the reason is about
    """

    line: int
    reason: str
    cells: Mapping[str, str]
    blamed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """The refused rows of one file.

    name: of the file; columns: its columns in order
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[RefusedRow]


def write(files: Sequence[RefusedFile], line_title: str, reason_title: str) -> bytes:
    """Return an XLSX with a sheet for each file, the blamed cells coloured.

    Every cell is written as text: what looks like a formula stays what the supplier wrote and is
    never calculated.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    head = book.add_format({"bold": True, "bg_color": "#EEEEEE", "bottom": 1})
    plain = book.add_format({"quote_prefix": True})
    blamed = book.add_format({"bg_color": "#F8D7DA", "quote_prefix": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    taken: set[str] = set()
    for file in files:
        sheet = book.add_worksheet(_sheet_name(file.name, taken))
        columns = [*file.columns]
        columns += [name for row in file.rows for name in row.cells if name not in columns]
        columns = list(dict.fromkeys(columns))
        titles = [line_title, reason_title, *columns]
        widths = [len(title) for title in titles]
        for index, title in enumerate(titles):
            sheet.write_string(0, index, title, head)
        for number, row in enumerate(file.rows, start=1):
            sheet.write_number(number, 0, row.line)
            sheet.write_string(number, 1, row.reason, wrapped)
            widths[1] = max(widths[1], *map(len, row.reason.splitlines() or [""]))
            for index, name in enumerate(columns, start=2):
                text = row.cells.get(name) or ""
                if text or name in row.blamed:
                    sheet.write_string(number, index, text, blamed if name in row.blamed else plain)
                    widths[index] = max(widths[index], len(text))
        for index, width in enumerate(widths):
            sheet.set_column(index, index, min(width + 2, _MAX_COLUMN_WIDTH))
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(file.rows), 1), len(titles) - 1)
    book.close()
    return buffer.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name a spreadsheet accepts and that no earlier sheet has (case ignored)."""
    base = _FORBIDDEN_IN_SHEET_NAME.sub(" ", name).strip(" '")[:31] or "1"
    candidate, number = base, 2
    while candidate.casefold() in taken:
        suffix = f" {number}"
        candidate, number = base[: 31 - len(suffix)] + suffix, number + 1
    taken.add(candidate.casefold())
    return candidate
