"""Amounts of one currency in another."""

import numpy as np


def convert(amounts, rate, safety_margin=0.0) -> np.ndarray:
    """Return amounts in the target currency.

    amounts: float or array (n) in the source currency
    rate: units of target currency for one unit of source currency; NaN gives NaN
    safety_margin: share added for the rate to move against us before we pay [0-1]
    """
    return np.asarray(amounts, dtype=np.float64) * rate * (1.0 + safety_margin)
