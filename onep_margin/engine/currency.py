"""Amounts of one currency in another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


def convert(amounts, rate, safety_margin=0.0) -> np.ndarray:
    """Return amounts in the target currency.

    amounts: float or array (n) in the source currency
    rate: units of target currency for one unit of source currency; NaN gives NaN
    safety_margin: share added for the rate to move against us before we pay [0-1]
    """
    return np.asarray(amounts, dtype=np.float64) * rate * (1.0 + safety_margin)


@dataclass(frozen=True, slots=True, eq=False)
class CurrencyTable:
    """Rates of one day towards the company's currency; the last element serves index -1.

    codes: currencies; ``Purchase.currency`` is an index into them
    rate: units of the company's currency for one of each; NaN when no rate is known
    safety_margin: share added until we have paid [0-1]
    """

    codes: tuple[str, ...]
    rate: np.ndarray
    safety_margin: np.ndarray

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping]) -> "CurrencyTable":
        """Build from rows: code, rate (none: unknown), and optionally safety_margin [0-1]."""
        return cls(
            codes=tuple(row["code"] for row in rows),
            rate=np.array([row.get("rate") or np.nan for row in rows] + [np.nan]),
            safety_margin=np.array([row.get("safety_margin") or 0.0 for row in rows] + [0.0]),
        )

    def index(self, code: str) -> int:
        """Return the index of a currency, -1 when it has no rate."""
        return self.codes.index(code) if code in self.codes else -1

    def paid_rate(self, currency: np.ndarray) -> np.ndarray:
        """Return what one unit of each currency (n) will cost us, safety margin included."""
        return (self.rate * (1.0 + self.safety_margin)).take(currency)
