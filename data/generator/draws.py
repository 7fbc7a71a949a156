# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Random numbers that depend on a seed and a name only."""

from __future__ import annotations

import random


def stream(seed: int, *names: str) -> random.Random:
    """Return the random numbers of one purpose.

    A text as the seed is hashed by SHA-512: the same on every machine, whatever PYTHONHASHSEED.
    """
    return random.Random("/".join((str(seed), *names)))
