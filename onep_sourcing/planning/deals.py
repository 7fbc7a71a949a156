"""Deals priced and scored at their best allowed fulfilment: columns in, columns out.

Glue between the margin engine and an opportunity: what a marketplace did not say becomes a
named cause, one fulfilment is chosen, figures are rounded once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ...onep_margin.engine import bounds, causes, margin
from ...onep_margin.engine import score as scoring
from ...onep_margin.engine.batch import (
    CHEAPEST,
    LOCAL,
    MARKETPLACE,
    MERCHANT,
    NEW,
    REFURBISHED,
    USED,
    DealBatch,
)
from ...onep_margin.engine.causes import Cause, Estimate
from ...onep_margin.engine.cost_sheet import CostSheet
from ...onep_margin.engine.landed import LandedCost
from ...onep_margin.engine.rate_card import RateCard
from . import costs, signals
from .adjustments import NO_ADJUSTMENTS, Adjustments

FULFILMENTS = {MARKETPLACE: "marketplace", MERCHANT: "merchant"}

#: Why the market gives no price, beside the engine's own causes; named first.
MARKET_CAUSES = {
    1 << 16: "gtin_restricted",
    1 << 17: "market_unread",
    1 << 18: "market_not_found",
    1 << 19: "market_no_price",
    1 << 20: "market_refused",
}
_RESTRICTED, _UNREAD, _NOT_FOUND, _NO_PRICE, _REFUSED = MARKET_CAUSES
_BY_STATE = {
    "unread": _UNREAD,
    "not_found": _NOT_FOUND,
    "no_price": _NO_PRICE,
    "found": _NO_PRICE,
    "error": _REFUSED,
}
#: Unknown for want of a price: naming them too would only bury the cause.
_CONSEQUENCES = ~np.uint32(
    Cause.SELL_PRICE_MISSING
    | Cause.VAT_RATE_MISSING
    | Cause.CATEGORY_UNMAPPED
    | Cause.COMMISSION_MISSING
    | Cause.WEIGHT_MISSING
    | Cause.DIMENSIONS_MISSING
    | Cause.FULFILMENT_MISSING
    | Cause.CARRIER_MISSING
    | Cause.STORAGE_MISSING
)
#: What sourcing assumes, beside the engine's own estimates.
LOWEST_PRICE = 1 << 16
ESTIMATES = causes.ESTIMATES | {LOWEST_PRICE: "price_lowest"}
CONDITION_UNKNOWN = 1 << 21
CAUSES = MARKET_CAUSES | {CONDITION_UNKNOWN: "condition_unknown"} | causes.CAUSES
#: What suppliers call a condition, without case nor accents.
CONDITION_WORDS = {
    **dict.fromkeys(("", "new", "brand new", "neuf", "neuve", "neu", "nuevo", "nuovo"), NEW),
    **dict.fromkeys(
        ("refurbished", "reconditioned", "renewed", "reconditionne", "reconditionnee"),
        REFURBISHED,
    ),
    **dict.fromkeys(
        ("used", "second hand", "second-hand", "occasion", "d'occasion", "like new"), USED
    ),
}
#: Lines of a landed cost that an opportunity keeps: what is paid, and what comes on top.
COST_LINES = (
    "buy_price",
    "supplier_extras",
    "inbound_cost",
    "customs_duty",
    "extra_cost",
    "eco_tax",
)
#: Decimals of what is told per unit: a cheap article costs less than a cent.
UNIT_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Terms:
    """What a company and a marketplace decide.

    by_marketplace, by_merchant: fulfilments that may be chosen
    carrier, zone, carrier_options: of our parcels, as ``DealBatch`` has them
    route: of what the marketplace ships, as ``DealBatch`` has it
    adjustments: of its fulfilment fee
    target_roi, target_margin_rate: from which an opportunity is immediate
    limits: from where it is flagged
    decimals: of the company's currency
    """

    by_marketplace: bool = True
    by_merchant: bool = True
    carrier: int = CHEAPEST
    zone: int = -1
    carrier_options: int = 0
    route: int = LOCAL
    adjustments: Adjustments = NO_ADJUSTMENTS
    target_roi: float = 0.3
    target_margin_rate: float = 0.15
    limits: signals.Limits = field(default_factory=signals.Limits)
    decimals: int = 2


def evaluate(
    deals: Mapping[str, np.ndarray],
    sheet: CostSheet,
    card: RateCard,
    profile: scoring.ScoreProfile,
    terms: Terms,
) -> dict[str, np.ndarray]:
    """Price and score n deals; return the columns of an opportunity, NaN or None for unknown.

    deals: columns of length n, those of ``costs.land`` among them. Numbers (NaN unknown)
        vat_rate, sell_price_taxed, shipping_charged_taxed, units_per_month, estimated_sales with
        its _low and _high, and what the market and the supplier give of ``signals.SOURCES`` and
        of ``signals.suspicions``; booleans is_negotiated, has_stock, is_size_assumed,
        is_lowest_price, is_category_guessed, is_contribution_guessed, is_restricted,
        is_dangerous_goods, is_own_packaging; text market_state, condition; category, an index of
        the card
    """
    conditions = condition_codes(deals["condition"])
    purchase, landed, assumed = costs.land(deals, sheet)
    batch = to_batch(deals, landed, assumed, conditions, terms)
    options = _options(terms)
    margins = {way: margin.compute(_shipped(batch, way), card).net_margin for way in options}
    chosen = _best(margins)
    batch = _shipped(batch, chosen)
    result = margin.compute(batch, card)
    unknown = _name_causes(deals, conditions, result)
    known = ~np.isnan(result.net_margin)
    estimates = _estimates(deals, result)
    figures = _figures(batch, result, card, terms)
    columns = signals.columns_of(deals, batch, result, figures, estimates)
    flags = _flags(deals, columns, landed, result, estimates, terms)
    scored = scoring.score(signals.gather(columns), profile, flags, with_parts=False)
    return {
        **_inputs(deals, batch, terms),
        **_cost_lines(purchase, landed),
        **figures,
        **_dearest(purchase, landed, sheet, batch, result, card, terms),
        **{
            f"net_margin_{name}": _money(margins.get(way, np.full(len(batch), np.nan)), terms)
            for way, name in FULFILMENTS.items()
        },
        "fulfilment": np.where(chosen == MARKETPLACE, *FULFILMENTS.values()).astype(object),
        "margin_known": known,
        "unknown_reasons": causes.texts(unknown, CAUSES),
        "estimated_reasons": _where(known, causes.texts(estimates, ESTIMATES)),
        **flags,
        "is_vetoed": scored.vetoes != 0,
        "score": np.round(scored.score, 1),
        "grade": np.array([*scoring.GRADES, None], dtype=object)[scored.grade],
        "confidence": np.where(np.isnan(scored.score), np.nan, np.round(scored.confidence, 3)),
    }


def condition_codes(words) -> np.ndarray:
    """Return the engine's condition of each text (n); -1 for one that nobody understands.

    An empty text is new: suppliers only tell the others. Each distinct text is read once.
    """
    words = ["" if word is None or word is False or word != word else word for word in words]
    known = {word: _condition_code(word) for word in set(words)}
    return np.array([known[word] for word in words], dtype=np.int64)


def _condition_code(word: str) -> int:
    plain = unicodedata.normalize("NFKD", word.strip().casefold().replace("’", "'"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return CONDITION_WORDS.get(" ".join(plain.split()), -1)


def restore_batch(landed: LandedCost, figures: Mapping[str, float], **rest) -> DealBatch:
    """The deal of one opportunity as it was priced, from its stored inputs.

    landed: what its offer costs
    figures: sell_price_taxed, shipping_charged_taxed, vat_rate, units_per_month, weight_g,
        length_mm, width_mm, height_mm; None or False for unknown
    rest: category, fulfilment, carrier, condition as the engine wants them, and bits of
        ``Estimate``
    """
    columns = {name: number(value) for name, value in figures.items()}
    shipping, estimated = untold_as_zero(columns["shipping_charged_taxed"])
    columns["shipping_charged_taxed"] = shipping
    estimated = estimated | rest.pop("estimated", np.uint32(0))
    return landed.deals(**columns, estimated=estimated, **rest)


def untold_as_zero(shipping) -> tuple[np.ndarray, np.ndarray]:
    """Return the shipping charged (n) with 0 for NaN, and the bits of ``Estimate`` that say so."""
    untold = np.isnan(shipping) * np.uint32(Estimate.SHIPPING_CHARGED_UNKNOWN)
    return np.nan_to_num(shipping), untold


def number(value) -> float:
    """Return a stored figure as the engine wants it: NaN for None or False."""
    return np.nan if value is None or value is False else float(value)


def to_batch(
    deals: Mapping[str, np.ndarray], landed: LandedCost, assumed, conditions, terms: Terms
) -> DealBatch:
    """The engine's view of n deals, before a fulfilment is chosen.

    deals: as :func:`evaluate` has them
    landed, assumed: of ``costs.land``; conditions: of :func:`condition_codes`

    An unknown condition has no commission: the engine is given no category.
    """
    restricted = deals["is_restricted"]
    estimated = assumed.copy()
    for where, estimate in (
        (deals["is_category_guessed"], Estimate.CATEGORY_GUESSED),
        (deals["is_size_assumed"] & ~np.isnan(deals["weight_g"]), Estimate.SHIPPING_ASSUMED),
        (deals["is_contribution_guessed"], Estimate.CONTRIBUTION_UNCONFIRMED),
    ):
        estimated |= where * np.uint32(estimate)
    shipping, untold = untold_as_zero(deals["shipping_charged_taxed"])
    return landed.deals(
        sell_price_taxed=np.where(restricted, np.nan, deals["sell_price_taxed"]),
        shipping_charged_taxed=shipping,
        vat_rate=deals["vat_rate"],
        weight_g=deals["weight_g"],
        length_mm=deals["length_mm"],
        width_mm=deals["width_mm"],
        height_mm=deals["height_mm"],
        category=np.where(conditions < 0, -1, deals["category"]),
        condition=np.maximum(conditions, NEW),
        carrier=terms.carrier,
        zone=terms.zone,
        carrier_options=terms.carrier_options,
        route=terms.route,
        adjustments=terms.adjustments.bits(deals),
        units_per_month=deals["units_per_month"],
        estimated=estimated | untold,
    )


def at_best_way(batch: DealBatch, card: RateCard, terms: Terms) -> DealBatch:
    """Return deals (n) as the terms ship them, at the allowed fulfilment that leaves most.

    The adjustments are those that the deals have.
    """
    batch = batch.replace(
        carrier=terms.carrier,
        zone=terms.zone,
        carrier_options=terms.carrier_options,
        route=terms.route,
    )
    margins = {
        way: margin.compute(_shipped(batch, way), card).net_margin for way in _options(terms)
    }
    return _shipped(batch, _best(margins))


def at_way(batch: DealBatch, way: int) -> DealBatch:
    """Return deals (n) at one fulfilment, whatever they leave."""
    return _shipped(batch, way)


def _options(terms: Terms) -> list[int]:
    """Fulfilments to compare; ours when none is allowed, so that a margin can be named."""
    allowed = [MARKETPLACE] if terms.by_marketplace else []
    return allowed + ([MERCHANT] if terms.by_merchant or not allowed else [])


def _shipped(batch: DealBatch, way) -> DealBatch:
    """The deals at a fulfilment (scalar or array n).

    What the marketplace ships is free of shipping for the buyer: its price is the whole total.
    """
    by_marketplace = np.broadcast_to(np.asarray(way), (len(batch),)) == MARKETPLACE
    total = batch.sell_price_taxed + batch.shipping_charged_taxed
    return batch.replace(
        fulfilment=way,
        sell_price_taxed=np.where(by_marketplace, total, batch.sell_price_taxed),
        shipping_charged_taxed=np.where(by_marketplace, 0.0, batch.shipping_charged_taxed),
    )


def _best(margins: dict[int, np.ndarray]) -> np.ndarray:
    """The fulfilment (n) that leaves most; the first allowed where none is known."""
    ways = list(margins)
    table = np.array([margins[way] for way in ways])
    return np.array(ways)[np.argmax(np.where(np.isnan(table), -np.inf, table), axis=0)]


def _name_causes(deals, conditions, result) -> np.ndarray:
    """Bits of :data:`CAUSES` (n), the reason before its consequences."""
    unknown = result.unknown.astype(np.uint32)
    no_rate = (unknown & np.uint32(Cause.CURRENCY_RATE_MISSING)) != 0
    unknown[no_rate] &= ~np.uint32(Cause.BUY_PRICE_MISSING | Cause.ECO_TAX_MISSING)
    strange = conditions < 0
    unknown[strange & (deals["category"] >= 0)] &= ~np.uint32(Cause.CATEGORY_UNMAPPED)
    unknown[strange] |= np.uint32(CONDITION_UNKNOWN)
    silent = (unknown & np.uint32(Cause.SELL_PRICE_MISSING)) != 0
    market = np.zeros(len(unknown), dtype=np.uint32)
    for state, bit in _BY_STATE.items():
        market[deals["market_state"] == state] = bit
    market[deals["is_restricted"]] = _RESTRICTED
    return np.where(silent, (unknown & _CONSEQUENCES) | market, unknown).astype(np.uint32)


def _estimates(deals, result) -> np.ndarray:
    """Bits of :data:`ESTIMATES` (n)."""
    lowest = np.where(deals["is_lowest_price"], np.uint32(LOWEST_PRICE), np.uint32(0))
    return result.estimated | lowest


def _inputs(deals, batch: DealBatch, terms: Terms) -> dict[str, np.ndarray]:
    """What the figures rest on, kept so that one deal can be explained later."""
    has_price = ~np.isnan(batch.sell_price_taxed)
    basis = np.where(deals["is_lowest_price"], "lowest", "buy_box").astype(object)
    return {
        "offer_currency_id": deals["currency_id"],
        "is_negotiated": deals["is_negotiated"],
        "order_quantity": deals["order_quantity"],
        "units_per_month": np.round(deals["units_per_month"], 2),
        **{
            name: np.round(deals[name], 1)
            for name in ("estimated_sales", "estimated_sales_low", "estimated_sales_high")
        },
        "pack_mismatch": deals["pack_mismatch"],
        "sell_price_taxed": _money(batch.sell_price_taxed, terms),
        "shipping_charged_taxed": np.where(
            has_price & ~np.isnan(deals["shipping_charged_taxed"]),
            _money(batch.shipping_charged_taxed, terms),
            np.nan,
        ),
        "price_basis": _where(has_price, basis),
        "market_state": deals["market_state"],
        "vat_rate": deals["vat_rate"],
        **{name: deals[name] for name in ("weight_g", "length_mm", "width_mm", "height_mm")},
    }


def _cost_lines(purchase, landed: LandedCost) -> dict[str, np.ndarray]:
    """What a unit costs, line by line, as far as lists and filters need it."""
    return {
        "catalogue_price": np.round(costs.catalogue_prices(purchase), UNIT_DECIMALS),
        **{name: np.round(getattr(landed, name), UNIT_DECIMALS) for name in COST_LINES},
    }


def _dearest(purchase, landed, sheet, batch, result, card, terms: Terms):
    """How dear the offer may be, in the supplier's terms and in our currency."""
    asked, paid = costs.dearest_prices(
        purchase, landed, sheet, batch, card, terms.target_roi, result
    )
    return {
        "max_purchase_price": _money(asked, terms, np.floor),
        "max_buy_price": _money(paid, terms, np.floor),
    }


