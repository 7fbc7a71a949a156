"""What sells of a product: our own sales where we have any, else what the market lets expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: What daily sales were read from, by code.
UNKNOWN, OWN, MARKET = range(3)
#: Key of each code, in the same order; translated by whoever shows it.
SOURCES = ("unknown", "own", "market")


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Demand of products, one per index; NaN is unknown.

    cover_days: days that an order should last
    daily_sales: units that sell a day
    available: units that we have or that are coming
    source: int8 code of where the sales were read from; see ``SOURCES``
    """

    cover_days: float
    daily_sales: np.ndarray
    available: np.ndarray
    source: np.ndarray

    @classmethod
    def of(cls, cover_days: float, own_sales, market_sales, available) -> Demand:
        """Take our own sales (n) where we know them, else our share of the market's (n)."""
        own, market = np.asarray(own_sales, np.float64), np.asarray(market_sales, np.float64)
        source = np.select([~np.isnan(own), ~np.isnan(market)], [OWN, MARKET], UNKNOWN)
        return cls(
            cover_days=float(cover_days),
            daily_sales=np.where(source == OWN, own, market),
            available=np.asarray(available, np.float64),
            source=source.astype(np.int8),
        )

    @property
    def wanted(self) -> np.ndarray:
        """Units (n) missing to cover the days; what is not known to be here is not."""
        return self._missing(self.cover_days)

    @property
    def most(self) -> np.ndarray:
        """Units (n) missing to cover the days twice: what may be bought early."""
        return self._missing(2.0 * self.cover_days)

    def keys(self) -> list[str]:
        """Key of the source of each product."""
        return [SOURCES[code] for code in self.source]

    def _missing(self, days: float) -> np.ndarray:
        return self.daily_sales * days - np.nan_to_num(self.available)
