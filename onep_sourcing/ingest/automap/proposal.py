"""What is proposed for a file, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..fields import AUXILIARY
from ..rules import Reason

Level = Literal["sure", "likely", "asked"]
SURE = 0.9


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What a column is thought to be.

    column: its unique name; index: its place from 0
    field: target field (or `price_per`), None when it fills none or must be asked
    confidence: 0-1, that `field` is right (when asked: that the best alternative is)
    level: `sure` and `likely` are mapped, `asked` is left to a person
    why: what speaks for it and against it
    alternatives: other fields that come into question, likeliest first
    """

    column: str
    index: int
    field: str | None
    confidence: float
    level: Level
    why: tuple[Reason, ...] = ()
    alternatives: tuple[str, ...] = ()

    @property
    def target(self) -> str | None:
        """The field as a property of the offer: None for what only changes another value."""
        return None if self.field in AUXILIARY else self.field


@dataclass(frozen=True, slots=True)
class Proposal:
    """The mapping proposed for a file, column by column.

    held: why a person must look before an import, None when it may go on
    """

    columns: tuple[ColumnProposal, ...]
    held: Reason | None = None

    def __iter__(self) -> Iterator[ColumnProposal]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, index: int) -> ColumnProposal:
        return self.columns[index]

    @property
    def fields(self) -> dict[str, str]:
        """Column → field of what is mapped."""
        return {item.column: item.field for item in self.columns if item.field}
