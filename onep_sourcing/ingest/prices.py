"""Prices of one piece without VAT, whatever quantity and tax they are written with."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, numbers, quantities, taxes, tiers, vocabulary
from .cells import Cells
from .work import Work

#: No list prices an article higher: such a figure is an article number.
HIGHEST = 10_000_000
#: `12,50 / 100 pcs`, `4,20 le cent`: a price that says itself for how many pieces it is.
_WITH_QUANTITY = (
    r"(?i)^(?P<price>.*\d.*?)\s*(?:/|\bpar\b|\bper\b|\bje\b|\bpro\b|\ble\b|\bles\b|\bla\b)\s*"
    r"(?P<per>\d+|cent|mille|c|m|dz|douzaine|dozen)\s*(?:pcs?|pces?|pièces?|stk|st|u|szt|uds?|pz)?\.?$"
)


def retail(work: Work) -> None:
    """With and without VAT; without a VAT rate only the one the file gives is known."""
    field = "recommended_retail_price"
    found = _read(work, field)
    if found is None:
        return
    value, cells, parsed = found
    wordless = ~_is_no_price(cells, parsed.unread)
    work.issues.add("number-not-read", parsed.unread & np.isnan(value) & wordless, field, cells)
    value = np.where(value > 0, value, np.nan)
    includes_vat = _includes_vat(cells, bool(work.mapping.retail_includes_vat))
    rate = vat_rate(work)
    work.put(field, np.round(np.where(includes_vat, value / (1 + rate), value), 6))
    work.put(f"{field}_taxed", np.round(np.where(includes_vat, value, value * (1 + rate)), 6))


def purchase(work: Work) -> None:
    """The price of one piece without VAT, with a refusal wherever there is none."""
    found = _read(work, "purchase_price")
    if found is None:
        _from_discount(work)
        return
    value, cells, parsed = found
    issues, field = work.issues, "purchase_price"
    if field in work.mapping.hundredths:
        issues.add("price-scaled", ~np.isnan(value), field, cells)
    unread = parsed.unread & np.isnan(value)
    wordless = ~_is_no_price(cells, unread)
    issues.add("price-missing", ~parsed.given | (unread & ~wordless), field, cells)
    issues.add("price-not-a-number", unread & wordless, field, cells)
    issues.add("price-zero", value == 0, field, cells)
    issues.add("price-negative", value < 0, field, cells)
    issues.add("price-absurd", value > HIGHEST, field, cells)
    value = np.where((value > 0) & (value <= HIGHEST), value, np.nan)
    value = _per_piece(work, value, cells, own=parsed.unread)
    work.divisor = work.divisor * _per_in_header(work, field)
    includes_vat = _includes_vat(cells, bool(work.mapping.prices_include_vat))
    if includes_vat.any():
        value = _without_vat(work, value, cells, includes_vat)
    work.put("purchase_price", np.round(value, 6))


def eco_tax(work: Work) -> None:
    """As it is written: its header alone says that it includes VAT, whatever the price does."""
    found = _read(work, "eco_tax")
    if found is None:
        return
    value, cells, parsed = found
    unread = parsed.unread & np.isnan(value)
    work.note("eco_tax", cells, {"number-not-read": unread & ~_is_no_price(cells, unread)})
    value = np.where(value >= 0, value, np.nan)
    if work.mapping.eco_tax_includes_vat:
        rate = vat_rate(work)
        work.issues.add("vat-unknown", (value > 0) & np.isnan(rate), "eco_tax", cells)
        value = np.where(value > 0, np.round(value / (1 + rate), 6), value)
    work.put("eco_tax", value)


def steps(work: Work) -> None:
    """Quantity breaks: from columns of their own, or the quantity each row's price is from."""
    mapping = work.mapping
    if mapping.columns("tier_price"):
        columns = [*mapping.columns("tier_price"), *mapping.columns("tier_qty")]
        cells = {name: work.column(name) for name in columns}
        work.put("tiers", arrow.strings(tiers.read(cells, mapping, work.divisor)))
    elif mapping.columns("tier_qty"):
        name = mapping.columns("tier_qty")[0]
        work.step_quantity = quantities.pack(work.column(name), mapping.style(name)).value
    elif "minimum_order_quantity" in work.out:
        work.step_quantity = np.asarray(work.out["minimum_order_quantity"])


def vat_rate(work: Work) -> np.ndarray:
    """Return the VAT rate of each row, the mapping's where the file gives none; NaN unknown."""
    default = np.nan if work.mapping.vat_rate is None else work.mapping.vat_rate
    rate = work.out.get("vat_rate")
    if rate is None:
        return np.full(work.count, default)
    return np.where(np.isnan(rate), default, rate)


def _read(work: Work, field: str) -> tuple[np.ndarray, pa.Array, numbers.Numbers] | None:
    """Return the figures of a price field, its cells, and what was read of them at first."""
    cells = work.cells(field)
    if cells is None:
        return None
    parsed = numbers.parse(cells, work.style(field))
    value = parsed.value
    rows = np.flatnonzero(parsed.unread)
    if rows.size:
        value = value.copy()
        value[rows] = _with_own_quantity(work, field, cells, rows)
    value = value / 100 if field in work.mapping.hundredths else value
    value = work.figures(field, value)
    work.issues.add("number-other-style", parsed.odd, field, cells)
    per = _per_in_header(work, field)
    if per != 1:
        bare = ~np.isnan(value) & ~parsed.unread  # `12,50 / 100` says it again
        work.issues.add("price-per-unit", bare, field, cells, {"per": f"{per:g}"})
        value = np.where(bare, value / per, value)
    return value, cells, parsed


