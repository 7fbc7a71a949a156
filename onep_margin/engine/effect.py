"""What a change of rules would move: the same deals, priced by the present and by the changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Margins closer than this are the same [currency].
_SAME = 0.005


@dataclass(frozen=True, slots=True)
class Outcome:
    """Deals under one set of rules.

    net_margin: per unit [company currency], NaN for unknown (n)
    is_good: reaches the company's targets (bool, n)
    """

    net_margin: np.ndarray
    is_good: np.ndarray


@dataclass(frozen=True, slots=True)
class Moved:
    """One deal that the change moves; None for an unknown margin."""

    key: object
    before: float | None
    after: float | None
    is_good_before: bool
    is_good_after: bool

    @property
    def size(self) -> float:
        """How much it matters: an unknown margin gained or lost counts for the other one."""
        return abs((self.after or 0.0) - (self.before or 0.0))


@dataclass(frozen=True, slots=True)
class Effect:
    """What moves among the deals compared.

    compared, total: deals priced, and deals that there are
    moved: whose margin differs, or is known in one case only
    turn_good, turn_bad: pass the targets, or fall below them; both margins known
    become_unknown, become_known: lose, or get, their margin
    margin_moved: sum of the differences of margins per unit known in both [company currency]
    top: the deals that move most, the first one most
    """

    compared: int = 0
    total: int = 0
    moved: int = 0
    turn_good: int = 0
    turn_bad: int = 0
    become_unknown: int = 0
    become_known: int = 0
    margin_moved: float = 0.0
    top: tuple[Moved, ...] = ()

    def plus(self, other: "Effect", limit: int = 20) -> "Effect":
        """Return the effect on both sets of deals."""
        counts = {
            name: getattr(self, name) + getattr(other, name)
            for name in self.__slots__
            if name != "top"
        }
        top = sorted((*self.top, *other.top), key=lambda deal: -deal.size)
        return Effect(**counts, top=tuple(top[:limit]))


def measure(
    before: Outcome, after: Outcome, keys: Sequence, total: int | None = None, limit: int = 20
) -> Effect:
    """Return what moves between two outcomes of the same deals.

    keys: what names each deal in ``Effect.top`` (n)
    total: deals that there are when only the first ones were priced
    """
    known_before, known_after = ~np.isnan(before.net_margin), ~np.isnan(after.net_margin)
    both = known_before & known_after
    difference = np.where(both, after.net_margin - before.net_margin, 0.0)
    changed = np.abs(difference) >= _SAME
    lost, won = known_before & ~known_after, ~known_before & known_after
    moved = changed | lost | won
    size = np.where(
        both, np.abs(difference), np.abs(np.where(lost, before.net_margin, after.net_margin))
    )
    places = np.flatnonzero(moved)
    order = places[np.argsort(-size[places], kind="stable")[:limit]]
    return Effect(
        compared=len(keys),
        total=len(keys) if total is None else total,
        moved=len(places),
        turn_good=int((both & after.is_good & ~before.is_good).sum()),
        turn_bad=int((both & before.is_good & ~after.is_good).sum()),
        become_unknown=int(lost.sum()),
        become_known=int(won.sum()),
        margin_moved=float(difference.sum()),
        top=tuple(
            Moved(
                keys[place],
                _figure(before.net_margin[place]),
                _figure(after.net_margin[place]),
                bool(before.is_good[place]),
                bool(after.is_good[place]),
            )
            for place in order
        ),
    )


def _figure(amount) -> float | None:
    return None if np.isnan(amount) else float(amount)
