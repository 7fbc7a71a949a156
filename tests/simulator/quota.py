"""Quotas of the simulated services, enforced as the real ones: a token bucket per operation."""

from __future__ import annotations

import threading
import time

#: calls per second and burst, by platform and operation
RATES = {
    ("amazon", "searchCatalogItems"): (2, 2),
    ("amazon", "getCompetitivePricing"): (0.5, 1),
    ("amazon", "getItemOffersBatch"): (0.1, 1),
    ("amazon", "getMyFeesEstimates"): (0.5, 1),
    ("amazon", "getMarketplaceParticipations"): (0.016, 15),
    ("fnac", "prices_query"): (1, 2),
    ("fnac", "pricing_query"): (1, 2),
    ("fnac", "offers_query"): (1, 2),
    ("cdiscount", "products"): (2, 20),
    ("cdiscount", "offers"): (2, 4),
    ("cdiscount", "sellers"): (2, 4),
}


class Quotas:
    """Buckets by account and operation.

    scale: multiplies every rate and burst; 0 lifts all quotas
    """

    def __init__(self, scale: float = 1.0, clock=time.monotonic):
        self.scale = scale
        self.refused = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[tuple, tuple[float, float]] = {}

    def rate(self, platform: str, operation: str) -> float | None:
        """Granted calls per second, None without a quota."""
        if not self.scale or (platform, operation) not in RATES:
            return None
        return RATES[platform, operation][0] * self.scale

    def take(self, platform: str, operation: str, account: str) -> bool:
        """Whether a call is within its quota."""
        rate = self.rate(platform, operation)
        if rate is None:
            return True
        burst = max(1.0, RATES[platform, operation][1] * self.scale)
        key = (platform, operation, account)
        with self._lock:
            now = self._clock()
            level, at = self._levels.get(key, (burst, now))
            level = min(burst, level + (now - at) * rate)
            # half a token of grace: clocks and sockets are not exact
            granted = level >= 0.5
            self._levels[key] = (level - 1 if granted else level, now)
            self.refused += not granted
            return granted
