"""XML catalogues: records at a path or found, forgotten once they are read."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Collection, Iterator
from typing import BinaryIO

from lxml import etree

from ..errors import UnreadableFile
from . import xml_siblings
from .records import DEPTH, Record, article_score
from .xml_repair import Mender
from .xml_siblings import Marks
from .xml_siblings import tag_of as _tag

_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")
_ELEMENTS_LOOKED_AT = 500
_LIKE_AN_ARTICLE = 5.0  # score of two records that name two fields
_CHUNK = 2 * 1024**2
Element = etree._Element


def sample(data: bytes, path: str | None, limit: int) -> tuple[str, list[Record]]:
    """Return the path of the records and the first of them, from the beginning of the file."""
    parser, is_whole = _parser("start"), len(data) <= _CHUNK
    try:
        parser.feed(Mender().feed(data[:_CHUNK], final=is_whole))
        if is_whole:
            parser.close()
        root = next((element for _event, element in parser.read_events()), None)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise _damage(error) from None
    if root is None:
        raise UnreadableFile("damaged-file", format="XML")
    _refuse_entities(root)
    if path:
        elements = _at_path(root, path)
        if not elements:
            raise UnreadableFile("unknown-records", path=path)
        parts = [part for part in path.split("/") if part]
        path = "/".join(parts if parts[0] == _tag(root) else [_tag(root), *parts])
    else:
        path, elements = _repeating(root)
    marks = xml_siblings.learn(elements[:limit])
    return path, [flat for element in elements[:limit] if (flat := _flatten(element, marks))]


def stream_records(
    stream: BinaryIO, path: str, columns: Collection[str], mender: Mender
) -> Iterator[Record]:
    """Yield the records at a path, each forgotten once it is read.

    columns: of the file, which tell repeated elements apart; mender: counts what it mends
    """
    marks = xml_siblings.marks_in(columns)
    parser, last = _parser("end"), path.rpartition("/")[2]
    chunk = b" "
    while chunk:
        chunk = stream.read(_CHUNK)
        try:
            parser.feed(mender.feed(chunk, final=not chunk))
            if not chunk:
                parser.close()
            events = list(parser.read_events())
        except (etree.LxmlError, ValueError, LookupError) as error:
            raise _damage(error) from None
        for _event, element in events:
            if _tag(element) == last and _path(element) == path:
                if flat := _flatten(element, marks, mender.mended):
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


def _parser(event: str) -> etree.XMLPullParser:
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


def _at_path(root: Element, path: str) -> list[Element]:
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] == _tag(root):
        parts = parts[1:]
    found = [root]
    for part in parts:
        found = [child for element in found for child in element if _tag(child) == part]
    return found


def declared_encoding(data: bytes) -> str | None:
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
            score = article_score(len(children), _flatten(first))
            if len(children) > 1 and score > several[0]:
                several = (score, f"{path}/{tag}", children)
            elif len(children) == 1 and score >= alone[0]:
                alone = (score, f"{path}/{tag}", children)
            if depth < DEPTH:
                todo.extend((child, f"{path}/{tag}", depth + 1) for child in children[:2])
    best = several if several[0] >= _LIKE_AN_ARTICLE or not alone[0] else alone
    return best[1], best[2]


def _flatten(
    element: Element, marks: Marks | None = None, left_out: Counter[str] | None = None
) -> Record:
    flat: Record = {}
    _add(flat, element, "", 0, marks or {}, left_out)
    return flat


def _add(
    flat: Record,
    element: Element,
    path: str,
    depth: int,
    marks: Marks,
    left_out: Counter[str] | None,
) -> None:
    """Add what an element holds under its path."""
    below = f"{path}/" if path else ""
    own = xml_siblings.mark_of(path) if path.endswith(")") else ""
    for name, value in element.attrib.items():
        if own and xml_siblings.is_mark(value, own):
            continue
        flat.setdefault(f"{below}@{name.rpartition('}')[2]}", value)
    text = element.text
    text = text.strip() if text else ""
    if ")/" in path and xml_siblings.is_mark(text, xml_siblings.mark_of(path.rpartition("/")[0])):
        return
    if path and (text or not (len(element) or element.attrib)):
        flat.setdefault(path, text)
    if depth < DEPTH and len(element):
        for child, place in xml_siblings.name_children(element, below, marks, left_out):
            _add(flat, child, place, depth + 1, marks, left_out)
