"""Quantities held to what may be stored: how long, how much room, how much weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .quantity import STORAGE, QuantityAdvice, to_orderable

#: What rounding may leave of a unit, of a share of the room.
_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Storage:
    """What may be stored; inf for no limit.

    days: that an article may lie, what we have of it included
    volume_m3, weight_kg: of all that is bought together
    """

    days: float = np.inf
    volume_m3: float = np.inf
    weight_kg: float = np.inf

    @property
    def is_set(self) -> bool:
        """Whether anything is limited."""
        return not np.isinf([self.days, self.volume_m3, self.weight_kg]).all()

    def most(self, daily_sales, available) -> np.ndarray:
        """Return the units (n) that may be bought of each article without lying too long.

        inf where the sales are unknown: nobody can tell how long it would lie. What does not
        sell at all lies for ever.
        """
        daily = np.asarray(daily_sales, np.float64)
        if np.isinf(self.days):
            return np.full(len(daily), np.inf)
        most = daily * self.days - np.nan_to_num(np.asarray(available, np.float64))
        return np.where(np.isnan(most), np.inf, np.maximum(most, 0.0))

    def shares(self, volume_m3, weight_kg) -> np.ndarray:
        """Return the shares (2, n) of the room and of the weight that a unit takes.

        What is unknown of a unit takes nothing: whoever shows the totals says so.
        """
        limits = ((volume_m3, self.volume_m3), (weight_kg, self.weight_kg))
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = [np.asarray(used, np.float64) / limit for used, limit in limits]
        return np.nan_to_num(np.array(shares), nan=0.0, posinf=np.inf)


#: Nothing is limited.
UNLIMITED = Storage()


def hold(
    advice: QuantityAdvice, storage: Storage, most, minimum, pack, volume_m3, weight_kg, margin
) -> QuantityAdvice:
    """Lower quantities (n) to what may be stored; 0 where the smallest order may not.

    most: units that may be bought of each without lying too long
    minimum, pack: as in ``quantity.recommend``
    volume_m3, weight_kg: of a unit, NaN unknown
    margin: of a unit, NaN unknown: what earns most for the room it takes is stored first
    """
    if not storage.is_set:
        return advice
    pack = np.where(np.asarray(pack, np.float64) > 0.0, pack, 1.0)
    smallest = to_orderable(np.ones(len(pack)), minimum, pack)
    quantity, reason = advice.quantity.copy(), advice.reason.copy()
    _lower(quantity, reason, np.asarray(most, np.float64), smallest, pack, slice(None))
    shares = storage.shares(volume_m3, weight_kg)
    taken = shares.max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.nan_to_num(np.asarray(margin, np.float64)) / taken
    bulky = np.flatnonzero((taken > 0.0) & (quantity > 0.0))
    left = np.ones(2)
    for row in bulky[np.argsort(-worth[bulky], kind="stable")].tolist():
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(shares[:, row] > 0.0, left / shares[:, row], np.inf).min()
        _lower(quantity, reason, np.array([room]), smallest, pack, slice(row, row + 1))
        left = left - shares[:, row] * quantity[row] if quantity[row] else left
    return QuantityAdvice(quantity, reason)


def _lower(quantity, reason, most, smallest, pack, rows: slice) -> None:
    """Lower some quantities, in place, to whole packs of at most ``most``."""
    whole = np.where(np.isinf(most), np.inf, np.floor(most / pack[rows] + _HAIR) * pack[rows])
    held = np.where(whole < smallest[rows] - _HAIR, 0.0, np.minimum(quantity[rows], whole))
    bound = held < quantity[rows] - _HAIR
    quantity[rows] = np.where(bound, held, quantity[rows])
    reason[rows] = np.where(bound, STORAGE, reason[rows])
