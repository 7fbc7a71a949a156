"""What headers and first rows decide about reading a file: signs, units, taxes, currency."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa

from ...onep_marketplace_connectors.clients import gtin
from . import arrow, basis, currency, flags, measures, numbers, quantities, relations, taxes
from .automap import lexicon
from .fields import FIELDS
from .mapping import Mapping
from .numbers import NumberStyle
from .readers.frame import RawFrame

SAMPLE = 5000
_NUMERIC_KINDS = frozenset(
    {"price", "percent", "quantity", "pack", "weight", "size", "lead_time", "price_per"}
)
_WHOLE_KINDS = frozenset({"quantity", "pack", "lead_time", "price_per"})
_CENTS = frozenset("cent cents centime centimes rappen centesimi grosz grosze pence".split())
_UNITS = {
    "weight": {"kg": "kg", "kgs": "kg", "kilo": "kg", "g": "g", "gr": "g", "grammes": "g",
               "gramm": "g", "grams": "g", "gram": "g", "gramos": "g", "grammi": "g",
               "lb": "lb", "lbs": "lb", "pounds": "lb", "oz": "oz", "mg": "mg"},
    "size": {"mm": "mm", "cm": "cm", "m": "m", "in": "in", "inch": "in", "inches": "in"},
}  # fmt: skip
WEIGHT_UNITS = frozenset(_UNITS["weight"].values())
_TIME_UNITS = {
    **dict.fromkeys(
        "h hr hrs heure heures hour hours std stunden ore horas uur uren godz".split(), "hours"
    ),
    **dict.fromkeys(
        "semaine semaines sem week weeks wk wochen woche settimane semanas weken".split(), "weeks"
    ),
    **dict.fromkeys("j jour jours day days tage dagen giorni dias dni".split(), "days"),
}


def settle(mapping: Mapping, raw: RawFrame) -> Mapping:
    """Return the mapping with everything decided that the first rows of the file can decide.

    What is decided already (by a person, by an earlier file) stays. Raises InvalidMapping when a
    column is missing.
    """
    if mapping.settled:
        return mapping
    mapping.check(list(raw.frame.columns))
    texts = {name: arrow.text(raw.frame[name].iloc[:SAMPLE]) for name in mapping.fields}
    purchase, retail = mapping.column("purchase_price"), mapping.column("recommended_retail_price")
    eco_tax, ean = mapping.column("eco_tax"), mapping.column("ean")
    styles = _styles(mapping, texts, raw.figures)
    basis_told = mapping.price_basis or _price_basis(mapping, raw)
    # A retail price is what consumers pay, unless it is the list price a discount is taken off.
    twin = _tax_twin(mapping, raw, texts)
    prices_include_vat = _told(
        mapping.prices_include_vat, purchase, texts, otherwise=bool(twin and twin.is_taxed)
    )
    retail_otherwise = prices_include_vat if purchase is None else True
    return replace(
        mapping,
        styles=styles,
        unit_styles=_unit_styles(mapping, texts, styles) | dict(mapping.unit_styles),
        units=_units(mapping, texts) | dict(mapping.units),
        percents=_percents(mapping, texts, styles) | dict(mapping.percents),
        prices_include_vat=prices_include_vat,
        price_basis=basis_told,
        vat_rate=_vat_rate(mapping, twin),
        retail_includes_vat=_told(
            mapping.retail_includes_vat, retail, texts, otherwise=retail_otherwise
        ),
        eco_tax_includes_vat=_told(mapping.eco_tax_includes_vat, eco_tax, texts, otherwise=False),
        hundredths=mapping.hundredths | _in_cents(mapping),
        currency=mapping.currency or _currency(mapping, texts),
        change_flag=mapping.change_flag or _change_flag(raw),
        lacks_check_digit=bool(ean) and _lacks_check_digit(texts[ean]) if ean else False,
        doubted_lengths=gtin.doubted_lengths(texts[ean]) if ean else frozenset(),
        settled=True,
    )


def _styles(
    mapping: Mapping, texts: dict[str, pa.Array], figures: frozenset[str]
) -> dict[str, NumberStyle]:
    """Decide each column by itself; those that tell nothing follow the others of the file.

    figures: columns the file holds as numbers; how they are written says nothing of the others
    """
    columns = {
        name: FIELDS[field].kind in _WHOLE_KINDS
        for name, field in mapping.fields.items()
        if FIELDS[field].kind in _NUMERIC_KINDS and name not in figures
    }
    votes: Counter[str] = Counter()
    for name, whole in columns.items():
        # What tells something tells it whatever the habit.
        found = {numbers.style_of(texts[name], whole=whole, habit=sign).decimal for sign in ",."}
        if len(found) == 1 and _has_sign(texts[name]):
            votes.update(found)
    habit = votes.most_common(1)[0][0] if votes else None
    decided = {
        name: numbers.style_of(texts[name], whole=whole, habit=habit)
        for name, whole in columns.items()
    }
    held = {name: NumberStyle(".", sure=True) for name in mapping.fields if name in figures}
    return decided | dict(mapping.styles) | held


def _has_sign(text: pa.Array) -> bool:
    return bool(arrow.matches(text, r"\d[.,]\d").any())


def _unit_styles(
    mapping: Mapping, texts: dict[str, pa.Array], styles: dict[str, NumberStyle]
) -> dict[str, NumberStyle]:
    """Decide how measures with their unit write numbers; bare ones may do it otherwise."""
    return {
        name: measures.style_with_unit(texts[name], styles[name])
        for name, field in mapping.fields.items()
        if FIELDS[field].kind in _UNITS
    }


def _percents(
    mapping: Mapping, texts: dict[str, pa.Array], styles: dict[str, NumberStyle]
) -> dict[str, bool]:
    """Tell of each rate whether its bare numbers are per cent: what most of them look like.

    The header is no witness: below `Remise %`, a workbook holds 0.3 and shows 30 %.
    """
    found: dict[str, bool] = {}
    for field, definition in FIELDS.items():
        name = mapping.column(field)
        if definition.kind != "percent" or (name is None and field not in mapping.constants):
            continue
        cells = texts[name] if name else arrow.text([mapping.constants[field]])
        cells = arrow.pick(cells, ~arrow.matches(cells, "%"))
        value = numbers.parse(cells, styles[name] if name else NumberStyle()).value
        shares = ((value > 0) & (value < 1)).sum()
        found[field] = bool(shares <= (value > 1).sum())
    return found


def _told(
    decided: bool | None, header: str | None, texts: dict[str, pa.Array], *, otherwise: bool
) -> bool:
    """Return whether a price includes VAT: as decided, else as its header or its cells say."""
    if decided is not None or header is None:
        return otherwise if decided is None else decided
    told = taxes.of_column(header, texts.get(header))
    return otherwise if told is None else told


def _tax_twin(
    mapping: Mapping, raw: RawFrame, texts: dict[str, pa.Array]
) -> relations.TaxTwin | None:
    """Return the column that tells by its figures what the price's own marks leave open."""
    price = mapping.column("purchase_price")
    if price is None or mapping.prices_include_vat is not None:
        return None
    if taxes.of_column(price, texts[price]) is not None:
        return None
    twin = relations.tax_twin(raw.frame, price, mapping.column("vat_rate"))
    return twin if twin and twin.is_marked else None


