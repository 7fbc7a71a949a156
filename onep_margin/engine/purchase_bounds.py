"""How dear a supplier may be: the landed cost turned back into his price."""

import numpy as np

from . import contributions as contribution
from . import supplier_terms
from .batch import lean
from .landed import CHUNK
from .purchase import CostTables, Purchase


def max_purchase_price(
    purchase: Purchase, tables: CostTables, landed_cost: np.ndarray
) -> np.ndarray:
    """Return the highest unit price (n) that lands at ``landed_cost`` or less.

    landed_cost: what the sale allows (n), of ``bounds.max_landed_cost`` [company's currency]

    The price is the supplier's, untaxed, after tiers and discounts, in his currency. Carriage
    and surcharges that end at an order value are followed through their thresholds: where two
    prices land at the same cost, on both sides of one, the dearer is returned. Zero or less
    means that none does; NaN that something else of the cost is unknown. To store it, round
    down.
    """
    price = np.empty(len(purchase))
    for start in range(0, len(purchase), CHUNK):
        part = slice(start, start + CHUNK)
        price[part] = _highest(purchase.take(part), tables, landed_cost[part])
    return price


def _highest(purchase: Purchase, tables: CostTables, landed_cost: np.ndarray) -> np.ndarray:
    """Return the highest prices of one chunk.

    Between two thresholds of the order's value the landed cost is a straight line of the price,
    and it only falls at a threshold: the dearest root that lies in its own stretch is the bound.
    """
    terms = tables.suppliers
    supplier = lean(purchase.supplier)
    rate = tables.currencies.paid_rate(lean(purchase.currency))
    duty_rate, fixed = _fixed_costs(purchase, tables)
    inbound = terms.inbound(supplier, lean(purchase.weight_g), lean(purchase.volume_mm3))
    room = (landed_cost - fixed) / (1.0 + duty_rate) - inbound
    order_value = lean(purchase.order_value)
    quantity = lean(purchase.quantity)
    paid_from = terms.carriage_paid_from.take(supplier)
    small_below = terms.small_order_below.take(supplier)
    undecided = np.isnan(order_value) & np.isnan(quantity) & terms.depends_on_value(supplier)
    best = np.full(len(purchase), np.nan)
    for carriage_due in (True, False):
        for small in (True, False):
            extras = (
                terms.handling.take(supplier)
                + carriage_due * terms.carriage.take(supplier)
                + small * terms.small_order_surcharge.take(supplier)
            )
            constant, share = _spread(purchase, tables, extras * rate)
            price = (room - constant) / (1.0 + share) / rate
            own = np.maximum(price * quantity, 0.0)
            value = np.where(np.isnan(order_value), own, order_value)
            holds = (~(value >= paid_from) == carriage_due) & ((value < small_below) == small)
            best = np.where(holds, np.fmax(best, price), best)
    return np.where(undecided, np.nan, best)


def _fixed_costs(purchase: Purchase, tables: CostTables):
    """Return the duty's share (n or 1), and the costs (n or 1) that no price moves."""
    imported = lean(purchase.is_imported)
    row = tables.duties.find(lean(purchase.commodity_code), lean(purchase.origin))
    per_kg = tables.duties.duty(row, np.zeros(1), lean(purchase.weight_g))
    duty_rate = np.where(imported, tables.duties.rate.take(row), 0.0)
    fixed = np.where(imported, per_kg, 0.0)
    for prefix in ("eco", "levy"):
        where, said, kind, measure = (
            lean(getattr(purchase, f"{prefix}_{name}"))
            for name in ("position", "amount", "kind", "measure")
        )
        table = tables.contributions
        listed = table.amount.take(table.find(kind, measure))
        fixed = fixed + contribution.borne(np.where(np.isnan(said), listed, said), where)
    return duty_rate, fixed + lean(purchase.receiving_cost) + lean(purchase.preparation_cost)


def _spread(purchase: Purchase, tables: CostTables, extras: np.ndarray):
    """Return what a unit bears of an order's extras: an amount (n), and a share of its price."""
    spread = tables.suppliers.spread.take(lean(purchase.supplier))
    value, weight, units = (
        lean(getattr(purchase, name)) for name in ("order_value", "order_weight_g", "order_units")
    )
    by_value = (spread == supplier_terms.BY_VALUE) & ~np.isnan(value)
    by_weight = (spread == supplier_terms.BY_WEIGHT) & ~np.isnan(weight)
    by_units = (spread == supplier_terms.BY_UNITS) & ~np.isnan(units)
    alone = 1.0 / lean(purchase.quantity)
    part = np.where(
        by_weight, lean(purchase.weight_g) / weight, np.where(by_units, 1.0 / units, alone)
    )
    constant = np.where(by_value | (extras == 0.0), 0.0, extras * part)
    rate = tables.currencies.paid_rate(lean(purchase.currency))
    share = np.where(by_value, extras / rate / value, 0.0)
    return constant, share
