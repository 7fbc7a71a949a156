"""What the cells of a column say about it, whatever its header."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....onep_marketplace_connectors.clients import gtin
from .. import arrow, countries, money, numbers, vocabulary

SAMPLE = 300  # rows looked at
_URL = r"(?i)^(?:https?://|www\.|//)\S+"
_IMAGE = r"(?i)\.(?:jpe?g|png|gif|webp|bmp|tiff?)(?:[?#].*)?$"
_COUNT = r"^[<>≥≤+]?\s*\d[\d .,]*\s*(?:\+|pcs?|stk|szt|pz)?$"  # 12, >100, 10+
_MIXED = r"^\S*(?:[A-Za-z]\S*\d|\d\S*[A-Za-z])\S*$"
_FIGURES = r"^[\d\s./:T-]{6,19}$"
_CUSTOMS = r"^\d{4} ?\.?\d{2}(?: ?\.?\d{2}){1,2}$"
_DATE = r"^(?:\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d{2}-\d{2}.*)$"
#: Three sides, `10x20x5 cm`.
_SIDES = (
    r"(?i)^\D{0,8}\d+(?:[.,]\d+)?\s*(?:mm|cm|m|in|\")?"
    r"(?:\s*[x×*]\s*(?:[lhpwdbt]\D{0,2})?\d+(?:[.,]\d+)?\s*(?:mm|cm|m|in|\")?){2}\D{0,6}$"
)
#: `250 g`, `10 ml`, `6 x 75 cl`: how much is in it.
_MEASURE = (
    r"(?i)^(?:\d+\s*[x×*]\s*)?\d+(?:[.,]\d+)?\s*(?:mg|g|gr|kg|ml|cl|dl|l|lt|ltr|mm|cm|m|m²|m2|m³|oz|fl"
    r"|lb|lbs|in|\"|w|v|a|gb|tb|mb|pcs|st|stk|szt|pz|ud|uds|un)\.?$"
)
VAT_RATES_PATH = Path(__file__).with_name("vat_rates.csv")
#: brand, sector: names that suppliers' lists hold, of all trades.
BRANDS_PATH = Path(__file__).with_name("brands.csv")
_LONGEST = 60  # characters of a text that may be one of a vocabulary


def _vat_rates() -> frozenset[float]:
    """Return the rates of `vat_rates.csv`: of a file of last year, those that ended too; and 0."""
    with VAT_RATES_PATH.open(encoding="utf-8", newline="") as handle:
        return frozenset({0.0, *(float(row["rate"]) for row in csv.DictReader(handle))})


#: Value-added tax rates of the countries such files come from [%].
VAT_RATES = _vat_rates()


@dataclass(frozen=True, slots=True)
class Content:
    """What the filled cells of a column look like; shares are 0-1, of the filled cells.

    rows: rows looked at; filled: share of them that hold something
    count: numbers, bounds such as `>100` included
    mixed: letters and digits without a blank (`HPI-W2020A`); even: as long as the first one
    figures: some digit
    measure: a number and its unit (`250 g`)
    unit: units of sale (`PCE`, `Karton`); brand, condition, country: known ones, by name
    low, middle, high: smallest, median and largest number, NaN when the column is no numbers
    """

    rows: int = 0
    filled: float = 0.0
    distinct: float = 0.0
    gtin: float = 0.0
    long_digits: float = 0.0
    numeric: float = 0.0
    count: float = 0.0
    mixed: float = 0.0
    even: float = 0.0
    whole: float = 0.0
    url: float = 0.0
    image: float = 0.0
    letters: float = 0.0
    blanks: float = 0.0
    figures: float = 0.0
    length: float = 0.0
    availability: float = 0.0
    currency: float = 0.0
    country: float = 0.0
    measure: float = 0.0
    unit: float = 0.0
    brand: float = 0.0
    condition: float = 0.0
    customs: float = 0.0
    date: float = 0.0
    sides: float = 0.0
    vat: float = 0.0
    low: float = float("nan")
    middle: float = float("nan")
    high: float = float("nan")
    ordinal: bool = False

    @property
    def known(self) -> bool:
        """There is something to judge by."""
        return self.rows > 0 and self.filled > 0

    @property
    def is_constant(self) -> bool:
        """All of at least three cells hold the same."""
        return self.rows >= 3 and self.filled > 0.9 and self.distinct * self.rows <= 1


def look(column: pa.Array) -> Content:
    """Look at a sample of a column (text, empty where there is nothing)."""
    return look_at_all([column])[0]


def look_at_all(columns: Sequence[pa.Array]) -> list[Content]:
    """Look at samples of the columns of a file: each pattern is tried once, on all their cells."""
    trimmed = [arrow.trim(column.slice(0, SAMPLE)) for column in columns]
    filled = [arrow.pick(column, arrow.known(column)) for column in trimmed]
    found = [Content(rows=len(column)) for column in trimmed]
    places = [place for place, values in enumerate(filled) if len(values)]
    if not places:
        return found
    cells = _Cells([filled[place] for place in places])
    shares = cells.shares()
    lengths = cells.lengths()
    pointed = cells.any(r"[.,]")
    for order, place in enumerate(places):
        values, own = filled[place], lengths[order]
        read = None
        if shares["numeric"][order] >= 0.5:
            style = numbers.style_of(values) if pointed[order] else numbers.NumberStyle()
            read = numbers.parse(values, style).value
        found[place] = Content(
            rows=len(trimmed[place]),
            filled=len(values) / len(trimmed[place]),
            distinct=cells.distinct[order] / len(values),
            even=float((own == own[0]).mean()),
            length=float(np.median(own)),
            **{name: float(values[order]) for name, values in shares.items()},
            **_figures(read),
        )
    return found


class _Cells:
    """The filled cells of several columns, each text once."""

    def __init__(self, columns: Sequence[pa.Array]) -> None:
        encoded = pc.dictionary_encode(pa.concat_arrays(columns))
        self._texts = encoded.dictionary
        self._codes = encoded.indices.to_numpy(zero_copy_only=False)
        self._counts = np.array([len(column) for column in columns])
        self._owners = np.repeat(np.arange(len(columns)), self._counts)
        self._starts = np.cumsum([0, *self._counts])
        pairs = self._owners.astype(np.int64) * (len(self._texts) + 1) + self._codes
        owners = np.unique(pairs) // (len(self._texts) + 1)
        self.distinct = np.bincount(owners, minlength=len(columns))

    def lengths(self) -> list[np.ndarray]:
        """Return the number of characters of each cell, column by column."""
        lengths = np.asarray(pc.utf8_length(self._texts))[self._codes]
        return np.split(lengths, self._starts[1:-1])

    def any(self, pattern: str) -> np.ndarray:
        """Boolean array (columns): some cell matches."""
        return self._share(self._matches(pattern)) > 0

    def shares(self) -> dict[str, np.ndarray]:
        """Return the shares of `Content` that patterns tell, by name."""
        found = {
            "numeric": self._share(numbers.are_numeric(self._texts)),
            "count": self._share(self._matches(_COUNT)),
            "figures": self._share(self._matches(r"\d")),
        }
        figures = self._share(self._matches(_FIGURES)) > 0.05
        where = self._of(figures)
        found |= self._shares(figures, where, {
            "long_digits": r"^\d{11,14}$", "customs": _CUSTOMS, "date": _DATE,
        })  # fmt: skip
        found["gtin"] = self._share(self._tell(where, gtin.is_valid)) * figures
        words = found["numeric"] < 0.95
        where = self._of(words)
        found |= self._shares(words, where, {
            "letters": r"\pL{2,}", "blanks": r"\S\s+\S", "mixed": _MIXED, "sides": _SIDES,
            "measure": _MEASURE,
        })  # fmt: skip
        for kind, told in self._in_vocabularies(where).items():
            found[kind] = self._share(told) * words
        links = words & (self._share(self._tell(where, _matching(r"(?i)//|www\."))) > 0)
        return found | self._shares(links, self._of(links), {"url": _URL, "image": _IMAGE})

    def _shares(
        self, columns: np.ndarray, where: np.ndarray, patterns: Mapping[str, str]
    ) -> dict[str, np.ndarray]:
        return {
            name: self._share(self._tell(where, _matching(pattern))) * columns
            for name, pattern in patterns.items()
        }

    def _of(self, columns: np.ndarray) -> np.ndarray:
        """Boolean array (texts): it stands in one of these columns."""
        found = np.zeros(len(self._texts), dtype=bool)
        found[self._codes[columns[self._owners]]] = True
        return found

    def _tell(self, where: np.ndarray, tell: Callable[[pa.Array], np.ndarray]) -> np.ndarray:
        """Boolean array (texts): what is told of these texts, False for the others."""
        found = np.zeros(len(self._texts), dtype=bool)
        if where.any():
            found[where] = tell(arrow.pick(self._texts, where))
        return found

    def _in_vocabularies(self, where: np.ndarray) -> dict[str, np.ndarray]:
        """Return of each vocabulary whether these texts are of it, boolean arrays (texts)."""
        where = where & (np.asarray(pc.utf8_length(self._texts)) <= _LONGEST)
        folded = arrow.fold(arrow.pick(self._texts, where)) if where.any() else None
        found = {}
        for kind in _VOCABULARIES:
            told = np.zeros(len(self._texts), dtype=bool)
            if folded is not None:
                told[where] = arrow.mask(pc.is_in(folded, _vocabulary(kind)))
            found[kind] = told
        found["currency"] |= self._tell(where, _is_currency)
        found["country"] |= self._tell(where, _is_country)
        return found

    def _matches(self, pattern: str) -> np.ndarray:
        return arrow.matches(self._texts, pattern)

    def _share(self, told: np.ndarray) -> np.ndarray:
        """Return the share of each column's cells of which this is told."""
        hits = np.bincount(self._owners, weights=told[self._codes], minlength=len(self._counts))
        return hits / self._counts


