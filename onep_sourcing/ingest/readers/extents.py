"""How large a workbook really is, before a library takes memory for it."""

from __future__ import annotations

import io
import re
import zipfile

from ..errors import UnreadableFile

#: A workbook of a few kilobytes may claim to hold gigabytes.
UNPACKED_LIMIT = 1024**3
CELL_LIMIT = 32_000_000  # a million rows × 30 columns; each takes 32 bytes
_CHUNK = 4 * 1024**2
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"')
#: Cells an ODS may get by repeating one that holds something; empty repeats cost nothing.
REPEAT_LIMIT = 4_000_000
_REPEATED_ROW = re.compile(
    rb'<table:table-row[^>]*number-rows-repeated="(\d{1,9})"[^>]*>(.*?)</table:table-row>', re.DOTALL
)
_REPEATED_CELL = re.compile(
    rb'<table:table-cell(?=[^>]*value-type)[^>]*number-columns-repeated="(\d{1,9})"'
)
_OVERLAP = 64 * 1024


def check(data: bytes, kind: str) -> None:
    """Refuse a zipped workbook that would unpack, or spread over a grid, without end.

    Raises UnreadableFile: damaged-file, archive-too-large, sheet-too-large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > UNPACKED_LIMIT:
                raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)
            for member in members:
                if kind == "xlsx" and member.filename.startswith("xl/worksheets/sheet"):
                    _check_sheet(archive, member)
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
    columns: set[bytes] = set()
    last_row, unpacked, rest = 0, 0, b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > UNPACKED_LIMIT:  # the directory of a ZIP may lie about sizes
                raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)
            found = _CELL.findall(rest + chunk)
            if found:
                letters, numbers = zip(*found, strict=True)
                columns.update(letters)
                longest = max(map(len, numbers))
                last_row = max(last_row, int(max(n for n in numbers if len(n) == longest)))
            rest = chunk[-40:]
    width = max(map(_column, columns), default=0)
    if width * last_row > CELL_LIMIT:
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


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
