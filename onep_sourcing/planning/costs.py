"""What offers cost on our shelf: from their columns to the cost stations of the margin engine."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...onep_margin.engine import bounds, landed, purchase_bounds
from ...onep_margin.engine.batch import DealBatch, MarginResult
from ...onep_margin.engine.cost_sheet import CostSheet
from ...onep_margin.engine.landed import LandedCost
from ...onep_margin.engine.price_tiers import PriceTiers
from ...onep_margin.engine.purchase import Purchase
from ...onep_margin.engine.rate_card import RateCard
from .quantity import to_orderable

_STEP_SEPARATOR = ";"


def order_quantities(minimum, pack) -> np.ndarray:
    """Return the units (n) that would be ordered: the supplier's minimum, in whole packs."""
    return to_orderable(np.ones(len(minimum)), minimum, pack)


def price_tiers(quantities: pa.Array, prices: pa.Array) -> PriceTiers | None:
    """Return the prices by quantity of n offers; None when none of them has any.

    quantities, prices: text (n), figures between semicolons by rising quantity; NULL for none
    """
    if quantities.null_count == len(quantities):
        return None
    steps = [_numbers(column) for column in (quantities, prices)]
    counts = pc.fill_null(pc.list_value_length(steps[0]), 0).to_numpy(zero_copy_only=False)
    first = np.concatenate(([0], np.cumsum(counts)))
    return PriceTiers(first, *(pc.list_flatten(column).to_numpy() for column in steps))


def _numbers(texts: pa.Array) -> pa.ListArray:
    lists = pc.split_pattern(texts.cast(pa.string()), _STEP_SEPARATOR)
    return lists.cast(pa.list_(pa.float64()))


def land(deals: Mapping[str, np.ndarray], sheet: CostSheet):
    """Return the ``Purchase`` of n deals, their ``LandedCost``, and bits of ``Estimate`` (n).

    deals: columns of length n. Numbers (NaN unknown) price and eco_amount [supplier's currency],
        order_quantity, partner_id, currency_id, supplier_country_id, weight_g, length_mm,
        width_mm, height_mm; commodity_code, origin, eco_kind, levy_kind as ``Purchase`` has
        them; tiers, a ``PriceTiers`` or None; is_negotiated, bool: the catalogue's discounts
        do not come off the price
    """
    purchase, assumed = sheet.purchase(
        {
            "price": deals["price"],
            "quantity": deals["order_quantity"],
            "tiers": deals["tiers"],
            "is_net": deals["is_negotiated"],
            "partner_id": deals["partner_id"],
            "currency_id": deals["currency_id"],
            "country_id": deals["supplier_country_id"],
            "eco_amount": deals["eco_amount"],
            "weight_g": deals["weight_g"],
            "volume_mm3": deals["length_mm"] * deals["width_mm"] * deals["height_mm"],
            **{name: deals[name] for name in ("commodity_code", "origin", "eco_kind", "levy_kind")},
        }
    )
    return purchase, landed.land(purchase, sheet.tables), assumed


def catalogue_prices(purchase: Purchase) -> np.ndarray:
    """Return the supplier's price (n) at the quantity, before discounts [its currency]."""
    if purchase.tiers is None:
        return purchase.price
    return purchase.tiers.at(purchase.quantity, purchase.price)


def dearest_prices(
    purchase: Purchase,
    costs: LandedCost,
    sheet: CostSheet,
    batch: DealBatch,
    card: RateCard,
    target_roi: float,
    result: MarginResult,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how dear an offer may be and still earn the target: in the supplier's terms, that is
    in its currency and before its discounts (n), and what we would then pay in ours (n).
    """
    allowed = bounds.max_landed_cost(batch, card, target_roi, result)
    net = purchase_bounds.max_purchase_price(purchase, sheet.tables, allowed)
    rate = sheet.tables.currencies.paid_rate(purchase.currency)
    share = sheet.discount_share(purchase)
    # A contribution inside the price is not discounted: the price is a line, not a proportion.
    fixed = np.nan_to_num(costs.buy_price / rate - catalogue_prices(purchase) * share)
    return (net - fixed) / share, net * rate