_VOCABULARIES: Mapping[str, Callable[[], Iterable[str]]] = {
    "availability": lambda: vocabulary.words("availability"),
    "currency": lambda: vocabulary.words("currency"),
    "unit": lambda: vocabulary.words("sales_unit"),
    "condition": lambda: vocabulary.words("condition"),
    "country": lambda: [word for word in countries.words() if len(word) > 2],
    "brand": lambda: _brands(),
}


@lru_cache(maxsize=len(_VOCABULARIES))
def _vocabulary(kind: str) -> pa.Array:
    return pa.array(sorted(_VOCABULARIES[kind]()), pa.large_string())


def _brands() -> list[str]:
    """Return the names of `brands.csv` as they are compared."""
    with BRANDS_PATH.open(encoding="utf-8", newline="") as handle:
        names = [row["brand"] for row in csv.DictReader(handle)]
    return arrow.fold(arrow.text(names)).to_pylist()


def _is_currency(texts: pa.Array) -> np.ndarray:
    """Boolean array: an ISO code in capitals."""
    codes = pa.array(sorted(money.iso_codes()), texts.type)
    return arrow.mask(pc.is_in(texts, codes))


def _is_country(texts: pa.Array) -> np.ndarray:
    """Boolean array: a code of two capitals; `fr` is a language as well."""
    codes = pa.array(
        sorted(word.upper() for word in countries.words() if len(word) == 2), texts.type
    )
    return arrow.mask(pc.is_in(texts, codes))


def _matching(pattern: str) -> Callable[[pa.Array], np.ndarray]:
    return lambda texts: arrow.matches(texts, pattern)


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
