"""JSON of any form: one document or one object a line, its records by their path or found."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .. import arrow, encoding, source
from ..errors import UnreadableFile
from .records import DEPTH, Record, article_score

_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # NUL, half a character
_WRITTEN_OUT = 1e7  # beyond, an exponent may have cost digits: an EAN is then no EAN


def looks_like(sample: bytes) -> bool:
    """Tell JSON from a table whose first cell happens to start with a bracket."""
    text = encoding.decode(sample, encoding.detect(sample)).lstrip("\ufeff \t\r\n")
    first = text.split("\n", 1)[0].strip()
    if text.startswith("{"):
        return '"' in text[:200] or text[1:].lstrip().startswith("}")
    rest = text[1:].lstrip()
    return rest[:1] in ("{", "]", "[") or _is_json(first)


def read(data: bytes, path: str | None, codec: str | None) -> tuple[str, Iterator[Record]]:
    """Return the path of the records and all of them.

    path: as a person gave it, found when None; codec: found when None

    Raises UnreadableFile: damaged-file, not-well-formed, no-rows, unknown-records.
    """
    name = codec or encoding.detect(data[: source.SAMPLE_BYTES])
    text = encoding.decode(data, name).lstrip("\ufeff")
    try:
        document = _parse(text)
    except RecursionError:
        raise UnreadableFile("damaged-file", format="JSON") from None
    except ValueError as error:
        document = _lines(text, getattr(error, "lineno", 1))
    if path:
        records = _at_json_path(document, path)
        if records is None:
            raise UnreadableFile("unknown-records", path=path)
    else:
        path, records = _likeliest_list(document)
    return path, (flat for item in records if (flat := _flatten(item)))


def _lines(text: str, broken: int) -> list[Any]:
    """Read one object a line.

    broken: line where the text breaks off when it is one document
    """
    items: list[Any] = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip().rstrip(",")
        if not line or line in "[]":
            continue
        try:
            items.append(_parse(line))
        except (ValueError, RecursionError):
            line_number = number if items else broken
            raise UnreadableFile("not-well-formed", format="JSON", line=line_number) from None
    if not items:
        raise UnreadableFile("no-rows")
    return items


def _parse(text: str) -> Any:
    """Return a document, its numbers as written; a name is text that a database can hold."""
    hook = _sound if _ODD_ESCAPE.search(text) else None
    return json.loads(
        text, parse_float=Fraction, parse_int=str, parse_constant=str, object_pairs_hook=hook
    )


def _sound(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {arrow.encodable(name): value for name, value in pairs}


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
    todo = deque([(document, "", 0)])
    while todo:
        value, path, depth = todo.popleft()
        if not isinstance(value, dict) or depth >= DEPTH:
            continue
        for key, item in value.items():
            place = f"{path}.{key}".lstrip(".")
            records = _objects(item) if isinstance(item, list | dict) else []
            score = article_score(len(records), _flatten(records[0])) if records else 0.0
            if score > best[0]:
                best = (score, place, records)
            if isinstance(item, dict):
                todo.append((item, place, depth + 1))
    keyed = _objects(document)
    if keyed and article_score(len(keyed), _flatten(keyed[0])) > best[0]:
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
        if any(all(str(item.get(name)) == key for key, item in value.items()) for name in common):
            return items  # each says its own key
        key = "key" if any("id" in item for item in items[:50]) else "id"
        return [{key: name} | item for name, item in value.items()]
    if value and all(isinstance(item, list) for item in value):
        names = [str(name) for name in value[0]]
        return [dict(zip(names, item, strict=False)) for item in value[1:]]
    return [item for item in value if isinstance(item, dict)]


def _flatten(value: Any, path: str = "", depth: int = 0) -> Record:
    if isinstance(value, dict) and depth < DEPTH:
        flat: Record = {}
        for key, item in value.items():
            flat |= _flatten(item, f"{path}.{key}" if path else str(key), depth + 1)
        return flat
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return _flatten(value[0], f"{path}[]", depth + 1)
        if len(value) == 1 or (value and str(value[0]).startswith("http")):
            return _flatten(value[0], path, depth + 1)
        return {path: ", ".join(str(item) for item in value)} if path else {}
    if not path:
        return {}
    if value is None:
        return {path: ""}
    if isinstance(value, bool):
        return {path: "true" if value else "false"}
    return {path: value if isinstance(value, str) else str(value)}


class Fraction(str):
    """A number of JSON with decimals, as text; an exponent written out (`1.5E-1` is `0.15`)."""

    __slots__ = ()

    def __new__(cls, written: str) -> Fraction:
        if "e" in written or "E" in written:
            value = abs(float(written))
            if 1e-12 < value < _WRITTEN_OUT:
                written = f"{Decimal(written):f}"
        return super().__new__(cls, written)
