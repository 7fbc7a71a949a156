"""What the cells of a column say about it, whatever its header."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....onep_marketplace_connectors.clients import gtin
from .. import arrow, numbers, vocabulary

SAMPLE = 400  # rows looked at
_URL = r"(?i)^(?:https?://|www\.|//)\S+"
_IMAGE = r"(?i)\.(?:jpe?g|png|gif|webp|bmp|tiff?)(?:[?#].*)?$"
_COUNT = r"^[<>≥≤+]?\s*\d[\d .,]*\s*(?:\+|pcs?|stk|szt|pz)?$"  # 12, >100, 10+
_COUNTRY = r"^[A-Z]{2}$"
_CUSTOMS = r"^\d{4} ?\.?\d{2}(?: ?\.?\d{2}){1,2}$"
_DATE = r"^(?:\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d{2}-\d{2}.*)$"
#: Value-added tax rates of the countries such files come from [%].
VAT_RATES = frozenset(
    {0, 2.1, 3, 4, 5, 5.5, 6, 7, 7.7, 8, 8.1, 8.5, 9, 10, 12, 13, 18, 19, 20, 21, 22, 23, 24, 25}
)


@dataclass(frozen=True, slots=True)
class Content:
    """What the filled cells of a column look like; shares are 0-1, of the filled cells.

    rows: rows looked at; filled: share of them that hold something
    count: numbers, bounds such as `>100` included
    low, middle, high: smallest, median and largest number, NaN when the column is no numbers
    """

    rows: int = 0
    filled: float = 0.0
    distinct: float = 0.0
    gtin: float = 0.0
    long_digits: float = 0.0
    numeric: float = 0.0
    count: float = 0.0
    whole: float = 0.0
    url: float = 0.0
    image: float = 0.0
    letters: float = 0.0
    blanks: float = 0.0
    length: float = 0.0
    availability: float = 0.0
    currency: float = 0.0
    country: float = 0.0
    customs: float = 0.0
    date: float = 0.0
    vat: float = 0.0
    low: float = float("nan")
    middle: float = float("nan")
    high: float = float("nan")
    ordinal: bool = False

    @property
    def known(self) -> bool:
        """There is something to judge by."""
        return self.rows > 0 and self.filled > 0


def look(column: pa.Array) -> Content:
    """Look at a sample of a column (text, empty where there is nothing)."""
    column = arrow.trim(column.slice(0, SAMPLE))
    rows = len(column)
    values = arrow.pick(column, arrow.known(column))
    count = len(values)
    if not count:
        return Content(rows=rows)
    numeric = numbers.numeric_share(values)
    found = numbers.parse(values, numbers.style_of(values)).value if numeric >= 0.5 else None
    return Content(
        rows=rows,
        filled=count / rows,
        distinct=pc.count_distinct(values).as_py() / count,
        numeric=numeric,
        count=_share(values, _COUNT),
        length=float(np.median(np.asarray(pc.utf8_length(values)))),
        **_digits(values),
        **(_words(values) if numeric < 0.95 else {}),
        **_figures(found),
    )


def _digits(values: pa.Array) -> dict[str, float]:
    """Shares of what is written in figures alone."""
    if _share(values, r"^[\d\s./:T-]{6,19}$") <= 0.05:
        return {}
    return {
        "gtin": float(gtin.is_valid(values).mean()),
        "long_digits": _share(values, r"^\d{11,14}$"),
        "customs": _share(values, _CUSTOMS),
        "date": _share(values, _DATE),
    }


def _words(values: pa.Array) -> dict[str, float]:
    """Shares of what is written in letters."""
    letters = _share(values, r"\pL{2,}")
    shares = {"letters": letters, "blanks": _share(values, r"\S\s+\S")}
    if pc.any(pc.match_substring_regex(values, r"(?i)//|www\.")).as_py():
        shares |= {"url": _share(values, _URL), "image": _share(values, _IMAGE)}
    folded = arrow.fold(values)
    return shares | {
        "availability": _among(folded, vocabulary.words("availability")),
        "currency": _among(folded, vocabulary.words("currency")),
        "country": _share(values, _COUNTRY),
    }


def _figures(values: np.ndarray | None) -> dict[str, float | bool]:
    if values is None or np.isnan(values).all():
        return {}
    values = values[~np.isnan(values)]
    rates = values * 100 if values.max() <= 1 else values
    steps = np.diff(values)
    return {
        "whole": float((values == np.round(values)).mean()),
        "low": float(values.min()),
        "middle": float(np.median(values)),
        "high": float(values.max()),
        "vat": float(np.isin(np.round(rates, 2), list(VAT_RATES)).mean()),
        "ordinal": bool(len(values) >= 3 and values[0] <= 1 and (steps == 1).all()),
    }


def _share(values: pa.Array, pattern: str) -> float:
    return float(arrow.matches(values, pattern).mean())


def _among(folded: pa.Array, words: frozenset[str]) -> float:
    return float(arrow.mask(pc.is_in(folded, pa.array(sorted(words), folded.type))).mean())
