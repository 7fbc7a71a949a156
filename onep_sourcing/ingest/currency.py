"""The currency a price is in: by a sign beside it, or by the name of its column."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel.core import get_global

from . import arrow, vocabulary
from .automap import lexicon

_WORDS = {"€": "EUR", "£": "GBP", "$": "USD", "zł": "PLN", "rappen": "CHF", "pence": "GBP"}
_IN_CELL = (
    r"(?i)(?P<sign>€|£|us\$|\$|zł|kč|"
    r"\b(?:chf|sfr|eur(?:os?)?|usd|gbp|pln|sek|nok|dkk|czk|huf|ron)\b)"
)


@lru_cache(maxsize=1)
def iso_codes() -> frozenset[str]:
    """Return the ISO 4217 codes of what is legal tender somewhere today, as Babel has them."""
    return frozenset(
        code
        for used in get_global("territory_currencies").values()
        for code, _since, until, is_tender in used
        if until is None and is_tender
    )


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """Return folded sign, word or code → code."""
    return {code.lower(): code for code in sorted(iso_codes())} | vocabulary.codes("currency")


def code_of(text: str) -> str | None:
    """Return the code of a currency given by its code, sign or name; None when it is none."""
    return _spellings().get(arrow.fold(arrow.text([text.strip()]))[0].as_py())


def codes_of(folded: pa.Array) -> pa.Array:
    """Return the same of cells, null where they are no currency."""
    known = _spellings()
    keys, values = (pa.array(list(part), folded.type) for part in (known, known.values()))
    return pc.take(values, pc.index_in(folded, keys))


def in_header(header: str) -> str | None:
    """Return the currency a header names, None when it names none."""
    codes = vocabulary.codes("currency")
    for word in [*lexicon.words(header), *re.findall(r"[€£$]", header)]:
        if word in _WORDS or (len(word) == 3 and word in codes):
            return _WORDS.get(word) or codes[word]
    return None


def in_cells(cells: pa.Array) -> pa.Array:
    """Return per cell the currency whose sign or code stands in it, null where none does."""
    data = arrow.raw_bytes(cells)
    if not ((data >= 65) | (data == ord("$"))).any():
        return pa.nulls(len(cells), pa.large_string())
    found = pc.struct_field(pc.extract_regex(cells, _IN_CELL), "sign")
    folded = arrow.fold(pc.fill_null(found, "").cast(pa.large_string()))
    codes = vocabulary.codes("currency")
    keys = pa.array(list(codes), pa.large_string())
    values = pa.array(list(codes.values()), pa.large_string())
    return pc.take(values, pc.index_in(folded, keys))


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
