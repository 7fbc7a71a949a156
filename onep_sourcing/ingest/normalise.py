"""From cells of text to typed columns, one field after the other, a whole column at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...onep_marketplace_connectors.clients import gtin
from . import arrow, jsontext, measures, numbers, quantities, texts, tiers, vocabulary
from .fields import NUMBER_COLUMNS, TARGET_COLUMNS, TEXT_COLUMNS
from .issues import Issues
from .mapping import Mapping
from .readers.frame import RawFrame
from .settle import settle

_NO_SKU = r"(?i)^(?:[-–—._?#]+|n\.?/?a\.?|null|none)$"


@dataclass(frozen=True, slots=True)
class NormalisedFrame:
    """A batch of n rows in target columns.

    frame: DataFrame (n × TARGET_COLUMNS): text columns `str` (NaN unknown), figures float64 (NaN
        unknown), availability nullable boolean, line int64
    issues: what was refused, doubted or changed in cells
    raw: the batch as it was read; mapping: settled
    """

    frame: pd.DataFrame
    issues: Issues
    raw: RawFrame
    mapping: Mapping


def normalise(raw: RawFrame, mapping: Mapping) -> NormalisedFrame:
    """Read the cells of a batch as its mapping says.

    Prices come out per piece, without VAT; rates 0-1; weights in g, sizes in mm; GTINs with 14
    digits. What cannot be read is unknown, with an issue that says so.

    Raises InvalidMapping when a column of the mapping is missing.
    """
    mapping = settle(mapping, raw)
    mapping.check(list(raw.frame.columns))
    work = _Work(raw, mapping)
    for step in _STEPS:
        step(work)
    return NormalisedFrame(work.frame(), work.issues, raw, mapping)


class _Work:
    """Columns of a batch on their way: source cells in, target columns out."""

    def __init__(self, raw: RawFrame, mapping: Mapping) -> None:
        self.raw = raw
        self.mapping = mapping
        self.count = len(raw)
        self.issues = Issues(raw.lines)
        self.out: dict[str, object] = {"line": raw.lines}
        #: What makes a purchase price as written one of a piece without VAT; NaN unknown.
        self.divisor = np.ones(self.count)
        self._cells: dict[str, pa.Array] = {}

    def column(self, name: str) -> pa.Array:
        """Return the cells of a column of the file."""
        if name not in self._cells:
            self._cells[name] = arrow.text(self.raw.frame[name])
        return self._cells[name]

    def cells(self, field: str) -> pa.Array | None:
        """Return the cells of a field, its constant, or None when it has neither."""
        name = self.mapping.column(field)
        if name is not None:
            return self.column(name)
        if field in self.mapping.constants:
            return arrow.text([self.mapping.constants[field]] * self.count)
        return None

    def style(self, field: str) -> numbers.NumberStyle:
        """Return how the column of a field writes numbers."""
        return self.mapping.style(self.mapping.column(field) or "")

    def unit_style(self, field: str) -> numbers.NumberStyle | None:
        """Return how the column of a field writes numbers before their unit."""
        return self.mapping.unit_styles.get(self.mapping.column(field) or "")

    def put(self, column: str, values: object) -> None:
        """Set a target column."""
        self.out[column] = values

    def note(self, field: str, cells: pa.Array, notes: dict[str, np.ndarray]) -> None:
        """Record what was noted about cells, by rule."""
        for rule, where in notes.items():
            self.issues.add(rule, where, field, cells)

    def frame(self) -> pd.DataFrame:
        """Return all target columns, those the file lacks unknown."""
        nan = np.full(self.count, np.nan)
        empty = arrow.strings(pa.nulls(self.count, pa.large_string()))
        columns: dict[str, object] = {}
        for name in TARGET_COLUMNS:
            if name in self.out:
                columns[name] = self.out[name]
            elif name in NUMBER_COLUMNS:
                columns[name] = nan
            elif name in TEXT_COLUMNS:
                columns[name] = empty
            else:
                columns[name] = _flags(np.full(self.count, np.nan))
        return pd.DataFrame(columns, columns=list(TARGET_COLUMNS))


def _texts(work: _Work) -> None:
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


def _codes(work: _Work) -> None:
    for field in ("manufacturer_part_number", "hs_code", "image_url"):
        cells = work.cells(field)
        if cells is not None:
            work.put(field, arrow.series(texts.blanks(cells)))


def _identifiers(work: _Work) -> None:
    """SKU and GTIN; a restricted GTIN says nothing outside the supplier and is left out."""
    sku = work.cells("supplier_sku")
    sku = texts.blanks(sku) if sku is not None else arrow.text([""] * work.count)
    sku = pc.if_else(pa.array(arrow.matches(sku, _NO_SKU)), "", sku)
    ean = work.cells("ean")
    codes = np.full(work.count, None, dtype=object)
    if ean is not None:
        found = gtin.canonical(ean, complete=work.mapping.lacks_check_digit)
        codes = found.gtin.copy()
        noted = pd.Series(found.rule, dtype=object)
        for rule in noted.dropna().unique():
            work.issues.add(rule, (noted == rule).to_numpy(), "ean", ean)
        own = (found.rule == "gtin-restricted") & ~arrow.known(sku)
        if own.any():
            # The supplier's own number names its article, though nobody else's.
            sku = pc.if_else(pa.array(own), pa.array(codes, sku.type), sku)
            work.issues.add("sku-from-ean", own, "supplier_sku", ean)
        codes[found.rule == "gtin-restricted"] = None
    lacking = ~arrow.known(sku) & pd.notna(codes)
    if lacking.any():
        sku = pc.if_else(pa.array(lacking), pc.fill_null(pa.array(codes, sku.type), ""), sku)
        work.issues.add("sku-from-ean", lacking, "supplier_sku", ean)
    work.put("supplier_sku", arrow.series(sku))
    work.put("gtin", arrow.strings(pa.array(codes, pa.large_string())))


def _rates(work: _Work) -> None:
    """VAT and discount as a share of one; whether 0.2 or 20 is meant, the mapping says."""
    for field in ("vat_rate", "discount_percent"):
        cells = work.cells(field)
        if cells is None:
            continue
        parsed = numbers.parse(cells, work.style(field))
        signed = arrow.matches(cells, "%")
        percent = signed | work.mapping.percents.get(field, True)
        value = np.where(percent, parsed.value / 100, parsed.value)
        wrong = (value < 0) | (value > 1)
        if field == "vat_rate":
            # No country has such a rate: a share of one strayed among percentages.
            wrong |= percent & ~signed & (parsed.value > 0) & (parsed.value < 1)
        value = np.where(wrong, np.nan, np.round(value, 6))
        work.put(field, value)
        work.note(field, cells, {"number-not-read": parsed.unread, "rate-out-of-range": wrong})


def _currency(work: _Work) -> None:
    cells = work.cells("currency")
    default = work.mapping.currency
    if cells is None:
        constant = pa.array([default] * work.count, pa.large_string())
        work.put("currency", arrow.strings(constant))
        return
    folded = arrow.fold(cells)
    table = vocabulary.codes("currency")
    keys = pa.array(list(table), folded.type)
    found = pc.index_in(folded, keys)
    code = pc.take(pa.array(list(table.values()), folded.type), found)
    iso = arrow.matches(folded, r"^[a-z]{3}$")
    code = pc.if_else(pc.and_(pc.is_null(code), pa.array(iso)), pc.utf8_upper(folded), code)
    known = arrow.known(folded)
    if default:
        code = pc.if_else(pa.array(known), code, pa.scalar(default, code.type))
    work.issues.add("currency-unknown", known & arrow.mask(pc.is_null(code)), "currency", cells)
    work.put("currency", arrow.strings(code))


def _price(work: _Work, field: str) -> tuple[np.ndarray, pa.Array, numbers.Numbers] | None:
    cells = work.cells(field)
    if cells is None:
        return None
    parsed = numbers.parse(cells, work.style(field))
    value = parsed.value / 100 if field in work.mapping.hundredths else parsed.value
    work.issues.add("number-other-style", parsed.odd, field, cells)
    return value, cells, parsed


def _retail_price(work: _Work) -> None:
    """With and without VAT; without a VAT rate only the one the file gives is known."""
    found = _price(work, "recommended_retail_price")
    if found is None:
        return
    value, cells, parsed = found
    wordless = ~_is_no_price(cells, parsed.unread)
    work.issues.add("number-not-read", parsed.unread & wordless, "recommended_retail_price", cells)
    value = np.where(value > 0, value, np.nan)
    includes_vat = work.mapping.retail_includes_vat
    untaxed = value / (1 + _vat(work)) if includes_vat else value
    taxed = value if includes_vat else value * (1 + _vat(work))
    work.put("recommended_retail_price", np.round(untaxed, 6))
    work.put("recommended_retail_price_taxed", np.round(taxed, 6))


def _purchase_price(work: _Work) -> None:
    """The price of one piece without VAT, with a refusal wherever there is none."""
    found = _price(work, "purchase_price")
    if found is None:
        _price_from_discount(work)
        return
    value, cells, parsed = found
    issues, field = work.issues, "purchase_price"
    if field in work.mapping.hundredths:
        issues.add("price-scaled", ~np.isnan(value), field, cells)
    wordless = ~_is_no_price(cells, parsed.unread)
    issues.add("price-missing", ~parsed.given | (parsed.unread & ~wordless), field, cells)
    issues.add("price-not-a-number", parsed.unread & wordless, field, cells)
    issues.add("price-zero", value == 0, field, cells)
    issues.add("price-negative", value < 0, field, cells)
    value = np.where(value > 0, value, np.nan)
    value = _per_piece(work, value, cells)
    if work.mapping.prices_include_vat:
        value = _without_vat(work, value, cells)
    work.put("purchase_price", np.round(value, 6))


def _price_from_discount(work: _Work) -> None:
    """Without a purchase price: the list price less the discount, when both are given."""
    includes_vat = work.mapping.retail_includes_vat
    price = work.out.get(f"recommended_retail_price{'_taxed' if includes_vat else ''}")
    discount = work.out.get("discount_percent")
    cells = work.cells("recommended_retail_price")
    if price is None or discount is None or cells is None:
        missing = np.ones(work.count, dtype=bool)
        work.issues.add("price-missing", missing, "purchase_price")
        return
    value = price * (1 - discount)
    work.issues.add("price-missing", np.isnan(value), "purchase_price", cells)
    work.issues.add("price-zero", value <= 0, "purchase_price", cells)
    value = np.where(value > 0, value, np.nan)
    value = _per_piece(work, value, cells)
    if work.mapping.prices_include_vat or includes_vat:
        value = _without_vat(work, value, cells)
    work.issues.add("price-from-discount", ~np.isnan(value), "purchase_price", cells)
    work.put("purchase_price", np.round(value, 6))


def _per_piece(work: _Work, value: np.ndarray, cells: pa.Array) -> np.ndarray:
    """Divide prices for 100 or 1000 pieces."""
    per_cells = work.cells("price_per")
    if per_cells is None:
        return value
    per = quantities.price_per(per_cells, work.style("price_per"))
    work.note("purchase_price", per_cells, per.notes)
    divided = (per.value > 0) & (per.value != 1) & ~np.isnan(value)
    params = [{"per": f"{number:g}"} for number in per.value[divided]]
    work.issues.add("price-per-unit", divided, "purchase_price", cells, params)
    for column in ("recommended_retail_price", "recommended_retail_price_taxed"):
        if column in work.out:
            work.put(column, np.round(work.out[column] / per.value, 6))
    per_piece = np.where(per.value > 0, per.value, np.nan)
    work.divisor = work.divisor * per_piece
    return value / per_piece


def _without_vat(work: _Work, value: np.ndarray, cells: pa.Array) -> np.ndarray:
    rate = _vat(work)
    priced = ~np.isnan(value)
    work.issues.add("vat-missing", priced & np.isnan(rate), "purchase_price", cells)
    changed = priced & ~np.isnan(rate) & (rate > 0)
    params = [{"rate": f"{number * 100:g}"} for number in rate[changed]]
    work.issues.add("price-without-vat", changed, "purchase_price", cells, params)
    work.divisor = work.divisor * (1 + rate)
    return value / (1 + rate)


def _vat(work: _Work) -> np.ndarray:
    """Return the VAT rate of each row, the mapping's where the file gives none; NaN unknown."""
    default = np.nan if work.mapping.vat_rate is None else work.mapping.vat_rate
    rate = work.out.get("vat_rate")
    if rate is None:
        return np.full(work.count, default)
    return np.where(np.isnan(rate), default, rate)


