"""JSON and XML catalogues: records found by their path, flattened into columns.

A record's nested values become columns named by their path (`prices.EUR`, `Item/Name`,
`Price/@currency`); of a list of plain values the first is kept under its own name and the rest
joined, of a list of objects the first object is read.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import numpy as np
from lxml import etree

from .. import encoding, header, source
from ..errors import UnreadableFile
from ..shape import FileShape, SniffOptions
from ..source import Packing, Source
from .frame import RawFrame, figure_columns, from_rows

SAMPLE_RECORDS = 500
DEPTH = 8
COLUMN_LIMIT = 500
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")
_ELEMENTS_LOOKED_AT = 500
_LIKE_AN_ARTICLE = 5.0  # score of two records that name two fields
_XML_SAMPLE = 2 * 1024**2
_WRITTEN_OUT = 1e7  # beyond, an exponent may have cost digits: an EAN is then no EAN
Record = dict[str, str]
Element = etree._Element


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

    Raises UnreadableFile: damaged-file, not-well-formed, no-rows, unknown-records, unsafe-xml,
    wrong-encoding.
    """
    codec = encoding.check(data, options.encoding) if options.encoding else None
    records: Iterable[Record]
    if kind == "json":
        path, records = _json_records(data, options.records, codec)
    else:
        path, records = _xml_sample(data, options.records)
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
        encoding=codec or _declared(data) or encoding.detect(data[: source.SAMPLE_BYTES]),
        records=path,
        header_row=None,
    )
    return shape.named(tuple(names)[:COLUMN_LIMIT])


def frames(data: Source, shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
    """Yield the records in order; a record's line is its number, from 1."""
    pack = Packing(shape.compression, shape.member)
    if shape.format == "xml":
        with source.opened(data, pack) as stream:
            yield from _batches(_xml_stream(stream, shape.records or ""), shape, batch_rows)
    else:
        whole = source.whole(data, pack)
        _found, records = _json_records(whole, shape.records, shape.encoding)
        yield from _batches(records, shape, batch_rows)


def _batches(records: Iterable[Record], shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
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
    figures = figure_columns(shape.columns, batch, lambda cell: type(cell) is _Fraction)
    return from_rows(batch, shape.columns, np.arange(first, first + len(batch)), figures)


# JSON


def _json_records(data: bytes, path: str | None, codec: str | None) -> tuple[str, Iterator[Record]]:
    name = codec or encoding.detect(data[: source.SAMPLE_BYTES])
    text = encoding.decode(data, name).lstrip("\ufeff")
    try:
        document = json.loads(text, parse_float=_Fraction, parse_int=str, parse_constant=str)
    except RecursionError:
        raise UnreadableFile("damaged-file", format="JSON") from None
    except ValueError as error:
        document = _json_lines(text, getattr(error, "lineno", 1))
    if path:
        records = _at_json_path(document, path)
        if records is None:
            raise UnreadableFile("unknown-records", path=path)
    else:
        path, records = _likeliest_list(document)
    return path, (flat for item in records if (flat := _flatten_json(item)))


def _json_lines(text: str, broken: int) -> list[Any]:
    """Read one object a line.

    broken: line where the text breaks off when it is one document
    """
    items: list[Any] = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip().rstrip(",")
        if not line or line in "[]":
            continue
        try:
            items.append(json.loads(line, parse_float=_Fraction, parse_int=str, parse_constant=str))
        except (ValueError, RecursionError):
            line_number = number if items else broken
            raise UnreadableFile("not-well-formed", format="JSON", line=line_number) from None
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
        return _objects(document) or [document]
    return _objects(document) if isinstance(document, list) else None


def _likeliest_list(document: Any) -> tuple[str, list[Any]]:
    """Return the list of objects that looks most like articles, and its path."""
    if isinstance(document, list):
        return "", _objects(document)
    best: tuple[float, str, list[Any]] = (0.0, "", [])
    todo = [(document, "", 0)]
    while todo:
        value, path, depth = todo.pop(0)
        if not isinstance(value, dict) or depth >= DEPTH:
            continue
        for key, item in value.items():
            place = f"{path}.{key}".lstrip(".")
            records = _objects(item) if isinstance(item, list | dict) else []
            score = _article_score(len(records), _flatten_json(records[0])) if records else 0.0
            if score > best[0]:
                best = (score, place, records)
            if isinstance(item, dict):
                todo.append((item, place, depth + 1))
    keyed = _objects(document)
    if keyed and _article_score(len(keyed), _flatten_json(keyed[0])) > best[0]:
        return "", keyed
    if not best[2] and isinstance(document, dict) and document:
        return "", [document]
    return best[1], best[2]


def _objects(value: list | dict) -> list[Any]:
    """Return the records of a list, of rows under a first row of names, or of objects by key."""
    if isinstance(value, dict):
        items = list(value.values())
        if len(items) < 2 or not all(isinstance(item, dict) and item for item in items):
            return []
        common = set.intersection(*(set(item) for item in items[:50]))
        if not common:
            return []
        key = "key" if any("id" in item for item in items[:50]) else "id"
        return [{key: name} | item for name, item in value.items()]
    if value and all(isinstance(item, list) for item in value):
        names = [str(name) for name in value[0]]
        return [dict(zip(names, item, strict=False)) for item in value[1:]]
    return [item for item in value if isinstance(item, dict)]


def _article_score(count: int, record: Record) -> float:
    """Tell how much records look like articles: by the fields the first names, then by number."""
    names = [name for name in record if name]
    known = header.known_names([name.replace("[]", "").replace("@", " ") for name in names])
    return (0.2 + min(len(names), 5) / 10 + known) ** 2 * count**0.25


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
    return {path: value if isinstance(value, str) else str(value)}


class _Fraction(str):
    """A number of JSON with decimals, as text; an exponent written out (`1.5E-1` is `0.15`)."""

    __slots__ = ()

    def __new__(cls, written: str) -> _Fraction:
        if "e" in written or "E" in written:
            value = abs(float(written))
            if 1e-12 < value < _WRITTEN_OUT:
                written = f"{Decimal(written):f}"
        return super().__new__(cls, written)


# XML


def _xml_sample(data: bytes, path: str | None) -> tuple[str, list[Record]]:
    """Return the path of the records and the first of them, from the beginning of the file."""
    parser = _xml_parser("start")
    try:
        parser.feed(data[:_XML_SAMPLE])
        if len(data) <= _XML_SAMPLE:
            parser.close()
        root = next((element for _event, element in parser.read_events()), None)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise _damage(error) from None
    if root is None:
        raise UnreadableFile("damaged-file", format="XML")
    _refuse_entities(root)
    if path:
        elements = _at_xml_path(root, path)
        if not elements:
            raise UnreadableFile("unknown-records", path=path)
        parts = [part for part in path.split("/") if part]
        path = "/".join(parts if parts[0] == _tag(root) else [_tag(root), *parts])
    else:
        path, elements = _repeating(root)
    some = elements[:SAMPLE_RECORDS]
    return path, [flat for element in some if (flat := _flatten_xml(element))]


def _xml_stream(stream: BinaryIO, path: str) -> Iterator[Record]:
    """Yield the records at a path, each forgotten once it is read."""
    parser, last = _xml_parser("end"), path.rpartition("/")[2]
    chunk = b" "
    while chunk:
        chunk = stream.read(_XML_SAMPLE)
        try:
            if chunk:
                parser.feed(chunk)
            else:
                parser.close()
            events = list(parser.read_events())
        except (etree.LxmlError, ValueError, LookupError) as error:
            raise _damage(error) from None
        for _event, element in events:
            if _tag(element) == last and _path(element) == path:
                if flat := _flatten_xml(element):
                    yield flat
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]


def _damage(error: Exception) -> UnreadableFile:
    """Return the refusal of what is no XML, with the line where it breaks off."""
    if not isinstance(error, etree.XMLSyntaxError):
        return UnreadableFile("damaged-file", format="XML")
    logged = [entry.line for entry in error.error_log][-1:]  # an unknown entity is only there
    line = error.lineno or max(logged, default=1)
    return UnreadableFile("not-well-formed", format="XML", line=line)


def _xml_parser(event: str) -> etree.XMLPullParser:
    """Return a parser that follows no entity and no address."""
    return etree.XMLPullParser(
        events=(event,),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )


def _refuse_entities(root: Element) -> None:
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _entity in declared.iterentities()):
        raise UnreadableFile("unsafe-xml")


