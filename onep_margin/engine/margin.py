"""The waterfall, station by station: from what the buyer pays to what we keep."""

import numpy as np

from . import carrier as own_carrier
from . import vat
from .batch import LOCAL, MARKETPLACE, DealBatch, MarginResult, lean
from .causes import GOODS, Cause, Estimate
from .logistics import Parcels
from .rate_card import DAYS_PER_MONTH, RateCard
from .select import chosen, forget, kept

#: Deals priced at a time: few enough for their columns to stay in the processor's cache.
CHUNK = 50_000
_MM3_PER_M3 = 1e9
#: Fees beside the commission and the closing fee.
_OTHER_FEES = (
    "digital_services_fee",
    "fulfilment_fee",
    "carrier_cost",
    "storage_cost",
    "return_cost",
    "advertising_cost",
    "subscription_cost",
)


def compute(batch: DealBatch, card: RateCard, out: MarginResult | None = None) -> MarginResult:
    """Price n deals under one rate card; see ``MarginResult`` for the columns.

    out: columns to fill again, of the same length: fresh memory costs more than the figures

    Memory beyond the result is bounded by the chunk, whatever n. Raises IndexError when a
    category, condition, carrier, zone or route is not an index of the card.
    """
    result = out if out is not None else MarginResult.empty(len(batch))
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
    own = lean(batch.vat_rate)
    lacking = np.isnan(own)
    if not lacking.any():
        return np.broadcast_to(own, (len(batch),))
    usual = card.category_vat.take(batch.category, mode="raise")
    return usual if lacking.all() else np.where(lacking, usual, own)


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
    result.unknown[:] = batch.unknown
    result.unknown[:] |= np.uint32(card.missing_cause)
    _flag_inputs(batch, result)
    _fill_commission(batch, card, base, result)
    parcels = Parcels.sort(batch.length_mm, batch.width_mm, batch.height_mm, batch.weight_g)
    by_marketplace = batch.fulfilment == MARKETPLACE
    _fill_fulfilment(batch, card, parcels, by_marketplace, result)
    _fill_carrier(batch, card, parcels, ~by_marketplace, result)
    _fill_digital_services(card, result)
    _fill_storage(batch, card, parcels, by_marketplace, result)
    _fill_returns(batch, card, result)
    _fill_advertising(batch, card, result)
    _fill_subscription(card, result)
    _fill_margin(batch, base, result)


def assumed(column: np.ndarray, usual: float) -> np.ndarray:
    """Return an expectation of each deal (n or 1): its own, else the card's."""
    column = lean(column)
    lacking = np.isnan(column)
    return chosen(lacking, np.full(len(column), usual), column) if lacking.any() else column


def _flag(result: MarginResult, where: np.ndarray, cause: Cause) -> None:
    """Mark deals as unknown for a cause."""
    if where.any():
        result.unknown[:] |= where.astype(np.uint32) * np.uint32(cause)


def _estimate(result: MarginResult, where: np.ndarray, estimate: Estimate) -> None:
    """Mark what deals rest on (n, or 1 for all)."""
    result.estimated[:] |= where.astype(np.uint32) * np.uint32(estimate)


def _flag_inputs(batch: DealBatch, result: MarginResult) -> None:
    """Name what the deal itself does not say."""
    lacking = np.isnan(result.landed_cost)
    if lacking.any():
        # Who landed the goods may have named the cause already.
        unsaid = lacking & ((batch.unknown & GOODS) == 0)
        _flag(result, unsaid & np.isnan(batch.buy_price), Cause.BUY_PRICE_MISSING)
        _flag(result, unsaid & np.isnan(batch.extra_cost), Cause.EXTRA_COST_MISSING)
        _flag(result, unsaid & np.isnan(batch.eco_tax), Cause.ECO_TAX_MISSING)
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
    none = row < 0
    if none.any():
        unmapped = batch.category < 0
        _flag(result, unmapped, Cause.CATEGORY_UNMAPPED)
        _flag(result, none & ~unmapped & ~np.isnan(base), Cause.COMMISSION_MISSING)
    _estimate(result, table.is_unconfirmed.take(row), Estimate.COMMISSION_UNCONFIRMED)


