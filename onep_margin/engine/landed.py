"""The cost stations in order: from a supplier's price to a unit on our shelf."""

from dataclasses import dataclass, fields

import numpy as np

from . import contributions as contribution
from . import price_tiers, supplier_terms
from .batch import DealBatch, lean
from .causes import Cause, Estimate
from .contributions import INSIDE
from .purchase import CostTables, Purchase
from .select import chosen, kept
from .supplier_terms import BY_WEIGHT

#: Offers landed at a time: few enough for their columns to stay in the processor's cache.
CHUNK = 50_000

_OTHERS = {
    "unknown": np.uint32,
    "estimated": np.uint32,
    "duty_row": np.int32,
    "eco_row": np.int32,
    "levy_row": np.int32,
}
#: Cost lines beside the price, in the order they come up.
LINES = (
    "supplier_extras",
    "inbound_cost",
    "customs_duty",
    "receiving_cost",
    "preparation_cost",
    "eco_contribution",
    "private_copy_levy",
)


@dataclass(frozen=True, slots=True, eq=False)
class LandedCost:
    """What a unit of each offer costs, untaxed, in our currency, unrounded; NaN where unknown.

    buy_price: paid to the supplier, after tiers, discounts, and the currency's safety margin
    supplier_extras: share of carriage, handling and small-order surcharge
    inbound_cost: our transport
    customs_duty: on the value at the border
    receiving_cost, preparation_cost: ours
    eco_contribution, private_copy_levy: on top of the price; 0 when inside it
    extra_cost, eco_tax: the five lines from ``supplier_extras`` on, and the two after them
    landed_cost: all of these
    unknown, estimated: bits of ``causes.Cause`` and ``causes.Estimate``
    duty_row, eco_row, levy_row: rows of the cost tables, -1 for none
    """

    buy_price: np.ndarray
    supplier_extras: np.ndarray
    inbound_cost: np.ndarray
    customs_duty: np.ndarray
    receiving_cost: np.ndarray
    preparation_cost: np.ndarray
    eco_contribution: np.ndarray
    private_copy_levy: np.ndarray
    extra_cost: np.ndarray
    eco_tax: np.ndarray
    landed_cost: np.ndarray
    unknown: np.ndarray
    estimated: np.ndarray
    duty_row: np.ndarray
    eco_row: np.ndarray
    levy_row: np.ndarray

    @classmethod
    def empty(cls, count: int) -> "LandedCost":
        """Return columns of ``count`` offers, to be filled."""
        return cls(
            **{
                column.name: np.empty(count, dtype=_OTHERS.get(column.name, np.float64))
                for column in fields(cls)
            }
        )

    def __len__(self) -> int:
        return len(self.landed_cost)

    def view(self, part: slice) -> "LandedCost":
        """Return a window on some offers; writing to it writes to the whole."""
        return LandedCost(
            **{column.name: getattr(self, column.name)[part] for column in fields(self)}
        )

    def deals(self, **columns) -> DealBatch:
        """Return the deals of these offers; ``columns`` are the sale's, as ``DealBatch`` has."""
        return DealBatch(
            buy_price=self.buy_price,
            extra_cost=self.extra_cost,
            eco_tax=self.eco_tax,
            unknown=self._with(self.unknown, columns.pop("unknown", None)),
            estimated=self._with(self.estimated, columns.pop("estimated", None)),
            **columns,
        )

    @staticmethod
    def _with(own: np.ndarray, others) -> np.ndarray:
        """Return bits (n) with those that the caller knows of."""
        return own if others is None else own | np.asarray(others, dtype=np.uint32)


def land(purchase: Purchase, tables: CostTables, out: LandedCost | None = None) -> LandedCost:
    """Return what n offers cost on our shelf. Memory beyond the result is bounded by the chunk.

    out: columns to fill again, of the same length: fresh memory costs more than the figures

    Raises IndexError when a currency, supplier, origin or kind is not an index of its table.
    """
    result = out if out is not None else LandedCost.empty(len(purchase))
    for start in range(0, len(purchase), CHUNK):
        part = slice(start, start + CHUNK)
        _land(purchase.take(part), tables, result.view(part))
    return result


