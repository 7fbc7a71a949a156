"""What says that a price includes VAT: words in its header, or marks beside the figure."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow
from .automap import lexicon

_WITH_VAT = frozenset(
    "ttc tvac brutto inkl incl inc ivato ivati incluso inclusa incluido gross inclusive".split()
)
_NEGATED = frozenset(  # they win: "prezzo iva esclusa", "preis exkl. brutto"
    "ht htva hors excl ex exkl excluding exclusive sans sin senza esclusa escluso zonder ohne "
    "bez".split()
)
_SAYS_ALL = frozenset("ttc tvac ivato ivati".split())  # `Prix hors remise TTC`
_UNTAXED = frozenset("ht htva excl exkl excluding exclusive esclusa escluso".split())
_TAX = r"(?:iva|tva|vat|mwst|ust|btw|taxes?)"
_NOT_INCLUDED = re.compile(r"\b(?:no|non|not|nicht|niet|nie)\s+(?:in[ck]l|compri|inbegrep)")
_INCLUDED = re.compile(
    rf"\bt\.\s?t\.\s?c\b|\b(?:con|mit|avec|z|com|met|with)\s+(?:\d+\s*%\s*)?{_TAX}\b"
    rf"|\b{_TAX}\s+compris|\btoutes taxes\b"
)
_WITHOUT_VAT = frozenset({"netto", "net", "neto", "nett"})
_TAXED_CELL = (
    r"(?i)\b(?:t\.?t\.?c|tvac|(?:inkl|incl|inc)\.?\s*(?:mwst|vat|tva|ust|btw)|iva\s*incl|ivato|"
    r"brutto|z\s*vat)\b"
)
_UNTAXED_CELL = (
    r"(?i)\b(?:h\.?t|htva|hors\s*tax|(?:exkl|excl|ex|zzgl|plus|\+)\.?\s*(?:mwst|vat|tva|ust|btw)|"
    r"iva\s*escl|\+\s*iva|netto|bez\s*vat)\b"
)


def in_header(header: str | None) -> bool | None:
    """Tell from the name of a price column whether it includes VAT; None when it does not say."""
    if not header:
        return None
    words, plain = set(lexicon.words(header)), lexicon.plain(header)
    if _NOT_INCLUDED.search(plain):
        return False
    if (words & _SAYS_ALL or _INCLUDED.search(plain)) and not words & _UNTAXED:
        return True
    if words & _NEGATED:
        return False
    if words & _WITH_VAT or any(word.endswith("ttc") for word in words):  # also "PPTTC"
        return True
    return False if words & _WITHOUT_VAT else None


def in_cells(cells: pa.Array) -> np.ndarray:
    """Return per cell 1 when it says it includes VAT, 0 when it says it does not, else NaN."""
    said = np.full(len(cells), np.nan)
    if not (arrow.raw_bytes(cells) >= 65).any():  # no letter
        return said
    worded = np.flatnonzero(arrow.matches(cells, r"\pL\s*\.?\s*\pL"))
    if worded.size:
        some = cells.take(pa.array(worded))
        said[worded[arrow.matches(some, _TAXED_CELL)]] = 1.0
        said[worded[arrow.matches(some, _UNTAXED_CELL)]] = 0.0
    return said


def of_column(header: str | None, cells: pa.Array | None) -> bool | None:
    """Tell whether a column of prices includes VAT, by its header, else by most of its marks."""
    told = in_header(header)
    if told is not None or cells is None or not len(cells):
        return told
    return of_marks(in_cells(cells), np.asarray(pc.greater(pc.binary_length(cells), 0)))


def of_marks(said: np.ndarray, filled: np.ndarray) -> bool | None:
    """Tell the same from the marks of a column's cells; None when fewer than half have one.

    said: as `in_cells` gives it; filled: Boolean array (n), the cell holds something
    """
    marked = ~np.isnan(said)
    if not marked.any() or marked.sum() < 0.5 * filled.sum():
        return None
    return bool(np.nanmean(said) > 0.5)
