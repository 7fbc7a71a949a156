"""From bytes to frames of text."""

from __future__ import annotations

from collections.abc import Iterator

from ..shape import SPREADSHEETS, FileShape
from ..source import Source
from . import delimited, fixed_width, spreadsheet, structured
from .frame import RawFrame

__all__ = ["RawFrame", "estimate_rows", "frames", "sample"]

BATCH_ROWS = 50_000


def frames(data: Source, shape: FileShape, batch_rows: int = BATCH_ROWS) -> Iterator[RawFrame]:
    """Yield the rows of a file in order, at most `batch_rows` at a time; none is left out but
    those without any value.

    data: the bytes, or the path of the file
    shape: what `detect.sniff` found

    Raises UnreadableFile: line-too-long, damaged-file, archive-too-large.
    """
    if shape.format in SPREADSHEETS:
        return spreadsheet.frames(data, shape, batch_rows)
    if shape.format in ("json", "xml"):
        return structured.frames(data, shape, batch_rows)
    if shape.format == "fixed":
        return fixed_width.frames(data, shape, batch_rows)
    return delimited.frames(data, shape, batch_rows)


def sample(data: Source, shape: FileShape, rows: int = 1000) -> RawFrame:
    """Return the first rows of a file: at most `rows`, fewer when they come in smaller batches."""
    batches = frames(data, shape, rows)
    first = next(batches, None)
    if first is None:
        return RawFrame.from_sample(shape.columns, [], [])
    return first.head(rows)


def estimate_rows(data: Source, shape: FileShape) -> int | None:
    """Return about how many rows a file has below its header, for a progress bar.

    Counts line ends without reading anything into them: empty lines and line breaks inside values
    count too. None when counting would cost as much as reading: workbooks, JSON, XML, archives.
    """
    if shape.format in SPREADSHEETS or shape.format in ("json", "xml") or shape.compression:
        return None
    return delimited.estimate_rows(data, shape)
