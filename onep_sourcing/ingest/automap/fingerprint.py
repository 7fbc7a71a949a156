"""The little that is kept of an accepted file, to see later what changed in the next one."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .. import arrow, currency, numbers, taxes
from .evidence import look

#: Rows whose cells are kept: enough to meet the same articles again.
KEPT_ROWS = 60
_SHARES = ("filled", "distinct", "numeric", "whole", "gtin", "url", "letters", "availability")


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
        return cls(
            tuple(columns),
            {
                name: fingerprint(arrow.text(sample.iloc[:, place]), name, name in figures)
                for place, name in enumerate(columns)
                if place < sample.shape[1]
            },
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
    """Take what is worth keeping of a sample of a column (text, empty where there is nothing).

    is_held: the file holds it as numbers, so that a dot is their decimal sign
    """
    content = look(column)
    if not content.known:
        return Fingerprint(
            {"filled": 0.0}, taxed=taxes.in_header(header), currency=currency.in_header(header)
        )
    trimmed = arrow.trim(column)
    known = arrow.known(trimmed)
    is_numeric = content.numeric >= 0.5
    style = numbers.NumberStyle(".", sure=True) if is_held else numbers.style_of(trimmed)
    read = numbers.parse(trimmed, style).value if is_numeric else None
    middle = None
    if read is not None and not np.isnan(read).all():
        middle = float(f"{np.nanmedian(read):.6g}")
    return Fingerprint(
        {name: float(getattr(content, name)) for name in _SHARES},
        content.length,
        middle,
        _checksums(trimmed, read),
        tuple(None if np.isnan(value) else float(f"{value:.9g}") for value in read)
        if read is not None
        else (),
        taxes.of_column(header, trimmed),
        currency.of_column(header, trimmed),
        trimmed[int(np.argmax(known))].as_py()[:40],
    )


def _checksums(trimmed: pa.Array, read: np.ndarray | None) -> tuple[int, ...]:
    """Return a checksum a cell: of the number where there is one, else of the folded text."""
    texts = arrow.fold(trimmed).to_pylist()
    if read is not None:
        texts = [
            text if np.isnan(value) else f"{value:.15g}"
            for text, value in zip(texts, read, strict=True)
        ]
    return tuple(zlib.crc32(text.encode()) if text else 0 for text in texts)
