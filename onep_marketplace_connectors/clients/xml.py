"""XML of marketplaces: read without entities, whatever prolog and encoding they claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>", re.DOTALL)


class UnreadableXml(ValueError):
    """The bytes are not an XML document, or hide entities."""


def parse(body: bytes) -> Element:
    """Root of a document; raises UnreadableXml.

    Some services declare UTF-16 and send UTF-8: the prolog is dropped, the bytes are decoded as
    UTF-8, else as Latin-1.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = body.decode("utf-16", errors="replace")
    else:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = body.decode("latin-1")
    text = _PROLOG.sub("", text.strip(), count=1).strip()
    if not text:
        raise UnreadableXml("empty body")
    try:
        return fromstring(text)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableXml(type(error).__name__) from None


def name(node: Element) -> str:
    """Tag without its namespace."""
    return node.tag.rpartition("}")[2]


def children(node: Element, tag: str) -> Iterator[Element]:
    """Children of that name, whatever their namespace."""
    return (child for child in node if name(child) == tag)


def child(node: Element | None, tag: str) -> Element | None:
    """First child of that name."""
    return next(children(node, tag), None) if node is not None else None


def text(node: Element | None, *tags: str) -> str | None:
    """Text of the first child among names, None when absent or empty."""
    for tag in tags:
        found = child(node, tag)
        if found is not None and (found.text or "").strip():
            return found.text.strip()
    return None


def number(node: Element | None, *tags: str) -> float | None:
    """Number in the first child among names; an empty element is unknown, not 0."""
    value = text(node, *tags)
    try:
        return float(value.replace(",", ".")) if value else None
    except ValueError:
        return None


def flag(node: Element | None, *tags: str) -> bool | None:
    """Boolean in the first child among names (true/false/1/0), None when absent."""
    value = text(node, *tags)
    return None if value is None else value.lower() in ("true", "1")
