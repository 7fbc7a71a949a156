"""Prices of suppliers: by quantity, per pack or per hundred, less discounts in cascade."""

from dataclasses import dataclass

import numpy as np

from .select import chosen


@dataclass(frozen=True, slots=True, eq=False)
class PriceTiers:
    """Prices by quantity of n offers, all tiers in two flat columns.

    first: where the tiers of each offer begin; shape (n + 1,), the last one being the end
    quantity: quantity from which a price holds, ascending in each offer
    price: price from that quantity on
    """

    first: np.ndarray
    quantity: np.ndarray
    price: np.ndarray

    def __post_init__(self):
        for name, dtype in (("first", np.int64), ("quantity", np.float64), ("price", np.float64)):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=dtype))

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def has_any(self) -> np.ndarray:
        """Whether each offer has tiers (bool, n)."""
        return self.first[1:] > self.first[:-1]

    def take(self, part: slice) -> "PriceTiers":
        """Return the tiers of a run of offers."""
        start, stop, step = part.indices(len(self))
        if step != 1:
            raise ValueError("Tiers are taken in runs of offers")
        first = self.first[start : stop + 1]
        rows = slice(first[0], first[-1])
        return PriceTiers(first - first[0], self.quantity[rows], self.price[rows])

    def at(self, quantity: np.ndarray, price: np.ndarray) -> np.ndarray:
        """Return the price (n) of each offer at a quantity; ``price`` where no tier is reached.

        An unknown quantity, NaN, has no price where there are tiers.
        """
        if not len(self.price):
            return price
        price = np.where(np.isnan(quantity) & self.has_any, np.nan, price)
        first = self.first[:-1]
        reached = self.quantity <= np.repeat(quantity, np.diff(self.first))
        # Tiers ascend: the last one reached is as far as their number.
        until = np.concatenate(([0], np.cumsum(reached)))
        count = until.take(self.first[1:]) - until.take(first)
        row = first + count - 1
        return chosen(count > 0, self.price.take(row, mode="clip"), price)


def discounted(price: np.ndarray, *discounts: np.ndarray) -> np.ndarray:
    """Return prices (n) less discounts one after the other: 10 % then 5 % leaves 85.5 %.

    discounts: shares [0-1]; NaN is unknown and gives NaN
    """
    for discount in discounts:
        price = price * (1.0 - discount)
    return price


def per_unit(price: np.ndarray, units_priced: np.ndarray) -> np.ndarray:
    """Return unit prices (n) of prices for several units: a pack, a case, a hundred."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(units_priced > 0.0, price / units_priced, np.nan)
