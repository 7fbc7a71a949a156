"""The currency a price is in: by a sign beside it, or by the name of its column."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, money
from .automap import lexicon

_SIGN = re.compile(money.signs().replace(r"\pL", r"[^\W\d_]"), re.IGNORECASE)
#: Parts of a currency, and words for one, that only headers name it by.
_IN_HEADER = {"rappen": "CHF", "pence": "GBP"}


def code_of(text: str) -> str | None:
    """Return the code of a currency given by its code, sign or name; None when it is none."""
    return money.spellings().get(arrow.fold(arrow.text([text.strip()]))[0].as_py())


def codes_of(folded: pa.Array) -> pa.Array:
    """Return the same of cells, null where they are no currency."""
    known = money.spellings()
    keys, values = (pa.array(list(part), folded.type) for part in (known, known.values()))
    return pc.take(values, pc.index_in(folded, keys))


def in_header(header: str) -> str | None:
    """Return the currency a header names, None when it names none."""
    if _SIGN.search(header):
        return money.find(arrow.text([header]))[0].as_py()
    known = money.telling()
    for word in lexicon.words(header):
        if word in _IN_HEADER or (word in known and len(word) == 3):
            return _IN_HEADER.get(word) or known[word]
    return None


def in_cells(cells: pa.Array) -> pa.Array:
    """Return per cell the currency whose sign or code stands in it, null where none does."""
    data = arrow.raw_bytes(cells)
    if not ((data >= 65) | (data == ord("$"))).any():
        return pa.nulls(len(cells), pa.large_string())
    return money.find(cells)


def of_column(header: str, cells: pa.Array) -> str | None:
    """Return the currency of a column of prices, by its name, else by most of its cells."""
    named = in_header(header)
    if named:
        return named
    found = Counter(in_cells(cells).drop_null().to_pylist())
    return found.most_common(1)[0][0] if found else None


def differ(cells: pa.Array, usual: str | None) -> tuple[pa.Array, np.ndarray]:
    """Return the currency of each cell, `usual` where it names none, and which are others."""
    own = in_cells(cells)
    other = arrow.mask(pc.not_equal(own, usual)) if usual else np.zeros(len(cells), dtype=bool)
    return pc.fill_null(own, pa.scalar(usual, own.type)) if usual else own, other