def _fill_fulfilment(batch: DealBatch, card: RateCard, parcels: Parcels, where, result) -> None:
    """Marketplace fulfilment: size tier, weight band, surcharges. 0 when we ship."""
    result.fulfilment_fee[:] = 0.0
    result.fulfilment_row[:] = -1
    route = lean(batch.route)
    for number, table in enumerate((card.fulfilment, *card.routes), start=LOCAL):
        taken = where & (route == number)
        if taken.any():
            _fill_route(batch, table, parcels, np.flatnonzero(taken), result)
    strange = where & ((route < LOCAL) | (route >= len(card.routes)))
    if strange.any():
        raise IndexError("A route is not an index of the card")


def _fill_route(batch: DealBatch, table, parcels: Parcels, index: np.ndarray, result) -> None:
    """Fulfilment of the deals ``index`` in the table of their route."""
    own, category = parcels.take(index), batch.category.take(index)
    is_cheap = table.is_cheap(category, batch.sell_price_taxed.take(index))
    fee = table.price(own, category, is_cheap, _some(batch.adjustments, index))
    result.fulfilment_row[index] = fee.row
    result.fulfilment_fee[index] = fee.total
    if fee.is_unconfirmed.any():
        doubtful = index[fee.is_unconfirmed]
        result.estimated[doubtful] |= np.uint32(Estimate.FULFILMENT_UNCONFIRMED)
    none = fee.row < 0
    if not none.any():
        return
    lacks_weight = np.isnan(own.weight)
    lacks_size = np.isnan(own.total)
    _flag_some(result, index[lacks_weight], Cause.WEIGHT_MISSING)
    _flag_some(result, index[lacks_size], Cause.DIMENSIONS_MISSING)
    no_tier = none & ~lacks_weight & ~lacks_size & (category >= 0)
    _flag_some(result, index[no_tier], Cause.FULFILMENT_MISSING)
    # The commission has named it already, unless a person forced one.
    _flag_some(result, index[none & (category < 0)], Cause.CATEGORY_UNMAPPED)


def _fill_carrier(batch: DealBatch, card: RateCard, parcels: Parcels, where, result) -> None:
    """Our own parcel: the wanted carrier, else the cheapest. 0 when the marketplace ships."""
    result.carrier_cost[:] = 0.0
    result.carrier[:] = -1
    result.carrier_row[:] = -1
    index = np.flatnonzero(where)
    if not len(index):
        return
    own = parcels.take(index)
    choice = own_carrier.choose(
        card.carriers,
        own,
        _some(batch.carrier, index),
        _some(batch.zone, index),
        card.zones,
        _some(batch.carrier_options, index),
        card.option_codes,
    )
    result.carrier_cost[index] = choice.cost
    result.carrier[index] = choice.carrier
    result.carrier_row[index] = choice.row
    if choice.is_unconfirmed.any():
        result.estimated[index[choice.is_unconfirmed]] |= np.uint32(Estimate.CARRIER_UNCONFIRMED)
    if choice.is_size_unchecked.any():
        result.estimated[index[choice.is_size_unchecked]] |= np.uint32(Estimate.SIZE_UNCHECKED)
    none = choice.row < 0
    if not none.any():
        return
    lacks_weight, lacks_size = np.isnan(own.weight), np.isnan(own.total)
    _flag_some(result, index[lacks_weight], Cause.WEIGHT_MISSING)
    none &= ~lacks_weight
    bills_size = any(grid.divisor for grid in card.carriers)
    _flag_some(result, index[none & lacks_size & bills_size], Cause.DIMENSIONS_MISSING)
    _flag_some(result, index[none & ~(lacks_size & bills_size)], Cause.CARRIER_MISSING)