def _stock(work: _Work) -> None:
    """Stock and availability, each helping the other where it is silent."""
    said = np.full(work.count, np.nan)
    quantity = np.full(work.count, np.nan)
    cells = work.cells("stock_quantity")
    if cells is not None:
        found, said = quantities.stock(cells, work.style("stock_quantity"))
        quantity = found.value
        work.note("stock_quantity", cells, found.notes)
        work.put("stock_quantity", quantity)
    cells = work.cells("availability")
    if cells is not None:
        own = quantities.availability(cells, work.style("availability"))
        said = np.where(np.isnan(own), said, own)
    if work.cells("stock_quantity") is None and cells is None:
        return
    known = np.where(np.isnan(said), np.where(np.isnan(quantity), np.nan, quantity > 0), said)
    work.put("availability", _flags(known))


def _flags(values: np.ndarray) -> pd.arrays.BooleanArray:
    """Return 1, 0 and NaN as nullable booleans."""
    return pd.arrays.BooleanArray(values == 1, np.isnan(values))


def _packs(work: _Work) -> None:
    for field in ("minimum_order_quantity", "pack_size"):
        cells = work.cells(field)
        if cells is not None:
            found = quantities.pack(cells, work.style(field))
            work.note(field, cells, found.notes)
            work.put(field, found.value)


