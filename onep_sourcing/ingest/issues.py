"""What is wrong with rows and cells, collected by columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .rules import RULES, message

COLUMNS = ("line", "severity", "rule", "field", "raw", "message", "params")


@dataclass(frozen=True, slots=True)
class Part:
    """One rule met by k rows: their places in the batch, cells and message values."""

    rule: str
    rows: np.ndarray
    field: str
    raw: list[str]
    params: list[dict[str, Any]] | dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done alike to the cells of a field, told once for all of them.

    params: values of the message, by name; none when they differ from cell to cell
    """

    rule: str
    field: str
    params: tuple[tuple[str, Any], ...] = ()

    @property
    def message(self) -> str:
        """English text, what differs from cell to cell left open."""
        return message(self.rule, dict(self.params) or None)


def list_repairs(repairs: Counter[Repair]) -> list[dict[str, Any]]:
    """Return repairs as plain JSON values, the most frequent first."""
    return [
        {
            "rule": repair.rule,
            "field": repair.field or None,
            "params": dict(repair.params),
            "count": count,
            "message": repair.message,
        }
        for repair, count in repairs.most_common()
    ]


@dataclass(slots=True)
class Issues:
    """A growing collection of issues of one batch.

    lines: int64 (n), the file line of each row of the batch
    columns: repairs of so many cells that they are counted and not listed
    """

    lines: np.ndarray
    parts: list[Part] = field(default_factory=list)
    columns: Counter[Repair] = field(default_factory=Counter)

    def add(
        self,
        rule: str,
        where: np.ndarray,
        field: str = "",
        raw: pa.Array | None = None,
        params: list[dict[str, Any]] | dict[str, Any] | None = None,
    ) -> None:
        """Record a rule for the rows of a boolean mask (n).

        field: the field concerned, when there is one; raw: the cells of that field (n)
        params: values of the message, one dict for all or a list, one for each row of the mask
        """
        rows = np.flatnonzero(where)
        if not rows.size:
            return
        cells = raw.take(pa.array(rows)).to_pylist() if raw is not None else [""] * len(rows)
        self.parts.append(Part(rule, rows, field, cells, params))

    def add_to_column(self, rule: str, count: int, field: str, params: dict[str, Any]) -> None:
        """Record a rule for a number of cells of a field, without a word on each of them."""
        self.columns[Repair(rule, field, tuple(params.items()))] += count

    def repairs(self) -> Counter[Repair]:
        """Count the cells that were changed, by what was done to them."""
        found = self.columns.copy()
        for part in self.parts:
            if RULES[part.rule].severity == "fix":
                params = part.params or {}
                if isinstance(params, list):
                    # said of each cell: worth saying of all when it is the same
                    is_one = params.count(params[0]) == len(params)
                    params = params[0] if is_one else {}
                found[Repair(part.rule, part.field, tuple(params.items()))] += len(part.rows)
        return found

    def refused(self) -> np.ndarray:
        """Boolean array (n): the row has an issue that refuses it."""
        refused = np.zeros(len(self.lines), dtype=bool)
        for part in self.parts:
            if RULES[part.rule].severity == "refuse":
                refused[part.rows] = True
        return refused

    def frame(self) -> pd.DataFrame:
        """Return the issues, ordered by row and severity: `row` and the columns of COLUMNS."""
        frames = [self._frame(part) for part in self.parts]
        if not frames:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in ("row", *COLUMNS)})
        found = pd.concat(frames, ignore_index=True)
        rank = found["severity"].map({"refuse": 0, "warn": 1, "fix": 2})
        return found.iloc[np.lexsort((rank, found["row"]))].reset_index(drop=True)

    def _frame(self, part: Part) -> pd.DataFrame:
        count = len(part.rows)
        if isinstance(part.params, list):
            each, texts = part.params, [message(part.rule, item) for item in part.params]
        else:
            each = [part.params or {}] * count
            texts = [message(part.rule, part.params)] * count
        return pd.DataFrame(
            {
                "row": part.rows,
                "line": self.lines[part.rows],
                "severity": RULES[part.rule].severity,
                "rule": part.rule,
                "field": part.field,
                "raw": part.raw,
                "message": texts,
                "params": each,
            }
        )
