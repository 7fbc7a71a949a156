"""From cells of text to typed columns, one field after the other, a whole column at a time."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...onep_marketplace_connectors.clients import gtin
from . import (
    arrow,
    currency,
    flags,
    jsontext,
    measures,
    money,
    numbers,
    prices,
    quantities,
    texts,
    vocabulary,
)
from .issues import Issues
from .leadtime import lead_time
from .mapping import Mapping
from .readers.frame import RawFrame
from .settle import settle
from .work import Work, booleans

_CHAIN = (
    r"^(?P<a>\d+(?:[.,]\d+)?)\s*%?\s*\+\s*(?P<b>\d+(?:[.,]\d+)?)\s*%?"
    r"(?:\s*\+\s*(?P<c>\d+(?:[.,]\d+)?)\s*%?)?$"
)
_FACTORS = 1.3
_RATE_NUMBERS = (1, 2)
_NO_SKU = r"(?i)^(?:[-–—._?#]+|n\.?/?a\.?|null|none)$"


@dataclass(frozen=True, slots=True)
class NormalisedFrame:
    """A batch of n rows in target columns.

    frame: DataFrame (n × TARGET_COLUMNS): text columns `str` (NaN unknown), figures float64 (NaN
        unknown), availability nullable boolean, line int64
    issues: what was refused, doubted or changed in cells
    raw: the batch as it was read; mapping: settled
    step_quantity: float64 (n), the quantity from which the price of a row holds, NaN unknown; None
        when the file has no column for it
    """

    frame: pd.DataFrame
    issues: Issues
    raw: RawFrame
    mapping: Mapping
    step_quantity: np.ndarray | None = None


def normalise(
    raw: RawFrame, mapping: Mapping, today: datetime.date | None = None
) -> NormalisedFrame:
    """Read the cells of a batch as its mapping says.

    Prices come out per piece, without VAT; rates 0-1; weights in g, sizes in mm; GTINs with 14
    digits. What cannot be read is unknown, with an issue that says so.

    today: the day that dates of delivery are counted from; without it they are not read

    Raises InvalidMapping when a column of the mapping is missing.
    """
    mapping = settle(mapping, raw)
    mapping.check(list(raw.frame.columns))
    work = Work(raw, mapping, today)
    for step in _STEPS:
        step(work)
    return NormalisedFrame(work.frame(), work.issues, raw, mapping, work.step_quantity)


def _texts(work: Work) -> None:
    for field in ("name", "description", "brand", "category", "condition", "country_of_origin"):
        cells = work.cells(field)
        if cells is None:
            continue
        clean, marked = texts.clean(cells)
        if field == "name":
            work.issues.add("text-cleaned", marked, field, cells)
            work.issues.add("text-damaged", arrow.matches(cells, "\ufffd"), field, cells)
        if field == "country_of_origin":
            short = arrow.matches(clean, r"^[A-Za-z]{2,3}$")
            clean = pc.if_else(pa.array(short), pc.utf8_upper(clean), clean)
        if field == "condition":
            clean = texts.condition(clean)
        work.put(field, arrow.series(clean))


def _codes(work: Work) -> None:
    for field in ("manufacturer_part_number", "hs_code", "image_url"):
        cells = work.cells(field)
        if cells is not None:
            work.put(field, arrow.series(texts.blanks(cells)))


def _identifiers(work: Work) -> None:
    """SKU and GTIN; a restricted GTIN says nothing outside the supplier and is left out."""
    sku = work.cells("supplier_sku")
    sku = texts.blanks(sku) if sku is not None else arrow.text([""] * work.count)
    sku = pc.if_else(pa.array(arrow.matches(sku, _NO_SKU)), "", sku)
    if pc.any(pc.match_substring(sku, "E+")).as_py():
        lossy = arrow.matches(sku, r"^\d[.,]\d+E\+\d+$")
        work.issues.add("sku-scientific", lossy, "supplier_sku", sku)
    ean = work.cells("ean")
    codes = np.full(work.count, None, dtype=object)
    if ean is not None:
        found = gtin.canonical(
            ean,
            complete=work.mapping.lacks_check_digit,
            doubted=work.mapping.doubted_lengths,
        )
        codes = found.gtin.copy()
        noted = pd.Series(found.rule, dtype=object)
        for rule in noted.dropna().unique():
            work.issues.add(rule, (noted == rule).to_numpy(), "ean", ean)
        restricted = found.rule == "gtin-restricted"
        if restricted.any():
            # The supplier's own number names its article, though nobody else's.
            own = restricted & ~arrow.known(sku)
            sku = pc.if_else(pa.array(own), pa.array(codes, sku.type), sku)
            work.issues.add("sku-from-ean", own, "supplier_sku", ean)
            codes[restricted] = None
    lacking = ~arrow.known(sku)
    if lacking.any():
        lacking &= pd.notna(codes)
        sku = pc.if_else(pa.array(lacking), pc.fill_null(pa.array(codes, sku.type), ""), sku)
        work.issues.add("sku-from-ean", lacking, "supplier_sku", ean)
    work.put("supplier_sku", arrow.series(sku))
    work.put("gtin", arrow.strings(pa.array(codes, pa.large_string())))


def _change_flags(work: Work) -> None:
    """Lines the supplier marks as deleted are no offers."""
    name = work.mapping.change_flag
    if name is not None and name in work.raw.frame.columns:
        cells = work.column(name)
        work.issues.add("article-deleted", flags.deletes(cells), "", cells)
    cells = work.cells("availability")
    if cells is not None and name != work.mapping.column("availability"):
        deleted = flags.deletes(cells, letters=False)
        work.issues.add("article-deleted", deleted, "availability", cells)


def _rates(work: Work) -> None:
    """VAT and discount as a share of one; whether 0.2 or 20 is meant, the mapping says."""
    for field in ("vat_rate", "discount_percent"):
        cells = work.cells(field)
        if cells is None:
            continue
        parsed = numbers.parse(cells, work.style(field))
        signed = arrow.matches(cells, "%")
        percent = signed | work.mapping.percents.get(field, True)
        value = np.where(percent, parsed.value / 100, parsed.value)
        unread = parsed.unread.copy()
        in_words = np.zeros(work.count, dtype=bool)
        rows = np.flatnonzero(unread)
        if rows.size:
            words = arrow.fold(cells.take(pa.array(rows)))
            said = arrow.look_up(words, vocabulary.figures(f"{field}_word"))
            if field == "discount_percent":
                said = np.where(np.isnan(said), _chained(words), said)
            value[rows] = said
            in_words[rows] = ~np.isnan(said)
            unread[rows] = np.isnan(said) & ~vocabulary.says_nothing(words)
        wrong = (value < 0) | (value > 1)
        if field == "vat_rate":
            # No country has such a rate: a share of one strayed among percentages, a factor such
            # as 1.2, or the number of a rate in the supplier's own table.
            wrong |= percent & ~signed & (parsed.value > 0) & (parsed.value < _FACTORS)
            wrong |= percent & ~signed & np.isin(parsed.value, _RATE_NUMBERS)
        value = np.where(wrong, np.nan, np.round(value, 6))
        work.put(field, value)
        notes = {"rate-in-words": in_words, "number-not-read": unread, "rate-out-of-range": wrong}
        work.note(field, cells, notes)


def _chained(words: pa.Array) -> np.ndarray:
    """Read discounts one after the other, `35+10` or `50%+10%`, as the one they make (0-1)."""
    parts = pc.extract_regex(words, _CHAIN)
    given = [pc.fill_null(pc.struct_field(parts, name), "") for name in ("a", "b", "c")]
    rates = [
        numbers.parse(pc.replace_substring(part, ",", "."), numbers.NumberStyle(".")).value / 100
        for part in given
    ]
    left = (1 - rates[0]) * (1 - rates[1]) * (1 - np.nan_to_num(rates[2]))
    return np.where((left >= 0) & (left <= 1), 1 - left, np.nan)


def _currency(work: Work) -> None:
    cells = work.cells("currency")
    default = work.mapping.currency
    if cells is None:
        prices = work.cells("purchase_price")
        if prices is None:
            constant = pa.array([default] * work.count, pa.large_string())
            work.put("currency", arrow.strings(constant))
            return
        codes, other = currency.differ(prices, default)
        work.issues.add("currency-other", other, "purchase_price", prices)
        work.put("currency", arrow.strings(codes))
        return
    folded = arrow.fold(cells)
    code = money.codes_of(folded, default)
    known = arrow.known(folded)
    if default:
        code = pc.if_else(pa.array(known), code, pa.scalar(default, code.type))
    work.issues.add("currency-unknown", known & arrow.mask(pc.is_null(code)), "currency", cells)
    work.put("currency", arrow.strings(code))


def _stock(work: Work) -> None:
    """Stock and availability, each helping the other where it is silent.

    Several columns of stock are those of warehouses: their sum, unknown ones left out.
    """
    columns = work.mapping.columns("stock_quantity")
    stocks = [work.column(name) for name in columns]
    if len(columns) < 2 and (cells := work.cells("stock_quantity")) is not None:
        stocks = [cells]
    if not stocks and work.cells("availability") is None:
        return
    said = np.full(work.count, np.nan)
    quantity = np.full(work.count, np.nan)
    delay = np.full(work.count, np.nan)
    for name, cells in zip_longest(columns, stocks, fillvalue=""):
        found = quantities.stock(cells, work.mapping.style(name), work.today)
        quantity = np.where(np.isnan(quantity), found.value, quantity + np.nan_to_num(found.value))
        said = np.fmax(said, found.available)
        delay = np.fmin(delay, found.delay)
        work.note("stock_quantity", cells, found.notes)
    if stocks:
        quantity = work.figures("stock_quantity", quantity)
        work.put("stock_quantity", quantity)
    cells = work.cells("availability")
    if cells is not None:
        own, own_delay = quantities.availability(cells, work.style("availability"), work.today)
        unread = np.isnan(own) & np.isnan(own_delay) & arrow.known(arrow.trim(cells))
        unread &= ~vocabulary.says_nothing(arrow.fold(cells))
        work.issues.add("availability-not-read", unread, "availability", cells)
        said = np.where(np.isnan(own), said, own)
        delay = np.where(np.isnan(own_delay), delay, own_delay)
    known = np.where(np.isnan(said), np.where(np.isnan(quantity), np.nan, quantity > 0), said)
    work.put("availability", booleans(known))
    if not np.isnan(delay).all():
        own = work.out.get("lead_time_days", np.full(work.count, np.nan))
        work.put("lead_time_days", np.where(np.isnan(own), delay, own))


def _packs(work: Work) -> None:
    for field in ("minimum_order_quantity", "pack_size"):
        cells = work.cells(field)
        if cells is not None:
            found = quantities.pack(cells, work.style(field))
            work.note(field, cells, found.notes)
            work.put(field, work.figures(field, found.value))


def _lead_time(work: Work) -> None:
    cells = work.cells("lead_time_days")
    if cells is not None:
        unit = work.mapping.units.get("lead_time_days", "days")
        found = lead_time(cells, work.style("lead_time_days"), unit, work.today)
        work.note("lead_time_days", cells, found.notes)
        work.put("lead_time_days", found.value)


def _measures(work: Work) -> None:
    cells = work.cells("weight")
    if cells is not None:
        unit = work.mapping.units.get("weight", "kg")
        found = measures.weight(cells, work.style("weight"), unit, work.unit_style("weight"))
        work.note("weight", cells, found.notes)
        work.put("weight_g", found.value)
        work.note_units("weight", "grams", found.factor)
    for field in ("length", "width", "height"):
        cells = work.cells(field)
        if cells is None:
            continue
        unit = work.mapping.units.get(field, "cm")
        sides = measures.triple(cells, unit, work.mapping.column(field) or "")
        whole = ~np.isnan(sides.value[:, :2]).any(axis=1)
        found = measures.size(cells, work.style(field), unit, work.unit_style(field))
        work.note(field, cells, {rule: mask & ~whole for rule, mask in found.notes.items()})
        work.put(f"{field}_mm", found.value)
        work.note_units(field, "millimetres", np.where(whole, sides.factor, found.factor))
        if whole.any():
            for place, name in enumerate(("length_mm", "width_mm", "height_mm")):
                base = work.out.get(name, np.full(work.count, np.nan))
                work.put(name, np.where(whole, sides.value[:, place], base))


def _extra(work: Work) -> None:
    """Carry the supplier's other columns along, as they are."""
    others = [name for name in work.raw.frame.columns if name not in work.mapping.fields]
    if others and work.count:
        joined = jsontext.objects(others, [work.column(name) for name in others])
        work.put("extra", arrow.strings(joined))


#: Order matters: taxes and units must be known before prices, quantities before their steps.
_STEPS: tuple[Callable[[Work], None], ...] = (
    _identifiers,
    _change_flags,
    _texts,
    _codes,
    _rates,
    _currency,
    prices.retail,
    prices.purchase,
    _lead_time,
    _stock,
    _packs,
    _measures,
    prices.eco_tax,
    prices.steps,
    _extra,
)
