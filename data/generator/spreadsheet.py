# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The workbook, without the moment it was written at."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

STAMP = datetime.datetime(2026, 1, 1, 8)  # as the file says; a zip member has no time zone
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
UNIX = 3
WIDTHS = {"A": 14, "B": 16, "C": 48, "D": 16, "E": 14, "F": 24}


def workbook(
    header: Sequence[str], rows: Iterable[Sequence[object]], title: Sequence[str],
    notes: Sequence[str],
) -> bytes:  # fmt: skip
    """Return a workbook: notes on the first sheet, titles and table on the second."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Informations"
    for note in notes:
        sheet.append([note])
    sheet = book.create_sheet("Tarif 2026")
    last = get_column_letter(len(header))
    for line, text in enumerate(title, start=1):
        sheet.cell(line, 1, text)
        sheet.merge_cells(f"A{line}:{last}{line}")
    sheet["A1"].font = Font(bold=True, size=14)
    top = len(title) + 2
    for column, text in enumerate(header, start=1):
        sheet.cell(top, column, text).font = Font(bold=True)
    for line, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(line, column, value)
    sheet.freeze_panes = f"A{top + 1}"
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    book.properties.creator = "Toupie & Plume"
    book.properties.created = STAMP
    return _still(book)


def _still(book: Workbook) -> bytes:
    """Return a workbook whose members and properties bear fixed dates."""
    fresh, frozen = io.BytesIO(), io.BytesIO()
    book.save(fresh)
    with zipfile.ZipFile(fresh) as source, zipfile.ZipFile(frozen, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _without_times(content)
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = UNIX
            target.writestr(member, content, compresslevel=9)
    return frozen.getvalue()


def _without_times(core: bytes) -> bytes:
    """Replace the moment openpyxl stamps into a workbook when it saves it."""
    stamp = f"{STAMP.isoformat()}Z".encode()
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, core)
