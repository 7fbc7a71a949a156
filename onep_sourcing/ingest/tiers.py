"""Quantity breaks and their prices, as one JSON list a row."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import numbers, quantities
from .mapping import Mapping

_QUANTITY = re.compile(r"(\d+)\s*\+?\s*(?:pcs|pces|pz|stk|u)?\s*\)?\s*$", re.IGNORECASE)


def read(texts: dict[str, pa.Array], mapping: Mapping, divisor: np.ndarray) -> pa.Array:
    """Return per row a JSON list `[{"quantity": 10, "price": 7.4}, …]`, or null (n).

    A tier price takes its quantity from its own header (`Prix 10+`), else from the tier quantity
    column that stands before or after it in the file. Steps go by rising quantity; prices are of
    one piece, without VAT, like the purchase price. A step whose price or quantity is unknown is
    left out.

    divisor: what makes a price as written one of a piece without VAT (float64, n; NaN unknown)
    """
    pairs = _pairs(texts, mapping)
    if not pairs:
        return pa.nulls(len(divisor), pa.large_string())
    quantity = np.column_stack([pair[0] for pair in pairs])
    price = np.round(np.column_stack([pair[1] for pair in pairs]) / divisor[:, None], 6)
    return lists(quantity, price)


def lists(quantity: np.ndarray, price: np.ndarray) -> pa.Array:
    """Return steps (n × k, NaN where there is none) as JSON text by rising quantity, or null."""
    quantity = np.where((quantity > 0) & (price > 0), quantity, np.inf)
    order = np.argsort(quantity, axis=1, kind="stable")
    quantity, price = (np.take_along_axis(values, order, axis=1) for values in (quantity, price))
    members = []
    for place in range(quantity.shape[1]):
        given = np.isfinite(quantity[:, place])
        texts = [_text(np.where(given, values[:, place], np.nan)) for values in (quantity, price)]
        members.append(
            pc.binary_join_element_wise('{"quantity": ', texts[0], ', "price": ', texts[1], "}", "")
        )
    joined = pc.binary_join_element_wise(*members, ", ", null_handling="skip")
    wrapped = pc.binary_join_element_wise("[", joined, "]", "")
    some = pc.greater(pc.binary_length(joined), 0)
    return pc.if_else(some, wrapped, pa.scalar(None, wrapped.type)).cast(pa.large_string())


def _text(values: np.ndarray) -> pa.Array:
    """Return figures as JSON writes them, null where unknown."""
    return pc.cast(pa.array(values, from_pandas=True), pa.string())


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
