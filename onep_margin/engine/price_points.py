"""Prices a shop would put on a label: …,99 and so on."""

from dataclasses import dataclass

import numpy as np

#: Which of the two prices around an amount is taken.
DIRECTIONS = ("up", "nearest", "down")
#: Share of the smallest coin that is a rounding error, not an amount.
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class PricePoints:
    """The prices ``ending``, ``ending + step``, ``ending + 2 × step``…, in one currency.

    step: distance between two prices; 1 and an ending of 0.99 give 0.99, 1.99, 2.99…
    ending: lowest price [0-step)
    direction: one of ``DIRECTIONS``, for ``rounded``
    decimals: of the currency
    """

    step: float = 0.01
    ending: float = 0.0
    direction: str = "up"
    decimals: int = 2

    def __post_init__(self):
        if not self.step > 0.0 or not 0.0 <= self.ending < self.step:
            raise ValueError("A step is positive, an ending between 0 and the step")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"{self.direction} is none of {', '.join(DIRECTIONS)}")

    def rounded(self, prices) -> np.ndarray:
        """Return prices (n) brought to one of ours by ``direction``; NaN stays NaN.

        An amount below the lowest price gives the lowest price.
        """
        if self.direction == "up":
            return self.up(prices)
        place = self._place(prices)
        slack = self._slack
        if self.direction == "nearest":
            return self._price(np.floor(place + 0.5 + slack))
        return self._price(np.floor(place + slack))

    def up(self, prices) -> np.ndarray:
        """Return the lowest of our prices (n) that is not below each amount."""
        return self._price(np.ceil(self._place(prices) - self._slack))

    def above(self, prices) -> np.ndarray:
        """Return the lowest of our prices (n) that is above each amount."""
        return self._price(np.floor(self._place(prices) + self._slack) + 1.0)

    @property
    def _slack(self) -> float:
        """The rounding error, in steps."""
        return _SLACK / (self.step * 10.0**self.decimals)

    def _place(self, prices) -> np.ndarray:
        """Return how many steps above the lowest price each amount is (n)."""
        return (np.asarray(prices, dtype=np.float64) - self.ending) / self.step

    def _price(self, place: np.ndarray) -> np.ndarray:
        """Return the price (n) of a whole number of steps, to the coin."""
        # Whole coins before the division: the float nearest to the price, hence idempotent.
        scale = 10.0**self.decimals
        coins = np.round(np.maximum(place, 0.0) * (self.step * scale) + self.ending * scale)
        return coins / scale
