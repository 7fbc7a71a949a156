"""What we know of our own products: stock, sales, cost. Columns in, figures out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .quantity import SALES_DAYS

#: What Odoo's tables give for each product, in this order.
COLUMNS = (
    "on_hand",
    "reserved",
    "incoming",
    "outgoing",
    "sold_30",
    "sold_90",
    "sold_365",
    "delivered_365",
    "returned_365",
    "days_in_stock_90",
    "is_direct",
    "unit_cost",
    "last_purchase_price",
    "last_sale_price_untaxed",
)


@dataclass(frozen=True, slots=True, eq=False)
class OwnFigures:
    """Figures of n products in one company, float64 (n), NaN unknown.

    Quantities are in the product's own unit, amounts in the company's currency for one of it.

    on_hand, reserved: in the company's internal locations; unknown of what Odoo does not track
    incoming, outgoing: what open transfers bring into and take out of those locations
    forecast: on hand, plus incoming, less outgoing
    sold_30, sold_90, sold_365: delivered to customers or ordered by them and awaited, less what
        they sent back, by days
    days_in_stock_90: days of the last 90 with stock at some moment
    daily_sales: sold in 90 days by day on which it could be sold: stock-out days are left out.
        0 when it was in stock and nothing was sold, unknown when it was neither in stock nor sold
    return_rate: units sent back by unit delivered in 365 days, unknown without a delivery
    unit_cost: the product's cost in the company
    last_purchase_price: of the last confirmed purchase order, discounts deducted, untaxed
    last_sale_price_untaxed: of the last confirmed sales order, discounts deducted
    """

    on_hand: np.ndarray
    reserved: np.ndarray
    incoming: np.ndarray
    outgoing: np.ndarray
    forecast: np.ndarray
    sold_30: np.ndarray
    sold_90: np.ndarray
    sold_365: np.ndarray
    days_in_stock_90: np.ndarray
    daily_sales: np.ndarray
    return_rate: np.ndarray
    unit_cost: np.ndarray
    last_purchase_price: np.ndarray
    last_sale_price_untaxed: np.ndarray

    def __len__(self) -> int:
        return len(self.on_hand)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[float | None]]) -> OwnFigures:
        """Return the figures of rows of :data:`COLUMNS`, None being unknown."""
        table = np.array(rows, dtype=np.float64).reshape(-1, len(COLUMNS))
        known = dict(zip(COLUMNS, table.T, strict=True))
        delivered = known.pop("delivered_365")
        returned = known.pop("returned_365")
        is_direct = known.pop("is_direct") == 1.0
        rate = np.full(len(table), np.nan)
        np.divide(returned, delivered, out=rate, where=delivered > 0)
        return cls(
            **known,
            forecast=known["on_hand"] + known["incoming"] - known["outgoing"],
            daily_sales=_daily_sales(known["sold_90"], known["days_in_stock_90"], is_direct),
            return_rate=rate,
        )


def _daily_sales(sold: np.ndarray, days_in_stock: np.ndarray, is_direct: np.ndarray) -> np.ndarray:
    """Return units sold (n) by day on which they could be.

    What a supplier delivers to our customers itself, and what Odoo does not track, is never out
    of our stock: every day counts.
    """
    every_day = is_direct | np.isnan(days_in_stock) | ((days_in_stock <= 0) & (sold > 0))
    days = np.where(every_day, float(SALES_DAYS), days_in_stock)
    is_unknown = (sold == 0) & ~(days_in_stock > 0) & ~is_direct
    daily = np.full(len(sold), np.nan)
    np.divide(np.maximum(sold, 0.0), days, out=daily, where=~is_unknown)
    return daily
