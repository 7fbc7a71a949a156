"""What a score rests on, from the columns of a priced deal; and what a buyer is warned of.

The evaluation scores a page of deals by these functions, and an opportunity explains its own score
by the same, from the columns it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...onep_margin.engine import score as scoring
from ...onep_margin.engine.batch import DealBatch, MarginResult
from ...onep_margin.engine.causes import Estimate

#: Columns of :func:`gather`, as an opportunity names them.
SOURCES = (
    "roi",
    "margin_rate",
    "net_margin",
    "break_even_price_taxed",
    "sell_price_taxed",
    "shipping_charged_taxed",
    "price_volatility_30",
    "price_volatility_90",
    "price_trend",
    "offer_count",
    "holder_changes",
    "main_holder_share",
    "retailer_present",
    "sales_rank",
    "estimated_sales",
    "rank_trend",
    "units_per_month",
    "supplier_stock",
    "lead_time_days",
    "sell_restriction",
    "candidate_count",
    "pack_mismatch",
    "assumption_count",
    "freshness_days",
)
_AS_THEY_ARE = frozenset(SOURCES) & frozenset(scoring.SIGNALS)
#: Why a deal is too good to be true, by bit.
SUSPICIONS = {1: "roi", 2: "pack", 4: "rival", 8: "spike"}
_ROI, _PACK, _RIVAL, _SPIKE = SUSPICIONS
#: When the cheapest other supplier asks so many times more, it is no bargain but a mistake.
RIVAL_RATIO = 2.0
#: A market price so many times its mean of 90 days will come back down.
SPIKE = 1.5
#: Estimates of what a deal costs, not of what it sells for.
COST_ESTIMATES = np.uint32(
    Estimate.FULFILMENT_UNCONFIRMED
    | Estimate.CARRIER_UNCONFIRMED
    | Estimate.STORAGE_ASSUMED
    | Estimate.SHIPPING_ASSUMED
    | Estimate.CUSTOMS_DUTY_UNCONFIRMED
    | Estimate.CONTRIBUTION_UNCONFIRMED
    | Estimate.SUPPLIER_TERMS_ASSUMED
    | Estimate.SUPPLIER_TERMS_UNCONFIRMED
)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where a deal is flagged.

    suspicious_roi: too good to be true above it
    unstable_volatility: unstable from this volatility of the price over 30 or 90 days
    unstable_changes: or from so many changes of the buy box's hands in 30 days
    hidden_cost_share: share of the margin, before them, that costs on top of the price may eat
    target_margin_rate: a thinner margin on an assumed cost is a hidden cost too
    """

    suspicious_roi: float = 2.0
    unstable_volatility: float = 0.15
    unstable_changes: float = 10.0
    hidden_cost_share: float = 0.4
    target_margin_rate: float = 0.15


def columns_of(
    deals: Mapping[str, np.ndarray], batch: DealBatch, result: MarginResult, figures, estimates
) -> dict[str, np.ndarray]:
    """Return the columns of SOURCES (n) of deals that were just priced.

    figures: the results that an opportunity keeps, rounded
    estimates: bits of what the margins rest on that nobody confirmed
    """
    made = {
        "roi": result.roi,
        "margin_rate": result.margin_rate,
        "net_margin": result.net_margin,
        "break_even_price_taxed": figures["break_even_price_taxed"],
        "sell_price_taxed": batch.sell_price_taxed,
        "shipping_charged_taxed": batch.shipping_charged_taxed,
        "assumption_count": np.bitwise_count(estimates).astype(np.float64),
    }
    return {name: made[name] if name in made else deals[name] for name in SOURCES}


def gather(columns: Mapping[str, np.ndarray]) -> scoring.ScoreSignals:
    """Return the signals of n deals from the columns of SOURCES; NaN is unknown."""
    market = columns["sell_price_taxed"] + np.nan_to_num(columns["shipping_charged_taxed"])
    with np.errstate(divide="ignore", invalid="ignore"):
        headroom = 1.0 - columns["break_even_price_taxed"] / market
    return scoring.ScoreSignals(
        **{name: columns[name] for name in _AS_THEY_ARE},
        monthly_margin=columns["net_margin"] * _units_within_stock(columns),
        buy_box_headroom=headroom,
        own_sales=columns["units_per_month"],
    )


def expected_units(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the units (n) we may expect to sell in a month.

    Our own sales when we sell it already; else our part of the market's estimated sales, as one
    more seller beside those who are there.
    """
    ours = columns["units_per_month"]
    share = columns["estimated_sales"] / (np.maximum(columns["offer_count"], 0.0) + 1.0)
    return np.where(np.isnan(ours), share, ours)


def _units_within_stock(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the expected units (n), no more than the supplier has; unknown demand stays so."""
    stock = columns["supplier_stock"]
    return np.minimum(expected_units(columns), np.where(np.isnan(stock), np.inf, stock))


def suspicions(deals: Mapping[str, np.ndarray], roi, limits: Limits) -> np.ndarray:
    """Return bits (uint32, n) of SUSPICIONS; comparisons with NaN are false.

    deals: rival_ratio (the cheapest other supplier's price over the offer's), pack_mismatch and
        price_level (market price over its mean of 90 days)
    """
    met = (
        (_ROI, roi > limits.suspicious_roi),
        (_PACK, (deals["pack_mismatch"] == 1.0) & (roi > 0.0)),
        (_RIVAL, deals["rival_ratio"] > RIVAL_RATIO),
        (_SPIKE, (deals["price_level"] > SPIKE) & (roi > 0.0)),
    )
    bits = np.zeros(len(roi), dtype=np.uint32)
    for bit, up in met:
        bits[up] |= np.uint32(bit)
    return bits


def is_unstable(columns: Mapping[str, np.ndarray], limits: Limits) -> np.ndarray:
    """Return whether (bool, n) the price moves, or the buy box turns, more than a buyer wants."""
    volatility = np.fmax(columns["price_volatility_30"], columns["price_volatility_90"])
    return (volatility >= limits.unstable_volatility) | (
        columns["holder_changes"] >= limits.unstable_changes
    )


def added_cost_share(landed_cost, buy_price, net_margin) -> np.ndarray:
    """Return the share (n) of the margin that costs on top of the buying price eat; NaN unknown.

    The margin is the one without these costs; at 1 nothing is left, above it they cause the loss.
    """
    added = landed_cost - buy_price
    with np.errstate(divide="ignore", invalid="ignore"):
        before = added + net_margin
        return np.where(before > 0.0, added / before, np.nan)


def has_hidden_cost(share, net_margin, margin_rate, is_cost_assumed, limits: Limits) -> np.ndarray:
    """Return whether (bool, n) costs eat a margin that the price list promises, or may.

    share: of :func:`added_cost_share`
    is_cost_assumed: whether a cost is only an estimate
    """
    thin = (net_margin > 0.0) & (margin_rate < limits.target_margin_rate)
    return (share >= limits.hidden_cost_share) | (thin & is_cost_assumed)
