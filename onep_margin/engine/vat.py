"""Taxed ↔ untaxed amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


def untaxed(taxed: np.ndarray, vat_rate: np.ndarray) -> np.ndarray:
    """Return amounts without the VAT they include; ``vat_rate`` is a share [0-1]."""
    return taxed / (1.0 + vat_rate)


def taxed(untaxed_amounts: np.ndarray, vat_rate: np.ndarray) -> np.ndarray:
    """Return amounts with VAT added; ``vat_rate`` is a share [0-1]."""
    return untaxed_amounts * (1.0 + vat_rate)


@dataclass(frozen=True, slots=True, eq=False)
class VatTable:
    """Rates of one day by country of destination and kind of goods; shape (countries, kinds).

    The last line and the last column, NaN, serve index -1.
    """

    countries: tuple[str, ...]
    kinds: tuple[str, ...]
    rate: np.ndarray

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping]) -> "VatTable":
        """Build from rows: country, kind, rate [0-1]."""
        countries = tuple(dict.fromkeys(row["country"] for row in rows))
        kinds = tuple(dict.fromkeys(row["kind"] for row in rows))
        table = np.full((len(countries) + 1, len(kinds) + 1), np.nan)
        for row in rows:
            table[countries.index(row["country"]), kinds.index(row["kind"])] = row["rate"]
        return cls(countries, kinds, table)

    def rates(self, country: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """Return the rate (n) of goods of a kind sold to a country; NaN where none is known."""
        return self.rate[country, kind]
