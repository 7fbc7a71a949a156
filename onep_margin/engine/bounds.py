"""How low we can sell and how dear we can buy."""

import numpy as np

from . import carrier as own_carrier
from .batch import LOCAL, MARKETPLACE, DealBatch, MarginResult
from .causes import GOODS, Cause
from .logistics import Parcels
from .margin import (
    CHUNK,
    assumed,
    compute,
    landed_costs,
    return_costs,
    storage_costs,
    vat_rates,
)
from .price_points import PricePoints
from .rate_card import RateCard

#: A price this small is what rounding left of zero.
_ANY_PRICE = 1e-9
#: Causes that only concern the selling price.
_SALE = np.uint32(Cause.SELL_PRICE_MISSING)


def max_buy_price(
    batch: DealBatch,
    card: RateCard,
    target_roi=None,
    result: MarginResult | None = None,
    *,
    target_margin_rate=None,
) -> np.ndarray:
    """Return the highest buying price (n) that still earns the targets at the sell price.

    target_roi: wanted net margin over landed cost, float or array (n); None for no target
    result: what ``compute`` gave for the same batch and card, to spare pricing it again
    target_margin_rate: wanted net margin over revenue, alike. Without a target, the price that
        loses nothing.

    NaN where the sale itself is unknown; a buying price is not needed. Zero or less means
    that no buying price reaches the target. To store it, round down.
    """
    landed = max_landed_cost(batch, card, target_roi, result, target_margin_rate)
    return landed - batch.extra_cost - batch.eco_tax


def max_landed_cost(
    batch: DealBatch,
    card: RateCard,
    target_roi=None,
    result: MarginResult | None = None,
    target_margin_rate=None,
) -> np.ndarray:
    """Return the highest landed cost (n) that still earns the targets of ``max_buy_price``."""
    free, revenue = _without_cost(batch, card, result)
    lost = assumed(batch.return_rate, card.assumptions.return_rate)
    lost = lost * card.assumptions.return_loss_rate
    roi = 0.0 if target_roi is None else np.asarray(target_roi, dtype=np.float64)
    landed = free / (1.0 + roi + lost)
    if target_margin_rate is None:
        return landed
    wanted = np.asarray(target_margin_rate, dtype=np.float64) * revenue
    return np.minimum(landed, (free - wanted) / (1.0 + lost))


def _without_cost(batch: DealBatch, card: RateCard, result: MarginResult | None):
    """Return what each deal (n) would leave if the goods cost nothing, and its revenue."""
    if result is None or np.isnan(batch.buy_price).any() or (batch.unknown & GOODS).any():
        batch = batch.replace(
            buy_price=0.0, extra_cost=0.0, eco_tax=0.0, unknown=batch.unknown & ~GOODS
        )
        result = compute(batch, card)
        return result.net_margin, result.revenue_untaxed
    lost = assumed(batch.return_rate, card.assumptions.return_rate)
    lost = lost * card.assumptions.return_loss_rate
    return result.net_margin + result.landed_cost * (1.0 + lost), result.revenue_untaxed


def break_even_price(batch: DealBatch, card: RateCard) -> np.ndarray:
    """Return the lowest selling price (n), VAT included, that loses nothing.

    Everything but the price is kept, the shipping charged included. Fees jump at their
    thresholds, so a dearer price just above one may lose money again: this is the lowest.
    0 when the shipping charged alone pays for all. NaN where a cost is unknown, or no price
    makes up for the costs; the sell price is not needed. To store it, round up.
    """
    return target_price(batch, card)


def target_price(
    batch: DealBatch,
    card: RateCard,
    target_roi=None,
    target_margin_rate=None,
    points: PricePoints | None = None,
) -> np.ndarray:
    """Return the lowest selling price (n), VAT included, that earns the targets.

    target_roi, target_margin_rate: as ``max_buy_price`` has them; without any, the price that
        loses nothing
    points: prices to choose from, whatever their direction; the one returned earns the targets
        even where rounding up crosses a threshold of the fees. None for any price.

    0 and NaN as in ``break_even_price``.
    """
    targets = [
        np.broadcast_to(np.asarray(0.0 if target is None else target, np.float64), (len(batch),))
        for target in (target_roi, target_margin_rate)
    ]
    price = np.full(len(batch), np.nan)
    for start in range(0, len(batch), CHUNK):
        part = slice(start, start + CHUNK)
        price[part] = _lowest_price(
            batch.take(part), card, targets[0][part], targets[1][part], points
        )
    return price


