"""What two columns of figures say about each other: one is the other with VAT, or for a pack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import arrow, numbers, quantities, taxes
from .automap.evidence import VAT_RATES
from .numbers import NumberStyle

#: Rows looked at, and rows that must bear a relation out.
ROWS = 200
_MIN_ROWS = 3
_MOST_CELLS = 0.6
_FIGURE = r"^\D{0,6}\d"
_FRACTION = r"\d[.,]\d"
_MIN_SHARE = 0.9
#: Below, cents are too coarse to tell a ratio by [currency].
_MIN_PRICE = 2.0


@dataclass(frozen=True, slots=True)
class TaxTwin:
    """A column that is the price with, or without, VAT.

    rate: the usual rate between the two (0-1)
    is_taxed: the price itself is the one with VAT
    is_marked: words in the header of the twin, or VAT rates in the rows, bear it out
    """

    column: str
    rate: float
    is_taxed: bool
    is_marked: bool


@dataclass(frozen=True, slots=True)
class PackTwin:
    """A column that is the price of the pack (or of the piece).

    is_pack: the price itself is the one of the pack
    """

    column: str
    is_pack: bool


def tax_twin(frame: pd.DataFrame, price: str, vat: str | None = None) -> TaxTwin | None:
    """Find the column that differs from a price by VAT alone, the best borne out one.

    frame: text; vat: the column of VAT rates, when there is one
    """
    own = _figures(frame, price)
    if own is None:
        return None
    rates = None if vat is None else _figures(frame, vat)
    if rates is not None:
        rates = np.where(rates > 1, rates / 100, rates)
    found: TaxTwin | None = None
    for name, other in _others(frame, price, vat):
        for taxed, untaxed, is_taxed in ((own, other, True), (other, own, False)):
            by_row = rates is not None and _fits(taxed, untaxed, rates)
            rate = _rate_between(taxed, untaxed)
            if rate is None and not by_row:
                continue
            told = taxes.in_header(name)
            if told is not None and told == is_taxed:
                continue  # the names say the contrary
            twin = TaxTwin(name, rate or _usual(rates), is_taxed, by_row or told is not None)
            if twin.is_marked:
                return twin
            found = found or twin
    return found


def pack_twin(frame: pd.DataFrame, price: str, pack: str) -> PackTwin | None:
    """Find the column that is a price times the pack size, or of which the price is that."""
    own = _figures(frame, price)
    sizes = quantities.pack(arrow.text(frame[pack].iloc[:ROWS]), NumberStyle()).value
    packed = sizes > 1
    if own is None or packed.sum() < _MIN_ROWS:
        return None
    for name, other in _others(frame, price, pack):
        for pack_price, piece_price, is_pack in ((own, other, True), (other, own, False)):
            both = packed & (piece_price > 0) & (pack_price > 0)
            if both.sum() < _MIN_ROWS:
                continue
            gap = np.abs(pack_price[both] - piece_price[both] * sizes[both])
            if (gap <= 0.0051 * sizes[both] + 0.0051).mean() >= _MIN_SHARE:
                return PackTwin(name, is_pack)
    return None


def _others(frame: pd.DataFrame, *left_out: str | None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the other columns that may hold prices: some of their figures have decimals."""
    for name in frame.columns:
        if name in left_out:
            continue
        if not arrow.matches(arrow.text(frame[name].iloc[:ROWS]), _FRACTION).any():
            continue
        if (values := _figures(frame, name)) is not None:
            yield str(name), values


def _figures(frame: pd.DataFrame, name: str) -> np.ndarray | None:
    """Return the figures of a column, None when most of it is something else."""
    cells = arrow.text(frame[name].iloc[:ROWS])
    # the quick look, for wide files
    if not len(cells) or arrow.matches(cells, _FIGURE).mean() < _MOST_CELLS:
        return None
    if numbers.numeric_share(cells) < _MOST_CELLS:
        return None
    return numbers.parse(cells, numbers.style_of(cells)).value


def _rate_between(taxed: np.ndarray, untaxed: np.ndarray) -> float | None:
    """Return the VAT rate that lies between most rows of two columns, None when none does."""
    both = (untaxed >= _MIN_PRICE) & (taxed > untaxed)
    if both.sum() < _MIN_ROWS:
        return None
    all_rows = (untaxed >= _MIN_PRICE) & (taxed > 0)
    shares = {
        rate: _share(taxed[all_rows], untaxed[all_rows], rate / 100) for rate in VAT_RATES if rate
    }
    first, second, *_rest = sorted(shares, key=lambda rate: -shares[rate])
    if shares[first] >= _MIN_SHARE or (
        shares[second] >= 0.1 and shares[first] + shares[second] >= 0.95
    ):
        return first / 100
    return None


def _fits(taxed: np.ndarray, untaxed: np.ndarray, rates: np.ndarray) -> bool:
    rows = (untaxed >= _MIN_PRICE) & (taxed > 0) & (rates > 0)
    return bool(
        rows.sum() >= _MIN_ROWS and _share(taxed[rows], untaxed[rows], rates[rows]) >= _MIN_SHARE
    )


def _share(taxed: np.ndarray, untaxed: np.ndarray, rate: np.ndarray | float) -> float:
    gap = np.abs(taxed - untaxed * (1 + rate))
    return float((gap <= 0.0111).mean()) if len(gap) else 0.0


def _usual(rates: np.ndarray | None) -> float:
    known = rates[rates > 0] if rates is not None else np.array([])
    return float(np.median(known)) if known.size else 0.0