def _vat_rate(mapping: Mapping, twin: relations.TaxTwin | None) -> float | None:
    """Return the rate for rows without one: as decided, else the one between two price columns."""
    if mapping.vat_rate is None and twin and twin.is_taxed:
        return twin.rate or None
    return mapping.vat_rate


def _price_basis(mapping: Mapping, raw: RawFrame) -> str | None:
    """Return what a price is for, None when nothing tells or a column says it row by row."""
    price = mapping.column("purchase_price") or mapping.column("recommended_retail_price")
    if price is None or mapping.column("price_per") or "price_per" in mapping.constants:
        return None
    told = basis.in_header(price)
    pack = mapping.column("pack_size")
    if told == "pack" and pack is None and "pack_size" not in mapping.constants:
        return None  # a price of packs whose size nobody knows: a person is asked
    if told is None and pack is not None:
        twin = relations.pack_twin(raw.frame, price, pack)
        return "pack" if twin and twin.is_pack else None
    # Hundreds and thousands are read off each price's own header.
    return told if told in ("pack", "piece") else None


def _change_flag(raw: RawFrame) -> str | None:
    """Return the column that marks lines as added, changed or deleted, None when none does."""
    for name in raw.frame.columns:
        if flags.is_change_flag(str(name), arrow.text(raw.frame[name].iloc[:SAMPLE])):
            return str(name)
    return None


def _lacks_check_digit(text: pa.Array) -> bool:
    """Tell EANs without their last digit: many that fail as UPC, or a few and nothing else."""
    if gtin.lacks_check_digit(text):
        return True
    given = arrow.pick(text, arrow.known(arrow.trim(text)))
    twelve = arrow.matches(given, r"^\s*\d{12}\s*$")
    return bool(len(given) >= 3 and twelve.all() and not gtin.is_valid(given).any())


def _in_cents(mapping: Mapping) -> frozenset[str]:
    return frozenset(
        field
        for name, field in mapping.fields.items()
        if FIELDS[field].kind == "price"
        and _CENTS & set(lexicon.words(name))
        and quantities.per_in_header(name) == 1
    )


def _units(mapping: Mapping, texts: dict[str, pa.Array]) -> dict[str, str]:
    """Return the unit of measures that give none: from the header, else from their size."""
    units: dict[str, str] = {}
    for name, field in mapping.fields.items():
        kind = FIELDS[field].kind
        if kind == "lead_time":
            units[field] = header_time_unit(name) or _likely_time_unit(texts[name])
        elif kind in _UNITS:
            units[field] = header_unit(kind, name) or _likely_unit(kind, texts[name])
    return units


def header_unit(kind: str, header: str) -> str | None:
    """Return the unit that the name of a column of weights or sizes gives, None without any."""
    named = [_UNITS[kind][word] for word in lexicon.words(header) if word in _UNITS[kind]]
    return named[-1] if named else None


def header_time_unit(header: str) -> str | None:
    """Return the unit that the name of a column of lead times gives, None without any."""
    named = [_TIME_UNITS[word] for word in lexicon.words(header) if word in _TIME_UNITS]
    return named[-1] if named else None


def _likely_time_unit(text: pa.Array) -> str:
    """Tell hours from days: 24, 48 and 72 alone are hours."""
    values = numbers.parse(text, NumberStyle()).value
    values = values[values > 0]
    return "hours" if len(values) > 1 and np.isin(values, (24, 48, 72, 96, 120)).all() else "days"


def _likely_unit(kind: str, text: pa.Array) -> str:
    """Guess a unit by magnitude: parcels weigh 0.1 to 30 kg, or 50 to 30,000 g."""
    values = numbers.parse(text, numbers.style_of(text)).value
    values = values[values > 0]
    middle = float(np.median(values)) if values.size else 0.0
    if kind == "weight":
        return "g" if middle >= 50 else "kg"
    return "mm" if middle >= 150 else "cm"


def _currency(mapping: Mapping, texts: dict[str, pa.Array]) -> str | None:
    """Return the currency written in the purchase price's cells or header, None when none is."""
    column = mapping.column("purchase_price")
    if not column:
        return None
    return currency.of_column(column, texts[column])
