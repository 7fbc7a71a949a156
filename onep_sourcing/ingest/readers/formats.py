"""What number formats of a workbook say about its cells: the zeros a person sees."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import islice
from typing import Any

import openpyxl

from ..shape import FileShape

_ZEROS = re.compile(r"^(0{2,18})(?:;.*)?$")
_ZEROS_IN_STYLES = re.compile(rb'formatCode="0{2,18}[";]')
_ROWS = 30


def leading_zeros(data: bytes, sheet: str, shape: FileShape) -> tuple[int, ...]:
    """Return per column the number of digits its format shows (`00000`), 0 for none.

    Only a workbook that has such a format is looked at, in the first rows below its header:
    a number alone does not tell that it is read 00123.
    """
    if not _has_zero_formats(data):
        return ()
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        rows = islice(book[sheet].iter_rows(min_row=(shape.header_row or 0) + 1), _ROWS)
        pads = [0] * shape.width
        for row in rows:
            for column, cell in enumerate(row[: shape.width]):
                pads[column] = max(pads[column], _digits(cell))
        return tuple(pads)
    except Exception:  # noqa: BLE001 openpyxl raises anything on files calamine reads; zeros are all we lose
        return ()


def _has_zero_formats(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/styles.xml" not in archive.namelist():
            return False
        with archive.open("xl/styles.xml") as styles:
            return bool(_ZEROS_IN_STYLES.search(styles.read(4 * 1024**2)))


def _digits(cell: Any) -> int:
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        found = _ZEROS.match(cell.number_format or "")
        return len(found.group(1)) if found else 0
    return 0
