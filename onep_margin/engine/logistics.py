"""Marketplace fulfilment (FBA): the size tier of a parcel, then its weight band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .select import chosen, rows_where
from .steps import FitTable, StepTable, first_bit

#: Which fee categories a tier serves: all, only those of the selected-parcel programme,
#: or only the others.
AUDIENCES = ("all", "selected", "other")
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Parcels:
    """Packed parcels, sides sorted: longest ≥ median ≥ shortest [mm], weight [g]."""

    longest: np.ndarray
    median: np.ndarray
    shortest: np.ndarray
    weight: np.ndarray

    @classmethod
    def sort(cls, length, width, height, weight) -> "Parcels":
        """Sort sides given in any order; what is not positive is unknown (NaN)."""
        first, second, third, weight = map(_positive, (length, width, height, weight))
        wide, narrow = np.maximum(first, second), np.minimum(first, second)
        return cls(
            longest=np.maximum(wide, third),
            median=np.maximum(narrow, np.minimum(wide, third)),
            shortest=np.minimum(narrow, third),
            weight=weight,
        )

    @cached_property
    def girth(self) -> np.ndarray:
        """Length plus twice each other side [mm]."""
        return self.longest + 2.0 * (self.median + self.shortest)

    @cached_property
    def total(self) -> np.ndarray:
        """The three sides together [mm]."""
        return self.longest + self.median + self.shortest

    @cached_property
    def volume(self) -> np.ndarray:
        """Volume [mm³]."""
        return self.longest * self.median * self.shortest

    def take(self, index) -> "Parcels":
        """Return some of the parcels."""
        sides = (self.longest, self.median, self.shortest, self.weight)
        return Parcels(*(side.take(index) for side in sides))


def _positive(column: np.ndarray) -> np.ndarray:
    """Return a column with NaN for what is not positive."""
    positive = column > 0
    return column if positive.all() else np.where(positive, column, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class FulfilmentFee:
    """What the marketplace charges to ship each parcel; NaN, and row -1, where unknown.

    row: band of the table
    base, adjustment, surcharge: of the band, of what was asked for, of what is in force
    is_unconfirmed: the band, or an adjustment, is
    """

    row: np.ndarray
    base: np.ndarray
    adjustment: np.ndarray
    surcharge: np.ndarray
    is_unconfirmed: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """The whole fee (n)."""
        return self.base + self.adjustment + self.surcharge


@dataclass(frozen=True, slots=True, eq=False)
class FulfilmentTable:
    """Size tiers (at most 64, in order of preference) and their weight bands as arrays.

    A parcel goes to the first tier that it fits on every side, in weight and in girth.

    fits: one FitTable per limit
    by_category: tiers open to each category as bits; shape (categories + 1,)
    low_price: bits of the tiers reserved to cheap articles
    ceiling: price with VAT up to which a category is cheap, 0 for never; shape (categories + 1,)
    divisor: volume for one gram of dimensional weight [mm³ per g = cm³ per kg]
    is_dimensional: tier billed on the greater of real and dimensional weight; shape (tiers + 1,)
    steps: bands by tier, on the billed weight [g]
    amount: fee of a band; plus ``extra`` for each ``extra_per`` [g] above ``extra_from`` [g],
        started units counting whole where ``is_started``
    surcharge_rate, surcharge_amount: added to every fulfilment fee
    adjustment_codes: what some articles pay more or less: dangerous goods, own packaging …
    adjustment, adjustment_extra, adjustment_from: amount by code and band, plus so much per
        gram above a billed weight; shape (codes, bands + 1)
    adjustment_row: row of ``adjustment_refs`` and ``adjustment_doubts`` that gave it, -1 for
        none, which the last element serves
    """

    fits: dict[str, FitTable]
    by_category: np.ndarray
    low_price: np.uint64
    ceiling: np.ndarray
    divisor: float
    is_dimensional: np.ndarray
    steps: StepTable
    amount: np.ndarray
    extra: np.ndarray
    extra_per: np.ndarray
    extra_from: np.ndarray
    is_started: np.ndarray
    is_unconfirmed: np.ndarray
    band_tier: np.ndarray
    tier_names: tuple[str, ...]
    refs: tuple
    surcharge_rate: float
    surcharge_amount: float
    adjustment_codes: tuple[str, ...]
    adjustment: np.ndarray
    adjustment_extra: np.ndarray
    adjustment_from: np.ndarray
    adjustment_row: np.ndarray
    adjustment_refs: tuple
    adjustment_doubts: np.ndarray

    @classmethod
    def from_rows(
        cls,
        tiers: Sequence[Mapping],
        categories: Sequence[Mapping],
        divisor: float,
        surcharge_rate: float = 0.0,
        surcharge_amount: float = 0.0,
        adjustments: Sequence[Mapping] = (),
    ) -> "FulfilmentTable":
        """Build from tiers in order of preference.

        tiers: name, is_low_price, audience, max_longest_mm, max_median_mm, max_shortest_mm,
            max_girth_mm, min_weight_g, max_weight_g, max_dimensional_g (0 or none: no limit),
            is_dimensional, ref, and bands: weight_max_g (0 or none: no limit), amount, extra,
            extra_per_g, extra_from_g, is_started, is_unconfirmed, ref
        categories: is_selected_parcel, low_price_ceiling
        divisor: [cm³ per kg]
        adjustments: code, amount, and optionally tier (the ref of one; none: all), weight_max_g
            (of the only band it is for), extra_per_g, extra_from_g, is_unconfirmed, ref
        """
        if len(tiers) > 64:
            raise ValueError("A rate card has at most 64 size tiers")
        bands = [
            (number, band, lower)
            for number, tier in enumerate(tiers)
            for band, lower in _with_lower(tier["bands"])
        ]
        return cls(
            fits=_fits(tiers),
            by_category=_by_category(tiers, categories),
            low_price=np.uint64(
                sum(1 << number for number, tier in enumerate(tiers) if tier.get("is_low_price"))
            ),
            ceiling=np.array([row.get("low_price_ceiling") or 0.0 for row in categories] + [0.0]),
            divisor=divisor or np.nan,
            is_dimensional=np.array([bool(t.get("is_dimensional")) for t in tiers] + [False]),
            steps=StepTable.build(
                [
                    (number, lower, band.get("weight_max_g") or np.inf)
                    for number, band, lower in bands
                ],
                len(tiers),
            ),
            amount=_column(bands, "amount", np.nan),
            extra=_column(bands, "extra", np.nan),
            extra_per=np.array([b.get("extra_per_g") or np.inf for _n, b, _l in bands] + [np.inf]),
            extra_from=_column(bands, "extra_from_g", 0.0),
            is_started=_column(bands, "is_started", 0.0).astype(bool),
            is_unconfirmed=_column(bands, "is_unconfirmed", 0.0).astype(bool),
            band_tier=np.array([number for number, _band, _lower in bands] + [-1], dtype=np.intp),
            tier_names=tuple(tier.get("name") or "" for tier in tiers),
            refs=tuple(tiers[number].get("ref") for number, _band, _lower in bands),
            surcharge_rate=surcharge_rate,
            surcharge_amount=surcharge_amount,
            **_adjustments(adjustments, tiers, bands),
        )

    def scaled(self, factor: float) -> "FulfilmentTable":
        """Return the same tiers in another currency, ``factor`` units of it for one of ours."""
        return replace(
            self,
            ceiling=self.ceiling * factor,
            amount=self.amount * factor,
            extra=self.extra * factor,
            surcharge_amount=self.surcharge_amount * factor,
            adjustment=self.adjustment * factor,
            adjustment_extra=self.adjustment_extra * factor,
        )

    def is_cheap(self, category: np.ndarray, price_taxed: np.ndarray) -> np.ndarray:
        """Return whether (bool, n) each price opens the tiers reserved to cheap articles."""
        return price_taxed <= self.ceiling.take(category)

    def price(
        self,
        parcels: Parcels,
        category: np.ndarray,
        is_cheap: np.ndarray,
        adjustments: np.ndarray,
    ) -> FulfilmentFee:
        """Return the fee of each parcel (n) with the adjustments asked for (bits, n).

        A parcel of unknown size or weight has none, even where the only tier has no limit.
        """
        row, billed = self.place(parcels, category, is_cheap)
        row = rows_where(~np.isnan(parcels.total + parcels.weight), row)
        base = self.base_fee(billed, row)
        adjustment = np.zeros(1)
        if adjustments.any():
            adjustment = self.adjusted(billed, row, adjustments)
        return FulfilmentFee(
            row=row,
            base=base,
            adjustment=adjustment,
            surcharge=(base + adjustment) * self.surcharge_rate + self.surcharge_amount,
            is_unconfirmed=self.is_unconfirmed.take(row)
            | self.is_adjustment_unconfirmed(row, adjustments),
        )

    def find(self, parcels: Parcels, category: np.ndarray, is_cheap: np.ndarray) -> np.ndarray:
        """Return the band row (intp, n) of each parcel, -1 when no tier takes it."""
        return self.place(parcels, category, is_cheap)[0]

    def place(self, parcels: Parcels, category, is_cheap) -> tuple[np.ndarray, np.ndarray]:
        """Return the band row of each parcel (n), and the weight it is billed on (n) [g]."""
        bits = self.by_category.take(category)
        sizes = {
            "longest": parcels.longest,
            "median": parcels.median,
            "shortest": parcels.shortest,
            "weight": parcels.weight,
        }
        for limit, table in self.fits.items():
            if limit == "girth":
                value = parcels.girth
            elif limit == "dimensional":
                value = parcels.volume / self.divisor
            else:
                value = sizes[limit]
            bits &= table.fit(value)
        if self.low_price:
            bits &= is_cheap * self.low_price | ~self.low_price
        tier = first_bit(bits)
        tier[tier == 64] = -1
        billed = self.billed_weight(parcels, tier)
        return self.steps.find(tier, billed), billed

    def billed_weight(self, parcels: Parcels, tier: np.ndarray) -> np.ndarray:
        """Return the weight (n) that each parcel is billed on in its tier [g]."""
        dimensional = np.maximum(parcels.weight, parcels.volume / self.divisor)
        return chosen(self.is_dimensional.take(tier), dimensional, parcels.weight)

    def base_fee(self, billed: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return the fee (n) of billed weights before adjustments and surcharges; NaN for -1."""
        units = np.maximum(billed - self.extra_from.take(row), 0.0) / self.extra_per.take(row)
        started = self.is_started.take(row)
        if started.any():
            units = chosen(started, np.ceil(units - _ROUNDING), units)
        return self.amount.take(row) + self.extra.take(row) * units

    def adjusted(self, billed: np.ndarray, row: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """Return what the adjustments asked for (bits, n) add to the fee of billed weights (n)."""
        total = np.zeros(len(row))
        wanted = int(np.bitwise_or.reduce(asked)) if len(asked) else 0
        for number in range(len(self.adjustment_codes)):
            if not wanted >> number & 1:
                continue
            amount = self.adjustment[number].take(row)
            if self.adjustment_extra[number].any():
                above = np.maximum(billed - self.adjustment_from[number].take(row), 0.0)
                extra = self.adjustment_extra[number].take(row)
                amount += np.where(extra, extra * above, 0.0)
            total += amount * ((asked & np.uint32(1 << number)) != 0)
        return total

    def is_adjustment_unconfirmed(self, row: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """Return whether (bool, n) an adjustment asked for (bits, n) of a band is unconfirmed."""
        doubtful = np.zeros(len(row), dtype=bool)
        if self.adjustment_doubts.any() and asked.any():
            for number, rows in enumerate(self.adjustment_row):
                is_asked = (asked & np.uint32(1 << number)) != 0
                doubtful |= is_asked & self.adjustment_doubts.take(rows).take(row)
        return doubtful

    def adjustment_ref(self, row: int, asked: int):
        """Return the ref of the only adjustment asked for (bits) on a band; None for several."""
        rows = {
            int(rows[row]) for number, rows in enumerate(self.adjustment_row) if asked >> number & 1
        } - {-1}
        return self.adjustment_refs[rows.pop()] if len(rows) == 1 else None


def _with_lower(bands: Sequence[Mapping]):
    """Pair each band, from light to heavy, with the weight at which it begins [g]."""
    ordered = sorted(bands, key=lambda band: band.get("weight_max_g") or np.inf)
    lowers = [0.0, *(band.get("weight_max_g") for band in ordered[:-1])]
    return list(zip(ordered, lowers, strict=True))


def _column(bands, name, filler) -> np.ndarray:
    """Return one figure of every band as float64, with a last element that row -1 reads."""
    return np.array([band.get(name) or 0.0 for _n, band, _l in bands] + [filler], dtype=np.float64)


def _adjustments(rows: Sequence[Mapping], tiers, bands) -> dict:
    """Spread adjustments over bands; a row for one tier or band replaces one for all."""
    codes = tuple(dict.fromkeys(row["code"] for row in rows))
    if len(codes) > 32:
        raise ValueError("A rate card has at most 32 kinds of adjustments")
    shape = (len(codes), len(bands) + 1)
    amount, extra, begin = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    origin = np.full(shape, -1, dtype=np.intp)
    rows = sorted(rows, key=lambda row: (bool(row.get("tier")), bool(row.get("weight_max_g"))))
    for line, row in enumerate(rows):
        number = codes.index(row["code"])
        for place, (tier, band, _lower) in enumerate(bands):
            if row.get("tier") and row["tier"] != tiers[tier].get("ref"):
                continue
            if row.get("weight_max_g") and row["weight_max_g"] != band.get("weight_max_g"):
                continue
            amount[number, place] = row["amount"]
            extra[number, place] = row.get("extra_per_g") or 0.0
            begin[number, place] = row.get("extra_from_g") or 0.0
            origin[number, place] = line
    return {
        "adjustment_codes": codes,
        "adjustment": amount,
        "adjustment_extra": extra,
        "adjustment_from": begin,
        "adjustment_row": origin,
        "adjustment_refs": tuple(row.get("ref") for row in rows),
        "adjustment_doubts": np.array([*(bool(row.get("is_unconfirmed")) for row in rows), False]),
    }


def _fits(tiers: Sequence[Mapping]) -> dict[str, FitTable]:
    """Return the limits that exclude something, by name."""

    def limits(name):
        return [tier.get(name) or np.inf for tier in tiers]

    tables = {
        "weight": FitTable.build(
            limits("max_weight_g"), [tier.get("min_weight_g") or 0.0 for tier in tiers]
        ),
        "dimensional": FitTable.build(limits("max_dimensional_g")),
    }
    for size in ("longest", "median", "shortest", "girth"):
        tables[size] = FitTable.build(limits(f"max_{size}_mm"))
    return {name: table for name, table in tables.items() if table.is_limiting}


def _by_category(tiers: Sequence[Mapping], categories: Sequence[Mapping]) -> np.ndarray:
    """Return the tiers open to each category as bits; none to the unmapped one."""
    masks = {True: 0, False: 0}
    for number, tier in enumerate(tiers):
        for is_selected in masks:
            closed = "other" if is_selected else "selected"
            if (tier.get("audience") or "all") != closed:
                masks[is_selected] |= 1 << number
    bits = [masks[bool(category.get("is_selected_parcel"))] for category in categories]
    return np.array([*bits, 0], dtype=np.uint64)
