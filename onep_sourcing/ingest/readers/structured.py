"""JSON and XML catalogues: records found by their path, flattened into columns.

A record's nested values become columns named by their path (`prices.EUR`, `Item/Name`,
`Price/@currency`); of a list of plain values the first is kept under its own name and the rest
joined, of a list of objects the first object is read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from .. import encoding, source
from ..errors import UnreadableFile
from ..shape import FileShape, SniffOptions
from ..source import Packing, Source
from .frame import RawFrame, from_rows

SAMPLE_RECORDS = 500
DEPTH = 8
COLUMN_LIMIT = 500
Record = dict[str, str]


def looks_like_json(sample: bytes) -> bool:
    """Tell JSON from a table whose first cell happens to start with a bracket."""
    text = encoding.decode(sample, encoding.detect(sample)).lstrip("\ufeff \t\r\n")
    first = text.split("\n", 1)[0].strip()
    if text.startswith("{"):
        return '"' in text[:200] or text[1:].lstrip().startswith("}")
    rest = text[1:].lstrip()
    return rest[:1] in ("{", "]", "[") or _is_json(first)


def sniff(data: bytes, kind: str, options: SniffOptions) -> FileShape:
    """Find the records of a JSON or XML file and the columns they have.

    Raises UnreadableFile: damaged-file, no-rows, unknown-records, unsafe-xml, wrong-encoding.
    """
    codec = encoding.check(data, options.encoding) if options.encoding else None
    path, records = _records(data, kind, options.records, codec)
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
        encoding=codec or encoding.detect(data[: source.SAMPLE_BYTES]),
        records=path,
        header_row=None,
    )
    return shape.named(tuple(names)[:COLUMN_LIMIT])


def frames(data: Source, shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
    """Yield the records in order; a record's line is its number, from 1."""
    pack = Packing(shape.compression, shape.member)
    whole = source.whole(data, pack)
    _path, records = _records(whole, shape.format, shape.records, shape.encoding)
    batch: list[list[str]] = []
    first = 1
    for record in records:
        batch.append([record.get(name, "") for name in shape.headers])
        if len(batch) == batch_rows:
            yield _frame(batch, shape, first)
            first += len(batch)
            batch = []
    if batch:
        yield _frame(batch, shape, first)


def _frame(batch: list[list[str]], shape: FileShape, first: int) -> RawFrame:
    return from_rows(batch, shape.columns, np.arange(first, first + len(batch)))


def _records(
    data: bytes, kind: str, path: str | None, codec: str | None
) -> tuple[str, Iterator[Record]]:
    if kind == "json":
        return _json_records(data, path, codec)
    return _xml_records(data, path)


# JSON


def _json_records(data: bytes, path: str | None, codec: str | None) -> tuple[str, Iterator[Record]]:
    name = codec or encoding.detect(data[: source.SAMPLE_BYTES])
    text = encoding.decode(data, name).lstrip("\ufeff")
    try:
        document = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError:
        raise UnreadableFile("damaged-file", format="JSON") from None
    except ValueError:
        document = _json_lines(text)
    if path:
        records = _at_json_path(document, path)
        if records is None:
            raise UnreadableFile("unknown-records", path=path)
    else:
        path, records = _longest_list(document)
    return path, (flat for item in records if (flat := _flatten_json(item)))


def _json_lines(text: str) -> list[Any]:
    """Read one object a line; a last line that was cut is left out only when others are whole."""
    items = []
    for line in text.splitlines():
        line = line.strip().rstrip(",")
        if not line or line in "[]":
            continue
        try:
            items.append(json.loads(line, parse_float=str, parse_int=str, parse_constant=str))
        except (ValueError, RecursionError):
            raise UnreadableFile("damaged-file", format="JSON") from None
    if not items:
        raise UnreadableFile("no-rows")
    return items


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _at_json_path(document: Any, path: str) -> list[Any] | None:
    for key in (part for part in path.replace("/", ".").split(".") if part not in ("", "$")):
        document = document.get(key) if isinstance(document, dict) else None
    if isinstance(document, dict):
        return list(document.values())
    return document if isinstance(document, list) else None


