"""What if: priced deals with something moved, beside what they were. Columns in, columns out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...onep_margin.engine import margin
from ...onep_margin.engine.batch import MARKETPLACE, MERCHANT, DealBatch
from ...onep_margin.engine.cost_sheet import CostSheet
from ...onep_margin.engine.landed import LandedCost
from ...onep_margin.engine.price_tiers import PriceTiers
from ...onep_margin.engine.purchase import CostTables
from ...onep_margin.engine.rate_card import RateCard
from . import costs, deals

#: What becomes of a deal, by code.
VERDICTS = ("turns_good", "turns_bad", "stays_good", "stays_bad", "unknown")
TURNS_GOOD, TURNS_BAD, STAYS_GOOD, STAYS_BAD, UNKNOWN = range(len(VERDICTS))
#: Columns of a priced deal that :func:`stored_batch` reads.
STORED = (
    "buy_price",
    "extra_cost",
    "eco_tax",
    "sell_price_taxed",
    "shipping_charged_taxed",
    "vat_rate",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
)


@dataclass(frozen=True, slots=True)
class Levers:
    """What is moved; nothing by default.

    price_change, cost_change: shares added to the selling price and to what the supplier asks;
        -0.03 is 3 % less
    currency, currency_rate: index into ``CostTables.currencies``, and what one unit of it costs,
        safety margin included; None moves no rate
    way: fulfilment of all; None takes the best that is allowed, as :func:`deals.evaluate` does
    carrier: index into ``RateCard.carriers``; None for the one of the terms
    commission_rate: share of what the buyer pays [0-1]; None for the card's
    vat_rates: by category of the card, the last for none; None for what the deals have
    """

    price_change: float = 0.0
    cost_change: float = 0.0
    currency: int | None = None
    currency_rate: float | None = None
    way: int | None = None
    carrier: int | None = None
    commission_rate: float | None = None
    vat_rates: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Deals (n) before and after, unrounded, NaN unknown.

    was_good: reached the targets before
    verdict: a code of VERDICTS; unknown is what is unknown after
    """

    was_good: np.ndarray
    margin_before: np.ndarray
    margin_after: np.ndarray
    roi_before: np.ndarray
    roi_after: np.ndarray
    verdict: np.ndarray


def stored_batch(
    columns: Mapping[str, np.ndarray], category, condition, adjustments=0
) -> DealBatch:
    """Return priced deals (n) as the engine wants them, from the inputs that were stored.

    columns: those of :data:`STORED`, NaN unknown
    category: index of the card (n), -1 unmapped
    condition: of :func:`deals.condition_codes` (n); one that nobody understands has no commission
    adjustments: of ``Adjustments.bits`` (n)
    """
    condition = np.asarray(condition)
    batch = {name: columns[name] for name in STORED}
    shipping, untold = deals.untold_as_zero(batch["shipping_charged_taxed"])
    batch["shipping_charged_taxed"] = shipping
    return DealBatch(
        **batch,
        estimated=untold,
        adjustments=adjustments,
        category=np.where(condition < 0, -1, category),
        condition=np.maximum(condition, 0),
    )


def land(
    columns: Mapping[str, np.ndarray], sheet: CostSheet, levers: Levers
) -> tuple[LandedCost, np.ndarray]:
    """Return what n deals cost with something moved, and bits of ``Estimate`` (n).

    All that hangs on the price, the rate or the quantity is worked out again: carriage and
    surcharges by the value of the order, their share, the duty.

    columns: of ``costs.land``, at the quantity that is tried
    """
    factor = 1.0 + levers.cost_change
    tiers = columns["tiers"]
    moved = {
        "price": columns["price"] * factor,
        "tiers": tiers and PriceTiers(tiers.first, tiers.quantity, tiers.price * factor),
    }
    if levers.currency is not None:
        tables = at_rate(sheet.tables, levers.currency, levers.currency_rate)
        sheet = replace(sheet, tables=tables)
    _purchase, landed, assumed = costs.land({**columns, **moved}, sheet)
    return landed, assumed


