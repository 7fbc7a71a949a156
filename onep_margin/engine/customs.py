"""Customs duty by HS code and origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .steps import locate

#: Digits of a full commodity code; a shorter one stands for all that begin with it.
DIGITS = 10
_GRAMS_PER_KG = 1e3


@dataclass(frozen=True, slots=True, eq=False)
class DutyTable:
    """Duties as steps on the line of ten-digit codes, by origin.

    A heading is the run of the codes that begin with it. Longer headings beat shorter ones, and
    a duty for one origin beats one for any, at whatever length.

    origins: countries with duties of their own; ``Purchase.origin`` is an index, -1 any other
    starts: codes at which a run begins, ascending; shape (s,)
    rows: duty by origin (the last line: any other) and run, -1 for none; shape (origins + 1, s)
    rate: share of the value at the border [0-1]
    per_kg: amount per kilogram [company's currency]
    """

    origins: tuple
    starts: np.ndarray
    rows: np.ndarray
    rate: np.ndarray
    per_kg: np.ndarray
    is_unconfirmed: np.ndarray
    refs: tuple

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping]) -> "DutyTable":
        """Build from rows: hs (digits, at most ten), rate [0-1], and optionally origin (none:
        any), per_kg, is_unconfirmed, ref.
        """
        origins = tuple(dict.fromkeys(row["origin"] for row in rows if row.get("origin")))
        spans = [_span(row["hs"]) for row in rows]
        starts = np.array(sorted({0, *(edge for span in spans for edge in span)}), dtype=np.int64)
        table = np.full((len(origins) + 1, len(starts)), -1, dtype=np.intp)
        # From the weakest to the strongest: any origin first, then short headings.
        order = sorted(
            range(len(rows)), key=lambda n: (bool(rows[n].get("origin")), len(str(rows[n]["hs"])))
        )
        for number in order:
            origin = rows[number].get("origin")
            lines = slice(None) if not origin else origins.index(origin)
            first, last = np.searchsorted(starts, spans[number])
            table[lines, first:last] = number
        return cls(
            origins=origins,
            starts=starts,
            rows=table,
            rate=np.array([row["rate"] for row in rows] + [np.nan]),
            per_kg=np.array([row.get("per_kg") or 0.0 for row in rows] + [np.nan]),
            is_unconfirmed=np.array([bool(row.get("is_unconfirmed")) for row in rows] + [False]),
            refs=tuple(row.get("ref") for row in rows),
        )

    def origin_index(self, country: str) -> int:
        """Return the index of an origin, -1 when it has no duty of its own."""
        return self.origins.index(country) if country in self.origins else -1

    def find(self, code: np.ndarray, origin: np.ndarray) -> np.ndarray:
        """Return the row (intp, n) of each ten-digit code and origin; -1 for none.

        code: int64 as ``codes`` gives them; -1 is unknown
        """
        run = locate(self.starts, code + 1).astype(np.intp) - 1
        # Origin -1 counts from the end, where the duties for any origin are.
        row = self.rows.ravel().take(origin * np.intp(len(self.starts)) + np.maximum(run, 0))
        return np.where(run < 0, -1, row)

    def duty(self, row: np.ndarray, value: np.ndarray, weight_g: np.ndarray) -> np.ndarray:
        """Return the duty of a unit (n) of a value at the border; NaN for row -1."""
        amount = self.rate.take(row) * value
        if self.per_kg[:-1].any():
            by_weight = self.per_kg.take(row)
            by_weight = np.where(by_weight == 0.0, 0.0, by_weight * weight_g / _GRAMS_PER_KG)
            # Not in place: one code may stand for many weights.
            amount = amount + by_weight
        return amount


def codes(texts: Sequence[str | None]) -> np.ndarray:
    """Return the ten-digit codes (int64, n) of HS codes of any length; -1 for none.

    Each distinct text is read once.
    """
    known = {text: _code(text) for text in set(texts)}
    return np.array([known[text] for text in texts], dtype=np.int64)


def _code(text: str | None) -> int:
    """Return the first ten-digit code that begins like a text, -1 when it is no HS code."""
    digits = "".join(char for char in text or "" if char.isdecimal())
    return int(digits[:DIGITS].ljust(DIGITS, "0")) if len(digits) >= 4 else -1


def _span(heading: str) -> tuple[int, int]:
    """Return the run [first, last) of the ten-digit codes that begin with a heading."""
    step = 10 ** (DIGITS - len(str(heading)))
    return int(heading) * step, (int(heading) + 1) * step
