"""Quotas of the simulated services, enforced as the real ones: a token bucket per account and
operation, exact and without grace.
"""

from __future__ import annotations

import threading
import time

#: calls per second and burst, by platform and operation
RATES: dict[tuple[str, str], tuple[float, float]] = {
    ("amazon", "searchCatalogItems"): (2, 2),
    ("amazon", "getCompetitivePricing"): (0.5, 1),
    ("amazon", "getItemOffers"): (0.5, 1),
    ("amazon", "getItemOffersBatch"): (0.1, 1),
    ("amazon", "getCompetitiveSummary"): (0.033, 1),
    ("amazon", "getMyFeesEstimates"): (0.5, 1),
    ("amazon", "getMyFeesEstimateForASIN"): (1, 2),
    ("amazon", "getListingsRestrictions"): (5, 10),
    ("amazon", "getItemEligibilityPreview"): (1, 1),
    ("amazon", "getInventorySummaries"): (2, 2),
    ("amazon", "getMarketplaceParticipations"): (0.016, 15),
    # Fnac publishes no figure: one call a second
    ("fnac", "auth"): (1, 5),
    ("fnac", "prices_query"): (1, 2),
    ("fnac", "pricing_query"): (1, 2),
    ("fnac", "offers_query"): (1, 2),
    # Octopia publishes the one of tokens: 500 an hour
    ("cdiscount", "token"): (500 / 3600, 20),
    ("cdiscount", "products"): (2, 20),
    ("cdiscount", "offers"): (2, 4),
    ("cdiscount", "sellers"): (2, 4),
    ("cdiscount", "subscriptions"): (2, 4),
    ("cdiscount", "categories"): (2, 4),
    # Mirakl: at each product page; hourly or daily for the rest, with room for a person who tests
    ("mirakl", "P11"): (1, 5),
    ("mirakl", "P31"): (1, 5),
    ("mirakl", "OF21"): (1, 5),
    ("mirakl", "OF61"): (1 / 86_400, 2),
    ("mirakl", "H11"): (1 / 3_600, 2),
    ("mirakl", "A01"): (5 / 86_400, 5),
}


class Quotas:
    """Buckets by account and operation.

    scale: multiplies every rate and burst; 0 lifts all quotas
    rates: a rate that is granted instead of the usual one, by platform and operation [1/s]
    """

    def __init__(self, scale: float = 1.0, clock=time.monotonic):
        self.scale = scale
        self.rates: dict[tuple[str, str], float] = {}
        self.refused = 0
        self.granted: dict[tuple[str, str, str], int] = {}
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[tuple, tuple[float, float]] = {}

    def rate(self, platform: str, operation: str) -> float | None:
        """Granted calls per second, None without a quota."""
        if not self.scale or (platform, operation) not in RATES:
            return None
        usual = RATES[platform, operation][0]
        return self.rates.get((platform, operation), usual) * self.scale

    def take(self, platform: str, operation: str, account: str) -> float:
        """0 for a call within its quota, else the seconds until one would be."""
        rate = self.rate(platform, operation)
        key = (platform, operation, account)
        with self._lock:
            if rate is None:
                self.granted[key] = self.granted.get(key, 0) + 1
                return 0.0
            burst = max(1.0, RATES[platform, operation][1] * self.scale)
            now = self._clock()
            level, at = self._levels.get(key, (burst, now))
            level = min(burst, level + (now - at) * rate)
            if level >= 1 - 1e-9:  # what floats lose, no grace
                self._levels[key] = (level - 1, now)
                self.granted[key] = self.granted.get(key, 0) + 1
                return 0.0
            self._levels[key] = (level, now)
            self.refused += 1
            return (1 - level) / rate

    def reset(self) -> None:
        """Full buckets, usual rates."""
        with self._lock:
            self._levels.clear()
            self.rates.clear()
            self.granted.clear()
            self.refused = 0
