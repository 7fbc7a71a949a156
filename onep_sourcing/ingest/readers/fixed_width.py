"""Fixed-width text, cut a block at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..shape import FileShape
from ..source import Source
from . import delimited
from .frame import RawFrame


def frames(data: Source, shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
    """Yield the rows below the header, in order, at most `batch_rows` at a time.

    Raises UnreadableFile: line-too-long, damaged-file.
    """
    ends = [*shape.cuts[1:], None]
    for block in delimited.blocks(data, shape):
        lines = block.text.decode().split("\n")
        numbers = np.arange(block.first_line, block.first_line + len(lines))
        below = numbers > (shape.header_row or 0)
        text = pa.array(lines, pa.large_string()).filter(pa.array(below))
        numbers = numbers[below]
        for start in range(0, len(text), batch_rows):
            part = text.slice(start, batch_rows)
            cells = [
                pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(part, begin, end))
                for begin, end in zip(shape.cuts, ends, strict=True)
            ]
            frame = RawFrame.from_table(
                pa.table(cells, names=list(shape.columns)), numbers[start : start + batch_rows]
            )
            if len(frame):
                yield frame
