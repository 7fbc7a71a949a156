"""How low we can sell and how dear we can buy."""

import numpy as np

from . import carrier as own_carrier
from .batch import MARKETPLACE, DealBatch, MarginResult
from .logistics import Parcels
from .margin import CHUNK, compute, landed_costs, vat_rates
from .rate_card import DAYS_PER_MONTH, RateCard

#: A price this small is what rounding left of zero.
_ANY_PRICE = 1e-9


def max_buy_price(
    batch: DealBatch, card: RateCard, target_roi, result: MarginResult | None = None
) -> np.ndarray:
    """Return the highest buying price (n) that still earns ``target_roi`` at the sell price.

    target_roi: wanted net margin over landed cost, float or array (n)
    result: what ``compute`` gave for the same batch and card, to spare pricing it again

    NaN where the sale itself is unknown; a buying price is not needed. Zero or less means
    that no buying price reaches the target. To store it, round down.
    """
    free = _without_cost(batch, card, result)
    lost = card.assumptions.return_rate * card.assumptions.return_loss_rate
    landed = free / (1.0 + np.asarray(target_roi, dtype=np.float64) + lost)
    return landed - batch.extra_cost - batch.eco_tax


def _without_cost(batch: DealBatch, card: RateCard, result: MarginResult | None) -> np.ndarray:
    """Return what each deal (n) would leave if the goods cost nothing."""
    if result is None or np.isnan(batch.buy_price).any():
        return compute(batch.replace(buy_price=0.0, extra_cost=0.0, eco_tax=0.0), card).net_margin
    lost = card.assumptions.return_rate * card.assumptions.return_loss_rate
    return result.net_margin + result.landed_cost * (1.0 + lost)


def break_even_price(batch: DealBatch, card: RateCard) -> np.ndarray:
    """Return the lowest selling price (n), VAT included, that loses nothing.

    Everything but the price is kept, the shipping charged included. Fees jump at their
    thresholds, so a dearer price just above one may lose money again: this is the lowest.
    0 when the shipping charged alone pays for all. NaN where a cost is unknown, or no price
    makes up for the costs; the sell price is not needed. To store it, round up.
    """
    price = np.full(len(batch), np.nan)
    for start in range(0, len(batch), CHUNK):
        part = slice(start, start + CHUNK)
        price[part] = _break_even(batch.take(part), card)
    return price


def _break_even(batch: DealBatch, card: RateCard) -> np.ndarray:
    """Return the break-even prices of one chunk.

    In one commission band and one fulfilment regime, the margin at a buyer's total t is the
    lower of two straight lines, one with the percentage and one with the minimum, so it is
    positive from the higher of their two roots on. The lowest such t inside its band wins.
    """
    table = card.commission
    rule = table.rules[batch.category, batch.condition]
    keep = 1.0 / (1.0 + vat_rates(batch, card))
    weight = _commission_weight(card)
    shipping = batch.shipping_charged_taxed
    ceiling = card.fulfilment.ceiling.take(batch.category)
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
            total = _root(
                own_cost,
                keep,
                weight,
                table.rate.take(row),
                table.intercept.take(row),
                table.minimum.take(row),
            )
            lower = np.maximum(floor, table.lower.take(row))
            # Already worth it at the beginning of the band: just above it, NaN staying NaN.
            total = np.where(total <= lower, np.nextafter(lower, np.inf), total)
            inside = total <= np.minimum(top, table.upper.take(row))
            best = np.where(inside & (total < best), total, best)
    price = np.where(np.isfinite(best), best - shipping, np.nan)
    return np.where(price < _ANY_PRICE, 0.0, price)


def _commission_weight(card: RateCard) -> float:
    """Return what one unit of commission costs: itself, its share of DSF, and on returns."""
    kept_on_refund = card.assumptions.return_rate * card.refund_admin_rate
    return 1.0 + card.digital_services_rate + kept_on_refund


def _root(cost, keep, weight, rate, intercept, minimum) -> np.ndarray:
    """Return the buyer's total (n) from which the margin is not negative; NaN for never."""
    slope = keep - weight * rate
    with np.errstate(divide="ignore", invalid="ignore"):
        by_share = np.where(slope > 0.0, (cost + weight * intercept) / slope, np.nan)
    by_minimum = (cost + weight * minimum) / keep
    return np.maximum(by_share, by_minimum)


def _fixed_costs(batch: DealBatch, card: RateCard, is_cheap: bool) -> np.ndarray:
    """Return the costs (n) that do not move with the price, in one fulfilment regime."""
    assumed = card.assumptions
    parcels = Parcels.sort(batch.length_mm, batch.width_mm, batch.height_mm, batch.weight_g)
    by_marketplace = batch.fulfilment == MARKETPLACE
    table = card.fulfilment
    row = table.find(parcels, batch.category, np.full(len(batch), is_cheap))
    fee = np.where(by_marketplace, table.with_surcharges(table.base_fee(parcels, row)), 0.0)
    parcel = own_carrier.choose(card.carriers, parcels, batch.carrier).cost
    parcel = np.where(by_marketplace, 0.0, parcel)
    rate = np.where(by_marketplace, card.storage_rate, assumed.own_storage_rate)
    rate = rate * assumed.storage_days / DAYS_PER_MONTH
    storage = np.where(rate > 0.0, rate * parcels.volume / 1e9, 0.0)
    landed = landed_costs(batch)
    returns = assumed.return_rate * (
        fee + parcel + assumed.return_cost + assumed.return_loss_rate * landed
    )
    return landed + fee * (1.0 + card.digital_services_rate) + parcel + storage + returns