def _longest_list(document: Any, path: str = "", depth: int = 0) -> tuple[str, list[Any]]:
    """Return the longest list of objects of a document and its path."""
    if isinstance(document, list):
        return path, [item for item in document if isinstance(item, dict)]
    best: tuple[str, list[Any]] = (path, [])
    if isinstance(document, dict) and depth < DEPTH:
        for key, value in document.items():
            found = _longest_list(value, f"{path}.{key}".lstrip("."), depth + 1)
            if len(found[1]) > len(best[1]):
                best = found
        if not best[1] and depth == 0 and document:
            values = list(document.values())
            objects = [value for value in values if isinstance(value, dict)]
            return path, objects if len(objects) == len(values) > 1 else [document]
    return best


def _flatten_json(value: Any, path: str = "", depth: int = 0) -> Record:
    if isinstance(value, dict) and depth < DEPTH:
        flat: Record = {}
        for key, item in value.items():
            flat |= _flatten_json(item, f"{path}.{key}" if path else str(key), depth + 1)
        return flat
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return _flatten_json(value[0], f"{path}[]", depth + 1)
        if len(value) == 1 or (value and str(value[0]).startswith("http")):
            return _flatten_json(value[0], path, depth + 1)
        return {path: ", ".join(str(item) for item in value)} if path else {}
    if not path:
        return {}
    if value is None:
        return {path: ""}
    if isinstance(value, bool):
        return {path: "true" if value else "false"}
    return {path: str(value)}


# XML


def _xml_records(data: bytes, path: str | None) -> tuple[str, Iterator[Record]]:
    try:
        root = ElementTree.fromstring(data)
    except DefusedXmlException:
        raise UnreadableFile("unsafe-xml") from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise UnreadableFile("damaged-file", format="XML") from None
    if path:
        elements = _at_xml_path(root, path)
        if not elements:
            raise UnreadableFile("unknown-records", path=path)
    else:
        path, elements = _repeating(root)
    return path, (flat for element in elements if (flat := _flatten_xml(element)))


def _at_xml_path(root: Element, path: str) -> list[Element]:
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] == _tag(root):
        parts = parts[1:]
    found = [root]
    for part in parts:
        found = [child for element in found for child in element if _tag(child) == part]
    return found


def _repeating(root: Element) -> tuple[str, list[Element]]:
    """Return the elements that repeat most under one parent, weighed by what they hold."""
    best: tuple[float, str, list[Element]] = (0.0, _tag(root), [root])
    todo = [(root, _tag(root), 0)]
    while todo:
        element, path, depth = todo.pop()
        if depth >= DEPTH:
            continue
        groups: dict[str, list[Element]] = {}
        for child in element:
            groups.setdefault(_tag(child), []).append(child)
        for tag, children in groups.items():
            held = len(children[0]) + len(children[0].attrib)
            score = len(children) * min(held, 5) / (1 + depth)
            if score > best[0] and held:
                best = (score, f"{path}/{tag}", children)
            if len(children) == 1 or depth == 0:
                todo.extend((child, f"{path}/{tag}", depth + 1) for child in children[:3])
    return best[1], best[2]


def _flatten_xml(element: Element, path: str = "", depth: int = 0) -> Record:
    flat: Record = {}
    for name, value in element.attrib.items():
        key = f"@{name.rpartition('}')[2]}"
        flat[f"{path}/{key}" if path else key] = value
    text = (element.text or "").strip()
    if text and path:
        flat[path] = text
    elif path and not len(element) and not element.attrib:
        flat[path] = ""
    if depth < DEPTH:
        for child in element:
            below = f"{path}/{_tag(child)}" if path else _tag(child)
            for name, value in _flatten_xml(child, below, depth + 1).items():
                flat.setdefault(name, value)
    return flat


def _tag(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