def _lead_time(work: _Work) -> None:
    cells = work.cells("lead_time_days")
    if cells is not None:
        found = quantities.lead_time(cells, work.style("lead_time_days"))
        work.note("lead_time_days", cells, found.notes)
        work.put("lead_time_days", found.value)


def _measures(work: _Work) -> None:
    cells = work.cells("weight")
    if cells is not None:
        unit = work.mapping.units.get("weight", "kg")
        found = measures.weight(cells, work.style("weight"), unit, work.unit_style("weight"))
        work.note("weight", cells, found.notes)
        work.put("weight_g", found.value)
    for field in ("length", "width", "height"):
        cells = work.cells(field)
        if cells is None:
            continue
        unit = work.mapping.units.get(field, "cm")
        sides = measures.triple(cells, unit)
        whole = ~np.isnan(sides).any(axis=1)
        found = measures.size(cells, work.style(field), unit, work.unit_style(field))
        work.note(field, cells, {rule: mask & ~whole for rule, mask in found.notes.items()})
        work.put(f"{field}_mm", found.value)
        if whole.any():
            for place, name in enumerate(("length_mm", "width_mm", "height_mm")):
                base = work.out.get(name, np.full(work.count, np.nan))
                work.put(name, np.where(whole, sides[:, place], base))


