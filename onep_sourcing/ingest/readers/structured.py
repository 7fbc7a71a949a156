"""JSON and XML catalogues: records found by their path, flattened into columns.

A record's nested values become columns named by their path (`prices.EUR`, `Item/Name`,
`Price/@currency`); of a list of plain values the first is kept under its own name and the rest
joined, of a list of objects the first object is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from .. import encoding, source
from ..errors import UnreadableFile
from ..shape import FileShape, SniffOptions
from ..source import Packing, Source
from . import json_catalogue, xml_catalogue
from .frame import RawFrame, figure_columns, from_rows
from .records import Record
from .xml_repair import Mender

SAMPLE_RECORDS = 500
COLUMN_LIMIT = 500


def sniff(data: bytes, kind: str, options: SniffOptions) -> FileShape:
    """Find the records of a JSON or XML file and the columns they have.

    Raises UnreadableFile: damaged-file, not-well-formed, no-rows, unknown-records, unsafe-xml,
    wrong-encoding.
    """
    codec = encoding.check(data, options.encoding) if options.encoding else None
    records: Iterable[Record]
    if kind == "json":
        path, records = json_catalogue.read(data, options.records, codec)
    else:
        path, records = xml_catalogue.sample(data, options.records, SAMPLE_RECORDS)
    names: Counter[str] = Counter()
    found = False
    for _index, record in zip(range(SAMPLE_RECORDS), records, strict=False):
        found = True
        for name in record:
            names.setdefault(name, 0)
    if not found:
        raise UnreadableFile("no-rows")
    if not names:
        raise UnreadableFile("no-header")
    shape = FileShape(
        "json" if kind == "json" else "xml",
        (),
        (),
        encoding=codec
        or xml_catalogue.declared_encoding(data)
        or encoding.detect(data[: source.SAMPLE_BYTES]),
        records=path,
        header_row=None,
    )
    return shape.named(tuple(names)[:COLUMN_LIMIT])


def frames(data: Source, shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
    """Yield the records in order; a record's line is its number, from 1."""
    pack = Packing(shape.compression, shape.member)
    mender = Mender()
    if shape.format == "xml":
        with source.opened(data, pack) as stream:
            records = xml_catalogue.stream_records(
                stream, shape.records or "", shape.headers, mender
            )
            yield from _batches(records, shape, batch_rows, mender)
    else:
        whole = source.whole(data, pack)
        _found, records = json_catalogue.read(whole, shape.records, shape.encoding)
        yield from _batches(records, shape, batch_rows, mender)


def _batches(
    records: Iterable[Record], shape: FileShape, batch_rows: int, mender: Mender
) -> Iterator[RawFrame]:
    batch: list[list[str]] = []
    first = 1
    for record in records:
        batch.append([record.get(name, "") for name in shape.headers])
        if len(batch) == batch_rows:
            yield _frame(batch, shape, first, mender)
            first += len(batch)
            batch = []
    if batch:
        yield _frame(batch, shape, first, mender)


def _frame(batch: list[list[str]], shape: FileShape, first: int, mender: Mender) -> RawFrame:
    figures = figure_columns(
        shape.columns, batch, lambda cell: type(cell) is json_catalogue.Fraction
    )
    raw = from_rows(batch, shape.columns, np.arange(first, first + len(batch)), figures)
    mended, mender.mended = mender.mended, Counter()
    return replace(raw, mended=mended)
