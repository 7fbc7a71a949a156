"""Columns that a calculation links: a list price less its discount is the price to pay."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pyarrow as pa

from .. import numbers
from .evidence import Content

_ROWS = 60  # compared
_MOST = 12  # columns of figures that are compared
_LEAST = 3  # rows with a discount that must agree, or all there are
_ROUNDED = 0.011  # two decimals, half of one lost on either side
_DISCOUNTED = ("purchase_price", "recommended_retail_price", "discount_percent")


def by_discount(
    texts: Sequence[pa.Array], contents: Sequence[Content], rated: Sequence[int]
) -> dict[int, str]:
    """Return place of a column → field that it is by net = list × (1 - discount), where some do.

    rated: places of the columns whose headers do not say that they are no discounts. Columns that
    are proven to be two things are left out.
    """
    places = [
        place
        for place, content in enumerate(contents[: len(texts)])
        if content.numeric > 0.9 and content.gtin < 0.3 and content.high > 0
    ]
    prices = [place for place in places if contents[place].distinct * contents[place].rows >= 2]
    rates = [place for place in rated if place in places and 1 < contents[place].high < 100]
    if len(prices) > _MOST or len(prices) < 2 or not rates:
        return {}
    figures = {place: _figures(texts[place]) for place in {*prices, *rates}}
    found: dict[int, set[str]] = {}
    for rate in rates:
        for net, gross in permutations(prices, 2):
            if rate in (net, gross):
                continue
            if _explains(figures[net], figures[gross], figures[rate] / 100):
                for place, field in zip((net, gross, rate), _DISCOUNTED, strict=True):
                    found.setdefault(place, set()).add(field)
    return {place: next(iter(fields)) for place, fields in found.items() if len(fields) == 1}


def _figures(texts: pa.Array) -> np.ndarray:
    cells = texts.slice(0, _ROWS)
    return numbers.parse(cells, numbers.style_of(cells)).value


def _explains(net: np.ndarray, gross: np.ndarray, rate: np.ndarray) -> bool:
    """Whether net is gross less the rate in nearly all rows, some of them differing."""
    both = (net > 0) & (gross > 0) & ~np.isnan(rate)
    off = both & (rate > 0)
    if off.sum() < min(_LEAST, len(net)) or len(np.unique(gross[off])) < 2:
        return False
    agrees = np.abs(net - gross * (1 - rate)) <= _ROUNDED + gross * 5e-5
    return bool(agrees[off].mean() >= 0.9 and agrees[both].mean() >= 0.8)