def _some(column: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return some elements of a column, or its only one (1,) when it was given as a scalar."""
    return lean(column) if column.strides == (0,) else column.take(index)


def _flag_some(result: MarginResult, index: np.ndarray, cause: Cause) -> None:
    """Mark the deals of an index as unknown for a cause."""
    if len(index):
        result.unknown[index] |= np.uint32(cause)


def _fill_digital_services(card: RateCard, result: MarginResult) -> None:
    """Digital services fee: a share of the marketplace's fees, not of the price."""
    fees = result.digital_services_fee
    np.add(result.commission, result.closing_fee, out=fees)
    if card.digital_services_on_fulfilment:
        fees += result.fulfilment_fee
    fees *= card.digital_services_rate


def _fill_storage(batch: DealBatch, card, parcels: Parcels, by_marketplace, result) -> None:
    """Storage for the days expected until the sale, by volume."""
    cost = storage_costs(batch, card, parcels, by_marketplace, out=result.storage_cost)
    _flag(result, np.isnan(cost), Cause.STORAGE_MISSING)
    _estimate(result, cost > 0.0, Estimate.STORAGE_ASSUMED)


def storage_costs(batch: DealBatch, card, parcels: Parcels, by_marketplace, out=None) -> np.ndarray:
    """Return what storage costs until the sale (n); no room is needed where it costs nothing."""
    months = assumed(batch.storage_days, card.assumptions.storage_days) / DAYS_PER_MONTH
    rate = months * _storage_rates(batch, card, by_marketplace)
    cost = np.multiply(parcels.volume, rate / _MM3_PER_M3, out=out)
    lacking = np.isnan(cost)
    if lacking.any():
        cost[lacking & (rate == 0.0)] = 0.0
    return cost


def _storage_rates(batch: DealBatch, card: RateCard, by_marketplace: np.ndarray) -> np.ndarray:
    """Return the storage rate of each deal (n): the marketplace's by category, else our own."""
    own_rate = card.assumptions.own_storage_rate
    # Looked up, not added up: a rate unknown for one who ships is not for the other.
    if not len(card.category_storage):
        return np.array([own_rate, card.storage_rate]).take(by_marketplace)
    # Our own rate, that of unmapped deals, which is the last of the card's, then by category.
    table = np.concatenate(([own_rate], card.category_storage[-1:], card.category_storage[:-1]))
    return table.take((lean(batch.category) + 2) * by_marketplace)


def _fill_returns(batch: DealBatch, card: RateCard, result: MarginResult) -> None:
    """Returns: shipping lost, commission kept, handling, and value lost, times their share."""
    rate = assumed(batch.return_rate, card.assumptions.return_rate)
    if not rate.any():
        result.return_cost[:] = 0.0
        return
    cost = return_costs(card, result.fulfilment_fee + result.carrier_cost, result.landed_cost)
    cost += card.refund_admin_rate * result.commission
    cost *= rate
    result.return_cost[:] = cost if rate.all() else kept(cost, rate != 0.0)
    _estimate(result, rate > 0.0, Estimate.RETURNS_ASSUMED)


def return_costs(card: RateCard, shipping: np.ndarray, landed: np.ndarray) -> np.ndarray:
    """Return what one return costs (n), the commission kept by the marketplace apart."""
    terms = card.assumptions
    return shipping + terms.return_cost + terms.return_loss_rate * landed


def _fill_advertising(batch: DealBatch, card: RateCard, result: MarginResult) -> None:
    """Advertising: a share of the revenue."""
    rate = assumed(batch.advertising_rate, card.assumptions.advertising_rate)
    if not rate.any():
        result.advertising_cost[:] = 0.0
        return
    np.multiply(rate, result.revenue_untaxed, out=result.advertising_cost)
    _estimate(result, rate > 0.0, Estimate.ADVERTISING_ASSUMED)


def _fill_subscription(card: RateCard, result: MarginResult) -> None:
    """The subscription, spread over the month's sales when the company says how many."""
    result.subscription_cost[:] = card.subscription_per_unit
    if card.subscription_per_unit:
        result.estimated[:] |= np.uint32(Estimate.SUBSCRIPTION_SPREAD)


def _fill_margin(batch: DealBatch, base: np.ndarray, result: MarginResult) -> None:
    """Totals and ratios; NaN wherever a cause was named."""
    total = result.total_fees
    np.add(result.commission, result.closing_fee, out=total)
    for name in _OTHER_FEES:
        total += getattr(result, name)
    net = result.net_margin
    np.subtract(result.revenue_untaxed, result.landed_cost, out=net)
    net -= total
    lacking = result.unknown != 0
    if lacking.any():
        forget(net, lacking)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(net, result.revenue_untaxed, out=result.margin_rate)
        np.divide(net, base, out=result.margin_on_price_rate)
        np.divide(net, result.landed_cost, out=result.roi)
    free = ~(result.landed_cost > 0.0)
    if free.any():
        result.roi[free] = np.nan
    np.multiply(net, lean(batch.units_per_month), out=result.monthly_margin)
