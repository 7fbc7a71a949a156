"""What the figures of a file mean beyond the names of its columns, and how sure that is.

`settle` decides how a file is read; this module says of each decision with what confidence, and
why. Below the bar the decision is `asked`: a person confirms or changes it before the import.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from . import arrow, basis, currency, measures, numbers, quantities, relations, taxes, vocabulary
from .automap import lexicon
from .fields import FIELDS
from .mapping import Mapping
from .numbers import NumberStyle
from .rules import Reason
from .settle import SAMPLE, header_unit

Kind = Literal["vat", "price_basis", "currency", "decimal", "scope", "weight_unit"]
Level = Literal["sure", "likely", "asked"]

SURE = 0.88
LIKELY = 0.62
#: Prices that most often end so are those of a shelf, VAT included: 9,99 and 14,95.
_SHELF = r"[.,](?:9|\d9|95|90)0?\D*$"
_SHELF_ROWS = 8
_BARE = frozenset("price prix preis precio prezzo prijs cena preco tarif prezzi prices".split())
_CHOICES: dict[Kind, tuple[str, ...]] = {
    "vat": ("untaxed", "taxed"),
    "price_basis": ("piece", "pack", "100", "1000"),
    "currency": ("EUR", "USD", "GBP", "CHF", "PLN"),
    "decimal": (",", "."),
    "scope": ("full", "delta"),
    "weight_unit": ("kg", "g", "lb", "oz"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing the figures mean.

    value: one of `choices`, as `settle` decided it; confidence: 0-1, that it is right
    level: `asked` waits for a person
    """

    kind: Kind
    value: str
    confidence: float
    level: Level
    why: tuple[Reason, ...]
    choices: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, the reasons with their English text."""
        return {
            "kind": self.kind,
            "value": self.value,
            "confidence": self.confidence,
            "level": self.level,
            "why": [reason.to_json() for reason in self.why],
            "choices": list(self.choices),
        }


@dataclass(frozen=True, slots=True)
class FileContext:
    """What is known of a file beside its rows.

    currency: ISO code taken where the file names none; home_currency: of the supplier's country
    scope: what the feed's files are, `full` or `delta`
    row_count: rows of the file; known_count: articles of its feed in the catalogue, None unknown
    """

    file_name: str = ""
    currency: str | None = None
    home_currency: str | None = None
    scope: str = "full"
    row_count: int | None = None
    known_count: int | None = None


def judge(
    mapping: Mapping,
    frame: pd.DataFrame,
    context: FileContext | None = None,
    confirmed: Map[str, str] | None = None,
) -> list[Meaning]:
    """Say of each decision of a settled mapping how sure it is.

    frame: the first rows as text
    confirmed: kind → value that a person gave, which nothing doubts any more
    """
    look = _Look(mapping, frame.iloc[:SAMPLE], context or FileContext())
    judges: dict[Kind, Callable[[_Look], _Said | None]] = {
        "vat": _vat,
        "price_basis": _price_basis,
        "currency": _currency,
        "decimal": _decimal,
        "weight_unit": _weight_unit,
        "scope": _scope,
    }
    found = []
    for kind, said in ((kind, own(look)) for kind, own in judges.items()):
        if said is not None:
            choices = tuple(dict.fromkeys((said.value, *said.others, *_CHOICES[kind])))
            meaning = Meaning(
                kind, said.value, said.confidence, _level(said.confidence), said.why, choices
            )
            given = (confirmed or {}).get(kind)
            found.append(_confirm(meaning, given) if given else meaning)
    return found


def decide(mapping: Mapping, confirmed: Map[str, str]) -> Mapping:
    """Return a mapping, not settled yet, with what a person said of its figures."""
    options: dict[str, Any] = {}
    for kind, value in confirmed.items():
        if kind == "vat":
            options["prices_include_vat"] = value == "taxed"
        elif kind == "price_basis" and value != "column":
            options["price_basis"] = value
        elif kind == "currency":
            options["currency"] = value
        elif kind == "weight_unit":
            options["units"] = dict(mapping.units) | {"weight": value}
        elif kind == "decimal":
            prices = {
                name: NumberStyle(value, sure=True)
                for name, field in mapping.fields.items()
                if FIELDS[field].kind == "price"
            }
            options["styles"] = prices | dict(mapping.styles)
    return replace(mapping, **options) if options else mapping


def asked(meanings: Iterable[Meaning]) -> list[Meaning]:
    """Return what a person must confirm."""
    return [meaning for meaning in meanings if meaning.level == "asked"]


@dataclass(frozen=True, slots=True)
class _Said:
    value: str
    confidence: float
    why: tuple[Reason, ...]
    others: tuple[str, ...] = ()


class _Look:
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


def _level(confidence: float) -> Level:
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "asked"


def _confirm(meaning: Meaning, value: str) -> Meaning:
    why = (Reason("meaning-confirmed", {}),)
    choices = tuple(dict.fromkeys((*meaning.choices, value)))
    return replace(meaning, value=value, confidence=1.0, level="sure", why=why, choices=choices)


def _vat(look: _Look) -> _Said | None:
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
        return _Said(value, confidence, tuple(why))
    if twin:
        agrees = twin.is_taxed == taxed
        confidence = (0.93 if twin.is_marked else 0.7) if agrees else 0.45
        return _Said(value, confidence, (_twin_reason(twin),))
    filled = arrow.pick(cells, arrow.known(arrow.trim(cells)))
    shelf = float(arrow.matches(filled, _SHELF).mean()) if len(filled) >= _SHELF_ROWS else 0.0
    if not taxed and shelf >= 0.9 and set(lexicon.words(name)) <= _BARE:
        share = {"share": f"{shelf * 100:.0f}"}
        return _Said(value, 0.5, (Reason("vat-shelf-prices", share),))
    retail = look.column("recommended_retail_price")
    if retail and retail != name and not taxed:
        return _Said(value, 0.82, (Reason("vat-retail-beside", {"column": retail}),))
    return _Said(value, 0.75, (Reason("vat-usual" if not taxed else "meaning-set", {}),))


def _twin_reason(twin: relations.TaxTwin) -> Reason:
    rule = "vat-twin-untaxed" if twin.is_taxed else "vat-twin-taxed"
    return Reason(rule, {"column": twin.column, "rate": f"{twin.rate * 100:g}"})


def _price_basis(look: _Look) -> _Said | None:
    """A price of one piece, of a pack, of a hundred."""
    name = look.price
    if name is None:
        return None
    mapping = look.mapping
    per = look.column("price_per")
    if per or "price_per" in mapping.constants:
        why = Reason("basis-column", {"column": per}) if per else Reason("meaning-set", {})
        return _Said("column", 0.97, (why,))
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
        return _Said(value, 0.45 if contrary or told != value else 0.93, tuple(why))
    if told == "pack":
        return _Said(value, 0.45, (Reason("basis-pack-unknown", {"column": name}),))
    if twin:
        return _Said(value, 0.92 if twin.is_pack == (value == "pack") else 0.45,
                     (_pack_reason(twin),))  # fmt: skip
    if pack is None or value != "piece":
        if value != "piece":
            return _Said(value, 0.7, (Reason("meaning-set", {}),))
        return _Said(value, 0.9, (Reason("basis-no-pack", {}),))
    sizes = quantities.pack(look.cells(pack), mapping.style(pack)).value
    if not (sizes > 1).any():
        return _Said(value, 0.9, (Reason("basis-no-pack", {}),))
    retail, price = look.values("recommended_retail_price"), look.values("purchase_price")
    if retail is not None and price is not None:
        rows = (sizes > 1) & (retail > 0) & (price > 0)
        if rows.sum() >= 3:
            above = price[rows] > retail[rows]
            packed = price[rows] / sizes[rows] <= retail[rows]
            if above.mean() > 0.5 and packed.mean() > 0.9:
                share = {"share": f"{above.mean() * 100:.0f}"}
                return _Said(value, 0.4, (Reason("basis-above-retail", share),))
            return _Said(value, 0.85, (Reason("basis-below-retail", {}),))
    return _Said(value, 0.75, (Reason("basis-usual", {"column": pack}),))


def _pack_reason(twin: relations.PackTwin) -> Reason:
    return Reason(
        "basis-twin-piece" if twin.is_pack else "basis-twin-pack", {"column": twin.column}
    )


def _currency(look: _Look) -> _Said | None:
    """In what money prices are."""
    name = look.price
    if name is None:
        return None
    usual = look.context.currency
    column = look.column("currency")
    if column is not None:
        found = Counter(
            code
            for word in arrow.fold(look.cells(column)).to_pylist()
            if word and (code := vocabulary.codes("currency").get(word))
        )
        if found:
            codes = tuple(code for code, _count in found.most_common())
            why = Reason("currency-in-column", {"column": column, "codes": ", ".join(codes[:4])})
            return _Said(codes[0], 0.97, (why,), codes[1:])
    cells = look.cells(name)
    in_header = currency.in_header(name)
    signs = Counter(currency.in_cells(cells).drop_null().to_pylist())
    settled = look.mapping.currency or usual or ""
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
        return _Said(settled, confidence, tuple(why), codes)
    if not settled:
        return None
    home = look.context.home_currency
    if home and home != settled:
        why = Reason("currency-of-country", {"code": home, "usual": settled})
        return _Said(settled, 0.55, (why,), (home,))
    agrees = home == settled
    rule = "currency-usual-and-country" if agrees else "currency-usual"
    return _Said(settled, 0.9 if agrees else 0.75, (Reason(rule, {"code": settled}),))


def _decimal(look: _Look) -> _Said | None:
    """Which sign stands before the decimals of prices."""
    name = look.price
    if name is None:
        return None
    cells = look.cells(name)
    style = look.mapping.style(name)
    value = style.decimal
    signed = arrow.matches(cells, r"\d[.,]\d")
    if not signed.any():
        return _Said(value, 0.95, (Reason("decimal-none", {}),))
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
            return _Said(value, 0.8, (Reason("decimal-as-others", params),))
        return _Said(value, 0.45, (Reason("decimal-open", params),))
    if own.decimal != value:
        return _Said(value, 0.5, (Reason("decimal-differs", params),))
    picked = arrow.pick(cells, signed)
    if arrow.matches(picked, r"\d[.,]\d{3}\D*$").all() and not arrow.matches(
        picked, r"^\D*0[.,]|[.,]\d+[.,]"
    ).any():
        return _Said(value, 0.65, (Reason("decimal-three", params),))
    odd = numbers.parse(cells, style).odd
    if odd.mean() > 0.05:
        return _Said(value, 0.7, (Reason("decimal-mixed", params | {"count": int(odd.sum())}),))
    return _Said(value, 0.97, (Reason("decimal-told", params),))


def _weight_unit(look: _Look) -> _Said | None:
    """In what unit weights without one are."""
    name = look.column("weight")
    if name is None:
        return None
    unit = look.mapping.units.get("weight", "kg")
    cells = look.cells(name)
    parsed = numbers.parse(cells, look.mapping.style(name))
    bare = parsed.value[parsed.value > 0]
    named = header_unit("weight", name)
    given = measures.weight(cells, look.mapping.style(name), unit)
    with_unit = int((parsed.unread & ~np.isnan(given.value)).sum())
    if named:
        why = [Reason("unit-in-header", {"column": name, "unit": named})]
        middle = float(np.median(bare)) if bare.size else np.nan
        grams = middle * vocabulary.figures("grams")[named]
        if named == unit and not np.isnan(grams) and not 1 <= grams <= 100_000:
            why.append(Reason("unit-range", {"value": f"{middle:g}", "unit": named}))
            return _Said(unit, 0.5, tuple(why))
        return _Said(unit, 0.97 if named == unit else 0.45, tuple(why))
    if with_unit and not bare.size:
        return _Said(unit, 0.95, (Reason("unit-in-cells", {"column": name}),))
    if not bare.size:
        return None
    middle = float(np.median(bare))
    params = {"value": f"{middle:g}", "unit": unit}
    fractions = float((bare != np.round(bare)).mean())
    if unit == "g" and (middle < 50 or (fractions < 0.5 and middle >= 200)):
        return _Said(unit, 0.85 if middle >= 50 else 0.5, (Reason("unit-range", params),))
    if unit == "kg" and (fractions >= 0.5 or middle < 10):
        return _Said(unit, 0.85 if middle < 50 else 0.5, (Reason("unit-range", params),))
    return _Said(unit, 0.55, (Reason("unit-open", params),))


def _scope(look: _Look) -> _Said | None:
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
    if context.known_count and context.row_count is not None:
        share = context.row_count / context.known_count
        params = {"rows": context.row_count, "known": context.known_count}
        if share >= 0.7:
            why.append(Reason("scope-as-many", params))
            votes["full"] = max(votes["full"], 0.93)
        elif share <= 0.3:
            why.append(Reason("scope-few", params))
            votes["delta"] = max(votes["delta"], 0.85)
    other = "delta" if value == "full" else "full"
    if not why:
        return _Said(value, 0.8, (Reason(f"scope-usual-{value}", {}),))
    if votes[other] and votes[value]:
        return _Said(value, max(LIKELY + 0.03, votes[value] - 0.2) if votes[value] > votes[other]
                     else 0.5, tuple(why))  # fmt: skip
    return _Said(value, votes[value] if votes[value] else 0.5, tuple(why))


def _name_words(file_name: str) -> list[str]:
    """Cut the name of a file into words and pairs of words."""
    stem = re.sub(r"(?:\.[a-z0-9]{1,5})+$", "", file_name, flags=re.IGNORECASE)
    words = [word for word in lexicon.words(stem) if not word.isdigit()]
    pairs = [f"{first} {second}" for first, second in zip(words, words[1:], strict=False)]
    return [*pairs, *words]
