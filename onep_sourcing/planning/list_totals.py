"""What lists of lines amount to: money, weight, volume, days of cover, what orders still miss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...onep_margin.engine.batch import NAN, broadcast_columns
from .basket_terms import Suppliers

_DTYPES = {"group": np.int64}


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines to sum, one per index; arrays, lists or scalars. NaN is unknown.

    group: what a line counts for: a list, an order of a list, a supplier …; an index from 0
    quantity: units
    price: of a unit [company's currency]
    landed_cost, margin: of a unit, net [company's currency]
    weight_g, volume_mm3: of a unit
    daily_sales: units that we sell a day
    available: units that we have or that are coming; NaN is counted as none, and told
    """

    group: np.ndarray
    quantity: np.ndarray
    price: np.ndarray = NAN
    landed_cost: np.ndarray = NAN
    margin: np.ndarray = NAN
    weight_g: np.ndarray = NAN
    volume_mm3: np.ndarray = NAN
    daily_sales: np.ndarray = NAN
    available: np.ndarray = NAN

    def __post_init__(self):
        broadcast_columns(self, _DTYPES)

    def __len__(self) -> int:
        return len(self.group)

    @property
    def days_of_cover(self) -> np.ndarray:
        """Days (n) that what we have, what is coming and what is bought last; inf when none sell,
        NaN when the sales are unknown.
        """
        there = np.maximum(np.nan_to_num(self.available) + self.quantity, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            days = there / self.daily_sales
        return np.where(self.daily_sales <= 0.0, np.inf, days)


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Sums of the known lines, one per group, beside how many lines each leaves out.

    budget: [company's currency]
    margin, weight_g, volume_mm3: NaN when there are lines and none is known; margin in the
        company's currency
    roi: margin over landed cost, of the lines where both are known; NaN without any
    days_of_cover: mean over the lines with known sales, by the money they lie for; NaN without
    shortest_cover_days: of the line that runs out first; NaN without any
    assumed_stock_count: lines with known sales whose days of cover assume that we have none,
        as nobody knows
    """

    line_count: np.ndarray
    units: np.ndarray
    budget: np.ndarray
    unknown_price_count: np.ndarray
    margin: np.ndarray
    unknown_margin_count: np.ndarray
    roi: np.ndarray
    weight_g: np.ndarray
    unknown_weight_count: np.ndarray
    volume_mm3: np.ndarray
    unknown_volume_count: np.ndarray
    days_of_cover: np.ndarray
    shortest_cover_days: np.ndarray
    unknown_sales_count: np.ndarray
    assumed_stock_count: np.ndarray


def total(lines: Lines, count: int) -> Totals:
    """Sum lines into ``count`` groups; lines of no units are not counted."""
    bought = lines.quantity > 0.0
    line_count = np.bincount(lines.group[bought], minlength=count)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(lines.group[bought], np.nan_to_num(values[bought]), count)

    def lacking(values: np.ndarray) -> np.ndarray:
        return np.bincount(lines.group[bought & np.isnan(values)], minlength=count)

    def known(values: np.ndarray) -> np.ndarray:
        nothing = (line_count > 0) & (lacking(values) == line_count)
        return np.where(nothing, np.nan, summed(values))

    def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
        return np.divide(part, whole, out=np.full(count, np.nan), where=whole > 0.0)

    amount, margin = lines.quantity * lines.price, lines.quantity * lines.margin
    landed = lines.quantity * lines.landed_cost
    both = np.isnan(margin) | np.isnan(landed)
    days = lines.days_of_cover
    lies_for = np.where(np.isfinite(days), np.nan_to_num(amount), 0.0)
    shortest = np.full(count, np.inf)
    told = bought & ~np.isnan(days)
    np.minimum.at(shortest, lines.group[told], days[told])
    has_days = np.bincount(lines.group[told], minlength=count) > 0
    weight, volume = lines.quantity * lines.weight_g, lines.quantity * lines.volume_mm3
    return Totals(
        line_count=line_count,
        units=summed(lines.quantity),
        budget=summed(amount),
        unknown_price_count=lacking(amount),
        margin=known(margin),
        unknown_margin_count=lacking(margin),
        roi=ratio(summed(np.where(both, 0.0, margin)), summed(np.where(both, 0.0, landed))),
        weight_g=known(weight),
        unknown_weight_count=lacking(weight),
        volume_mm3=known(volume),
        unknown_volume_count=lacking(volume),
        days_of_cover=ratio(
            summed(lies_for * np.where(lies_for > 0.0, days, 0.0)), summed(lies_for)
        ),
        shortest_cover_days=np.where(has_days, shortest, np.nan),
        unknown_sales_count=lacking(lines.daily_sales),
        assumed_stock_count=np.bincount(
            lines.group[told & np.isnan(lines.available)], minlength=count
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class OrderGaps:
    """What orders still miss, one per order [supplier's currency]; 0 when reached or not asked.

    to_minimum: to the supplier's minimum order
    to_carriage_paid: to where he pays the carriage; inf when he never does
    to_unsurcharged: to where he adds no surcharge
    """

    to_minimum: np.ndarray
    to_carriage_paid: np.ndarray
    to_unsurcharged: np.ndarray


def order_gaps(suppliers: Suppliers, supplier: np.ndarray, goods: np.ndarray) -> OrderGaps:
    """Return what orders of goods still miss.

    supplier: index of each order into ``suppliers``
    goods: of each order [company's currency]
    """
    rate = suppliers.rate[supplier]
    value = suppliers.order_value(supplier, goods)
    return OrderGaps(
        *(
            np.maximum(threshold[supplier] / rate - value, 0.0)
            for threshold in (
                suppliers.minimum_goods,
                suppliers.free_goods,
                suppliers.large_goods,
            )
        )
    )
