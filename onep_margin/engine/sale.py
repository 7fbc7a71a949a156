"""The price a deal is sold at, by the basis that was chosen."""

import numpy as np

#: What a deal is priced on.
#: buy_box: the price that wins the buy box; lowest: the lowest offer of the same condition;
#: target: our own price.
BASES = ("buy_box", "lowest", "target")
BUY_BOX, LOWEST, TARGET = range(3)


def selling_price(basis, buy_box, lowest_by_condition, condition, target) -> np.ndarray:
    """Return the selling price (n), VAT included; NaN where the basis says nothing.

    basis: index into ``BASES`` (n or scalar)
    lowest_by_condition: lowest offers, one column per condition; shape (n, conditions)
    condition: index of a column (n)

    No basis stands in for another: who accepts one prices again with it, and says so.
    """
    lowest = np.take_along_axis(
        np.asarray(lowest_by_condition, dtype=np.float64), np.asarray(condition)[:, None], axis=1
    )[:, 0]
    price = np.choose(basis, (buy_box, lowest, target))
    return np.where(price > 0.0, price, np.nan)
