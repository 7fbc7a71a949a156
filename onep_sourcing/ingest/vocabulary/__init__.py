"""Words suppliers write instead of figures, from `words.csv` (kind, word, value).

Words are folded: lower case, no accents. What a value means depends on the kind: 1 or 0 for
availability, days for lead times, grams and millimetres for units, an ISO code for currencies,
`new`, `used` or `refurbished` for conditions.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PATH = Path(__file__).with_name("words.csv")


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    with PATH.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            tables.setdefault(row["kind"], {})[row["word"]] = row["value"]
    return tables


@lru_cache(maxsize=32)
def figures(kind: str) -> dict[str, float]:
    """Return word → number of a kind."""
    return {word: float(value) for word, value in _tables()[kind].items()}


@lru_cache(maxsize=32)
def codes(kind: str) -> dict[str, str]:
    """Return word → code of a kind."""
    return _tables()[kind]


@lru_cache(maxsize=32)
def words(kind: str) -> frozenset[str]:
    """Return the words of a kind."""
    return frozenset(_tables()[kind])


def says_nothing(folded: pa.Array) -> np.ndarray:
    """Boolean array: the cell only says that nothing is given (`-`, `n/a`, `néant`)."""
    nothing = pa.array(sorted(words("nothing")), folded.type)
    return np.asarray(pc.fill_null(pc.is_in(folded, nothing), False))
