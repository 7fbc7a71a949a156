"""Texts that stand within other texts: the brand and the maker's number within the name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from .. import arrow
from .evidence import Content

_ROWS = 40  # compared
_HOLDERS = 4  # the longest texts of a file, in which others are looked for
_SHORTEST = 2  # characters of a text that is looked for
_SHORT = 4  # below which it must be a word of its own


class Within(NamedTuple):
    """Shares of rows (0-1): the cell stands in a longer text, begins one, holds another cell."""

    inside: float = 0.0
    opens: float = 0.0
    holding: float = 0.0


NOWHERE = Within()


def look(texts: Sequence[pa.Array], contents: Sequence[Content]) -> list[Within]:
    """Compare the cells of each column with the texts beside them; contents: of all columns."""
    count = len(contents)
    shares = np.zeros((count, 3))
    known = range(min(len(texts), count))
    holders = sorted(
        (place for place in known if _may_hold(contents[place])),
        key=lambda place: -contents[place].length,
    )[:_HOLDERS]
    held = [place for place in known if _may_be_held(contents[place])]
    cells = {place: _plain(texts[place]) for place in {*holders, *held}}
    for holder in holders:
        for place in held:
            if place == holder or contents[place].length >= contents[holder].length:
                continue
            inside, opens = _compare(cells[place], cells[holder])
            shares[place] = np.maximum(shares[place], (inside, opens, 0.0))
            shares[holder, 2] = max(shares[holder, 2], inside)
    return [Within(*row) for row in shares.tolist()]


def _may_hold(content: Content) -> bool:
    return content.blanks > 0.5 and content.letters > 0.5 and content.url < 0.1


def _may_be_held(content: Content) -> bool:
    if not content.known or content.url > 0.1 or content.date > 0.5 or content.gtin > 0.5:
        return False
    return content.letters > 0.5 or content.mixed > 0.5 or content.length >= _SHORT


def _plain(texts: pa.Array) -> list[str]:
    return arrow.fold(texts.slice(0, _ROWS)).to_pylist()


def _compare(cells: Sequence[str], holders: Sequence[str]) -> tuple[float, float]:
    rows = inside = opens = 0
    for cell, holder in zip(cells, holders, strict=True):
        if len(cell) < _SHORTEST or not holder:
            continue
        rows += 1
        if len(cell) >= len(holder):
            continue
        found = cell in holder if len(cell) >= _SHORT else f" {cell} " in f" {holder} "
        inside += found
        opens += found and holder.startswith(cell)
    return (inside / rows, opens / rows) if rows else (0.0, 0.0)
