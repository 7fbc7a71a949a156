"""A file from beginning to end: read, normalise, check, in batches."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from . import readers
from .checks import Checked, Seen, check
from .issues import Repair
from .line_kinds import NO_ARTICLE
from .mapping import Mapping
from .normalise import NormalisedFrame, normalise
from .readers import RawFrame
from .shape import FileShape
from .source import Source

BATCH_ROWS = 50_000
_MOST_STEPS = 50  # rows that may repeat one article


@dataclass(frozen=True)
class BatchResult:
    """What became of n rows of a file: accepted + quarantined = n.

    accepted: DataFrame (fields.TARGET_COLUMNS) of the offers to keep
    row_count: n
    steps: accepted rows that are quantity steps of one of these offers, DataFrame: line,
        supplier_sku
    repairs: cells that were changed, by what was done to them
    details: every issue by itself, DataFrame: line, severity, rule, field, raw (the cell),
        message (English), params (dict), ordered by line then severity
    mapping: as settled, to read the next file the same way
    raw: the batch as it was read; skus: its normalised supplier SKUs, refused rows included
    """

    accepted: pd.DataFrame
    row_count: int
    details: pd.DataFrame
    mapping: Mapping
    raw: RawFrame
    skus: pd.Series
    steps: pd.DataFrame
    repairs: Counter[Repair]

    @property
    def merged_count(self) -> int:
        """Rows kept that are no offer of their own."""
        return len(self.steps)

    @property
    def accepted_count(self) -> int:
        """Rows kept, quantity steps included."""
        return len(self.accepted) + self.merged_count

    @property
    def quarantined_count(self) -> int:
        """Rows refused."""
        return self.row_count - self.accepted_count

    @cached_property
    def issues(self) -> pd.DataFrame:
        """One row for each line that was refused or doubted, in order.

        Columns: line, severity (the worst), rule and field (of the worst), supplier_sku (as it
        would be accepted: trimmed, the GTIN-14 where only an EAN is given; unknown where the row
        has none or is no article), reasons (list of {rule, severity, field, raw, message,
        params}), raw (dict column → cell, filled ones).
        """
        return _by_line(self.details, self.raw, self.skus)

    @property
    def quarantined(self) -> pd.DataFrame:
        """The rows of `issues` that were refused."""
        return self.issues[self.issues["severity"] == "refuse"]

    @property
    def warnings(self) -> pd.DataFrame:
        """The issues of `details` that kept the row but lost a value."""
        return self.details[self.details["severity"] == "warn"]


def process(
    raw: RawFrame,
    mapping: Mapping,
    seen: Seen | None = None,
    today: datetime.date | None = None,
) -> BatchResult:
    """Normalise and check one batch.

    seen: identifiers of the earlier batches of the same file, brought up to date
    today: the day that dates of delivery are counted from; without it they are not read
    Raises InvalidMapping when the batch lacks a column of the mapping.
    """
    batch = normalise(raw, mapping, today)
    checked = check(batch, seen)
    return _result(batch, checked)


def run(
    data: Source,
    shape: FileShape,
    mapping: Mapping,
    batch_rows: int = BATCH_ROWS,
    today: datetime.date | None = None,
) -> Iterator[BatchResult]:
    """Yield what became of each batch of a file, in order.

    data: the bytes, or the path of the file
    mapping: settled on the first batch when it is not yet, and then kept
    today: the day that dates of delivery are counted from; without it they are not read

    Raises UnreadableFile (InvalidMapping included).
    """
    return run_frames(readers.frames(data, shape, batch_rows), mapping, today)


def run_frames(
    frames: Iterator[RawFrame], mapping: Mapping, today: datetime.date | None = None
) -> Iterator[BatchResult]:
    """Yield what became of each frame of one file, in order; see `run`."""
    seen = Seen()
    for raw in _whole_articles(frames, mapping):
        result = process(raw, mapping, seen, today)
        mapping = result.mapping
        yield result


def _whole_articles(batches: Iterator[RawFrame], mapping: Mapping) -> Iterator[RawFrame]:
    """Move the rows of an article that two batches share to the second one.

    Only where rows may repeat an article per quantity, and for a few rows.
    """
    sku = mapping.column("supplier_sku")
    if not sku or not set(mapping.fields.values()) & {"tier_qty", "minimum_order_quantity"}:
        yield from batches
        return
    kept: RawFrame | None = None
    for raw in batches:
        whole = raw if kept is None else RawFrame.join(kept, raw)
        kept = None
        if sku in whole.frame.columns and len(whole) > _MOST_STEPS:
            last = whole.frame[sku].iloc[-_MOST_STEPS:].to_numpy(dtype=object)
            others = np.flatnonzero(last != last[-1])
            start = len(whole) - _MOST_STEPS + (others[-1] + 1 if others.size else _MOST_STEPS)
            kept = whole.slice(start, len(whole)) if start < len(whole) else None
            whole = whole.slice(0, start)
        if len(whole):
            yield whole
    if kept is not None:
        yield kept


def _result(batch: NormalisedFrame, checked: Checked) -> BatchResult:
    accepted = batch.frame
    if checked.tiers:
        tiers = accepted["tiers"].to_numpy(dtype=object).copy()
        tiers[list(checked.tiers)] = list(checked.tiers.values())
        accepted = accepted.assign(tiers=pd.Series(tiers, dtype="str"))
    kept = checked.accepted & ~checked.merged
    if not kept.all():
        accepted = accepted[kept].reset_index(drop=True)
    return BatchResult(
        accepted,
        len(batch.frame),
        checked.issues,
        batch.mapping,
        batch.raw,
        batch.frame["supplier_sku"],
        batch.frame.loc[checked.merged, ["line", "supplier_sku"]],
        batch.issues.repairs(),
    )


def _by_line(details: pd.DataFrame, raw: RawFrame, skus: pd.Series) -> pd.DataFrame:
    """Gather the issues of each refused or doubted row; the first is the worst."""
    names = ["line", "severity", "rule", "field", "supplier_sku", "reasons", "raw"]
    told = details.loc[details["severity"] != "fix", "row"].unique()
    found = details[details["row"].isin(told)]
    if found.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    parts = ["rule", "severity", "field", "raw", "message", "params"]
    records = found[parts].to_dict("records")
    rows = found["row"].to_numpy(dtype=np.int64)
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    ends = np.append(starts[1:], len(rows))
    rules = found["rule"].to_numpy()[starts]
    own = skus.iloc[rows[starts]].reset_index(drop=True)
    cells = raw.frame.iloc[rows[starts]].to_dict("records")
    return pd.DataFrame(
        {
            "line": raw.lines[rows[starts]],
            "severity": found["severity"].to_numpy()[starts],
            "rule": rules,
            "field": found["field"].to_numpy()[starts],
            "supplier_sku": own.mask(np.isin(rules, NO_ARTICLE)),
            "reasons": [records[start:end] for start, end in zip(starts, ends, strict=True)],
            "raw": [{key: value for key, value in row.items() if value} for row in cells],
        },
        columns=names,
    )
