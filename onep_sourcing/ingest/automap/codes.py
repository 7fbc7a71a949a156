"""Codes that hold another code: `HPI-W2020A` is the supplier's, `W2020A` the maker's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

_ROWS = 40  # compared
_SHORTEST = 4  # characters of a code that is looked for in another


def held_in(texts: Sequence[pa.Array], candidates: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each column the share of its codes that hold one of another column, are held.

    candidates: places of the columns that may be codes
    """
    holds, held = np.zeros(len(texts)), np.zeros(len(texts))
    cells = {
        place: [_bare(cell) for cell in texts[place].slice(0, _ROWS).to_pylist()]
        for place in candidates
    }
    for outer in candidates:
        for inner in candidates:
            if outer == inner:
                continue
            pairs = [
                (long, short)
                for long, short in zip(cells[outer], cells[inner], strict=True)
                if long and short
            ]
            if len(pairs) < 2:
                continue
            found = sum(
                len(long) > len(short) >= _SHORTEST and short in long for long, short in pairs
            )
            share = found / len(pairs)
            holds[outer] = max(holds[outer], share)
            held[inner] = max(held[inner], share)
    return holds, held


def _bare(cell: str) -> str:
    return "".join(char for char in cell.casefold() if char.isalnum())
