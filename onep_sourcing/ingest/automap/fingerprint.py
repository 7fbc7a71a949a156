"""The little that is kept of an accepted file, to see later what changed in the next one."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ....onep_marketplace_connectors.clients import gtin
from .. import arrow, currency, numbers, taxes, vocabulary

#: Rows whose cells are kept: enough to meet the same articles again.
KEPT_ROWS = 60
_LONGEST_AMOUNT = 24  # characters of a cell that may be an amount with its currency
_URL = r"(?i)^(?:https?://|www\.|//)\S+"
_LETTERS = r"\pL{2,}"
_CODE = r"^[\d\s./:T-]{6,19}$"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a column looked like.

    shares: of the filled cells (0-1), by name: numeric, whole, gtin, url, letters…
    length: median number of characters; middle: median of its numbers, None without numbers
    cells: a checksum of each of the first cells, 0 where it was empty; equal for `12,50` and `12.5`
    numbers: the number in each of them, None where there was none; empty for other columns
    taxed: its header or cells say whether prices include VAT; currency: the one they name
    sample: its first value, to be shown
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    length: float = 0.0
    middle: float | None = None
    cells: tuple[int, ...] = ()
    numbers: tuple[float | None, ...] = ()
    taxed: bool | None = None
    currency: str | None = None
    sample: str = ""

    def share(self, name: str) -> float:
        """Return one of the shares, 0 when it is not known."""
        return self.shares.get(name, 0.0)

    @property
    def is_known(self) -> bool:
        """There is something to compare with."""
        return self.share("filled") > 0

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, with the cells of the kept rows only."""
        return {
            "shares": {name: round(value, 3) for name, value in self.shares.items() if value},
            "length": self.length,
            "middle": self.middle,
            "cells": list(self.cells[:KEPT_ROWS]),
            "numbers": list(self.numbers[:KEPT_ROWS]),
            "taxed": self.taxed,
            "currency": self.currency,
            "sample": self.sample,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Fingerprint:
        """Read what `to_json` wrote."""
        return cls(
            dict(values.get("shares") or {}),
            values.get("length") or 0.0,
            values.get("middle"),
            tuple(values.get("cells") or ()),
            tuple(values.get("numbers") or ()),
            values.get("taxed"),
            values.get("currency"),
            values.get("sample") or "",
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file: their unique names, in order, and what they looked like.

    prints: column → fingerprint; without it, only names are compared
    """

    columns: tuple[str, ...]
    prints: Mapping[str, Fingerprint] = field(default_factory=dict)

    @classmethod
    def of(
        cls, columns: Sequence[str], sample: pd.DataFrame, figures: Collection[str] = ()
    ) -> Layout:
        """Look at the first rows of a file.

        columns: unique names, in order; figures: those the file holds as numbers
        """
        names = list(columns)[: sample.shape[1]]
        cells = [arrow.text(sample.iloc[:, place]) for place in range(len(names))]
        return cls(
            tuple(columns), dict(zip(names, fingerprints(cells, names, figures), strict=True))
        )

    def print_of(self, column: str) -> Fingerprint:
        """Return what a column looked like, an empty one when that is not known."""
        return self.prints.get(column) or Fingerprint()

    @property
    def row_count(self) -> int:
        """Rows whose cells are kept."""
        return max((len(print_.cells) for print_ in self.prints.values()), default=0)

    def or_fuller(self, other: Layout) -> Layout:
        """Return what these columns look like in the other file when that kept more rows.

        A file of three changed articles tells less than the catalogue before it.
        """
        is_fuller = other.row_count > min(self.row_count, KEPT_ROWS)
        if is_fuller and set(other.columns) == set(self.columns):
            return Layout(self.columns, other.prints)
        return self

    def to_json(self) -> dict[str, Any]:
        """Return the layout as plain values."""
        return {
            "columns": list(self.columns),
            "prints": {name: print_.to_json() for name, print_ in self.prints.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Layout:
        """Read what `to_json` wrote."""
        prints = values.get("prints") or {}
        return cls(
            tuple(values.get("columns") or ()),
            {name: Fingerprint.from_json(print_) for name, print_ in prints.items()},
        )


def fingerprint(column: pa.Array, header: str = "", is_held: bool = False) -> Fingerprint:
    """Take what is worth keeping of a sample of one column; see `fingerprints`."""
    return fingerprints([column], [header], [header] if is_held else ())[0]


def fingerprints(
    columns: Sequence[pa.Array], headers: Sequence[str], held: Collection[str] = ()
) -> list[Fingerprint]:
    """Take what is worth keeping of a sample of columns (text, empty where there is nothing).

    columns: of n rows each; headers: their names
    held: names of those the file holds as numbers, so that a dot is their decimal sign
    """
    if not columns or not len(columns[0]):
        return [_empty(header) for header in headers]
    sample = _Sample(columns)
    read = sample.read([header in held for header in headers])
    return [
        sample.fingerprint(place, header, read[place])
        if sample.known[place].any()
        else _empty(header)
        for place, header in enumerate(headers)
    ]


def _empty(header: str) -> Fingerprint:
    return Fingerprint(
        {"filled": 0.0}, taxed=taxes.in_header(header), currency=currency.in_header(header)
    )


class _Sample:
    """The cells of k columns of n rows: what differs is looked at once for all of them.

    values: u different cells, trimmed; places: int (k × n), which of them a cell is
    known: boolean (k × n), the cell holds something
    """

    def __init__(self, columns: Sequence[pa.Array]) -> None:
        cells = pc.dictionary_encode(arrow.trim(pa.concat_arrays(columns)))
        self.values = cells.dictionary
        self.places = cells.indices.to_numpy().reshape(len(columns), len(columns[0]))
        self.known = arrow.known(self.values)[self.places]
        self._lengths = np.asarray(pc.utf8_length(self.values), dtype=float)
        self._is_numeric = numbers.are_numeric(self.values)
        self._taxed = taxes.in_cells(self.values)
        folded = arrow.fold(self.values)
        self._checksums = [zlib.crc32(text.encode()) if text else 0 for text in folded.to_pylist()]
        available = pa.array(sorted(vocabulary.words("availability")), folded.type)
        self._words = {
            "url": arrow.matches(self.values, _URL),
            "letters": arrow.matches(self.values, _LETTERS),
            "availability": arrow.mask(pc.is_in(folded, available)),
        }
        self._is_code = arrow.matches(self.values, _CODE)
        self._is_gtin = gtin.is_valid(self.values)

    def share(self, place: int, of_values: np.ndarray) -> float:
        """Share (0-1) of the filled cells of a column.

        of_values: Boolean array (u)
        """
        return float(of_values[self.places[place]][self.known[place]].mean())

    def read(self, held: Sequence[bool]) -> list[np.ndarray | None]:
        """Return the numbers (n) of each column that holds numbers, None of the others.

        held: of each column, whether the file holds it as numbers
        """
        signs = [self._decimal(place, is_held) for place, is_held in enumerate(held)]
        found: list[np.ndarray | None] = [None] * len(signs)
        for sign in {*signs} - {None}:
            same = [place for place, other in enumerate(signs) if other == sign]
            values = np.full(len(self.values), np.nan)
            used = np.unique(self.places[same])
            parsed = numbers.parse(self.values.take(pa.array(used)), numbers.NumberStyle(sign))
            values[used] = parsed.value
            for place in same:
                found[place] = values[self.places[place]]
        return found

    def _decimal(self, place: int, is_held: bool) -> str | None:
        if not self.known[place].any() or self.share(place, self._is_numeric) < 0.5:
            return None
        if is_held:
            return "."
        return numbers.style_of(self.values.take(pa.array(self.places[place]))).decimal

    def fingerprint(self, place: int, header: str, read: np.ndarray | None) -> Fingerprint:
        """Return what a column that holds something looks like.

        read: its numbers, None when it holds other things
        """
        known, places = self.known[place], self.places[place]
        cells = self.values.take(pa.array(places))
        given = None if read is None or np.isnan(read).all() else read[~np.isnan(read)]
        said = taxes.in_header(header)
        length = float(np.median(self._lengths[places][known]))
        return Fingerprint(
            self._shares(place, given),
            length,
            None if given is None else float(f"{np.median(given):.6g}"),
            self._numbered(places, read),
            ()
            if read is None
            else tuple(None if np.isnan(value) else float(f"{value:.9g}") for value in read),
            taxes.of_marks(self._taxed[places], known) if said is None else said,
            currency.of_column(header, cells if length <= _LONGEST_AMOUNT else cells.slice(0, 0)),
            cells[int(np.argmax(known))].as_py()[:40],
        )

    def _shares(self, place: int, given: np.ndarray | None) -> dict[str, float]:
        known = self.known[place]
        numeric = self.share(place, self._is_numeric)
        shares = {
            "filled": float(known.mean()),
            "distinct": len(np.unique(self.places[place][known])) / int(known.sum()),
            "numeric": numeric,
            "whole": 0.0 if given is None else float((given == np.round(given)).mean()),
        }
        if self.share(place, self._is_code) > 0.05:
            shares["gtin"] = self.share(place, self._is_gtin)
        if numeric < 0.95:
            shares |= {name: self.share(place, mask) for name, mask in self._words.items()}
        return shares

    def _numbered(self, places: np.ndarray, read: np.ndarray | None) -> tuple[int, ...]:
        """Return a checksum a cell: of the number where there is one, else of the folded text."""
        if read is None:
            return tuple(self._checksums[place] for place in places)
        return tuple(
            self._checksums[place] if np.isnan(value) else zlib.crc32(f"{value:.15g}".encode())
            for place, value in zip(places, read, strict=True)
        )
