"""Our own parcels: what each carrier would charge, and which one to take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from . import select
from .logistics import Parcels
from .steps import StepTable
from .supplements import Supplement, asked_for, totals

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class CarrierGrid:
    """One carrier's price by weight. Limits are +inf where there is none.

    divisor: volume for one gram of dimensional weight [mm³ per g = cm³ per kg]; 0 bills the
        real weight only
    weight_step_g: billed weight is rounded up to this [g]; 0 for no rounding
    side_step_mm: each side is rounded to the nearest one of this before multiplying [mm]
    max_sum_mm: limit of length + width + height; max_girth_mm of length + 2 × (width + height)
    zones: names of the zones that have prices of their own
    usual_zone: that of a parcel of which none is told; empty for none
    steps, amount: price by zone (group 0: where no zone is told, or it has no price of its own)
        and billed weight [g]
    supplements: added by option, weight or size
    fuel_rate: added to the price by weight and to the supplements that say so [0-1]
    fixed_amount: added to each parcel after it
    """

    code: str
    name: str
    ref: object
    divisor: float
    weight_step_g: float
    side_step_mm: float
    max_weight_g: float
    max_longest_mm: float
    max_sum_mm: float
    max_girth_mm: float
    fuel_rate: float
    fixed_amount: float
    supplements: tuple[Supplement, ...]
    zones: tuple[str, ...]
    usual_zone: str
    steps: StepTable
    amount: np.ndarray
    is_unconfirmed: np.ndarray

    @classmethod
    def from_row(cls, row: Mapping) -> "CarrierGrid":
        """Build from a row: code, name, ref, the limits above (0 or none: no limit) and
        lines: weight_max_g (0 or none: no limit), amount, is_unconfirmed, and optionally zone
            (none: any that has no price of its own)
        usual_zone: as above, optional
        supplements: see ``Supplement.from_row``
        """
        zones = tuple(dict.fromkeys(line["zone"] for line in row["lines"] if line.get("zone")))
        lines, steps = [], []
        for group, zone in enumerate((None, *zones)):
            lower = 0.0
            own = [line for line in row["lines"] if (line.get("zone") or None) == zone]
            for line in sorted(own, key=lambda line: line.get("weight_max_g") or np.inf):
                upper = line.get("weight_max_g") or np.inf
                steps.append((group, lower, upper))
                lines.append(line)
                lower = upper
        return cls(
            code=row["code"],
            name=row.get("name") or row["code"],
            ref=row.get("ref"),
            supplements=tuple(Supplement.from_row(line) for line in row.get("supplements") or ()),
            zones=zones,
            usual_zone=row.get("usual_zone") or "",
            steps=StepTable.build(steps, len(zones) + 1),
            amount=np.array([line["amount"] for line in lines] + [np.nan], dtype=np.float64),
            is_unconfirmed=np.array([bool(line.get("is_unconfirmed")) for line in lines] + [False]),
            **{
                name: float(row.get(name) or 0.0)
                for name in (
                    "divisor",
                    "weight_step_g",
                    "side_step_mm",
                    "fuel_rate",
                    "fixed_amount",
                )
            },
            **{
                name: float(row.get(name) or np.inf)
                for name in ("max_weight_g", "max_longest_mm", "max_sum_mm", "max_girth_mm")
            },
        )

    @property
    def has_size_limit(self) -> bool:
        """True when a parcel can be refused for its size."""
        return bool(np.isfinite([self.max_longest_mm, self.max_sum_mm, self.max_girth_mm]).any())

    def groups(self, zones: Sequence[str]) -> np.ndarray:
        """Return the group of ``steps`` of each of these zones; the last one is of no zone told."""
        places = [
            self.zones.index(name) + 1 if name in self.zones else 0
            for name in (*zones, self.usual_zone)
        ]
        return np.array(places, dtype=np.int64)

    def billed_weight(self, parcels: Parcels) -> np.ndarray:
        """Return the weight (n) each parcel is billed on [g]; NaN when it cannot be known."""
        weight = parcels.weight
        if self.divisor:
            volume = parcels.volume
            if self.side_step_mm:
                sides = [
                    np.floor(side / self.side_step_mm + 0.5) * self.side_step_mm
                    for side in (parcels.longest, parcels.median, parcels.shortest)
                ]
                volume = sides[0] * sides[1] * sides[2]
            weight = np.maximum(weight, volume / self.divisor)
        if self.weight_step_g:
            weight = np.ceil(weight / self.weight_step_g - _ROUNDING) * self.weight_step_g
        return weight

    def refuses(self, parcels: Parcels) -> np.ndarray:
        """Return whether (bool, n) each parcel is beyond the limits; unknown sides are not."""
        refused = parcels.weight > self.max_weight_g
        if np.isfinite(self.max_longest_mm):
            refused |= parcels.longest > self.max_longest_mm
        if np.isfinite(self.max_sum_mm):
            refused |= parcels.total > self.max_sum_mm
        if np.isfinite(self.max_girth_mm):
            refused |= parcels.girth > self.max_girth_mm
        return refused

    def unchecked(
        self,
        parcels: Parcels,
        options: np.ndarray | None = None,
        codes: Sequence[str] = (),
    ) -> np.ndarray:
        """Return whether (bool, n) unknown sides leave open if a parcel is taken, or pays more.

        options: bits of ``codes`` asked for (n); None for none
        """
        is_open = np.full(len(parcels.weight), self.has_size_limit)
        for supplement in self.supplements:
            if not supplement.has_size_limit:
                continue
            asked = asked_for(supplement, options, codes)
            is_open |= asked & ~supplement.due(parcels, asked)
        return is_open & np.isnan(parcels.total)

    def price(
        self,
        parcels: Parcels,
        group: np.ndarray | None = None,
        options: np.ndarray | None = None,
        codes: Sequence[str] = (),
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (cost (n), row (intp, n)); NaN and -1 where the carrier has no price.

        group: 0 for no zone, else the place of the zone in ``zones`` plus one (n); None for 0
        options: bits of ``codes`` asked for (n); None for none
        """
        billed = self.billed_weight(parcels)
        group = np.zeros(1, dtype=np.int64) if group is None else group
        row = self.steps.find(group, billed)
        row = select.rows_where(~self.refuses(parcels), row)
        price = self.amount.take(row)
        if not self.supplements:
            return price * (1.0 + self.fuel_rate) + self.fixed_amount, row
        options = np.zeros(1, dtype=np.uint32) if options is None else options
        fuelled, plain = totals(self.supplements, price, parcels, options, codes)
        return (price + fuelled) * (1.0 + self.fuel_rate) + plain + self.fixed_amount, row

    def offers(self, options: np.ndarray, codes: Sequence[str]) -> np.ndarray:
        """Return whether (bool, n) the carrier has every option asked for."""
        own = sum(
            1 << place
            for place, code in enumerate(codes)
            if any(code == supplement.code for supplement in self.supplements)
        )
        return (options & ~np.uint32(own)) == 0


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The carrier of each parcel: its cost, its index, its row (-1, and NaN, for none).

    is_size_unchecked: the sides are unknown, and the carrier may refuse it for them, or ask more
    """

    cost: np.ndarray
    carrier: np.ndarray
    row: np.ndarray
    is_unconfirmed: np.ndarray
    is_size_unchecked: np.ndarray


def choose(
    carriers: Sequence[CarrierGrid],
    parcels: Parcels,
    wanted: np.ndarray,
    zone: np.ndarray | None = None,
    zones: Sequence[str] = (),
    options: np.ndarray | None = None,
    codes: Sequence[str] = (),
) -> Choice:
    """Return the wanted carrier of each parcel, or the cheapest that accepts it.

    wanted: index into ``carriers`` (int, n or 1); -1 for the cheapest
    zone: index into ``zones`` (int, n or 1); -1 for the carrier's usual one; a carrier without a
        price for a zone takes its price for any
    options: bits of ``codes`` that the carrier must offer (n or 1)
    """
    count = len(parcels.weight)
    best = np.full(count, np.inf)
    chosen = np.full(count, -1, dtype=np.int16)
    rows = np.full(count, -1, dtype=np.intp)
    doubtful = np.zeros(count, dtype=bool)
    unchecked = np.zeros(count, dtype=bool)
    lacks_size = bool(np.isnan(parcels.total).any())
    asks = options is not None and bool(options.any())
    for number, grid in enumerate(carriers):
        group = None
        if grid.zones:
            group = grid.groups(zones).take(np.full(1, -1) if zone is None else zone)
        cost, row = grid.price(parcels, group, options if asks else None, codes)
        open_to = (wanted == -1) | (wanted == number)
        if asks:
            open_to = open_to & grid.offers(options, codes)
        # NaN, no price, is never better.
        better = (cost < best) & open_to
        best = select.chosen(better, cost, best)
        chosen += (np.int16(number) - chosen) * better
        rows += (row - rows) * better
        doubtful &= ~better
        if grid.is_unconfirmed.any():
            doubtful |= grid.is_unconfirmed.take(row) & better
        if lacks_size:
            own = grid.unchecked(parcels, options if asks else None, codes)
            unchecked = np.where(better, own, unchecked)
    best[np.isinf(best)] = np.nan
    return Choice(best, chosen, rows, doubtful, unchecked)
