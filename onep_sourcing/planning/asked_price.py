"""What a supplier asks at a quantity: a negotiated price beats its catalogue where it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...onep_margin.engine.price_tiers import PriceTiers
from .costs import price_tiers


@dataclass(frozen=True, slots=True, eq=False)
class PriceLists:
    """Negotiated price lists of n offers, by rising offer id.

    currency_id: of the prices
    first_quantity: units from which it holds
    quantities, prices: text, as ``costs.price_tiers`` reads it
    """

    offer_id: np.ndarray
    currency_id: np.ndarray
    first_quantity: np.ndarray
    quantities: pa.Array
    prices: pa.Array

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence]) -> PriceLists:
        """Return the price lists of rows of these columns."""
        columns = list(zip(*rows, strict=True)) or [()] * 5
        return cls(
            np.array(columns[0], dtype=np.int64),
            *(np.array(column, dtype=np.float64) for column in columns[1:3]),
            *(pa.array(column, pa.string()) for column in columns[3:]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class AskedPrices:
    """What n offers are asked at, at the quantities they were settled for.

    price: for a single unit, NaN unknown; ``tiers``, if any, beat it from their quantities on
    currency_id: of price and tiers, NaN for none
    is_negotiated: bool; the price is agreed, net of the discounts on the supplier's catalogue
    """

    price: np.ndarray
    currency_id: np.ndarray
    tiers: PriceTiers | None
    is_negotiated: np.ndarray

    def at(self, quantity: np.ndarray) -> np.ndarray:
        """Return the price (n) at a quantity."""
        return self.price if self.tiers is None else self.tiers.at(quantity, self.price)


def settle(
    offer_id: np.ndarray,
    price: np.ndarray,
    currency_id: np.ndarray,
    steps: tuple[pa.Array, pa.Array],
    negotiated: PriceLists,
    quantity: np.ndarray,
) -> AskedPrices:
    """Return what offers (n) are asked at for these quantities.

    Below the quantity from which a price is negotiated, the catalogue holds.

    price, currency_id: of the catalogue
    steps: quantities and prices of the catalogue; text, as ``costs.price_tiers`` reads it
    quantity: units (n) that would be ordered
    """
    known = len(negotiated.offer_id)
    if not known:
        return AskedPrices(price, currency_id, price_tiers(*steps), np.zeros(len(price), bool))
    row = np.minimum(np.searchsorted(negotiated.offer_id, offer_id), known - 1)
    applies = negotiated.offer_id[row] == offer_id
    applies &= negotiated.first_quantity[row] <= quantity
    if not applies.any():
        return AskedPrices(price, currency_id, price_tiers(*steps), applies)
    mask, place = pa.array(applies), pa.array(row)
    agreed = (negotiated.quantities, negotiated.prices)
    tiers = price_tiers(
        *(
            pc.if_else(mask, texts.take(place), listed)
            for texts, listed in zip(agreed, steps, strict=True)
        )
    )
    price = price.copy()
    price[applies] = tiers.price[tiers.first[:-1][applies]]
    currency_id = np.where(applies, negotiated.currency_id[row], currency_id)
    return AskedPrices(price, currency_id, tiers, applies)
