"""How large a workbook really is, before a library takes memory for it."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np

from ..errors import UnreadableFile
from . import binary

#: A workbook of a few kilobytes may claim to hold gigabytes.
UNPACKED_LIMIT = 1024**3
CELL_LIMIT = 32_000_000  # a million rows × 30 columns; each takes 32 bytes
_CHUNK = 4 * 1024**2
_REFERENCE = 16  # bytes a reference may take, ` r="XFD1048576"`
#: Cells an ODS may get by repeating one that holds something; empty repeats cost nothing.
REPEAT_LIMIT = 4_000_000
_REPEATED_ROW = re.compile(
    rb'<table:table-row[^>]*number-rows-repeated="(\d{1,9})"[^>]*>(.*?)</table:table-row>',
    re.DOTALL,
)
_REPEATED_CELL = re.compile(
    rb'<table:table-cell(?=[^>]*value-type)[^>]*number-columns-repeated="(\d{1,9})"'
)
_OVERLAP = 64 * 1024


def check(data: bytes, kind: str) -> None:
    """Refuse a workbook that would unpack, go in circles, or spread over a grid, without end.

    Raises UnreadableFile: damaged-file, archive-too-large, sheet-too-large.
    """
    if kind == "xls":
        binary.check(data)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > UNPACKED_LIMIT:
                raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)
            for member in members:
                if kind == "xlsx" and member.filename.startswith("xl/worksheets/sheet"):
                    _check_sheet(archive, member)
                elif kind == "xlsb" and member.filename.startswith("xl/worksheets/sheet"):
                    _check_binary_sheet(archive, member)
                elif kind == "ods" and member.filename == "content.xml":
                    _check_repeats(archive, member)
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise UnreadableFile("damaged-file", format=kind.upper()) from None
    except zipfile.zlib.error:
        raise UnreadableFile("damaged-file", format=kind.upper()) from None


def _check_sheet(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Multiply the last column by the last row: libraries keep the whole rectangle."""
    last_column = last_row = unpacked = 0
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > UNPACKED_LIMIT:  # the directory of a ZIP may lie about sizes
                raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)
            column, row = _furthest(rest + chunk)
            last_column, last_row = max(last_column, column), max(last_row, row)
            rest = chunk[-_REFERENCE:]
    if last_column * last_row > CELL_LIMIT:
        raise UnreadableFile("sheet-too-large")


def _furthest(text: bytes) -> tuple[int, int]:
    """Return the last column and the last row that references such as ` r="BC12"` name."""
    data = np.frombuffer(text, dtype=np.uint8)
    if len(data) <= _REFERENCE:
        data = np.pad(data, (0, _REFERENCE))
    marks = np.flatnonzero(data[:-_REFERENCE] == ord('"'))
    marks = marks[(data[marks - 1] == ord("=")) & (data[marks - 2] == ord("r"))]
    marks = marks[data[marks - 3] == ord(" ")]
    if not marks.size:
        return 0, 0
    column, row = np.zeros(len(marks), np.int64), np.zeros(len(marks), np.int64)
    inside = np.ones(len(marks), dtype=bool)
    for place in range(1, _REFERENCE - 4):
        sign = data[marks + place].astype(np.int64)
        letter = inside & (sign >= 65) & (sign <= 90)
        digit = inside & (sign >= 48) & (sign <= 57)
        inside = letter | digit
        if not inside.any():
            break
        column = np.where(letter, column * 26 + sign - 64, column)
        row = np.where(digit, row * 10 + sign - 48, row)
    return int(column.max()), int(row.max())


def _check_binary_sheet(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    with archive.open(member) as stream:
        sheet = stream.read(UNPACKED_LIMIT + 1)
    if len(sheet) > UNPACKED_LIMIT:
        raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)
    last_column, last_row = binary.furthest(sheet)
    if last_column * last_row > CELL_LIMIT:
        raise UnreadableFile("sheet-too-large")


def _check_repeats(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Add up the cells that repeated rows and cells stand for."""
    cells, rest = 0, b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            for times, body in _REPEATED_ROW.findall(text):
                if b"value-type" in body:
                    own = body.count(b"<table:table-cell")
                    own += sum(map(int, _REPEATED_CELL.findall(body)))
                    cells += int(times) * own
            cells += sum(map(int, _REPEATED_CELL.findall(chunk)))
            if cells > REPEAT_LIMIT:
                raise UnreadableFile("sheet-too-large")
            end = text.rfind(b"</table:table-row>")
            rest = text[end:][-_OVERLAP:] if end >= 0 else text[-_OVERLAP:]
