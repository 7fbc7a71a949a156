"""The old binary workbooks, walked before a library follows them.

A damaged XLS may chain its sectors in a circle, or place a cell where no sheet has one; a library
that follows it takes all memory there is.
"""

from __future__ import annotations

import os
import struct

import numpy as np
from xlrd import compdoc

from ..errors import UnreadableFile

_HEADER = 512
_END = 0xFFFFFFFA  # from here on numbers are no sectors
_LAST_COLUMN = 255
#: Records of BIFF that place something in a row and a column.
_CELLS = frozenset(
    {0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x0406, 0x0206}
)
_SEVERAL = frozenset({0x00BD, 0x00BE})


def check(data: bytes) -> None:
    """Refuse an XLS whose sectors go in circles or whose cells lie outside any sheet.

    Raises UnreadableFile: damaged-file.
    """
    try:
        _check_chains(data)
        with open(os.devnull, "w") as silence:
            document = compdoc.CompDoc(data, silence, ignore_workbook_corruption=True)
        for name in ("Workbook", "Book"):
            memory, start, size = document.locate_named_stream(name)
            if memory is not None:
                _check_cells(bytes(memory[start : start + size]))
                return
    except UnreadableFile:
        raise
    except Exception:  # noqa: BLE001 xlrd breaks in many ways on what is no workbook
        raise UnreadableFile("damaged-file", format="XLS") from None
    raise UnreadableFile("damaged-file", format="XLS")


def furthest(sheet: bytes) -> tuple[int, int]:
    """Return the last column and row of an XLSB sheet, its records walked one by one."""
    place, last_column, last_row = 0, 0, 0
    while place < len(sheet):
        kind, place = _varint(sheet, place, 2)
        size, place = _varint(sheet, place, 4)
        if size >= 4 and place + 4 <= len(sheet):
            if kind == 0:
                last_row = max(last_row, int.from_bytes(sheet[place : place + 4], "little") + 1)
            elif 1 <= kind <= 11 or kind == 62:
                column = int.from_bytes(sheet[place : place + 4], "little")
                last_column = max(last_column, column + 1)
        place += size
    return last_column, last_row


def _varint(data: bytes, place: int, most: int) -> tuple[int, int]:
    value = 0
    for step in range(most):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            break
    return value, place


def _check_chains(data: bytes) -> None:
    """Follow all chains of sectors at once, twice as far each time: all must come to an end."""
    (power,) = struct.unpack_from("<H", data, 30)
    if power not in (9, 12):
        raise UnreadableFile("damaged-file", format="XLS")
    size = 1 << power
    count = max(0, len(data) - _HEADER) // size + 1
    tables = list(struct.unpack_from("<109I", data, 76))
    (more, extra) = struct.unpack_from("<II", data, 68)
    for _step in range(min(extra, count) + 1):
        if more >= min(_END, count):
            break
        entries = np.frombuffer(_sector(data, more, size), dtype="<u4")
        tables.extend(entries[:-1].tolist())
        more = int(entries[-1])
    else:
        raise UnreadableFile("damaged-file", format="XLS")
    parts = [_sector(data, number, size) for number in tables if number < min(_END, count)]
    following = np.frombuffer(b"".join(parts), dtype="<u4").astype(np.int64)
    if _has_circle(following):
        raise UnreadableFile("damaged-file", format="XLS")
    (start,) = struct.unpack_from("<I", data, 60)
    small = []
    while start < len(following) and len(small) <= count:
        small.append(_sector(data, start, size))
        start = int(following[start])
    if _has_circle(np.frombuffer(b"".join(small), dtype="<u4").astype(np.int64)):
        raise UnreadableFile("damaged-file", format="XLS")


def _sector(data: bytes, number: int, size: int) -> bytes:
    start = _HEADER if size == 512 else size
    return data[start + number * size : start + (number + 1) * size].ljust(size, b"\xff")


def _has_circle(following: np.ndarray) -> bool:
    count = len(following)
    place = np.append(np.where(following < count, following, count), count)
    for _double in range(max(1, count).bit_length() + 1):
        place = place[place]
    return bool((place != count).any())


def _check_cells(stream: bytes) -> None:
    place = 0
    unpack = struct.Struct("<HH").unpack_from
    while place + 4 <= len(stream):
        kind, size = unpack(stream, place)
        place += 4
        if kind in _CELLS and size >= 4 and place + size <= len(stream):
            _row, column = unpack(stream, place)
            if kind in _SEVERAL:
                (column,) = struct.unpack_from("<H", stream, place + size - 2)
            if column > _LAST_COLUMN:
                raise UnreadableFile("damaged-file", format="XLS")
        place += size
