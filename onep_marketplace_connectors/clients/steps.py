"""The funnel a GTIN walks through, and what one step costs.

A marketplace has the steps it can do; the cheap ones come first, so that the dear ones are asked
for survivors only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from .rate_limit import Limit


class Step(StrEnum):
    """What is asked about a GTIN, in the order of the funnel."""

    IDENTITY = "identity"  # the marketplace's products that carry the GTIN, and what they are
    WIDE = "wide"  # price, buy box, counts and rank, for many
    DETAIL = "detail"  # who holds the buy box, fulfilment, lowest price, the retailer's presence
    RIGHTS = "rights"  # may we sell it, may it enter the marketplace's warehouse
    FEES = "fees"  # the marketplace's own estimate of its fees


@dataclass(frozen=True, slots=True)
class StepSpec:
    """What one full batch of a step takes.

    batch_size: keys of one full batch
    operations: calls of each operation that one full batch takes
    """

    batch_size: int
    operations: Mapping[str, float]

    def seconds(self, count: int, limits: Mapping[str, Limit]) -> dict[str, float]:
        """Time that each operation needs for a count of keys, at these quotas [s].

        The operations run side by side, so the longest one tells how long the step takes. An
        operation without a quota takes no time.
        """
        batches = math.ceil(max(count, 0) / self.batch_size)
        return {
            operation: max(batches * calls - limit.burst, 0.0) / limit.rate
            if (limit := limits.get(operation))
            else 0.0
            for operation, calls in self.operations.items()
        }


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a step is asked about, one per index; a column left empty is unknown for all.

    gtin: canonical 14 digits
    external_id: the marketplace's product, where known; needed after IDENTITY where the platform
        has that step, and kept by IDENTITY when it is one of the candidates (a person chose it)
    name, brand: the supplier's words, to rank candidates
    price_taxed: selling price to quote fees for [major unit, VAT included]
    """

    gtin: Sequence[str]
    external_id: Sequence[str | None] = ()
    name: Sequence[str | None] = ()
    brand: Sequence[str | None] = ()
    price_taxed: Sequence[float | None] = ()

    def __post_init__(self):
        size = len(self.gtin)
        for field in fields(self):
            values = tuple(getattr(self, field.name)) or (None,) * size
            if len(values) != size:
                raise ValueError(f"{field.name} has {len(values)} values for {size} GTINs")
            object.__setattr__(self, field.name, values)

    def __len__(self) -> int:
        return len(self.gtin)

    def take(self, rows: Iterable[int]) -> Subjects:
        """The subjects at these indexes."""
        rows = tuple(rows)
        return Subjects(
            **{
                field.name: tuple(getattr(self, field.name)[row] for row in rows)
                for field in fields(self)
            }
        )

    def once(self) -> Subjects:
        """Each GTIN once, where it comes first."""
        first = {gtin: row for row, gtin in reversed(tuple(enumerate(self.gtin)))}
        return self if len(first) == len(self) else self.take(sorted(first.values()))
