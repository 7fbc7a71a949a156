"""What speaks for the way figures are read: each reading with its confidence and its reasons."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, basis, currency, money, numbers, quantities, relations, taxes, vocabulary
from .automap import lexicon
from .mapping import Mapping
from .rules import Reason

#: From here on a reading needs no person.
LIKELY = 0.62
#: Prices that most often end so are those of a shelf, VAT included: 9,99 and 14,95.
_SHELF = r"[.,](?:9|\d9|95|90)0?\D*$"
_SHELF_ROWS = 8
#: Articles from which on their number tells something of the next file.
_MIN_KNOWN = 20
_BARE = frozenset("price prix preis precio prezzo prijs cena preco tarif prezzi prices".split())


@dataclass(frozen=True, slots=True)
class FileContext:
    """What is known of a file beside its rows.

    currency: ISO code taken where the file names none; home_currency: of the supplier's country
    scope: what the feed's files are, `full` or `delta`
    row_count: rows of the file; known_count: articles of its feed in the catalogue, None unknown
    figures: columns the file holds as numbers, whose decimal sign nobody has to read
    """

    file_name: str = ""
    currency: str | None = None
    home_currency: str | None = None
    scope: str = "full"
    row_count: int | None = None
    known_count: int | None = None
    figures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """How something is read: with what confidence (0-1), why, and what else it could be."""

    value: str
    confidence: float
    why: tuple[Reason, ...]
    others: tuple[str, ...] = ()


class Look:
    """A file under examination, each column read once."""

    def __init__(self, mapping: Mapping, frame: pd.DataFrame, context: FileContext) -> None:
        self.mapping = mapping
        self.frame = frame
        self.context = context
        self._texts: dict[str, pa.Array] = {}

    def column(self, field: str) -> str | None:
        """Return the column of a field that the file has."""
        name = self.mapping.column(field)
        return name if name in self.frame.columns else None

    def cells(self, name: str) -> pa.Array:
        """Return the cells of a column."""
        if name not in self._texts:
            self._texts[name] = arrow.text(self.frame[name])
        return self._texts[name]

    def values(self, field: str) -> np.ndarray | None:
        """Return the figures of a field, None when it has no column."""
        name = self.column(field)
        if name is None:
            return None
        return numbers.parse(self.cells(name), self.mapping.style(name)).value

    @property
    def price(self) -> str | None:
        """The column purchase prices come from, None when there are none."""
        purchase = self.column("purchase_price")
        if purchase is None and self.column("discount_percent"):
            return self.column("recommended_retail_price")
        return purchase


def vat(look: Look) -> Said | None:
    """Purchase prices with VAT or without."""
    name = look.price
    if name is None:
        return None
    cells = look.cells(name)
    taxed = bool(look.mapping.prices_include_vat)
    if look.column("purchase_price") is None:
        taxed = taxed or bool(look.mapping.retail_includes_vat)
    value = "taxed" if taxed else "untaxed"
    in_header = taxes.in_header(name)
    told = taxes.of_column(name, cells)
    twin = relations.tax_twin(look.frame, name, look.column("vat_rate"))
    if told is not None:
        rule = "vat-in-header" if in_header is not None else "vat-in-cells"
        why = [Reason(rule, {"column": name})]
        confidence = 0.97 if told == taxed else 0.4
        marks = taxes.in_cells(cells)
        other = in_header is not None and ~np.isnan(marks) & (marks != float(in_header))
        if np.any(other):
            why.append(Reason("vat-cells-differ", {"count": int(np.sum(other))}))
            confidence = 0.5
        if twin and taxes.in_header(twin.column) == told:
            twin = None  # both are said to be of one kind: what lies between is no VAT
        if twin and twin.is_taxed != told and twin.is_marked:
            why.append(_twin_reason(twin))
            confidence = 0.45
        elif twin:
            why.append(_twin_reason(twin))
        return Said(value, confidence, tuple(why))
    if twin:
        agrees = twin.is_taxed == taxed
        confidence = (0.93 if twin.is_marked else 0.7) if agrees else 0.45
        return Said(value, confidence, (_twin_reason(twin),))
    filled = arrow.pick(cells, arrow.known(arrow.trim(cells)))
    shelf = float(arrow.matches(filled, _SHELF).mean()) if len(filled) >= _SHELF_ROWS else 0.0
    if not taxed and shelf >= 0.9 and set(lexicon.words(name)) <= _BARE:
        share = {"share": f"{shelf * 100:.0f}"}
        return Said(value, 0.5, (Reason("vat-shelf-prices", share),))
    retail = look.column("recommended_retail_price")
    if retail and retail != name and not taxed:
        return Said(value, 0.82, (Reason("vat-retail-beside", {"column": retail}),))
    return Said(value, 0.75, (Reason("vat-usual" if not taxed else "meaning-set", {}),))


def _twin_reason(twin: relations.TaxTwin) -> Reason:
    rule = "vat-twin-untaxed" if twin.is_taxed else "vat-twin-taxed"
    return Reason(rule, {"column": twin.column, "rate": f"{twin.rate * 100:g}"})


def price_basis(look: Look) -> Said | None:
    """A price of one piece, of a pack, of a hundred."""
    name = look.price
    if name is None:
        return None
    mapping = look.mapping
    per = look.column("price_per")
    if per or "price_per" in mapping.constants:
        why = Reason("basis-column", {"column": per}) if per else Reason("meaning-set", {})
        return Said("column", 0.97, (why,))
    told = basis.in_header(name)
    value = mapping.price_basis or (told if told and told.isdigit() else "piece")
    pack = look.column("pack_size")
    has_pack = pack is not None or "pack_size" in mapping.constants
    twin = relations.pack_twin(look.frame, name, pack) if pack else None
    if told is not None and (told != "pack" or has_pack):
        why = [Reason("basis-in-header", {"column": name})]
        contrary = twin and twin.is_pack != (told == "pack")
        if twin:
            why.append(_pack_reason(twin))
        return Said(value, 0.45 if contrary or told != value else 0.93, tuple(why))
    if told == "pack":
        return Said(value, 0.45, (Reason("basis-pack-unknown", {"column": name}),))
    if twin:
        return Said(value, 0.92 if twin.is_pack == (value == "pack") else 0.45,
                     (_pack_reason(twin),))  # fmt: skip
    if pack is None or value != "piece":
        if value != "piece":
            return Said(value, 0.7, (Reason("meaning-set", {}),))
        return Said(value, 0.9, (Reason("basis-no-pack", {}),))
    sizes = quantities.pack(look.cells(pack), mapping.style(pack)).value
    if not (sizes > 1).any():
        return Said(value, 0.9, (Reason("basis-no-pack", {}),))
    retail, price = look.values("recommended_retail_price"), look.values("purchase_price")
    if retail is not None and price is not None:
        rows = (sizes > 1) & (retail > 0) & (price > 0)
        if rows.sum() >= 3:
            above = price[rows] > retail[rows]
            packed = price[rows] / sizes[rows] <= retail[rows]
            share = {"share": f"{above.mean() * 100:.0f}"}
            if above.mean() > 0.5 and packed.mean() > 0.9:
                return Said(value, 0.4, (Reason("basis-above-retail", share),))
            if above.mean() > 0.5:
                return Said(value, 0.45, (Reason("basis-above-anyhow", share),))
            return Said(value, 0.85, (Reason("basis-below-retail", {}),))
    return Said(value, 0.75, (Reason("basis-usual", {"column": pack}),))


def _pack_reason(twin: relations.PackTwin) -> Reason:
    return Reason(
        "basis-twin-piece" if twin.is_pack else "basis-twin-pack", {"column": twin.column}
    )


def currency_of(look: Look) -> Said | None:
    """In what money prices are."""
    name = look.price
    if name is None:
        return None
    usual = look.context.currency
    column = look.column("currency")
    if column is not None:
        folded = arrow.fold(look.cells(column))
        own = look.mapping.currency
        found = Counter(money.codes_of(folded, own).drop_null().to_pylist())
        if found:
            codes = tuple(code for code, _count in found.most_common())
            why = Reason("currency-in-column", {"column": column, "codes": ", ".join(codes[:4])})
            shared = _shared_sign(folded, codes[0])
            if shared:
                return _with_shared_sign(look, shared, codes[0], (why,))
            return Said(codes[0], 0.97, (why,), codes[1:])
    cells = look.cells(name)
    settled = look.mapping.currency or usual or ""
    likely = currency.candidates(name, cells)
    in_header = currency.spelling_in(name) and (settled if settled in likely else likely[0])
    signs = Counter(currency.in_cells(cells, settled).drop_null().to_pylist())
    signed = sum(signs.values())
    most = signs.most_common(1)[0][0] if signs else None
    if in_header or most:
        codes = tuple(dict.fromkeys(code for code in (in_header, *signs) if code))
        why = [
            Reason("currency-in-header", {"column": name, "code": in_header})
            if in_header
            else Reason("currency-in-cells", {"column": name, "code": most})
        ]
        confidence = 0.97
        if in_header and most and most != in_header:
            why.append(Reason("currency-in-cells", {"column": name, "code": most}))
            confidence = 0.45
        elif signed and signs[most] < 0.9 * signed:
            why.append(Reason("currency-mixed", {"codes": ", ".join(signs)}))
            confidence = 0.5
        if settled not in codes:
            confidence = min(confidence, 0.4)  # the file says another one than it is read in
        if confidence >= LIKELY and len(likely) > 1:
            return _with_shared_sign(look, likely, settled, tuple(why))
        return Said(settled, confidence, tuple(why), codes)
    if not settled:
        return None
    home = look.context.home_currency
    if home and home != settled:
        why = Reason("currency-of-country", {"code": home, "usual": settled})
        return Said(settled, 0.55, (why,), (home,))
    agrees = home == settled
    rule = "currency-usual-and-country" if agrees else "currency-usual"
    return Said(settled, 0.9 if agrees else 0.75, (Reason(rule, {"code": settled}),))


def _shared_sign(folded: pa.Array, code: str) -> tuple[str, ...]:
    """Return the currencies that share the sign a column gives one by; none when it is a code."""
    shared = set(vocabulary.codes("currency_several"))
    own = [sign for sign in set(folded.to_pylist()) & shared if code in money.candidates(sign)]
    written = arrow.mask(pc.is_in(folded, pa.array([code.lower()], folded.type)))
    return money.candidates(own[0]) if own and not written.any() else ()


def _with_shared_sign(
    look: Look, shared: tuple[str, ...], code: str, why: tuple[Reason, ...]
) -> Said:
    """Say how sure a currency is that a sign of several gives: the country or the feed decides."""
    home, usual = look.context.home_currency, look.context.currency
    open_sign = Reason("currency-sign-shared", {"codes": ", ".join(shared)})
    if home in shared:
        told = Reason("currency-of-country-too", {"code": home})
        return Said(code, 0.86 if home == code else 0.4, (*why, open_sign, told), shared)
    if usual == code:
        told = Reason("currency-of-feed", {"code": code})
        return Said(code, 0.8, (*why, open_sign, told), shared)
    # Where nothing else tells, nine lists of ten with a dollar are in that of the United States.
    return Said(code, 0.65 if code == "USD" else 0.5, (*why, open_sign), shared)


def decimal_sign(look: Look) -> Said | None:
    """Which sign stands before the decimals of prices."""
    name = look.price
    if name is None or name in look.context.figures:
        return None
    cells = look.cells(name)
    style = look.mapping.style(name)
    value = style.decimal
    signed = arrow.matches(cells, r"\d[.,]\d")
    if not signed.any():
        return Said(value, 0.95, (Reason("decimal-none", {}),))
    own = numbers.style_of(cells)
    example = arrow.trim(arrow.pick(cells, signed))[0].as_py()
    params = {"example": example, "sign": value}
    if not own.sure:
        others = [
            other
            for column, other in look.mapping.styles.items()
            if column != name and other.sure and other.decimal == value
        ]
        if others and style.sure:
            return Said(value, 0.8, (Reason("decimal-as-others", params),))
        return Said(value, 0.45, (Reason("decimal-open", params),))
    if own.decimal != value:
        return Said(value, 0.5, (Reason("decimal-differs", params),))
    picked = arrow.pick(cells, signed)
    if (
        arrow.matches(picked, r"\d[.,]\d{3}\D*$").all()
        and not arrow.matches(picked, r"^\D*0[.,]|[.,]\d+[.,]").any()
    ):
        return Said(value, 0.65, (Reason("decimal-three", params),))
    odd = numbers.parse(cells, style).odd
    if odd.mean() > 0.05:
        return Said(value, 0.7, (Reason("decimal-mixed", params | {"count": int(odd.sum())}),))
    return Said(value, 0.97, (Reason("decimal-told", params),))


def scope(look: Look) -> Said | None:
    """All that the supplier sells, or only what changed."""
    context = look.context
    value = context.scope
    why: list[Reason] = []
    votes: dict[str, float] = {"full": 0.0, "delta": 0.0}
    words = _name_words(context.file_name)
    table = vocabulary.codes("file_scope")
    named = {table[word] for word in words if word in table}
    if named:
        told = next(word for word in words if word in table)
        why.append(Reason("scope-name", {"word": told}))
        for vote in named:
            votes[vote] = max(votes[vote], 0.8 if vote == "full" else 0.75)
    if look.mapping.change_flag:
        why.append(Reason("scope-flag", {"column": look.mapping.change_flag}))
        votes["delta"] = max(votes["delta"], 0.7)
    if (context.known_count or 0) >= _MIN_KNOWN and context.row_count is not None:
        share = context.row_count / context.known_count
        params = {"rows": context.row_count, "known": context.known_count}
        if share >= 0.7:
            why.append(Reason("scope-as-many", params))
            votes["full"] = max(votes["full"], 0.93)
        elif share <= 0.3:
            why.append(Reason("scope-few", params))
            votes["delta"] = max(votes["delta"], 0.85)
    if not why:
        return Said(value, 0.8, (Reason(f"scope-usual-{value}", {}),))
    other = "delta" if value == "full" else "full"
    if not votes[other]:
        return Said(value, votes[value], tuple(why))
    # A whole list taken for changes marks nothing as gone; the contrary empties a catalogue.
    outweighed = value == "delta" or votes[value] > votes[other]
    return Said(value, LIKELY + 0.03 if outweighed else 0.5, tuple(why))


def _name_words(file_name: str) -> list[str]:
    """Cut the name of a file into words and pairs of words."""
    stem = re.sub(r"(?:\.[a-z0-9]{1,5})+$", "", file_name, flags=re.IGNORECASE)
    words = [word for word in lexicon.words(stem) if not word.isdigit()]
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    return [*pairs, *words]
