"""Columns that come in numbered rows: `Qté 1`, `Prix 1`, `Qté 2`…, and prices `from 10`.

A number in a header is either the place in a row of steps or the quantity itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from .. import numbers
from .lexicon import words

_ROWS = 60  # looked at

#: `10+`, `from 10`, `ab 10 Stk`, `à partir de 10`, `>= 10`, `10-49`, `x10`, `par 10`.
_FROM = re.compile(
    r"\b\d+ ?\+|(?:>=?|≥)\s*\d+|\b\d+\s*(?:-|a|à|bis|to|do)\s*\d+\b"
    r"|\b(?:from|ab|dès|des|à partir de|a partir de|desde|da|vanaf|od|qty|qté|qte|min)\W*\d+\b",
    re.IGNORECASE,
)


def numbered(headers: Sequence[str]) -> list[tuple[tuple[str, ...], int] | None]:
    """Return for each header its words without the number, and the number, when it has just one."""
    found: list[tuple[tuple[str, ...], int] | None] = []
    for header in headers:
        parts = words(header)
        figures = [part for part in parts if part.isdigit()]
        stem = tuple(part for part in parts if not part.isdigit())
        found.append((stem, int(figures[0])) if len(figures) == 1 and stem else None)
    return found


def steps(
    headers: Sequence[str], priced: np.ndarray, counted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the columns that hold quantity steps and their prices.

    priced, counted: boolean (n), the column may hold prices, quantities

    Return three boolean arrays (n): a step's quantity, a step's price, a price whose header names
    the quantity it is from.
    """
    count = len(headers)
    rows: dict[tuple[str, ...], dict[int, int]] = defaultdict(dict)
    for index, item in enumerate(numbered(headers)):
        if item:
            rows[item[0]].setdefault(item[1], index)
    several = {stem: places for stem, places in rows.items() if len(places) > 1}
    quantity = np.zeros(count, dtype=bool)
    price = np.zeros(count, dtype=bool)
    for stem, places in several.items():
        if not all(priced[index] for index in places.values()):
            continue
        for other, partners in several.items():
            alike = other != stem and places.keys() <= partners.keys() | {1}
            if alike and all(counted[index] for index in partners.values()):
                price[list(places.values())] = True
                quantity[list(partners.values())] = True
    quantity &= ~price
    named = np.array([bool(_FROM.search(header)) for header in headers], dtype=bool) & priced
    for places in several.values():
        indices = list(places.values())
        # `qty_100_cost`, `Prix 10`, `Prix 50`: the quantities rise, the row does not count 1, 2, 3
        is_row = sorted(places) == list(range(min(places), min(places) + len(places)))
        if not is_row and max(places) >= 5 and all(priced[index] for index in indices):
            named[indices] = True
    return quantity, price, named & ~price


def rises(owner: pa.Array, columns: Sequence[pa.Array]) -> list[bool]:
    """Tell of each column whether its figures rise from row to row as long as `owner` stays.

    All texts; at least one row must go on with the article of the row before, and be above it.
    """
    names = owner.slice(0, _ROWS).to_numpy(zero_copy_only=False)
    same = (names[1:] == names[:-1]) & (names[1:] != "")
    if not same.any():
        return [False] * len(columns)
    found = []
    for cells in columns:
        cells = cells.slice(0, _ROWS)
        values = numbers.parse(cells, numbers.style_of(cells)).value
        found.append(bool((np.diff(values)[same] > 0).all()))
    return found