def _figures(batch, result, card, terms: Terms) -> dict[str, np.ndarray]:
    """The engine's results, rounded once."""
    lowest = bounds.break_even_price(batch, card)
    return {
        "revenue_untaxed": _money(result.revenue_untaxed, terms),
        "landed_cost": np.round(result.landed_cost, UNIT_DECIMALS),
        "commission": _money(result.commission, terms),
        "fulfilment_fee": _money(result.fulfilment_fee + result.carrier_cost, terms),
        "total_fees": _money(result.total_fees, terms),
        "net_margin": np.round(result.net_margin, UNIT_DECIMALS),
        "margin_rate": np.round(result.margin_rate, 4),
        "roi": np.round(result.roi, 4),
        "break_even_price_taxed": _money(lowest, terms, np.ceil),
        "monthly_margin": _money(result.monthly_margin, terms),
    }


def _flags(deals, columns, landed, result, estimates, terms: Terms) -> dict[str, np.ndarray]:
    """What a buyer should see at once; comparisons with NaN are false."""
    limits = terms.limits
    suspicions = signals.suspicions(deals, result.roi, limits)
    share = signals.added_cost_share(result.landed_cost, landed.buy_price, result.net_margin)
    immediate = (
        (result.roi >= terms.target_roi)
        & (result.margin_rate >= terms.target_margin_rate)
        & deals["has_stock"]
        & ~deals["is_lowest_price"]
        & (deals["retailer_present"] != 1.0)
        & (deals["sell_restriction"] != 1.0)
        & (suspicions == 0)
    )
    return {
        "is_immediate": immediate,
        "is_suspicious": suspicions != 0,
        "suspicious_reasons": causes.texts(suspicions, signals.SUSPICIONS),
        "is_unstable": signals.is_unstable(columns, limits),
        "has_hidden_cost": signals.has_hidden_cost(
            share,
            result.net_margin,
            result.margin_rate,
            (estimates & signals.COST_ESTIMATES) != 0,
            limits,
        ),
    }


def _money(amounts, terms: Terms, rounding=None) -> np.ndarray:
    """Round amounts (n) to the currency, halves away from zero; or by np.ceil, np.floor."""
    scale = 10.0**terms.decimals
    # A hair of slack, so that a figure a rounding error away from a cent stays on it.
    if rounding is np.ceil:
        return np.ceil(amounts * scale - 1e-6) / scale
    if rounding is np.floor:
        return np.floor(amounts * scale + 1e-6) / scale
    return np.copysign(np.floor(np.abs(amounts) * scale + 0.5 + 1e-6) / scale, amounts) + 0.0


def _where(mask, values) -> np.ndarray:
    """Keep objects where the mask holds, None elsewhere."""
    kept = np.full(len(values), None, dtype=object)
    kept[mask] = values[mask]
    return kept
