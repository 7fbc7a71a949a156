"""What a supplier asks at a quantity: a negotiated price beats its catalogue where it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...onep_margin.engine.price_tiers import PriceTiers
from .costs import price_tiers


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
    numbers: Mapping[str, np.ndarray], lists: Mapping[str, pa.Array], quantity: np.ndarray
) -> AskedPrices:
    """Return what offers (n) are asked at for these quantities.

    Below the quantity from which a price is negotiated, the catalogue holds.

    numbers: price and currency_id of the catalogue; negotiated_from and negotiated_currency_id,
        NaN where nothing is negotiated
    lists: tier_quantities and tier_prices of the catalogue, negotiated_quantities and
        negotiated_prices; text as ``costs.price_tiers`` reads it
    quantity: units (n) that would be ordered
    """
    applies = numbers["negotiated_from"] <= quantity
    kinds = ("quantities", "prices")
    catalogue = [lists[f"tier_{kind}"] for kind in kinds]
    if not applies.any():
        return AskedPrices(
            numbers["price"], numbers["currency_id"], price_tiers(*catalogue), applies
        )
    agreed = [lists[f"negotiated_{kind}"] for kind in kinds]
    mask = pa.array(applies)
    tiers = price_tiers(*(pc.if_else(mask, *pair) for pair in zip(agreed, catalogue, strict=True)))
    price = numbers["price"].copy()
    price[applies] = tiers.price[tiers.first[:-1][applies]]
    return AskedPrices(
        price,
        np.where(applies, numbers["negotiated_currency_id"], numbers["currency_id"]),
        tiers,
        applies,
    )
