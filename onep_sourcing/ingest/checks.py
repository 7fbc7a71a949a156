"""Rules about whole rows: what a line is, what identifies it, what it repeats."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, line_kinds
from .fields import FIELD_OF_COLUMN
from .line_kinds import NO_ARTICLE
from .normalise import NormalisedFrame

_MARKS = 2**24


@dataclass(slots=True)
class Seen:
    """What earlier batches of a file held: hashes of identifiers and the lines they stood on.

    64-bit hashes: among a million rows two different codes meet once in 40 million files.
    """

    skus: _Index = field(default_factory=lambda: _Index())
    gtins: _Index = field(default_factory=lambda: _Index())


class _Index:
    """Keys of earlier batches, each with the first line it was seen on.

    A table of marks tells the keys that cannot have been seen, which nearly all are. The others
    are looked for in sorted runs, merged as they grow alike, so that there are few.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []
        self._marks = np.zeros(_MARKS, dtype=bool)

    def first_lines(self, keys: np.ndarray, lines: np.ndarray) -> np.ndarray:
        """Return the line each key was first seen on, this batch included, and remember them."""
        origin = lines.copy()
        repeated = pd.Series(keys).duplicated().to_numpy()
        if repeated.any():
            _unique, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
            origin = lines[first][inverse]
        places = (keys & np.uint64(_MARKS - 1)).astype(np.int64)
        rows = np.flatnonzero(self._marks[places])
        if rows.size:
            origin[rows] = self._earlier(keys[rows], origin[rows])
        self._marks[places] = True
        self._add(keys[~repeated], lines[~repeated])
        return origin

    def _earlier(self, keys: np.ndarray, lines: np.ndarray) -> np.ndarray:
        """Return the lines of keys as seen before, else as given."""
        for known, seen_on in reversed(self._runs):
            at = np.minimum(np.searchsorted(known, keys), known.size - 1)
            lines = np.where(known[at] == keys, np.minimum(seen_on[at], lines), lines)
        return lines

    def _add(self, keys: np.ndarray, lines: np.ndarray) -> None:
        if not keys.size:
            return
        while True:
            order = np.argsort(keys, kind="stable")
            keys, lines = keys[order], lines[order]
            if not self._runs or self._runs[-1][0].size > 1.5 * keys.size:
                break
            known, seen_on = self._runs.pop()
            keys, lines = np.concatenate([known, keys]), np.concatenate([seen_on, lines])
        self._runs.append((keys, lines))


@dataclass(frozen=True, slots=True)
class Checked:
    """A batch judged row by row.

    accepted: boolean (n); issues: DataFrame of `issues.COLUMNS` plus `row`, with only the reason
        that counts for lines that are no article
    merged: boolean (n), accepted rows that are quantity steps of another row
    tiers: row → JSON list of the steps merged into it
    """

    accepted: np.ndarray
    issues: pd.DataFrame
    merged: np.ndarray
    tiers: dict[int, str]


def check(batch: NormalisedFrame, seen: Seen | None = None) -> Checked:
    """Judge the rows of a batch; every row is either accepted or has an issue that refuses it.

    seen: identifiers of earlier batches of the same file, brought up to date
    """
    seen = seen if seen is not None else Seen()
    count = len(batch.frame)
    issues, frame, raw = batch.issues, batch.frame, batch.raw
    kinds = line_kinds.find(batch)
    if (kinds != None).any():  # noqa: E711 elementwise
        shown = _first_cells(raw.frame, kinds != None)  # noqa: E711
        for rule in NO_ARTICLE:
            issues.add(rule, kinds == rule, "", shown)
    for rule in ("row-too-long", "row-short"):
        issues.add(rule, raw.flaws == rule)
    for rule, times in raw.mended.items():
        issues.add_to_column(rule, times, "", {})
    _check_identifiers(batch)
    no_article = kinds != None  # noqa: E711 elementwise
    refused = issues.refused() | no_article
    merged, tiers = _merge_steps(batch, ~refused)
    _check_duplicates(batch, ~refused & ~merged, seen)
    retail = frame["recommended_retail_price_taxed"].to_numpy()
    retail = np.where(np.isnan(retail), frame["recommended_retail_price"].to_numpy(), retail)
    issues.add(
        "retail-below-purchase",
        retail < frame["purchase_price"].to_numpy(),
        "recommended_retail_price",
    )
    found = issues.frame()
    rows = found["row"].to_numpy(dtype=np.int64)
    relevant = ~no_article[rows] | found["rule"].isin(NO_ARTICLE).to_numpy()
    found = found[relevant].reset_index(drop=True)
    refused = np.zeros(count, dtype=bool)
    refused[found.loc[found["severity"] == "refuse", "row"].to_numpy(dtype=np.int64)] = True
    return Checked(~refused, found, merged & ~refused, tiers)


