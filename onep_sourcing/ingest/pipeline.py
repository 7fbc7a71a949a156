"""A file from beginning to end: read, normalise, check, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from . import readers
from .checks import NO_ARTICLE, Checked, Seen, check
from .mapping import Mapping
from .normalise import NormalisedFrame, normalise
from .readers import RawFrame
from .shape import FileShape
from .source import Source

BATCH_ROWS = 50_000


@dataclass(frozen=True)
class BatchResult:
    """What became of n rows of a file: accepted + quarantined = n.

    accepted: DataFrame (fields.TARGET_COLUMNS) of the rows to keep
    row_count: n
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

    @property
    def accepted_count(self) -> int:
        """Rows kept."""
        return len(self.accepted)

    @property
    def quarantined_count(self) -> int:
        """Rows refused."""
        return self.row_count - len(self.accepted)

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


def process(raw: RawFrame, mapping: Mapping, seen: Seen | None = None) -> BatchResult:
    """Normalise and check one batch.

    seen: identifiers of the earlier batches of the same file, brought up to date
    Raises InvalidMapping when the batch lacks a column of the mapping.
    """
    batch = normalise(raw, mapping)
    checked = check(batch, seen)
    return _result(batch, checked)


def run(
    data: Source, shape: FileShape, mapping: Mapping, batch_rows: int = BATCH_ROWS
) -> Iterator[BatchResult]:
    """Yield what became of each batch of a file, in order.

    data: the bytes, or the path of the file
    mapping: settled on the first batch when it is not yet, and then kept

    Raises UnreadableFile (InvalidMapping included).
    """
    seen = Seen()
    for raw in readers.frames(data, shape, batch_rows):
        result = process(raw, mapping, seen)
        mapping = result.mapping
        yield result


def _result(batch: NormalisedFrame, checked: Checked) -> BatchResult:
    accepted = batch.frame
    if not checked.accepted.all():
        accepted = accepted[checked.accepted].reset_index(drop=True)
    return BatchResult(
        accepted,
        len(batch.frame),
        checked.issues,
        batch.mapping,
        batch.raw,
        batch.frame["supplier_sku"],
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
