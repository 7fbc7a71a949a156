"""What the hub would make of a file, without saving anything: `./onep preview FILE [--json]`."""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import automap, constants, detect, pipeline, readers, semantics, source, terminal, tiers
from .errors import UnreadableFile
from .fields import FIELD_OF_COLUMN, FIELDS
from .issues import list_repairs
from .mapping import Mapping
from .pipeline import BatchResult
from .rules import Reason
from .settle import settle
from .shape import FileShape, SniffOptions

WHOLE_BYTES = 10 * 1024**2  # files up to this size are read whole
SAMPLE_ROWS = 20_000
MAPPING_ROWS = 2_000
OFFERS = 200
ISSUES = 1_000

_AMOUNTS = frozenset({"purchase_price", "recommended_retail_price", "eco_tax"})
_MEANINGS = {
    "vat": "VAT in the prices",
    "price_basis": "what a price is for",
    "currency": "the currency",
    "decimal": "the decimal sign",
    "discount_form": "how discounts are written",
    "vat_form": "how VAT rates are written",
    "lead_time_unit": "the unit of lead times",
    "weight_unit": "the unit of weights",
}
_LEFT_OUT = frozenset({"recommended_retail_price_taxed"})


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """What a person forces instead of detection.

    fields: column → field, the whole mapping by hand
    prices_include_vat, vat_rate (0-1), currency: of the purchase prices
    """

    sniff: SniffOptions = field(default_factory=SniffOptions)
    fields: Map[str, str | None] | None = None
    prices_include_vat: bool | None = None
    vat_rate: float | None = None
    currency: str | None = None


def preview(
    path: source.Source,
    options: PreviewOptions | None = None,
    today: datetime.date | None = None,
) -> dict[str, Any]:
    """Return what a file would become, as the JSON object of the `./onep preview` contract.

    path: the file, or its bytes. Files beyond 10 MB are sampled: `sampled` is then true and the
    counts are of the sample.
    today: the day that dates of delivery are counted from; without it they are not read

    Raises UnreadableFile.
    """
    options = options or PreviewOptions()
    name = "" if isinstance(path, bytes) else Path(path).name
    shape = _sniff(path, name, options.sniff)
    frames = readers.frames(path, shape, SAMPLE_ROWS)
    first = next(frames, None)
    if first is None:
        raise UnreadableFile("no-rows")
    sample = first.head(MAPPING_ROWS)
    proposal = automap.propose(shape.headers, _named(sample.frame, shape))
    steps = {}
    if options.fields is None:
        steps = tiers.propose(shape.columns, sample.frame, proposal)
    mapping = settle(_mapping(proposal, shape, options, steps), sample)
    sampled = source.size(path) > WHOLE_BYTES
    batches = _batches(chain([first], frames), mapping, sampled, today)
    meanings = semantics.judge(
        mapping,
        sample.frame,
        semantics.FileContext(name, options.currency, figures=sample.figures),
        _forced(options),
    )
    held = _held(proposal, mapping, batches, shape, options) or _open_meaning(meanings)
    return {
        "format": shape.format,
        "encoding": shape.encoding,
        "delimiter": shape.delimiter,
        "sheet": shape.sheet,
        "header_row": shape.header_row,
        "mapping": _mapping_entries(proposal, mapping, shape, options, steps),
        "held": held.message if held else None,
        "held_rule": held.rule if held else None,
        "options": {
            "prices_include_vat": mapping.prices_include_vat,
            "retail_includes_vat": mapping.retail_includes_vat,
            "vat_rate": mapping.vat_rate,
            "currency": mapping.currency,
            "units": dict(mapping.units),
        },
        "semantics": [meaning.to_json() for meaning in meanings],
        "compression": shape.compression,
        "sheets": list(shape.sheets),
        "member": shape.member,
        "members": list(shape.members),
        "sampled": sampled,
        "counts": {
            "rows": sum(batch.row_count for batch in batches),
            "accepted": sum(batch.accepted_count for batch in batches),
            "quarantined": sum(batch.quarantined_count for batch in batches),
        },
        "issues": _issues(batches),
        "repairs": list_repairs(sum((batch.repairs for batch in batches), Counter())),
        "offers": _offers(batches),
    }


