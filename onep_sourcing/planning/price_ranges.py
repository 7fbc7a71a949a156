"""Ranges of quantity in which an offer's cost is a straight line: its price tiers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from .basket_terms import HAIR, MOST_PACKS, Offers


@dataclass(frozen=True, slots=True, eq=False)
class PriceRows:
    """The price lists of n offers, the price below the first tier being their first row.

    offer: index of the offer, rising
    tier: place in the offer's list, -1 for the price below it
    start: units from which the row holds, rising in an offer
    end: units from which the next row holds; inf for the last
    price: of one more unit
    base: cost of a line beyond quantity × price; 0 unless incremental
    first: first row of each offer; shape (n,)

    A row without a price is NaN.
    """

    offer: np.ndarray
    tier: np.ndarray
    start: np.ndarray
    end: np.ndarray
    price: np.ndarray
    base: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, offers: Offers) -> PriceRows:
        """Spread the price lists of offers."""
        count = len(offers)
        length = np.diff(offers.tiers.first) + 1
        first = np.cumsum(length) - length
        offer = np.repeat(np.arange(count), length)
        tier = np.arange(len(offer)) - first[offer] - 1
        listed = tier >= 0
        start, price = np.zeros(len(offer)), offers.price[offer]
        start[listed], price[listed] = offers.tiers.quantity, offers.tiers.price
        price = np.where(price >= 0.0, price, np.nan)
        end = np.append(start[1:], np.inf)[: len(offer)]
        end[first[1:] - 1] = np.inf
        return cls(offer, tier, start, end, price, _bases(offers, offer, tier, start, price), first)

    def at(self, quantity: np.ndarray) -> np.ndarray:
        """Return the row (n) that holds at a quantity of each offer."""
        reached = self.start <= quantity[self.offer] + HAIR
        return self.first + np.add.reduceat(reached, self.first) - 1

    def amount(self, quantity: np.ndarray) -> np.ndarray:
        """Return what a quantity of each offer costs (n), 0 for none; NaN without a price."""
        row = self.at(quantity)
        return np.where(quantity > 0.0, self.price[row] * quantity + self.base[row], 0.0)


def _bases(offers, offer, tier, start, price) -> np.ndarray:
    """Return what an incremental line costs beyond its last price: units below are dearer."""
    below = np.maximum(start - 1.0, 0.0)
    former = np.append(0.0, price)[: len(price)]
    step = np.where((tier >= 0) & (below > 0.0), below * (former - price), 0.0)
    base = np.zeros(len(offer))
    for place in range(int(tier.max(initial=-1)) + 1):
        rows = np.flatnonzero(tier == place)
        base[rows] = base[rows - 1] + step[rows]
    return np.where(offers.is_incremental[offer], base, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class PriceRanges:
    """Ranges of whole packs that may be ordered, by offer and rising; what no limit allows alone
    is left out.

    offer: index of the offer
    least, most: packs; 1 ≤ least ≤ most
    most_alone: packs that the offer would allow if money and room were no matter
    price: of one more unit
    base: cost of a line beyond quantity × price
    """

    offer: np.ndarray
    least: np.ndarray
    most: np.ndarray
    most_alone: np.ndarray
    price: np.ndarray
    base: np.ndarray

    def __len__(self) -> int:
        return len(self.offer)

    @classmethod
    def of(cls, offers: Offers, rows: PriceRows, budget: float, storage: float) -> PriceRanges:
        """Cut the price lists by minimum, stock, demand, budget and storage."""
        offer = rows.offer
        unit = offers.unit[offer]
        least = np.ceil(rows.start / unit - HAIR)
        most = np.ceil(rows.end / unit - HAIR) - 1.0
        least = np.maximum(least, np.round(offers.smallest / offers.unit)[offer])
        alone = most = np.minimum(most, most_packs(offers)[offer])
        with np.errstate(divide="ignore", invalid="ignore"):
            paid = np.floor((budget - rows.base) / (rows.price * unit) + HAIR)
            room = np.floor(storage / (offers.volume[offer] * unit) + HAIR)
        # Nothing to pay or to store is no limit.
        most = np.minimum(most, np.where(rows.price > 0.0, paid, np.inf))
        most = np.minimum(most, np.where(offers.volume[offer] > 0.0, room, np.inf))
        known = ~np.isnan(rows.price + rows.base + offers.value[offer])
        kept = known & (least <= most)
        columns = (offer, least, most, alone, rows.price, rows.base)
        return cls(*(column[kept] for column in columns))

    def take(self, kept: np.ndarray) -> PriceRanges:
        """Return some of the ranges (bool or indices)."""
        return PriceRanges(*(getattr(self, column.name)[kept] for column in fields(self)))


def most_packs(offers: Offers) -> np.ndarray:
    """Return the packs (n) that the supplier's stock and the demand allow of each offer alone."""
    unit = offers.unit
    stock = np.where(np.isnan(offers.stock), np.inf, offers.stock)
    wanted = np.where(offers.is_demand_known, offers.demand, offers.smallest)
    packs = np.floor(np.minimum(stock, wanted) / unit + HAIR)
    return np.minimum(packs, MOST_PACKS)