def _path(element: Element) -> str:
    names = [_tag(element), *(_tag(above) for above in element.iterancestors())]
    return "/".join(reversed(names))


def _at_xml_path(root: Element, path: str) -> list[Element]:
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] == _tag(root):
        parts = parts[1:]
    found = [root]
    for part in parts:
        found = [child for element in found for child in element if _tag(child) == part]
    return found


def _declared(data: bytes) -> str | None:
    """Return the encoding an XML file says it is in."""
    found = _DECLARATION.match(data[:200].lstrip(b"\xef\xbb\xbf"))
    return found.group(1).decode().lower() if found else None


def _repeating(root: Element) -> tuple[str, list[Element]]:
    """Return the elements that repeat under one parent and look most like articles.

    A catalogue of one article repeats nothing: then the innermost element that names as much.
    """
    several: tuple[float, str, list[Element]] = (0.0, "", [])
    alone: tuple[float, str, list[Element]] = (0.0, _tag(root), [root])
    todo = deque([(root, _tag(root), 0)])
    looked_at = 0
    while todo and looked_at < _ELEMENTS_LOOKED_AT:
        element, path, depth = todo.popleft()
        looked_at += 1
        groups: dict[str, list[Element]] = {}
        for child in element:
            groups.setdefault(_tag(child), []).append(child)
        for tag, children in groups.items():
            first = children[0]
            if not (len(first) or first.attrib):
                continue
            score = _article_score(len(children), _flatten_xml(first))
            if len(children) > 1 and score > several[0]:
                several = (score, f"{path}/{tag}", children)
            elif len(children) == 1 and score >= alone[0]:
                alone = (score, f"{path}/{tag}", children)
            if depth < DEPTH:
                todo.extend((child, f"{path}/{tag}", depth + 1) for child in children[:2])
    best = several if several[0] >= _LIKE_AN_ARTICLE or not alone[0] else alone
    return best[1], best[2]


def _flatten_xml(element: Element) -> Record:
    flat: Record = {}
    _add_xml(flat, element, "", 0)
    return flat


def _add_xml(flat: Record, element: Element, path: str, depth: int) -> None:
    """Add what an element holds under its path; of a repeated one the first counts."""
    below = f"{path}/" if path else ""
    for name, value in element.attrib.items():
        flat.setdefault(f"{below}@{name.rpartition('}')[2]}", value)
    text = element.text
    text = text.strip() if text else ""
    if path and (text or not (len(element) or element.attrib)):
        flat.setdefault(path, text)
    if depth < DEPTH:
        for child in element:
            _add_xml(flat, child, below + _tag(child), depth + 1)


def _tag(element: Element) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if "}" in tag else tag