def _sniff(path: source.Source, name: str, options: SniffOptions) -> FileShape:
    """Look at a file; a sheet that is a file of an archive chooses that file."""
    if options.sheet and options.member is None and options.sheet in source.packing(path).members:
        options = replace(options, sheet=None, member=options.sheet)
    return detect.sniff(path, name, options)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0, or 2 when the file cannot be read."""
    arguments = _parser().parse_args(argv)
    try:
        result = preview(
            Path(arguments.file), _options(arguments), datetime.datetime.now().astimezone().date()
        )
    except UnreadableFile as error:
        return _refuse(arguments.json, error.rule, error.message)
    except OSError as error:
        return _refuse(arguments.json, "no-file", f"{arguments.file}: {error.strerror}")
    except (json.JSONDecodeError, _BadMappingFile) as error:
        return _refuse(arguments.json, "mapping-file", f"{arguments.mapping}: {error}")
    try:
        if arguments.json:
            json.dump(result, sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
        else:
            sys.stdout.write(terminal.as_text(result))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output left; Python would complain once more while it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


class _BadMappingFile(ValueError):
    """The file of `--mapping` is not a JSON object of column → field."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="onep preview", description="Show what a supplier file would become."
    )
    parser.add_argument(
        "file", help="CSV, fixed width, XLSX, XLS, XLSB, ODS, HTML, JSON, XML, ZIP or GZ"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--mapping", metavar="FILE.json", help='{"column": "field"} by hand')
    parser.add_argument("--records", metavar="PATH", help="path of the records in JSON or XML")
    parser.add_argument("--encoding", help="read the text in this encoding")
    parser.add_argument("--delimiter", help="cut lines at this sign")
    parser.add_argument("--sheet", help="read this sheet of a workbook, or file of an archive")
    parser.add_argument("--member", help="read this file of an archive")
    parser.add_argument("--header-row", type=int, metavar="LINE", help="the line of the header")
    parser.add_argument("--no-header", action="store_true", help="the first line is data")
    parser.add_argument(
        "--prices-include-vat",
        nargs="?",
        const="yes",
        choices=("yes", "no"),
        help="purchase prices include VAT",
    )
    parser.add_argument(
        "--vat-rate", type=float, metavar="PERCENT", help="VAT where the file gives none"
    )
    parser.add_argument("--currency", help="currency of the prices, such as EUR")
    return parser


def _options(arguments: argparse.Namespace) -> PreviewOptions:
    fields = None
    if arguments.mapping:
        fields = json.loads(Path(arguments.mapping).read_text(encoding="utf-8-sig"))
        values = fields.values() if isinstance(fields, dict) else [0]
        if not all(value is None or isinstance(value, str) for value in values):
            raise _BadMappingFile('expected {"column": "field"}')
    return PreviewOptions(
        sniff=SniffOptions(
            encoding=arguments.encoding,
            delimiter="\t" if arguments.delimiter in ("\\t", "tab") else arguments.delimiter,
            sheet=arguments.sheet,
            member=arguments.member,
            header_row=arguments.header_row,
            has_header=False if arguments.no_header else None,
            records=arguments.records,
        ),
        fields=fields,
        prices_include_vat={"yes": True, "no": False}.get(arguments.prices_include_vat),
        vat_rate=arguments.vat_rate / 100 if arguments.vat_rate is not None else None,
        currency=constants.clean("currency", arguments.currency) if arguments.currency else None,
    )


def _refuse(as_json: bool, rule: str, message: str) -> int:
    if as_json:
        print(json.dumps({"error": {"rule": rule, "message": message}}, ensure_ascii=False))
    else:
        print(message, file=sys.stderr)
    return 2


def _named(frame: pd.DataFrame, shape: FileShape) -> pd.DataFrame:
    frame = frame.copy(deep=False)
    frame.columns = list(shape.columns)
    return frame


def _mapping(
    proposal: automap.Proposal,
    shape: FileShape,
    options: PreviewOptions,
    steps: dict[str, tuple[str, Reason]],
) -> Mapping:
    """Return the mapping by hand, or the proposed one with the quantity steps it has no word for.

    The quantity a price is for is no field of an offer, so a mapping by hand leaves it to us.
    """
    chosen = {
        "prices_include_vat": options.prices_include_vat,
        "vat_rate": options.vat_rate,
        "currency": options.currency,
    }
    if options.fields is not None:
        mapping = Mapping.from_names(shape.columns, options.fields, **chosen)
        per = [name for name, field in proposal.fields.items() if field == "price_per"]
        if per and per[0] not in mapping.fields and "price_per" not in mapping.fields.values():
            mapping = replace(mapping, fields=mapping.fields | {per[0]: "price_per"})
        return mapping
    mapping = Mapping.from_proposal(proposal, **chosen)
    return replace(
        mapping, fields=mapping.fields | {name: field for name, (field, _why) in steps.items()}
    )


def _batches(
    frames: Iterator[readers.RawFrame],
    mapping: Mapping,
    sampled: bool,
    today: datetime.date | None,
) -> list[BatchResult]:
    """Process the file, or its first rows when it is large."""
    found, rows = [], 0
    for batch in pipeline.run_frames(frames, mapping, today):
        found.append(batch)
        rows += batch.row_count
        if sampled and rows >= SAMPLE_ROWS:
            break
    return found


def _forced(options: PreviewOptions) -> dict[str, str]:
    """What a person said on the command line of the figures' meaning."""
    forced = {}
    if options.prices_include_vat is not None:
        forced["vat"] = "taxed" if options.prices_include_vat else "untaxed"
    if options.currency:
        forced["currency"] = options.currency
    return forced


def _open_meaning(meanings: list[semantics.Meaning]) -> Reason | None:
    """Return why a person must say how figures are meant; what a file holds, its feed knows."""
    names = [
        _MEANINGS[meaning.kind]
        for meaning in semantics.asked(meanings)
        if meaning.kind in _MEANINGS
    ]
    return Reason("meaning-open", {"meanings": ", ".join(names)}) if names else None


def _held(
    proposal: automap.Proposal,
    mapping: Mapping,
    batches: list[BatchResult],
    shape: FileShape,
    options: PreviewOptions,
) -> Reason | None:
    """Return why a person must look first."""
    if options.fields is None and proposal.held:
        return proposal.held
    if options.fields is None and shape.guessed:
        return Reason("columns-guessed", {})
    mapped = set(mapping.fields.values())
    if not mapped & {"supplier_sku", "ean"}:
        return Reason("no-identifier-column", {})
    if "purchase_price" not in mapped and not (
        {"recommended_retail_price", "discount_percent"} <= mapped
    ):
        return Reason("no-price-column", {})
    if mapping.prices_include_vat and mapping.vat_rate is None and "vat_rate" not in mapped:
        return Reason("vat-rate-needed", {})
    if not any(batch.accepted_count for batch in batches):
        return Reason("no-row-accepted", {})
    return None


def _mapping_entries(
    proposal: automap.Proposal,
    mapping: Mapping,
    shape: FileShape,
    options: PreviewOptions,
    steps: dict[str, tuple[str, Reason]],
) -> list[dict[str, Any]]:
    """One entry a column: the header as in the file, its field, confidence and reasons."""
    entries = []
    for item, header in zip(proposal, shape.headers, strict=True):
        name = shape.columns[item.index]
        by_hand = options.fields is not None
        target = mapping.fields.get(name) if by_hand else item.target
        if target in FIELDS and by_hand:
            target = None if target == "price_per" else target
        entry = {
            "column": header,
            "index": item.index,
            "field": target,
            "confidence": 1.0 if by_hand else item.confidence,
            "level": "sure" if by_hand else item.level,
            "why": ["Given by hand."] if by_hand else [reason.message for reason in item.why],
            "alternatives": list(item.alternatives),
        }
        if shape.guessed and not by_hand and target:
            entry |= {
                "confidence": min(0.7, item.confidence),
                "level": "likely",
                "why": [Reason("named-by-content", {}).message],
            }
        if not by_hand and name in steps:
            step, reason = steps[name]
            entry |= {
                "field": step,
                "confidence": 0.8,
                "level": "likely",
                "why": [reason.message],
            }
        entries.append(entry)
    return entries


def _issues(batches: list[BatchResult]) -> list[dict[str, Any]]:
    """Return the first issues, what refuses before what warns before what fixes, then by line."""
    found = pd.concat([batch.details for batch in batches]) if batches else pd.DataFrame()
    if found.empty:
        return []
    rank = found["severity"].map({"refuse": 0, "warn": 1, "fix": 2}).to_numpy()
    found = found.iloc[np.lexsort((found["line"].to_numpy(dtype=np.int64), rank))].head(ISSUES)
    found = found.sort_values("line", kind="stable")
    return [
        {
            "line": int(row.line),
            "severity": row.severity,
            "rule": row.rule,
            "field": row.field or None,
            "raw": row.raw,
            "message": row.message,
        }
        for row in found.itertuples()
    ]


def _offers(batches: list[BatchResult]) -> list[dict[str, Any]]:
    offers: list[dict[str, Any]] = []
    for batch in batches:
        rows = batch.accepted.head(OFFERS - len(offers))
        taxed = bool(batch.mapping.retail_includes_vat)
        offers.extend(_offer(row, retail_includes_vat=taxed) for row in rows.to_dict("records"))
        if len(offers) >= OFFERS:
            break
    return offers


def _offer(row: dict[str, Any], *, retail_includes_vat: bool) -> dict[str, Any]:
    """Return a row by target field; the retail price with or without VAT as the file gives it."""
    if retail_includes_vat:
        row["recommended_retail_price"] = row["recommended_retail_price_taxed"]
    return {
        FIELD_OF_COLUMN.get(name, name): _value(name, value)
        for name, value in row.items()
        if name not in _LEFT_OUT
    }


def _value(name: str, value: Any) -> Any:
    """Return a value as JSON: amounts as decimal text, whole quantities as integers."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if name in _AMOUNTS:
        return _amount(value)
    if name == "tiers":
        return [step | {"price": _amount(step["price"])} for step in json.loads(value)]
    if name == "extra":
        return json.loads(value)
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else float(value)
    return int(value) if isinstance(value, np.integer) else value


def _amount(value: float) -> str:
    """Return an amount with at least two decimals and at most six: 1234.5 is `1234.50`."""
    text = format(Decimal(repr(round(float(value), 6))), "f")
    whole, _point, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
