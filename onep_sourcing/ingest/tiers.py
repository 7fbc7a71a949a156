"""Quantity breaks and their prices, as one JSON list a row."""

from __future__ import annotations

import json
import re

import numpy as np
import pyarrow as pa

from . import numbers, quantities
from .mapping import Mapping

_QUANTITY = re.compile(r"(\d+)\s*\+?\s*(?:pcs|pces|pz|stk|u)?\s*\)?\s*$", re.IGNORECASE)


def read(texts: dict[str, pa.Array], mapping: Mapping, divisor: np.ndarray) -> np.ndarray:
    """Return per row a JSON list `[{"quantity": 10, "price": 7.4}, …]`, or None (object, n).

    A tier price takes its quantity from its own header (`Prix 10+`), else from the tier quantity
    column that stands before or after it in the file. Steps go by rising quantity; prices are of
    one piece, without VAT, like the purchase price. A step whose price or quantity is unknown is
    left out.

    divisor: what makes a price as written one of a piece without VAT (float64, n; NaN unknown)
    """
    count = len(divisor)
    result = np.full(count, None, dtype=object)
    pairs = [(quantity, np.round(price / divisor, 6)) for quantity, price in _pairs(texts, mapping)]
    if not pairs:
        return result
    usable = [(quantity > 0) & (price > 0) for quantity, price in pairs]
    for row in np.flatnonzero(np.any(usable, axis=0)):
        steps = [
            {"quantity": float(quantity[row]), "price": float(price[row])}
            for (quantity, price), valid in zip(pairs, usable, strict=True)
            if valid[row]
        ]
        result[row] = json.dumps(sorted(steps, key=lambda step: step["quantity"]))
    return result


def _pairs(texts: dict[str, pa.Array], mapping: Mapping) -> list[tuple[np.ndarray, np.ndarray]]:
    quantities_left = mapping.columns("tier_qty")
    found = []
    for column in mapping.columns("tier_price"):
        price = numbers.parse(texts[column], mapping.style(column)).value
        if "tier_price" in mapping.hundredths:
            price = price / 100
        named = _QUANTITY.search(column)
        if named and int(named.group(1)) > 1:
            found.append((np.full(len(price), float(named.group(1))), price))
        elif quantities_left:
            source = quantities_left.pop(0)
            value = quantities.pack(texts[source], mapping.style(source)).value
            found.append((value, price))
    return found
