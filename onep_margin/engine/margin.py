"""The waterfall, station by station: from what the buyer pays to what we keep."""

import numpy as np

from . import carrier as own_carrier
from . import vat
from .batch import MARKETPLACE, DealBatch, MarginResult
from .causes import Cause, Estimate
from .logistics import Parcels
from .rate_card import DAYS_PER_MONTH, RateCard

#: Deals priced at a time: few enough for their columns to stay in the processor's cache.
CHUNK = 32_768
_MM3_PER_M3 = 1e9


def compute(batch: DealBatch, card: RateCard) -> MarginResult:
    """Price n deals under one rate card; see ``MarginResult`` for the columns.

    Memory beyond the result is bounded by the chunk, whatever n. Raises IndexError when a
    category, condition or carrier is not an index of the card.
    """
    result = MarginResult.blank(len(batch))
    for start in range(0, len(batch), CHUNK):
        part = slice(start, start + CHUNK)
        _price(batch.take(part), card, result.view(part))
    return result


def buyer_total(batch: DealBatch) -> np.ndarray:
    """Return what the buyer pays (n), shipping and VAT included; NaN unless positive."""
    total = batch.sell_price_taxed + batch.shipping_charged_taxed
    return np.where(batch.sell_price_taxed > 0.0, total, np.nan)


def vat_rates(batch: DealBatch, card: RateCard) -> np.ndarray:
    """Return the VAT rate (n) of each deal [0-1]: its own, else its fee category's."""
    usual = card.category_vat.take(batch.category, mode="raise")
    return np.where(np.isnan(batch.vat_rate), usual, batch.vat_rate)


def landed_costs(batch: DealBatch) -> np.ndarray:
    """Return what a unit costs once on our shelf (n), untaxed."""
    return batch.buy_price + batch.extra_cost + batch.eco_tax


def _price(batch: DealBatch, card: RateCard, result: MarginResult) -> None:
    """Fill ``result`` with the deals of one chunk."""
    base = buyer_total(batch)
    result.vat_rate[:] = vat_rates(batch, card)
    result.revenue_untaxed[:] = vat.untaxed(base, result.vat_rate)
    result.landed_cost[:] = landed_costs(batch)
    result.estimated[:] = batch.estimated
    result.unknown[:] = card.missing_cause
    _flag_inputs(batch, result)
    _fill_commission(batch, card, base, result)
    parcels = Parcels.sort(batch.length_mm, batch.width_mm, batch.height_mm, batch.weight_g)
    by_marketplace = batch.fulfilment == MARKETPLACE
    _fill_fulfilment(batch, card, parcels, by_marketplace, result)
    _fill_carrier(batch, card, parcels, ~by_marketplace, result)
    _fill_digital_services(card, result)
    _fill_storage(card, parcels, by_marketplace, result)
    _fill_returns(card, result)
    _fill_margin(base, result)


def _flag(result: MarginResult, where: np.ndarray, cause: Cause) -> None:
    """Mark deals as unknown for a cause."""
    result.unknown[where] |= np.uint32(cause)


def _flag_inputs(batch: DealBatch, result: MarginResult) -> None:
    """Name what the deal itself does not say."""
    _flag(result, np.isnan(batch.buy_price), Cause.BUY_PRICE_MISSING)
    _flag(result, np.isnan(batch.extra_cost), Cause.EXTRA_COST_MISSING)
    _flag(result, np.isnan(batch.eco_tax), Cause.ECO_TAX_MISSING)
    _flag(
        result,
        ~(batch.sell_price_taxed > 0.0) | np.isnan(batch.shipping_charged_taxed),
        Cause.SELL_PRICE_MISSING,
    )
    _flag(result, np.isnan(result.vat_rate), Cause.VAT_RATE_MISSING)


def _fill_commission(batch: DealBatch, card: RateCard, base: np.ndarray, result) -> None:
    """Commission and closing fee: on what the buyer pays, VAT included."""
    table = card.commission
    row = table.find(batch.category, batch.condition, base)
    result.commission_row[:] = row
    result.commission[:] = table.commission(row, base)
    result.closing_fee[:] = table.closing_fee(row)
    unmapped = batch.category < 0
    _flag(result, unmapped, Cause.CATEGORY_UNMAPPED)
    _flag(result, (row < 0) & ~unmapped & ~np.isnan(base), Cause.COMMISSION_MISSING)
    result.estimated[table.is_unconfirmed.take(row)] |= np.uint32(Estimate.COMMISSION_UNCONFIRMED)