def _land(purchase: Purchase, tables: CostTables, result: LandedCost) -> None:
    """Fill ``result`` with the offers of one chunk."""
    result.unknown[:] = 0
    result.estimated[:] = 0
    rate = tables.currencies.paid_rate(lean(purchase.currency))
    inside = _fill_contributions(purchase, tables, result)
    result.buy_price[:] = buying_prices(purchase, rate, inside)
    result.supplier_extras[:] = supplier_extras(purchase, tables, result.buy_price, rate)
    result.inbound_cost[:] = tables.suppliers.inbound(
        lean(purchase.supplier), lean(purchase.weight_g), lean(purchase.volume_mm3)
    )
    _fill_duty(purchase, tables, result)
    result.receiving_cost[:] = lean(purchase.receiving_cost)
    result.preparation_cost[:] = lean(purchase.preparation_cost)
    extra = result.extra_cost
    np.add(result.supplier_extras, result.inbound_cost, out=extra)
    extra += result.customs_duty
    extra += lean(purchase.receiving_cost)
    extra += lean(purchase.preparation_cost)
    np.add(result.eco_contribution, result.private_copy_levy, out=result.eco_tax)
    np.add(result.buy_price, extra, out=result.landed_cost)
    result.landed_cost[:] += result.eco_tax
    _flag_unknown(purchase, tables, rate, inside, result)


