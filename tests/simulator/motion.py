"""How the market moves: draws that depend on nothing but their name, and steps of time."""

from __future__ import annotations

import hashlib
import math

#: how often something moves [ticks] and how far [natural logarithm of the price]
_WAVES = ((5, 0.02), (20, 0.04), (80, 0.06))
_SEAT_EPOCH = 40
_RANK_EPOCH = 3
_TURN = 2 * math.pi


class Draws:
    """Random numbers of one subject, by name: same seed, subject and name, same number."""

    __slots__ = ("_start",)

    def __init__(self, seed: int, subject: str):
        self._start = hashlib.blake2b(f"{seed}|{subject}|".encode(), digest_size=8)

    def __call__(self, name: str) -> float:
        """A number in [0, 1)."""
        state = self._start.copy()
        state.update(name.encode())
        return int.from_bytes(state.digest()) / 2**64

    def normal(self, name: str) -> float:
        """A number of the standard normal distribution."""
        radius = math.sqrt(-2 * math.log(1 - self(f"{name}|radius")))
        return radius * math.cos(_TURN * self(f"{name}|angle"))

    def pick(self, name: str, choices):
        """One of some choices."""
        return choices[int(len(choices) * self(name))]

    def epoch(self, name: str, tick: int, period: int) -> int:
        """Which period of its own this subject is in; 0 at tick 0."""
        return (tick + int(period * self(f"{name}|phase"))) // period if tick else 0


def drift(draws: Draws, name: str, tick: int) -> float:
    """How far prices are from those of tick 0, as a factor; it comes back by itself.

    Three waves of different length: at each tick about one price in four moves.
    """
    moved = 0.0
    for period, size in _WAVES if tick else ():
        epoch = draws.epoch(f"{name}|wave|{period}", tick, period)
        if epoch:
            now = draws.normal(f"{name}|wave|{period}|{epoch}")
            moved += size * (now - draws.normal(f"{name}|wave|{period}|0"))
    return math.exp(min(max(moved, -0.3), 0.3)) if moved else 1.0


def is_present(draws: Draws, name: str, tick: int, share: float) -> bool:
    """Whether an offer is there, `share` of the time; at tick 0 it is."""
    epoch = draws.epoch(f"{name}|seat", tick, _SEAT_EPOCH)
    return not epoch or draws(f"{name}|seat|{epoch}") < share


def has_joined(draws: Draws, name: str, tick: int, share: float) -> bool:
    """Whether an offer that was not there at tick 0 is, `share` of the time."""
    epoch = draws.epoch(f"{name}|seat", tick, _SEAT_EPOCH)
    return bool(epoch) and draws(f"{name}|seat|{epoch}") < share


def shuffled(draws: Draws, name: str, tick: int) -> float:
    """Noise of a rank: a standard normal that changes every few ticks."""
    return draws.normal(f"{name}|{draws.epoch(name, tick, _RANK_EPOCH)}")
