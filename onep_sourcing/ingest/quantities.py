"""Stock, availability and pack sizes, as numbers or in words of eight languages."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, leadtime, money, numbers, vocabulary
from .cells import Cells, captured, first, once_each, scatter
from .numbers import NumberStyle

_MORE = (
    "[+] de|plus de|mas de|piu di|oltre|mehr als|uber|more than|over|min|powyzej|mais de|meer dan|"
    "au moins"
)
_LESS = "moins de|menos de|meno di|weniger als|unter|less than|under|ponizej|minder dan"
_PIECE = (
    "pcs?|pces?|pieces?|pezzi|pz|stk|st|stuck|szt|uds?|unites?|units?|unidades|unidad|unita|stuks|"
    "piezas?|sztuk|articles?|u"
)
_PACKAGE = (
    "x|par|lots?|packs?|paquets?|colis|pcb|spcb|palettes?|cartons?|barquette|display|presentoir|rouleau|"
    "multipack|bundle|blister|tray|plateau|sleeve|gebinde|packung|packungen|pckg|verpackung|confezioni|"
    "scatola|cajas?|estuche|lote|pak|zestaw|zgrz|kpl|opakowanie|uvc|ve|carton|cart|boite|bte|sachet|set|box|case|karton|ve|vpe|cf|conf|"
    "confezione|ct|caja|bote|doos|op|opak|cx|embalagem|pqt|paq|bx|cs|pk"
)
_AT_LEAST = (
    rf"^(?:[>≥+]=?|(?:{_MORE})\.?)\s*(?P<number>\d[\d .,]*)\+?\s*(?:{_PIECE})?\.?$"
    r"|^(?P<plus>\d[\d .,]*)\s*(?:\+|et \+|et plus|ou plus|oder mehr|or more|e piu|o mas|of meer|"
    rf"i wiecej|and over)\s*(?:{_PIECE})?\.?$"
)
_AT_MOST = rf"^(?:[<≤]=?|{_LESS})\s*(?P<number>\d[\d .,]*)$"
_COUNTED = rf"^(?P<number>[-+]?\d[\d .,]*?)\s*(?:{_PIECE}|un|ex)\.?(?:\s.*)?$"
_PACK = (
    rf"^(?:par |per |a |je )?(?:{_PACKAGE})\.?\s*(?:de|a|da|von|of|zu|mit|with|van|po|con|:)?\s*"
    rf"(?P<number>\d+)\s*(?:{_PIECE})?\.?$"
)
_PIECES = (
    rf"^(?P<number>\d+)\s*(?:x|{_PIECE}|er|er[ -]?(?:pack|set|karton|box)|-?pack|"
    rf"(?:/|par |je |pro |per |por )\s*(?:{_PACKAGE}))\.?$"
)
_TIMES = rf"^(?P<a>\d+)\s*x\s*(?P<b>\d+)\s*(?:{_PIECE})?\.?$"
_ONE = (
    rf"^(?:(?:a |l'|a l')?(?:{_PIECE}|un|unidad|unita|each|ea|einzeln|single|sztuka)\.?"
    r"|1\s*[a-z]+)$"
)
_CONTENT = r"(?i)\d\s*(?:ml|cl|dl|l|litres?|mg|g|gr|kg|mm|cm|m|m2|m²)\b"
#: `En stock (5)`, `dispo: 12`, `12 en stock`: a word and the quantity beside it.
_BESIDE = (
    r"^(?:[a-z ]*\b"
    r"(?:stock|dispo\w*|disponib\w*|available|lager\w*|vorrat\w*|qte|qty|uds?)\b[a-z ]*)"
    r"[\s:(\[=]+(?P<number>\d[\d .,]*)\s*(?:pcs?|pieces?|u|stk|st|szt|uds?)?\.?[)\]]?$"
    r"|^(?P<before>\d[\d .,]*?)\s*(?:en stock|in stock|en magasin|auf lager|lagernd|disponib\w*|"
    r"dispo|available|op voorraad|left|restants?)$"
)
#: `https://schema.org/InStock`
_WRITTEN_FOR_MACHINES = r"^https?://schema\.org/"
_BETWEEN = r"^(?P<number>\d+)\s*(?:-|–|\ba\b|\bto\b|\bbis\b|\.\.)\s*\d+$"


@dataclass(frozen=True, slots=True)
class Stock:
    """Stock read from a column of n cells.

    value: quantity, NaN when unknown; available: 1, 0, NaN as words say it
    delay: days until it is there, NaN when the cell names none
    notes: rule → boolean mask (n)
    """

    value: np.ndarray
    available: np.ndarray
    delay: np.ndarray
    notes: dict[str, np.ndarray]

    def take(self, rows: np.ndarray) -> Stock:
        """Return the cells at these places."""
        notes = {rule: where[rows] for rule, where in self.notes.items()}
        return Stock(self.value[rows], self.available[rows], self.delay[rows], notes)


def stock(column: pa.Array, style: NumberStyle, today: datetime.date | None = None) -> Stock:
    """Read stock in figures or words.

    `>100` and `10+` give the lower bound, `<5` one piece; `en stock` says available with a
    quantity that is not known, `rupture` a stock of zero, `J+3` a delay; a date is the next
    arrival, nothing being there before it; a negative stock is zero.
    """
    few = arrow.distinct(column)
    if few:
        return stock(few[0], style, today).take(few[1])
    parsed = numbers.parse(column, style)
    value, count = parsed.value, len(parsed.value)
    available, delay = np.full(count, np.nan), np.full(count, np.nan)
    notes: dict[str, np.ndarray] = {"number-other-style": parsed.odd}
    signed = arrow.matches(column, r"^\s*\+\s*\d")
    notes["stock-at-least"] = signed & ~np.isnan(value)
    rows = np.flatnonzero(parsed.unread)
    if rows.size:
        words = arrow.fold(column.take(pa.array(rows)))
        least = first(captured(words, _AT_LEAST, ("number", "plus")), style)
        least = np.fmax(least, first(captured(words, _BETWEEN, ("number",)), style))
        most = first(captured(words, _AT_MOST, ("number",)), style)
        counted = first(captured(words, _BESIDE, ("number", "before")), style)
        exact = first(captured(words, _COUNTED, ("number",)), style)
        waits, dated = leadtime.delays(words, today, bare=False)
        exact[~np.isnan(waits)] = np.nan
        said = availability_words(words)
        exact[_says_not_here(words)] = np.nan  # `5 pcs sur commande`
        said = np.where(np.isnan(said) & ~np.isnan(waits), np.where(dated, 0.0, 1.0), said)
        said[dated & (waits > 0)] = 0.0
        figures = (least, np.minimum(most, 1), counted, exact, np.where(said == 0, 0.0, np.nan))
        found = np.full(len(rows), np.nan)
        for figure in figures:
            found = np.where(np.isnan(found), figure, found)
        value[rows] = found
        figured = ~np.isnan(least) | ~np.isnan(counted) | ~np.isnan(exact)
        available[rows] = np.where(figured, np.nan, said)
        delay[rows] = waits
        notes["stock-at-least"] |= scatter(rows, ~np.isnan(least), count)
        notes["stock-at-most"] = scatter(rows, ~np.isnan(most), count)
        in_words = ~np.isnan(said) & np.isnan(least) & np.isnan(exact) & np.isnan(waits)
        notes["stock-in-words"] = scatter(rows, in_words, count)
        notes["stock-delay"] = scatter(rows, ~np.isnan(waits), count)
        lost = np.isnan(found) & np.isnan(said)
        notes["stock-not-a-number"] = scatter(rows, lost, count)
    negative = value < 0
    value[negative] = 0.0
    notes["stock-negative"] = negative
    return Stock(value, available, delay, notes)


def availability(
    column: pa.Array, style: NumberStyle, today: datetime.date | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Read availability (1, 0, or NaN) and the delay it names [days, NaN].

    Words of eight languages, flags, a quantity, a delay or the date of the next arrival.
    """
    few = arrow.distinct(column)
    if few:
        said, delay = availability(few[0], style, today)
        return said[few[1]], delay[few[1]]
    folded = arrow.fold(column)
    quantity = numbers.parse(column, style).value
    said = availability_words(folded)
    said = np.where(np.isnan(said) & ~np.isnan(quantity), quantity > 0, said)
    delay, dated = np.full(len(said), np.nan), np.zeros(len(said), dtype=bool)
    rows = np.flatnonzero(np.isnan(quantity))
    if rows.size:
        words = folded.take(pa.array(rows))
        delay[rows], dated[rows] = leadtime.delays(words, today, bare=False)
        least = first(captured(words, _AT_LEAST, ("number", "plus")), style)
        least = np.fmax(least, first(captured(words, _BESIDE, ("number", "before")), style))
        said[rows] = np.where(np.isnan(said[rows]), np.where(least > 0, 1.0, np.nan), said[rows])
    told = ~np.isnan(delay) & np.isnan(said)
    said[told] = np.where(dated[told], 0.0, 1.0)
    said[dated & (delay > 0)] = 0.0
    return said, delay