def buying_prices(purchase: Purchase, rate: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return what a unit is bought at (n) [company's currency].

    rate: what one unit of the supplier's currency costs us (n or 1)
    inside: contribution in the supplier's price, which discounts leave alone (n or 1)
    """
    price = purchase.price
    if purchase.tiers is not None:
        price = purchase.tiers.at(purchase.quantity, price)
    price = price_tiers.per_unit(price, lean(purchase.units_priced)) * rate
    share = price_tiers.discounted(
        np.ones(1),
        lean(purchase.discount_1),
        lean(purchase.discount_2),
        lean(purchase.discount_3),
    )
    if not np.any(inside):
        return price * share
    # Without a discount it matters to nobody how much is inside, nor whether that is known.
    return price * share + kept(inside * (1.0 - share), (inside != 0.0) & (share != 1.0))


def supplier_extras(purchase: Purchase, tables: CostTables, buy_price, rate) -> np.ndarray:
    """Return the share of the order's extras that a unit bears (n) [company's currency]."""
    terms = tables.suppliers
    supplier = lean(purchase.supplier)
    if not terms.has_extras:
        # A supplier without known terms, index -1, stays unknown.
        return terms.handling.take(supplier)
    quantity = lean(purchase.quantity)
    order_value = lean(purchase.order_value)
    with np.errstate(divide="ignore", invalid="ignore"):
        price = buy_price / rate
        value = chosen(np.isnan(order_value), price * quantity, order_value)
        extras = terms.order_extras(supplier, value)
        part = supplier_terms.share(
            terms.spread.take(supplier),
            (price, lean(purchase.weight_g), 1.0),
            (order_value, lean(purchase.order_weight_g), lean(purchase.order_units)),
            quantity,
        )
    # Nothing to share is nothing, even where the share cannot be told.
    return kept(extras * part * rate, extras != 0.0)


def _fill_contributions(purchase: Purchase, tables: CostTables, result: LandedCost) -> np.ndarray:
    """Contribution and levy on top of the price; returns what is inside it (n or 1)."""
    inside = np.zeros(1)
    for prefix, line, cause in (
        ("eco", "eco_contribution", Cause.ECO_TAX_MISSING),
        ("levy", "private_copy_levy", Cause.PRIVATE_COPY_LEVY_MISSING),
    ):
        where, said, kind, measure = (
            lean(getattr(purchase, f"{prefix}_{name}"))
            for name in ("position", "amount", "kind", "measure")
        )
        table = tables.contributions
        row = table.find(kind, measure)
        amount = table.amount.take(row)
        if not np.isnan(said).all():
            # What the supplier says is worth more than a schedule.
            row = np.where(np.isnan(said), row, -1)
            amount = np.where(np.isnan(said), amount, said)
        cost = contribution.borne(amount, where)
        getattr(result, line)[:] = cost
        getattr(result, f"{prefix}_row")[:] = row
        lacking = np.isnan(cost)
        if lacking.any():
            result.unknown[:] |= lacking * np.uint32(cause)
        if table.has_unconfirmed:
            doubtful = table.is_unconfirmed.take(row) & (where >= INSIDE)
            result.estimated[:] |= doubtful * np.uint32(Estimate.CONTRIBUTION_UNCONFIRMED)
        within = where == INSIDE
        if within.any():
            inside = inside + kept(amount, within)
    return inside


def _fill_duty(purchase: Purchase, tables: CostTables, result: LandedCost) -> None:
    """Duty on what the goods cost at the border: price, supplier's extras, transport."""
    imported = lean(purchase.is_imported)
    if not imported.any():
        result.customs_duty[:] = 0.0
        result.duty_row[:] = -1
        return
    index = np.flatnonzero(np.broadcast_to(imported, (len(purchase),)))
    duties = tables.duties
    code, origin = purchase.commodity_code.take(index), purchase.origin.take(index)
    row = duties.find(code, origin)
    value = (result.buy_price + result.supplier_extras + result.inbound_cost).take(index)
    result.customs_duty[:] = 0.0
    result.customs_duty[index] = duties.duty(row, value, purchase.weight_g.take(index))
    result.duty_row[:] = -1
    result.duty_row[index] = row
    none = row < 0
    if none.any():
        uncoded = code < 0
        result.unknown[index[none & uncoded]] |= np.uint32(Cause.COMMODITY_CODE_MISSING)
        result.unknown[index[none & ~uncoded]] |= np.uint32(Cause.CUSTOMS_DUTY_MISSING)
    doubtful = duties.is_unconfirmed.take(row)
    if doubtful.any():
        result.estimated[index[doubtful]] |= np.uint32(Estimate.CUSTOMS_DUTY_UNCONFIRMED)


def _flag_unknown(purchase: Purchase, tables: CostTables, rate, inside, result) -> None:
    """Name what is missing, where something is."""
    lacking = np.isnan(result.landed_cost)
    if not lacking.any():
        return
    index = np.flatnonzero(lacking)
    unknown = result.unknown[index]
    no_price = np.isnan(result.buy_price[index])
    no_rate = np.isnan(np.broadcast_to(rate, (len(purchase),))[index])
    unsaid = no_price & np.isnan(np.broadcast_to(inside, (len(purchase),))[index])
    unknown[unsaid] |= np.uint32(Cause.ECO_TAX_MISSING)
    no_quantity = np.isnan(purchase.quantity[index])
    if purchase.tiers is not None:
        unknown[no_price & no_quantity & purchase.tiers.has_any[index]] |= np.uint32(
            Cause.QUANTITY_MISSING
        )
    lost = no_price & ~no_rate & (unknown == 0)
    unknown[no_rate] |= np.uint32(Cause.CURRENCY_RATE_MISSING)
    unknown[lost] |= np.uint32(Cause.BUY_PRICE_MISSING)
    # Terms are only worth naming where the price they come on is known.
    terms = np.isnan(result.supplier_extras[index]) | np.isnan(result.inbound_cost[index])
    no_terms = terms & ~no_price & (purchase.supplier[index] < 0)
    unshared = no_quantity & np.isnan(result.supplier_extras[index])
    unshared &= ~no_price & (purchase.supplier[index] >= 0)
    unknown[unshared] |= np.uint32(Cause.QUANTITY_MISSING)
    unmeasured = terms & ~no_price & (purchase.supplier[index] >= 0)
    # Where the quantity lacks, only the transport and a share by weight lack a weight as well.
    by_weight = tables.suppliers.spread.take(purchase.supplier[index]) == BY_WEIGHT
    by_weight &= ~np.isnan(purchase.order_weight_g[index]) & np.isnan(purchase.weight_g[index])
    unmeasured &= ~unshared | by_weight | np.isnan(result.inbound_cost[index])
    unknown[no_terms] |= np.uint32(Cause.SUPPLIER_TERMS_MISSING)
    unknown[unmeasured] |= np.uint32(Cause.WEIGHT_MISSING)
    ours = np.isnan(result.receiving_cost[index]) | np.isnan(result.preparation_cost[index])
    unknown[ours] |= np.uint32(Cause.EXTRA_COST_MISSING)
    dutiable = (result.duty_row[index] >= 0) & ~no_price & ~terms
    unknown[dutiable & np.isnan(result.customs_duty[index])] |= np.uint32(Cause.WEIGHT_MISSING)
    result.unknown[index] = unknown