def _per_in_header(work: Work, field: str) -> float:
    """Return for how many pieces a column of prices is by its name, 1 where the lines say it."""
    header = work.mapping.column(field)
    if header is None or work.cells("price_per") is not None:
        return 1.0
    if field == "purchase_price" and work.mapping.price_basis:
        return 1.0  # a person said otherwise, or a pack did
    return quantities.per_in_header(header)


def _with_own_quantity(work: Work, field: str, cells: pa.Array, rows: np.ndarray) -> np.ndarray:
    """Read prices that name their quantity as prices of one piece."""
    parts = pc.extract_regex(cells.take(pa.array(rows)), _WITH_QUANTITY)
    price = pc.fill_null(pc.struct_field(parts, "price"), "").cast(pa.large_string())
    per_cells = pc.fill_null(pc.struct_field(parts, "per"), "").cast(pa.large_string())
    per = quantities.price_per(per_cells, numbers.NumberStyle()).value
    value = numbers.parse(price, work.style(field)).value / per
    read = np.zeros(work.count, dtype=bool)
    read[rows[~np.isnan(value)]] = True
    params = [{"per": f"{number:g}"} for number in per[~np.isnan(value)]]
    work.issues.add("price-per-unit", read, field, cells, params)
    return value


def _includes_vat(cells: pa.Array, column: bool) -> np.ndarray:
    """Boolean array: a price includes VAT, by its own mark, else as its column does."""
    said = taxes.in_cells(cells)
    return np.where(np.isnan(said), column, said == 1)


def _from_discount(work: Work) -> None:
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
    value = _per_piece(work, value, cells, own=np.zeros(work.count, dtype=bool))
    if work.mapping.prices_include_vat or includes_vat:
        value = _without_vat(work, value, cells, np.ones(work.count, dtype=bool))
    work.issues.add("price-from-discount", ~np.isnan(value), "purchase_price", cells)
    work.put("purchase_price", np.round(value, 6))


def _per_piece(work: Work, value: np.ndarray, cells: pa.Array, own: np.ndarray) -> np.ndarray:
    """Divide prices for 100 or 1000 pieces, or for a pack.

    own: Boolean array (n), the cell names its quantity itself and its price is of one piece already
    """
    per_cells = work.cells("price_per")
    basis = work.mapping.price_basis
    if per_cells is not None:
        per = quantities.price_per(per_cells, work.style("price_per"))
        work.note("purchase_price", per_cells, per.notes)
    elif basis == "pack":
        per = _pack_sizes(work)
    elif basis and basis != "piece":
        per = Cells(np.full(work.count, float(basis)), {})
    else:
        return value
    divided = (per.value > 0) & (per.value != 1) & ~np.isnan(value) & ~own
    params = [{"per": f"{number:g}"} for number in per.value[divided]]
    work.issues.add("price-per-unit", divided, "purchase_price", cells, params)
    # A retail price beside a price of packs is of one piece.
    for column in ("recommended_retail_price", "recommended_retail_price_taxed"):
        if column in work.out and per_cells is not None:
            work.put(column, np.round(work.out[column] / per.value, 6))
    per_piece = np.where(per.value > 0, per.value, np.nan)
    work.divisor = work.divisor * per_piece
    return np.where(own, value, value / per_piece)


def _pack_sizes(work: Work) -> Cells:
    """How many pieces the price of a row is for; a pack without its size has no price a piece."""
    cells = work.cells("pack_size")
    if cells is None:
        cells = arrow.text([""] * work.count)
    size = work.figures("pack_size", quantities.pack(cells, work.style("pack_size")).value)
    work.issues.add("pack-size-missing", np.isnan(size), "purchase_price", cells)
    return Cells(size, {})


def _without_vat(
    work: Work, value: np.ndarray, cells: pa.Array, includes_vat: np.ndarray
) -> np.ndarray:
    rate = vat_rate(work)
    priced = includes_vat & ~np.isnan(value)
    work.issues.add("vat-missing", priced & np.isnan(rate), "purchase_price", cells)
    changed = priced & ~np.isnan(rate) & (rate > 0)
    params = [{"rate": f"{number * 100:g}"} for number in rate[changed]]
    work.issues.add("price-without-vat", changed, "purchase_price", cells, params)
    factor = np.where(includes_vat, 1 + rate, 1.0)
    work.divisor = work.divisor * factor
    return value / factor


def _is_no_price(cells: pa.Array, unread: np.ndarray) -> np.ndarray:
    """Boolean array: the cell says in words that there is no price (`sur devis`, `n.v.t.`)."""
    said = np.zeros(len(cells), dtype=bool)
    rows = np.flatnonzero(unread)
    if rows.size:
        folded = arrow.fold(cells.take(pa.array(rows)))
        words = pa.array(sorted(vocabulary.words("no_price")), folded.type)
        said[rows] = arrow.mask(pc.is_in(folded, words))
    return said