def availability_words(folded: pa.Array) -> np.ndarray:
    """Return 1 or 0 for words that say it, looking at the beginning of longer texts; else NaN.

    `Disponible sur commande` is not there; neither is what a text only calls its stock.
    """
    words = vocabulary.figures("availability")
    said = arrow.look_up(folded, words)
    open_ended = np.isnan(said) & arrow.known(folded)
    if open_ended.any():
        rows = np.flatnonzero(open_ended)
        rest = pc.replace_substring_regex(folded.take(pa.array(rows)), _WRITTEN_FOR_MACHINES, "")
        rest = pc.utf8_trim_whitespace(pc.replace_substring_regex(rest, "[_-]+", " "))
        found = arrow.look_up(rest, words)
        # The longest word first: "non disponible" before "non".
        long = sorted((word for word in words if len(word) >= 4), key=len, reverse=True)
        starts = "|".join(map(re.escape, (word for word in long if word != "stock")))
        start = pc.struct_field(pc.extract_regex(rest, rf"^(?P<word>{starts})(?:\W|$)"), "word")
        started = arrow.look_up(pc.fill_null(start, ""), words)
        started[(started == 1) & _says_not_here(rest)] = 0.0
        said[rows] = np.where(np.isnan(found), started, found)
    return said


def _says_not_here(folded: pa.Array) -> np.ndarray:
    """Boolean array: some words of the text say that the article is not there."""
    words = vocabulary.figures("availability")
    missing = "|".join(re.escape(word) for word in words if " " in word and not words[word])
    return arrow.matches(folded, rf"(?:^|\W)(?:{missing})(?:\W|$)")


