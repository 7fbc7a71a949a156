"""The sheet a supplier answers on: written for him, read back from him, whatever came of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

#: Columns, in their order; a hidden row bears these keys, so that columns may be moved and
#: headings translated.
COLUMNS = ("ref", "sku", "ean", "name", "quantity", "price", "asked", "currency", "answer")
_WIDTHS = (14, 18, 16, 46, 11, 14, 14, 10, 18)
_MARK = "onep:"
_MOST_ROWS = 100_000
_PRICE_FORMAT = "#,##0.00####"
#: What is wrong with a row, or with a file. Translated by whoever shows it.
NO_REFERENCE, UNKNOWN_REFERENCE, TWICE, NOT_A_PRICE, NOT_POSITIVE = (
    "no_reference",
    "unknown_reference",
    "twice",
    "not_a_price",
    "not_positive",
)


class UnreadableFile(ValueError):
    """The file is no spreadsheet, or is damaged."""


class ForeignFile(ValueError):
    """A spreadsheet, but not one that :func:`write` made."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A row as the supplier sent it back.

    row: in the sheet, from 1
    ref: of the line asked for
    price: his answer; None where he left it blank
    """

    row: int
    ref: str
    price: float | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that says nothing usable.

    text: the cell that is wrong, as it reads
    reason: one of the keys above
    ref: of the line asked for, where that is known
    """

    row: int
    text: str
    reason: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """All rows of a sheet: each is in one of the two."""

    answers: list[Answer]
    refusals: list[Refusal]

    def __len__(self) -> int:
        return len(self.answers) + len(self.refusals)


def write(
    rows: Iterable[Mapping], headings: Mapping[str, str], title: str, notes: Sequence[str]
) -> bytes:
    """Return the spreadsheet of rows.

    rows: a value by each of ``COLUMNS`` but the answer
    headings: words of each of ``COLUMNS``
    notes: what the supplier should do, a line each
    """
    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[\[\]:*?/\\]", "-", title)[:31] or "1"
    _put(sheet.cell(1, 1), title).font = Font(bold=True, size=14)
    for place, note in enumerate(notes, start=2):
        _put(sheet.cell(place, 1), note)
    marks = len(notes) + 2
    for column, key in enumerate(COLUMNS, start=1):
        sheet.cell(marks, column, _MARK + key)
        heading = _put(sheet.cell(marks + 1, column), headings[key])
        heading.font = Font(bold=True)
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[column - 1]
    sheet.row_dimensions[marks].hidden = True
    sheet.freeze_panes = sheet.cell(marks + 2, 1)
    free = PatternFill("solid", fgColor="FFF2CC")
    for number, row in enumerate(rows, start=marks + 2):
        for column, key in enumerate(COLUMNS, start=1):
            cell = sheet.cell(number, column)
            if key == "answer":
                cell.fill, cell.number_format = free, _PRICE_FORMAT
            else:
                _put(cell, row.get(key))
            if key in ("price", "asked"):
                cell.number_format = _PRICE_FORMAT
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _put(cell, value):
    """Write a value; a text that begins like a formula stays a text."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def read(data: bytes, refs: Iterable[str]) -> Reading:
    """Return what a supplier answered: rows in = answers + refusals.

    refs: of the lines that were asked for

    Raises ``UnreadableFile`` or ``ForeignFile``.
    """
    sheet = _find_sheet(data)
    known, seen = set(refs), set()
    columns, answers, refusals = None, [], []
    for number, cells in enumerate(sheet, start=1):
        if columns is None:
            columns = _columns(cells)
            if columns is not None:
                heading = number + 1
            continue
        if number == heading or all(cell in (None, "") for cell in cells):
            continue
        ref = _text(_cell(cells, columns["ref"]))
        told = _cell(cells, columns["answer"])
        if not ref:
            refusals.append(Refusal(number, _first_text(cells), NO_REFERENCE))
        elif ref not in known:
            refusals.append(Refusal(number, ref, UNKNOWN_REFERENCE))
        elif ref in seen:
            refusals.append(Refusal(number, ref, TWICE, ref))
        else:
            seen.add(ref)
            price = _price(told)
            if price is None and _text(told):
                refusals.append(Refusal(number, _text(told), NOT_A_PRICE, ref))
            elif price is not None and price <= 0.0:
                refusals.append(Refusal(number, _text(told), NOT_POSITIVE, ref))
            else:
                answers.append(Answer(number, ref, price))
    return Reading(answers, refusals)


def _find_sheet(data: bytes) -> list[tuple]:
    """Return the rows of the sheet that bears the marks."""
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = list(sheet.iter_rows(values_only=True, max_row=_MOST_ROWS + 1))
            if len(rows) <= _MOST_ROWS and any(_columns(cells) is not None for cells in rows[:50]):
                return rows
    # openpyxl lets whatever a broken archive or sheet raises through.
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        AttributeError,
        TypeError,
        SyntaxError,
        IndexError,
    ) as error:
        raise UnreadableFile(str(error)) from error
    raise ForeignFile


def _columns(cells: Sequence) -> dict[str, int] | None:
    """Return the place of each column of a row of marks; None for another row."""
    found = {
        cell.removeprefix(_MARK): place
        for place, cell in enumerate(cells)
        if isinstance(cell, str) and cell.startswith(_MARK)
    }
    return found if {"ref", "answer"} <= found.keys() else None


def _cell(cells: Sequence, place: int):
    return cells[place] if place < len(cells) else None


def _text(value) -> str:
    return "" if value is None else str(value).strip()


def _first_text(cells: Sequence) -> str:
    return next((_text(cell) for cell in cells if _text(cell)), "")


def _price(value) -> float | None:
    """Return a price, None for none or for what could be two: 1,250 is 1.25 or 1250."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if value == value else None
    text = re.sub(r"[^\d.,\-]", "", str(value))
    if not re.search(r"\d", text) or re.search(r"\d[^\d.,\s]+\d", str(value)):
        return None
    marks = re.findall(r"[.,]", text)
    if len(set(marks)) == 2:
        decimal = marks[-1]
        text = text.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif len(marks) > 1 or re.search(r"^-?[1-9]\d{0,2}[.,]\d{3}$", text):
        return None
    else:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None