def _lowest_price(batch: DealBatch, card: RateCard, roi, margin_rate, points) -> np.ndarray:
    """Return the prices of one chunk.

    In one commission band and one fulfilment regime, what is left of the targets at a buyer's
    total t is the lowest of some straight lines, one with the percentage and one with the
    minimum for each target, so it is positive from the highest of their roots on. The lowest
    such t inside its band wins.
    """
    table = card.commission
    rule = table.rules[batch.category, batch.condition]
    untaxed = 1.0 / (1.0 + vat_rates(batch, card))
    advertised = assumed(batch.advertising_rate, card.assumptions.advertising_rate)
    keep = untaxed * (1.0 - advertised)
    wanted = untaxed * (1.0 - advertised - margin_rate)
    weight = _commission_weight(batch, card)
    shipping = batch.shipping_charged_taxed
    ceiling = card.fulfilment.ceiling.take(batch.category)
    landed = landed_costs(batch)
    best = np.full(len(batch), np.inf)
    for is_cheap in (True, False):
        if is_cheap and not card.fulfilment.low_price:
            continue
        cost = _fixed_costs(batch, card, is_cheap)
        # Cheap articles are sold up to the ceiling; the others, above it if there is one.
        split = ceiling if card.fulfilment.low_price else np.zeros(len(batch))
        floor = np.where(is_cheap, 0.0, split) + shipping
        top = np.where(is_cheap, split, np.inf) + shipping
        for place in range(table.bands.shape[1]):
            row = table.bands[rule, place]
            own_cost = cost + (1.0 + card.digital_services_rate) * table.fixed.take(row)
            fees = (
                weight,
                table.rate.take(row),
                table.intercept.take(row),
                table.minimum.take(row),
            )
            total = np.maximum(
                _root(own_cost + roi * landed, keep, *fees), _root(own_cost, wanted, *fees)
            )
            lower = np.maximum(floor, table.lower.take(row))
            # Already worth it at the beginning of the band: just above it, NaN staying NaN.
            total = np.where(total <= lower, np.nextafter(lower, np.inf), total)
            if points is not None:
                total = _on_points(total, lower, shipping, points)
            inside = total <= np.minimum(top, table.upper.take(row))
            best = np.where(inside & (total < best), total, best)
    price = np.where(np.isfinite(best), best - shipping, np.nan)
    price[(batch.unknown & ~_SALE) != 0] = np.nan
    price = np.where(price < _ANY_PRICE, 0.0, price)
    return price if points is None else points.up(price)


def _on_points(total, lower, shipping, points: PricePoints) -> np.ndarray:
    """Return buyer's totals (n) with a price of the points, still above their band's floor."""
    price = points.up(np.maximum(total - shipping, 0.0))
    price = np.where(price + shipping <= lower, points.above(price), price)
    return price + shipping


def _commission_weight(batch: DealBatch, card: RateCard) -> np.ndarray:
    """Return what one unit of commission costs: itself, its share of DSF, and on returns."""
    returned = assumed(batch.return_rate, card.assumptions.return_rate)
    return 1.0 + card.digital_services_rate + returned * card.refund_admin_rate


def _root(cost, keep, weight, rate, intercept, minimum) -> np.ndarray:
    """Return the buyer's total (n) from which the margin is not negative; NaN for never."""
    slope = keep - weight * rate
    with np.errstate(divide="ignore", invalid="ignore"):
        by_share = np.where(slope > 0.0, (cost + weight * intercept) / slope, np.nan)
        by_minimum = np.where(keep > 0.0, (cost + weight * minimum) / keep, np.nan)
    return np.maximum(by_share, by_minimum)


def _fixed_costs(batch: DealBatch, card: RateCard, is_cheap: bool) -> np.ndarray:
    """Return the costs (n) that do not move with the price, in one fulfilment regime."""
    terms = card.assumptions
    parcels = Parcels.sort(batch.length_mm, batch.width_mm, batch.height_mm, batch.weight_g)
    by_marketplace = batch.fulfilment == MARKETPLACE
    fee = np.where(by_marketplace, _fulfilment_fees(batch, card, parcels, is_cheap), 0.0)
    parcel = own_carrier.choose(
        card.carriers,
        parcels,
        batch.carrier,
        batch.zone,
        card.zones,
        batch.carrier_options,
        card.option_codes,
    ).cost
    parcel = np.where(by_marketplace, 0.0, parcel)
    storage = storage_costs(batch, card, parcels, by_marketplace)
    landed = landed_costs(batch)
    returned = assumed(batch.return_rate, terms.return_rate)
    returns = returned * return_costs(card, fee + parcel, landed)
    services = card.digital_services_rate * card.digital_services_on_fulfilment
    return landed + fee * (1.0 + services) + parcel + storage + returns + card.subscription_per_unit


def _fulfilment_fees(batch: DealBatch, card: RateCard, parcels: Parcels, is_cheap) -> np.ndarray:
    """Return the marketplace's fee (n) with surcharges, each deal by its route."""
    fees = np.full(len(batch), np.nan)
    for number, table in enumerate((card.fulfilment, *card.routes), start=LOCAL):
        index = np.flatnonzero(batch.route == number)
        own = parcels.take(index)
        cheap = np.full(len(index), is_cheap)
        fee = table.price(own, batch.category[index], cheap, batch.adjustments[index])
        fees[index] = fee.total
    return fees