@once_each
def pack(column: pa.Array, style: NumberStyle) -> Cells:
    """Read pack sizes and minimum quantities: `12`, `x12`, `lot de 6`, `carton 24`, `2x6`, `6er`.

    Zero is unknown; a content (`10 L`, `Tube 50 ml`) is no quantity.
    """
    parsed = numbers.parse(column, style)
    value = parsed.value.copy()
    silent = np.zeros(len(value), dtype=bool)
    if parsed.unread.any():
        rows = np.flatnonzero(parsed.unread)
        words = arrow.fold(column.take(pa.array(rows)))
        value[rows] = _pack_in_words(words, style)
        silent[rows] = vocabulary.says_nothing(words)
    value[value <= 0] = np.nan
    in_words = parsed.unread & ~np.isnan(value)
    given = parsed.given & ~arrow.matches(column, r"^\s*[-+]?0*[.,]?0*\s*$")
    content = arrow.matches(column, _CONTENT)
    lost = given & np.isnan(value) & ~content & ~silent
    return Cells(value, {"pack-in-words": in_words, "pack-not-read": lost})


def _pack_in_words(words: pa.Array, style: NumberStyle) -> np.ndarray:
    times = [first([text], style) for text in captured(words, _TIMES, ("a", "b"))]
    value = times[0] * times[1]
    for pattern in (_PACK, _PIECES):
        value = np.where(
            np.isnan(value), first(captured(words, pattern, ("number",)), style), value
        )
    return np.where(np.isnan(value) & arrow.matches(words, _ONE), 1.0, value)


#: No list prices more pieces at once; a larger number is another kind of column.
MOST_PIECES = 1_000_000


#: `Prix HT / 100`, `EK je 1000 Stk`, `Prix pour 100 pièces`, `Tarif le cent`; of a content
#: (`Prix / 100 ml`) it says nothing, and `Prix par 100` is as well one from that quantity on.
_HEADER_PER = re.compile(
    r"(?:/|\b(?:pour|per|pro|je|for|por|voor|za|le|les|la|au)\s|\b(?:par|x)\s(?=\d+\s*[a-zéè]))\s*"
    r"(?P<per>1 ?000|100|cent|hundred|hundert|mille|thousand|tausend)\s*"
    rf"(?:{_PIECE}|pièces?|stück|unités?)?\.?\s*"
    rf"(?:[)\]]|{money.signs()}|$|\b(?:{money.codes()}|ht|htva|net|netto|hors|en|in|zzgl|excl)\b)",
    re.IGNORECASE,
)
_HEADER_FIGURES = {"100": 100.0, "cent": 100.0, "hundred": 100.0, "hundert": 100.0}


def per_in_header(header: str) -> float:
    """Return for how many pieces the prices below a header are: 100 or 1000 as it says, else 1."""
    found = _HEADER_PER.search(header)
    return _HEADER_FIGURES.get(found["per"].lower(), 1000.0) if found else 1.0


def price_per(column: pa.Array, style: NumberStyle) -> Cells:
    """Read for how many pieces a price is: `100`, `C`, `M`, `U`, `/1000`; empty is one."""
    bare = pc.replace_substring_regex(column, r"^\s*(?:/|par|per|je|pro|x)\s*(\d+.*)$", r"\1")
    parsed = numbers.parse(bare, style)
    value = parsed.value
    rows = np.flatnonzero(parsed.unread)
    if rows.size:
        words = pc.utf8_rtrim(arrow.fold(bare.take(pa.array(rows))), ".")
        named = arrow.look_up(words, vocabulary.figures("price_per"))
        counted = first(captured(words, r"^(?P<number>\d+)\s*[a-z]+$", ("number",)), style)
        value[rows] = np.where(np.isnan(named), counted, named)
    value[~parsed.given | (value == 0)] = 1.0
    absurd = np.isnan(value) | (value < 0) | (value > MOST_PIECES)
    return Cells(value, {"price-unit-unknown": absurd})
