"""The price at which a near-miss becomes a buy: what to ask a supplier for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...onep_margin.engine import bounds, margin
from ...onep_margin.engine.batch import DealBatch, lean
from ...onep_margin.engine.landed import LandedCost
from ...onep_margin.engine.purchase import CostTables, Purchase
from ...onep_margin.engine.purchase_bounds import max_purchase_price
from ...onep_margin.engine.rate_card import RateCard

#: What a line is, by code.
BUY, NEAR, FAR, NEVER, UNKNOWN = range(5)
#: Key of each: it already reaches the targets; it would, at a price worth asking for; only at one
#: too far away; at no price; something of it is unknown. Translated by whoever shows it.
VERDICTS = ("buy", "near", "far", "never", "unknown")


@dataclass(frozen=True, slots=True)
class Targets:
    """What makes a deal a buy, and how far a supplier may be asked to go.

    roi: net margin over landed cost, at least
    margin_rate: net margin over revenue, at least; None for no such target
    largest_cut: share of his price that is worth asking for [0-1]
    decimals: of a price that is asked for; it is rounded down
    """

    roi: float = 0.3
    margin_rate: float | None = 0.15
    largest_cut: float = 0.15
    decimals: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class Negotiation:
    """What to ask for, one line per index.

    price: of a unit today, untaxed, after tiers and discounts [supplier's currency]
    wanted_price: the highest at which the line becomes a buy; today's where it is one already,
        NaN at no price, or when it is unknown [supplier's currency]
    cut: share of the price to be taken off [0-1]
    saving: that the line's quantity brings at the wanted price [supplier's currency]
    verdict: int8 code, see ``VERDICTS``
    """

    price: np.ndarray
    wanted_price: np.ndarray
    cut: np.ndarray
    saving: np.ndarray
    verdict: np.ndarray

    def keys(self) -> list[str]:
        """Key of the verdict of each line."""
        return [VERDICTS[code] for code in self.verdict]


def ask(
    purchase: Purchase,
    tables: CostTables,
    landed: LandedCost,
    batch: DealBatch,
    card: RateCard,
    targets: Targets,
) -> Negotiation:
    """Return what to ask for on n lines.

    landed: of ``landed.land(purchase, tables)``
    batch: of ``landed.deals(…)``, at the fulfilment that was chosen
    """
    result = margin.compute(batch, card)
    is_buy = result.roi >= targets.roi - 1e-9
    if targets.margin_rate is not None:
        is_buy &= result.margin_rate >= targets.margin_rate - 1e-9
    room = bounds.max_landed_cost(
        batch, card, targets.roi, result, target_margin_rate=targets.margin_rate
    )
    rate = tables.currencies.paid_rate(lean(purchase.currency))
    price = landed.buy_price / rate
    scale = 10.0**targets.decimals
    wanted = np.floor(max_purchase_price(purchase, tables, room) * scale + 1e-6) / scale
    with np.errstate(invalid="ignore", divide="ignore"):
        cut = np.where(is_buy, 0.0, 1.0 - wanted / price)
    verdict = np.select(
        [is_buy, np.isnan(price) | np.isnan(wanted), wanted <= 0.0, cut > targets.largest_cut],
        [BUY, UNKNOWN, NEVER, FAR],
        NEAR,
    ).astype(np.int8)
    asked = (verdict == NEAR) | (verdict == FAR)
    return Negotiation(
        price=price,
        wanted_price=np.where(is_buy, price, np.where(asked, wanted, np.nan)),
        cut=np.where(asked | is_buy, cut, np.nan),
        saving=np.where(asked, (price - wanted) * purchase.quantity, np.where(is_buy, 0.0, np.nan)),
        verdict=verdict,
    )
