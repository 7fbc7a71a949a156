"""Stock, availability, pack sizes and lead times, as numbers or in words of eight languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, numbers, vocabulary
from .numbers import NumberStyle

_MORE = (
    "plus de|mas de|piu di|oltre|mehr als|uber|more than|over|min|powyzej|mais de|meer dan|au moins"
)
_LESS = "moins de|menos de|meno di|weniger als|unter|less than|under|ponizej|minder dan"
_PIECE = "pcs?|pces?|pieces?|pz|stk|st|stuck|szt|uds?|unites?|units?|stuks|u"
_PACKAGE = (
    "x|par|lot|pack|paquet|carton|cart|boite|bte|sachet|set|box|case|karton|ve|vpe|cf|conf|"
    "confezione|ct|caja|bote|doos|op|opak|cx|embalagem|pqt|paq|bx|cs|pk"
)
_AT_LEAST = (
    rf"^(?:[>≥+]=?|(?:{_MORE})\.?)\s*(?P<number>\d[\d .,]*)\+?$"
    r"|^(?P<plus>\d[\d .,]*)\s*(?:\+|et plus|oder mehr)$"
)
_AT_MOST = rf"^(?:[<≤]=?|{_LESS})\s*(?P<number>\d[\d .,]*)$"
_COUNTED = rf"^(?P<number>[-+]?\d[\d .,]*?)\s*(?:{_PIECE}|un|ex)\.?(?:\s.*)?$"
_PACK = rf"^(?:{_PACKAGE})\.?\s*(?:de|a|da|von|of)?\s*(?P<number>\d+)(?:\s*(?:{_PIECE})\.?)?$"
_PIECES = (
    rf"^(?P<number>\d+)\s*(?:x|{_PIECE}|par carton|par boite|je ve|pro ve|per box|por caja)\.?$"
)
_CONTENT = r"(?i)\d\s*(?:ml|cl|dl|l|litres?|mg|g|gr|kg|mm|cm|m|m2|m²)\b"
_RANGE = r"(\d)\s*([a-z]*)\s*(?:-|–|/|\b(?:a|to|bis|al|do|ate|tot|ou|or)\b)\s*(\d)"
_DURATION = (
    r"(?P<low>\d+(?:[.,]\d+)?)(?:\s*(?P<first>[a-z]+)\.?)?"
    r"(?:-(?P<high>\d+(?:[.,]\d+)?))?\s*(?P<unit>[a-z]*)"
)
_DAY_PLUS = r"^j\s*\+\s*(?P<number>\d+)$"
_AT_ONCE = (
    r"^(?:immediat|immediate|immediatement|sofort|en stock|in stock|lagernd|same day|subito|"
    r"inmediato|direct|od reki|imediato|auf lager|op voorraad|disponible|disponibile)\b"
)
_DATE = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$|^\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True, slots=True)
class Cells:
    """Values read from a column of n cells.

    value: float64, NaN when unknown
    notes: rule → boolean mask (n) of the cells it concerns
    """

    value: np.ndarray
    notes: dict[str, np.ndarray]

    def take(self, rows: np.ndarray) -> Cells:
        """Return the cells at these places."""
        return Cells(self.value[rows], {rule: where[rows] for rule, where in self.notes.items()})


def once_each(read: Callable[..., Cells]) -> Callable[..., Cells]:
    """Make a reader of a column read each distinct cell once."""

    @wraps(read)
    def reader(column: pa.Array, *options: object) -> Cells:
        few = arrow.distinct(column)
        return read(few[0], *options).take(few[1]) if few else read(column, *options)

    return reader


def stock(column: pa.Array, style: NumberStyle) -> tuple[Cells, np.ndarray]:
    """Read stock; also return availability as words say it (1, 0, NaN when they do not).

    `>100` and `10+` give the lower bound, `<5` one piece; `en stock` says available with a
    quantity that is not known, `rupture` a stock of zero; a negative stock is zero.
    """
    few = arrow.distinct(column)
    if few:
        cells, said = stock(few[0], style)
        return cells.take(few[1]), said[few[1]]
    parsed = numbers.parse(column, style)
    value = parsed.value
    notes: dict[str, np.ndarray] = {}
    available = np.full(len(value), np.nan)
    if parsed.unread.any():
        rows = np.flatnonzero(parsed.unread)
        words = arrow.fold(column.take(pa.array(rows)))
        least = _first(_captured(words, _AT_LEAST, ("number", "plus")), style)
        most = _first(_captured(words, _AT_MOST, ("number",)), style)
        counted = _first(_captured(words, _COUNTED, ("number",)), style)
        said = availability_words(words)
        value[rows] = np.where(
            ~np.isnan(least),
            least,
            np.where(
                ~np.isnan(most),
                np.minimum(most, 1),
                np.where(~np.isnan(counted), counted, np.where(said == 0, 0.0, np.nan)),
            ),
        )
        available[rows] = said
        notes["stock-at-least"] = _scatter(rows, ~np.isnan(least), len(value))
        notes["stock-at-most"] = _scatter(rows, ~np.isnan(most), len(value))
        notes["stock-in-words"] = _scatter(
            rows, ~np.isnan(said) & np.isnan(least) & np.isnan(counted), len(value)
        )
        lost = np.isnan(value[rows]) & np.isnan(said)
        notes["stock-not-a-number"] = _scatter(rows, lost, len(value))
    negative = value < 0
    value[negative] = 0.0
    notes["stock-negative"] = negative
    notes["number-other-style"] = parsed.odd
    return Cells(value, notes), available


def availability(column: pa.Array, style: NumberStyle) -> np.ndarray:
    """Read availability: 1, 0, or NaN. Words of eight languages, flags, or a quantity."""
    few = arrow.distinct(column)
    if few:
        return availability(few[0], style)[few[1]]
    said = availability_words(arrow.fold(column))
    quantity = numbers.parse(column, style).value
    return np.where(np.isnan(said), np.where(np.isnan(quantity), np.nan, quantity > 0), said)


def availability_words(folded: pa.Array) -> np.ndarray:
    """Return 1 or 0 for words that say it, looking at the beginning of longer texts; else NaN."""
    words = vocabulary.figures("availability")
    said = arrow.look_up(folded, words)
    open_ended = np.isnan(said) & arrow.known(folded)
    if open_ended.any():
        rows = np.flatnonzero(open_ended)
        rest = folded.take(pa.array(rows))
        # The longest word first: "non disponible" before "non".
        long = sorted((word for word in words if len(word) >= 4), key=len, reverse=True)
        pattern = "^(?P<word>" + "|".join(map(re.escape, long)) + r")(?:\W|$)"
        start = pc.struct_field(pc.extract_regex(rest, pattern), "word")
        said[rows] = arrow.look_up(pc.fill_null(start, ""), words)
    return said


@once_each
def pack(column: pa.Array, style: NumberStyle) -> Cells:
    """Read pack sizes and minimum quantities: `12`, `x12`, `lot de 6`, `carton 24`, `CF 100`.

    Zero is unknown; a content (`10 L`, `Tube 50 ml`) is no quantity.
    """
    parsed = numbers.parse(column, style)
    value = parsed.value
    if parsed.unread.any():
        rows = np.flatnonzero(parsed.unread)
        words = arrow.fold(column.take(pa.array(rows)))
        named = _first(_captured(words, _PACK, ("number",)), style)
        pieces = _first(_captured(words, _PIECES, ("number",)), style)
        value[rows] = np.where(np.isnan(named), pieces, named)
    value[value <= 0] = np.nan
    given = parsed.given & ~arrow.matches(column, r"^\s*[-+]?0*[.,]?0*\s*$")
    content = arrow.matches(column, _CONTENT)
    return Cells(value, {"pack-not-read": given & np.isnan(value) & ~content})


@once_each
def lead_time(column: pa.Array, style: NumberStyle) -> Cells:
    """Read lead times in days, the longer of a range, rounded up: `48h`, `2-3 sem.`, `J+3`.

    A bare number is days, but `24`, `48`, `24/48` in a column of such are hours.
    """
    folded = pc.replace_substring_regex(arrow.fold(column), r"\bjours? ouvre?s?\b", "jours")
    parsed = numbers.parse(column, style)
    value = parsed.value
    value[value < 0] = np.nan
    rows = np.flatnonzero(parsed.unread)
    if rows.size:
        words = folded.take(pa.array(rows))
        value[rows] = _durations(words)
        plus = _first(_captured(words, _DAY_PLUS, ("number",)), style)
        value[rows] = np.where(np.isnan(plus), value[rows], plus)
        at_once = arrow.matches(words, _AT_ONCE) & np.isnan(value[rows])
        value[rows[at_once]] = 0.0
    return Cells(
        np.ceil(np.round(value, 6)), {"lead-time-not-read": parsed.given & np.isnan(value)}
    )


#: No list prices more pieces at once; a larger number is another kind of column.
MOST_PIECES = 1_000_000


def price_per(column: pa.Array, style: NumberStyle) -> Cells:
    """Read for how many pieces a price is: `100`, `C`, `M`, `U`, `/1000`; empty is one."""
    bare = pc.replace_substring_regex(column, r"^\s*(?:/|par|per|je|pro|x)\s*(\d+.*)$", r"\1")
    parsed = numbers.parse(bare, style)
    value = parsed.value
    rows = np.flatnonzero(parsed.unread)
    if rows.size:
        words = pc.utf8_rtrim(arrow.fold(bare.take(pa.array(rows))), ".")
        named = arrow.look_up(words, vocabulary.figures("price_per"))
        counted = _first(_captured(words, r"^(?P<number>\d+)\s*[a-z]+$", ("number",)), style)
        value[rows] = np.where(np.isnan(named), counted, named)
    value[~parsed.given | (value == 0)] = 1.0
    absurd = np.isnan(value) | (value < 0) | (value > MOST_PIECES)
    return Cells(value, {"price-unit-unknown": absurd})


def _durations(words: pa.Array) -> np.ndarray:
    parts = pc.extract_regex(pc.replace_substring_regex(words, _RANGE, r"\1\2-\3"), _DURATION)
    low, high = (_number(pc.struct_field(parts, name)) for name in ("low", "high"))
    unit = pc.struct_field(parts, "unit")
    first = pc.struct_field(parts, "first")
    table = vocabulary.figures("days")
    days = arrow.look_up(pc.fill_null(unit, ""), table)
    days = np.where(np.isnan(days), arrow.look_up(pc.fill_null(first, ""), table), days)
    longest = np.fmax(low, high)
    bare = arrow.matches(words, r"^\d+\s*[-/]\s*\d+$")
    hours = bare & (longest >= 24) & (low % 24 == 0)
    days = np.where(bare, np.where(hours, 1 / 24, 1.0), days)
    result = longest * days
    result[arrow.matches(words, _DATE)] = np.nan
    return result


def _number(text: pa.Array) -> np.ndarray:
    dotted = pc.replace_substring(pc.fill_null(text, ""), ",", ".")
    return numbers.parse(dotted.cast(pa.large_string()), NumberStyle(".")).value


def _captured(words: pa.Array, pattern: str, names: tuple[str, ...]) -> list[pa.Array]:
    found = pc.extract_regex(words, pattern)
    return [pc.fill_null(pc.struct_field(found, name), "") for name in names]


def _first(texts: list[pa.Array], style: NumberStyle) -> np.ndarray:
    result = np.full(len(texts[0]), np.nan)
    for text in texts:
        value = numbers.parse(text.cast(pa.large_string()), style).value
        result = np.where(np.isnan(result), value, result)
    return result


def _scatter(rows: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
    mask = np.zeros(count, dtype=bool)
    mask[rows[where]] = True
    return mask