def _eco_tax(work: _Work) -> None:
    """As it is written: its header alone says that it includes VAT, whatever the price does."""
    found = _price(work, "eco_tax")
    if found is not None:
        value, cells, parsed = found
        work.note(
            "eco_tax",
            cells,
            {"number-not-read": parsed.unread & ~_is_no_price(cells, parsed.unread)},
        )
        value = np.where(value >= 0, value, np.nan)
        if work.mapping.eco_tax_includes_vat:
            rate = _vat(work)
            work.issues.add("vat-unknown", (value > 0) & np.isnan(rate), "eco_tax", cells)
            value = np.where(value > 0, np.round(value / (1 + rate), 6), value)
        work.put("eco_tax", value)


def _tiers(work: _Work) -> None:
    if work.mapping.columns("tier_price"):
        columns = [*work.mapping.columns("tier_price"), *work.mapping.columns("tier_qty")]
        cells = {name: work.column(name) for name in columns}
        work.put("tiers", pd.Series(tiers.read(cells, work.mapping, work.divisor), dtype="str"))


def _extra(work: _Work) -> None:
    """Carry the supplier's other columns along, as they are."""
    others = [name for name in work.raw.frame.columns if name not in work.mapping.fields]
    if others and work.count:
        joined = jsontext.objects(others, [work.column(name) for name in others])
        work.put("extra", arrow.strings(joined))


def _is_no_price(cells: pa.Array, unread: np.ndarray) -> np.ndarray:
    """Boolean array: the cell says in words that there is no price (`sur devis`, `n.v.t.`)."""
    said = np.zeros(len(cells), dtype=bool)
    rows = np.flatnonzero(unread)
    if rows.size:
        folded = arrow.fold(cells.take(pa.array(rows)))
        words = pa.array(sorted(vocabulary.words("no_price")), folded.type)
        said[rows] = arrow.mask(pc.is_in(folded, words))
    return said


#: Order matters: taxes and units must be known before prices.
_STEPS: tuple[Callable[[_Work], None], ...] = (
    _identifiers,
    _texts,
    _codes,
    _rates,
    _currency,
    _retail_price,
    _purchase_price,
    _stock,
    _packs,
    _lead_time,
    _measures,
    _eco_tax,
    _tiers,
    _extra,
)