def at_rate(tables: CostTables, currency: int, paid_rate: float) -> CostTables:
    """Return cost tables in which one currency has another rate, its safety margin included."""
    currencies = tables.currencies
    rates = currencies.rate.copy()
    rates[currency] = paid_rate / (1.0 + currencies.safety_margin[currency])
    return replace(tables, currencies=replace(currencies, rate=rates))


def try_out(
    batch: DealBatch, moved: DealBatch, card: RateCard, terms: deals.Terms, levers: Levers
) -> Trial:
    """Price deals as they are and with something moved.

    moved: the same deals at the costs of :func:`land`
    terms: what the marketplace allows, and from which ROI and margin rate a deal is good
    """
    before = margin.compute(deals.at_best_way(batch, card, terms), card)
    moved = moved.replace(sell_price_taxed=moved.sell_price_taxed * (1.0 + levers.price_change))
    if levers.vat_rates is not None:
        moved = moved.replace(vat_rate=levers.vat_rates.take(moved.category))
    if levers.commission_rate is not None:
        card = card.with_commission(levers.commission_rate)
    after = margin.compute(deals.at_best_way(moved, card, _terms(terms, levers)), card)
    was_good = is_good(before, terms)
    return Trial(
        was_good=was_good,
        margin_before=before.net_margin,
        margin_after=after.net_margin,
        roi_before=before.roi,
        roi_after=after.roi,
        verdict=_verdicts(was_good, is_good(after, terms), after.net_margin),
    )


def is_good(result: margin.MarginResult, terms: deals.Terms) -> np.ndarray:
    """Return whether (bool, n) deals reach the targets; what is unknown does not."""
    return (result.roi >= terms.target_roi) & (result.margin_rate >= terms.target_margin_rate)


def _terms(terms: deals.Terms, levers: Levers) -> deals.Terms:
    """Return the terms that the levers leave."""
    if levers.carrier is not None:
        terms = replace(terms, carrier=levers.carrier)
    if levers.way is not None:
        terms = replace(
            terms,
            by_marketplace=levers.way == MARKETPLACE,
            by_merchant=levers.way == MERCHANT,
        )
    return terms


def _verdicts(good_before, good_after, margin_after) -> np.ndarray:
    """Return the code of each deal (int8, n)."""
    verdict = np.select(
        [np.isnan(margin_after), good_before & good_after, good_after, good_before],
        [UNKNOWN, STAYS_GOOD, TURNS_GOOD, TURNS_BAD],
        STAYS_BAD,
    )
    return verdict.astype(np.int8)


class Totals:
    """Counts and sums of a trial, page by page; a sum counts what is known on both sides."""

    def __init__(self):
        self.count = np.zeros(len(VERDICTS), dtype=np.int64)
        self.good_before = 0
        self.unknown_before = 0
        self.margin = dict.fromkeys(("before", "after", "good_before", "good_after"), 0.0)

    def add(self, trial: Trial) -> None:
        """Count the deals of a page."""
        self.count += np.bincount(trial.verdict, minlength=len(VERDICTS))
        lacking = np.isnan(trial.margin_before)
        both = ~lacking & ~np.isnan(trial.margin_after)
        now_good = np.isin(trial.verdict, (TURNS_GOOD, STAYS_GOOD))
        self.good_before += int(trial.was_good.sum())
        self.unknown_before += int(lacking.sum())
        self.margin["before"] += float(trial.margin_before[both].sum())
        self.margin["after"] += float(trial.margin_after[both].sum())
        self.margin["good_before"] += float(trial.margin_before[trial.was_good].sum())
        self.margin["good_after"] += float(trial.margin_after[now_good].sum())

    def before(self) -> dict[str, float]:
        """Return the figures of today: good, unknown, margin, margin_good."""
        return {
            "good": self.good_before,
            "unknown": self.unknown_before,
            "margin": self.margin["before"],
            "margin_good": self.margin["good_before"],
        }

    def after(self) -> dict[str, float]:
        """Return the same of the scenario, and how many deals each of VERDICTS has."""
        counts = dict(zip(VERDICTS, self.count.tolist(), strict=True))
        return counts | {
            "good": counts["turns_good"] + counts["stays_good"],
            "margin": self.margin["after"],
            "margin_good": self.margin["good_after"],
        }
