"""One deal, line by line: the waterfall that the batch computed, with the rule behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .batch import DealBatch, MarginResult
from .causes import Estimate
from .landed import LINES, LandedCost
from .logistics import Parcels
from .purchase import CostTables
from .rate_card import RateCard

#: ``Line.kind``: a sum so far, something earned, something paid.
TOTAL, GAIN, COST = "total", "gain", "cost"
#: What a supplier's terms leave open.
_TERMS_DOUBT = Estimate.SUPPLIER_TERMS_ASSUMED | Estimate.SUPPLIER_TERMS_UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Line:
    """One bar of a waterfall.

    label_key: names the line; translated by whoever shows it
    amount: signed, unrounded; None when unknown
    kind: ``TOTAL``, ``GAIN`` or ``COST``
    rule_ref: the ``ref`` of the rate card's row that made it, None for none
    note_key, params: what explains it, a key and its figures
    estimated: it rests on an unconfirmed rule or an assumption
    """

    label_key: str
    amount: float | None
    kind: str = COST
    rule_ref: object = None
    note_key: str | None = None
    params: dict = field(default_factory=dict)
    estimated: bool = False


def explain(
    batch: DealBatch,
    result: MarginResult,
    index: int,
    card: RateCard,
    landed: LandedCost | None = None,
    tables: CostTables | None = None,
    refs: Mapping[str, object] | None = None,
) -> list[Line]:
    """Return the waterfall of deal ``index``, from the price to the net margin.

    landed, tables: what ``landed.land`` gave for the same offers, to tell each cost apart
    refs: rules behind cost lines that are in no table, as ``CostSheet.rules`` gives them

    Lines that are worth nothing are left out, except totals, the buying price and unknowns; so is
    not shipping that is taken for nothing because nobody tells it.
    """
    lines = [
        *_sale(batch, result, index),
        *(
            _cost(batch, result, index)
            if landed is None
            else _cost_lines(landed, result, index, tables, refs or {})
        ),
        *_selling_fees(batch, result, index, card),
        *_shipping(batch, result, index, card),
        *_assumed(batch, result, index, card),
        Line("net_margin", _known(result.net_margin[index]), TOTAL),
    ]
    return [
        line
        for line in lines
        if line.kind == TOTAL or line.amount != 0.0 or line.note_key == "shipping_unknown"
    ]


def _known(amount) -> float | None:
    """Return a plain float, None for NaN."""
    return None if np.isnan(amount) else float(amount)


def _minus(amount) -> float | None:
    """Return the amount as something paid."""
    return None if np.isnan(amount) else -float(amount)


def _sale(batch: DealBatch, result: MarginResult, index: int) -> list[Line]:
    """Price, shipping and VAT."""
    taxed = batch.sell_price_taxed[index]
    shipping = batch.shipping_charged_taxed[index]
    vat = taxed + shipping - result.revenue_untaxed[index]
    is_untold = bool(result.estimated[index] & Estimate.SHIPPING_CHARGED_UNKNOWN)
    return [
        Line("sell_price_taxed", _known(taxed), TOTAL),
        Line(
            "shipping_charged_taxed",
            _known(shipping),
            GAIN,
            note_key="shipping_unknown" if is_untold else None,
            estimated=is_untold,
        ),
        Line(
            "vat", _minus(vat), note_key="vat_rate", params={"rate": _known(result.vat_rate[index])}
        ),
        Line("revenue_untaxed", _known(result.revenue_untaxed[index]), TOTAL),
    ]


def _cost(batch: DealBatch, result: MarginResult, index: int) -> list[Line]:
    """What the goods cost on our shelf."""
    doubts = {
        "extra_cost": _TERMS_DOUBT | Estimate.CUSTOMS_DUTY_UNCONFIRMED,
        "eco_tax": Estimate.CONTRIBUTION_UNCONFIRMED | Estimate.CONTRIBUTION_UNCHECKED,
    }
    return [
        Line(
            name,
            _minus(getattr(batch, name)[index]),
            estimated=bool(result.estimated[index] & doubts.get(name, 0)),
        )
        for name in ("buy_price", "extra_cost", "eco_tax")
    ]


def _cost_lines(
    landed: LandedCost, result: MarginResult, index: int, tables: CostTables | None, refs
) -> list[Line]:
    """What each cost station added, with the rule behind it."""
    terms = refs.get("supplier_extras")
    of_terms = {"supplier_extras", "inbound_cost"}
    if terms is not None and refs.get("buy_price") == terms:
        of_terms.add("buy_price")
    is_doubtful = bool(result.estimated[index] & _TERMS_DOUBT)
    rules = {}
    if tables is not None:
        rules = {
            "customs_duty": (tables.duties, landed.duty_row[index]),
            "eco_contribution": (tables.contributions, landed.eco_row[index]),
            "private_copy_levy": (tables.contributions, landed.levy_row[index]),
        }
    lines = []
    for name in ("buy_price", *LINES):
        table, row = rules.get(name, (None, -1))
        lines.append(
            Line(
                name,
                _minus(getattr(landed, name)[index]),
                rule_ref=table.refs[row] if row >= 0 else refs.get(name),
                estimated=bool(row >= 0 and table.is_unconfirmed[row])
                or (is_doubtful and name in of_terms),
            )
        )
    return lines


def _selling_fees(batch: DealBatch, result, index: int, card: RateCard) -> list[Line]:
    """Commission, closing fee and digital services fee."""
    row = result.commission_row[index]
    ref = card.commission.refs[row] if row >= 0 else None
    base = batch.sell_price_taxed[index] + batch.shipping_charged_taxed[index]
    doubt = bool(
        result.estimated[index] & (Estimate.COMMISSION_UNCONFIRMED | Estimate.CATEGORY_GUESSED)
    )
    return [
        Line(
            "commission",
            _minus(result.commission[index]),
            rule_ref=ref,
            estimated=doubt,
            **_commission_note(row, base, card),
        ),
        Line("closing_fee", _minus(result.closing_fee[index]), rule_ref=ref, estimated=doubt),
        Line(
            "digital_services_fee",
            _minus(result.digital_services_fee[index]),
            rule_ref=card.ref,
            note_key="share_of_fees",
            params={"rate": card.digital_services_rate},
        ),
    ]


def _commission_note(row: int, base: float, card: RateCard) -> dict:
    """Say which rule gave the commission."""
    if row < 0:
        return {}
    table = card.commission
    rate, minimum = float(table.rate[row]), float(table.minimum[row])
    if table.intercept[row] + rate * base < minimum:
        return {"note_key": "minimum", "params": {"minimum": minimum}}
    params = {"rate": rate, "base": _known(base), "lower": float(table.lower[row])}
    return {"note_key": f"commission_{table.methods[row]}", "params": params}


def _shipping(batch: DealBatch, result: MarginResult, index: int, card: RateCard) -> list[Line]:
    """Marketplace fulfilment, or our own parcel."""
    number = result.carrier[index]
    grid = card.carriers[number] if number >= 0 else None
    doubts = int(result.estimated[index])
    return [
        *_fulfilment(batch, result, index, card),
        Line(
            "carrier_cost",
            _minus(result.carrier_cost[index]),
            rule_ref=grid.ref if grid else None,
            note_key="carrier" if grid else None,
            params={"carrier": grid.name} if grid else {},
            estimated=bool(doubts & (Estimate.CARRIER_UNCONFIRMED | Estimate.SIZE_UNCHECKED)),
        ),
    ]


def _fulfilment(batch: DealBatch, result, index: int, card: RateCard) -> list[Line]:
    """What the marketplace charges to ship one deal: band, adjustments, surcharges."""
    row = result.fulfilment_row[index]
    if row < 0:
        # Unknown, or shipped by us.
        return [Line("fulfilment_fee", _minus(result.fulfilment_fee[index]))]
    table = (*card.routes, card.fulfilment)[batch.route[index]]
    one = batch.take(slice(index, index + 1))
    fee = table.price(
        Parcels.sort(one.length_mm, one.width_mm, one.height_mm, one.weight_g),
        one.category,
        table.is_cheap(one.category, one.sell_price_taxed),
        one.adjustments,
    )
    tier = table.tier_names[table.band_tier[row]]
    return [
        Line(
            "fulfilment_fee",
            _minus(fee.base[0]),
            rule_ref=table.refs[row],
            note_key="tier" if tier else None,
            params={"tier": tier} if tier else {},
            estimated=bool(table.is_unconfirmed[row]),
        ),
        Line(
            "fulfilment_adjustment",
            _minus(fee.adjustment[0]),
            rule_ref=table.adjustment_ref(row, int(one.adjustments[0])) or card.ref,
            estimated=bool(table.is_adjustment_unconfirmed(fee.row, one.adjustments)[0]),
        ),
        Line(
            "fulfilment_surcharge",
            _minus(fee.surcharge[0]),
            rule_ref=card.ref,
            note_key="share_of_fulfilment",
            params={"rate": table.surcharge_rate},
        ),
    ]


def _assumed(batch: DealBatch, result: MarginResult, index: int, card: RateCard) -> list[Line]:
    """What rests on expectations: storage, returns, advertising, the subscription's share."""
    usual = card.assumptions
    return [
        Line(
            "storage_cost",
            _minus(result.storage_cost[index]),
            rule_ref=card.ref,
            note_key="storage",
            params={"days": _expected(batch.storage_days[index], usual.storage_days)},
            estimated=True,
        ),
        Line(
            "return_cost",
            _minus(result.return_cost[index]),
            note_key="returns",
            params={"rate": _expected(batch.return_rate[index], usual.return_rate)},
            estimated=True,
        ),
        Line(
            "advertising_cost",
            _minus(result.advertising_cost[index]),
            note_key="share_of_revenue",
            params={"rate": _expected(batch.advertising_rate[index], usual.advertising_rate)},
            estimated=True,
        ),
        Line(
            "subscription_cost",
            _minus(result.subscription_cost[index]),
            rule_ref=card.ref,
            note_key="subscription",
            params={"units": usual.monthly_units},
            estimated=True,
        ),
    ]


def _expected(own, usual: float) -> float:
    """Return an expectation of one deal: its own, else the card's."""
    return usual if np.isnan(own) else float(own)