def _check_identifiers(batch: NormalisedFrame) -> None:
    """A row needs a SKU or a usable EAN; say which of the two is wrong."""
    lacking = batch.frame["supplier_sku"].isna().to_numpy()
    if not lacking.any():
        return
    ean = batch.mapping.column("ean")
    cells = arrow.text(batch.raw.frame[ean]) if ean else None
    given = arrow.known(arrow.trim(cells)) if cells is not None else np.zeros(len(lacking), bool)
    batch.issues.add("ean-invalid", lacking & given, "ean", cells)
    batch.issues.add("identifier-missing", lacking & ~given, "supplier_sku")


def _merge_steps(batch: NormalisedFrame, usable: np.ndarray) -> tuple[np.ndarray, dict[int, str]]:
    """Take rows that repeat an article per quantity as steps of the one for the least quantity.

    They have the same SKU and EAN, and each its own quantity and price.
    """
    merged = np.zeros(len(usable), dtype=bool)
    steps: dict[int, str] = {}
    quantity = batch.step_quantity
    if quantity is None:
        return merged, steps
    rows = np.flatnonzero(usable)
    skus = batch.frame["supplier_sku"].iloc[rows]
    rows = rows[skus.duplicated(keep=False).to_numpy()]
    if not rows.size:
        return merged, steps
    frame = batch.frame.iloc[rows]
    table = pd.DataFrame(
        {
            "row": rows,
            "sku": frame["supplier_sku"].to_numpy(dtype=object),
            "gtin": frame["gtin"].to_numpy(dtype=object),
            "quantity": np.where(np.isnan(quantity[rows]), 1.0, quantity[rows]),
            "price": frame["purchase_price"].to_numpy(),
        }
    )
    groups = table.groupby("sku", sort=False)
    stepped = (
        (groups["quantity"].transform("nunique") == groups["row"].transform("size"))
        & (groups["price"].transform("nunique") > 1)
        & (groups["gtin"].transform("nunique") <= 1)
    )
    table = table[stepped.to_numpy()].sort_values(["sku", "quantity"], kind="stable")
    if table.empty:
        return merged, steps
    base = table["row"].where(~table["sku"].duplicated()).ffill().astype(np.int64)
    table["base"] = base
    others = table[table["row"] != table["base"]].sort_values("row")
    merged[others["row"].to_numpy()] = True
    lines = batch.frame["line"].to_numpy()
    params = [{"first_line": int(line)} for line in lines[others["base"].to_numpy()]]
    column = batch.mapping.column("purchase_price")
    cells = arrow.text(batch.raw.frame[column]) if column else None
    batch.issues.add("quantity-step", merged, "purchase_price", cells, params)
    for place, part in others.sort_values("quantity").groupby("base"):
        steps[int(place)] = json.dumps(
            [
                {"quantity": float(amount), "price": float(price)}
                for amount, price in zip(part["quantity"], part["price"], strict=True)
            ]
        )
    return merged, steps


def _check_duplicates(batch: NormalisedFrame, usable: np.ndarray, seen: Seen) -> None:
    """Keep the first usable row of each SKU; warn when another SKU has the same EAN."""
    lines = batch.frame["line"].to_numpy()
    rows = np.flatnonzero(usable)
    first = seen.skus.first_lines(_hashes(batch.frame["supplier_sku"].iloc[rows]), lines[rows])
    again = first != lines[rows]
    _add_repeats(batch, rows[again], first[again], "duplicate-identifier", "supplier_sku")
    kept = rows[~again]
    coded = kept[batch.frame["gtin"].iloc[kept].notna().to_numpy()]
    first = seen.gtins.first_lines(_numbers(batch.frame["gtin"].iloc[coded]), lines[coded])
    shared = first != lines[coded]
    _add_repeats(batch, coded[shared], first[shared], "ean-shared", "gtin")


def _add_repeats(
    batch: NormalisedFrame, rows: np.ndarray, first: np.ndarray, rule: str, column: str
) -> None:
    where = np.zeros(len(batch.frame), dtype=bool)
    where[rows] = True
    params = [{"first_line": int(line)} for line in first]
    field_name = FIELD_OF_COLUMN.get(column, column)
    batch.issues.add(rule, where, field_name, arrow.text(batch.frame[column]), params)


def _first_cells(frame: pd.DataFrame, where: np.ndarray) -> pa.Array:
    """Return the first filled cell of the rows of a mask, empty elsewhere (n)."""
    shown = np.full(len(frame), "", dtype=object)
    rows = frame[where].to_numpy(dtype=object)
    shown[where] = [next((cell for cell in row if cell and cell.strip()), "") for row in rows]
    return pa.array(shown, pa.large_string())


def _numbers(gtins: pd.Series) -> np.ndarray:
    """Return GTINs as keys: their digits, mixed so that keys spread over the table of marks."""
    digits = pc.cast(arrow.text(gtins), pa.int64()).to_numpy(zero_copy_only=False)
    return digits.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(8)


def _hashes(values: pd.Series) -> np.ndarray:
    return pd.util.hash_array(values.to_numpy(dtype=object), categorize=False)
