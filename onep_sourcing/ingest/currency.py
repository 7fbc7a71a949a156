"""The currency a price is in: by a sign beside it, or by the name of its column."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, money
from .automap import lexicon

_SIGN = re.compile(money.signs(), re.IGNORECASE)
#: Parts of a currency, that only headers name it by.
_PARTS = {"rappen": "chf", "pence": "gbp"}


def code_of(text: str) -> str | None:
    """Return the code of a currency given by its code, sign or name; None when it is none."""
    return money.codes_of(arrow.fold(arrow.text([text.strip()])))[0].as_py()


def spelling_in(header: str) -> str | None:
    """Return how a header names its currency, as `money.telling` has it; None without any."""
    if _SIGN.search(header):
        return money.find(arrow.text([header]))[0].as_py()
    known = money.telling()
    words = (_PARTS.get(word, word) for word in lexicon.words(header))
    return next((word for word in words if word in known), None)


def in_header(header: str) -> str | None:
    """Return the currency a header names, None when it names none."""
    spelling = spelling_in(header)
    return money.candidates(spelling)[0] if spelling else None


def spellings_in(cells: pa.Array) -> pa.Array:
    """Return per cell how the currency in it is written, null where none stands in it."""
    data = arrow.raw_bytes(cells)
    if not ((data >= 65) | (data == ord("$"))).any():
        return pa.nulls(len(cells), pa.large_string())
    return money.find(cells)


def in_cells(cells: pa.Array, usual: str | None = None) -> pa.Array:
    """Return per cell the currency whose sign or code stands in it, null where none does.

    usual: code of the column, that a sign of several currencies then stands for
    """
    return money.codes_of(spellings_in(cells), usual)


def candidates(header: str, cells: pa.Array) -> tuple[str, ...]:
    """Return the currencies a column of prices may be in, the most usual first; none when unsaid.

    Its name tells, else most of its cells; where one has a sign of several, the other decides.
    """
    named = spelling_in(header)
    found = Counter(spellings_in(cells).drop_null().to_pylist())
    most = money.candidates(found.most_common(1)[0][0]) if found else ()
    if named is None:
        return most
    both = tuple(code for code in money.candidates(named) if code in most)
    return both or money.candidates(named)


def of_column(header: str, cells: pa.Array) -> str | None:
    """Return the currency of a column of prices, by its name, else by most of its cells."""
    return next(iter(candidates(header, cells)), None)


def differ(cells: pa.Array, usual: str | None) -> tuple[pa.Array, np.ndarray]:
    """Return the currency of each cell, `usual` where it names none, and which are others."""
    own = in_cells(cells, usual)
    other = arrow.mask(pc.not_equal(own, usual)) if usual else np.zeros(len(cells), dtype=bool)
    return pc.fill_null(own, pa.scalar(usual, own.type)) if usual else own, other