def _fill_fulfilment(batch: DealBatch, card: RateCard, parcels: Parcels, where, result) -> None:
    """Marketplace fulfilment: size tier, weight band, surcharges. 0 when we ship."""
    result.fulfilment_fee[:] = 0.0
    index = np.flatnonzero(where)
    if not len(index):
        return
    table = card.fulfilment
    own, category = parcels.take(index), batch.category[index]
    is_cheap = table.is_cheap(category, batch.sell_price_taxed[index])
    row = table.find(own, category, is_cheap)
    result.fulfilment_row[index] = row
    result.fulfilment_fee[index] = table.with_surcharges(table.base_fee(own, row))
    lacks_weight = np.isnan(own.weight)
    lacks_size = np.isnan(own.longest + own.median + own.shortest)
    _flag(result, index[lacks_weight], Cause.WEIGHT_MISSING)
    _flag(result, index[lacks_size], Cause.DIMENSIONS_MISSING)
    no_tier = (row < 0) & ~lacks_weight & ~lacks_size & (category >= 0)
    _flag(result, index[no_tier], Cause.FULFILMENT_MISSING)
    result.estimated[index[table.is_unconfirmed.take(row)]] |= np.uint32(
        Estimate.FULFILMENT_UNCONFIRMED
    )


def _fill_carrier(batch: DealBatch, card: RateCard, parcels: Parcels, where, result) -> None:
    """Our own parcel: the wanted carrier, else the cheapest. 0 when the marketplace ships."""
    result.carrier_cost[:] = 0.0
    index = np.flatnonzero(where)
    if not len(index):
        return
    own = parcels.take(index)
    choice = own_carrier.choose(card.carriers, own, batch.carrier[index])
    result.carrier_cost[index] = choice.cost
    result.carrier[index] = choice.carrier
    result.carrier_row[index] = choice.row
    lacks_weight = np.isnan(own.weight)
    lacks_size = np.isnan(own.longest + own.median + own.shortest)
    _flag(result, index[lacks_weight], Cause.WEIGHT_MISSING)
    none = (choice.row < 0) & ~lacks_weight
    bills_size = any(grid.divisor for grid in card.carriers)
    _flag(result, index[none & lacks_size & bills_size], Cause.DIMENSIONS_MISSING)
    _flag(result, index[none & ~(lacks_size & bills_size)], Cause.CARRIER_MISSING)
    # The last element answers for "no carrier".
    limits = np.array([grid.has_size_limit for grid in card.carriers] + [False])
    unchecked = limits.take(choice.carrier) & lacks_size
    result.estimated[index[unchecked]] |= np.uint32(Estimate.SIZE_UNCHECKED)
    result.estimated[index[choice.is_unconfirmed]] |= np.uint32(Estimate.CARRIER_UNCONFIRMED)


def _fill_digital_services(card: RateCard, result: MarginResult) -> None:
    """Digital services fee: a share of the marketplace's fees, not of the price."""
    result.digital_services_fee[:] = card.digital_services_rate * (
        result.commission + result.closing_fee + result.fulfilment_fee
    )


def _fill_storage(card: RateCard, parcels: Parcels, by_marketplace, result: MarginResult) -> None:
    """Storage for the days expected until the sale, by volume."""
    months = card.assumptions.storage_days / DAYS_PER_MONTH
    rate = months * np.where(by_marketplace, card.storage_rate, card.assumptions.own_storage_rate)
    result.storage_cost[:] = np.where(rate > 0.0, rate * parcels.volume / _MM3_PER_M3, 0.0)
    _flag(result, np.isnan(result.storage_cost), Cause.STORAGE_MISSING)
    result.estimated[result.storage_cost > 0.0] |= np.uint32(Estimate.STORAGE_ASSUMED)


def _fill_returns(card: RateCard, result: MarginResult) -> None:
    """Returns: shipping lost, commission kept, handling, and value lost, times their share."""
    assumed = card.assumptions
    if not assumed.return_rate:
        result.return_cost[:] = 0.0
        return
    result.return_cost[:] = assumed.return_rate * (
        result.fulfilment_fee
        + result.carrier_cost
        + card.refund_admin_rate * result.commission
        + assumed.return_cost
        + assumed.return_loss_rate * result.landed_cost
    )
    result.estimated[:] |= np.uint32(Estimate.RETURNS_ASSUMED)


def _fill_margin(base: np.ndarray, result: MarginResult) -> None:
    """Totals and ratios; NaN wherever a cause was named."""
    result.total_fees[:] = (
        result.commission
        + result.closing_fee
        + result.digital_services_fee
        + result.fulfilment_fee
        + result.carrier_cost
        + result.storage_cost
        + result.return_cost
    )
    net = result.revenue_untaxed - result.landed_cost - result.total_fees
    net[result.unknown != 0] = np.nan
    result.net_margin[:] = net
    np.divide(net, result.revenue_untaxed, out=result.margin_rate)
    np.divide(net, base, out=result.margin_on_price_rate)
    paid = result.landed_cost > 0.0
    np.divide(net, result.landed_cost, out=result.roi, where=paid)
