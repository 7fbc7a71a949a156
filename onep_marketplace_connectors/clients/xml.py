"""XML of marketplaces: read without entities, whatever prolog and encoding they claim."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>", re.DOTALL)
_NAMESPACE = re.compile(r"""\sxmlns\s*=\s*(?:"[^"]*"|'[^']*')""")


class UnreadableXml(ValueError):
    """The bytes are not an XML document, or hide entities."""


def parse(body: bytes) -> etree._Element:
    """Root of a document; raises UnreadableXml.

    Some services declare UTF-16 and send UTF-8: the prolog is dropped, the bytes are decoded as
    UTF-8, else as Latin-1. Names come without their namespace, comments are left out.
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
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnreadableXml("document type")
    end = text.find(">")
    text = _NAMESPACE.sub("", text[:end]) + text[end:]
    try:
        # a new one each time: a parser is not shared between threads
        root = etree.fromstring(text.encode(), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableXml(type(error).__name__) from None
    if root is None:
        raise UnreadableXml("empty document")
    if "{" in root.tag or ":" in text[:end]:
        for node in root.iter():
            node.tag = node.tag.rpartition("}")[2]
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def leaves(node: etree._Element) -> dict[str, str]:
    """Text by name of the children that have some; of several alike the first."""
    found: dict[str, str] = {}
    for child in node:
        value = child.text
        if value is not None and child.tag not in found and (value := value.strip()):
            found[child.tag] = value
    return found


def children(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Children of that name."""
    return node.iterchildren(tag)


def child(node: etree._Element | None, tag: str) -> etree._Element | None:
    """First child of that name."""
    return node.find(tag) if node is not None else None


def text(node: etree._Element | None, *tags: str) -> str | None:
    """Text of the first child among names, None when absent or empty."""
    for tag in tags:
        found = child(node, tag)
        if found is not None and (value := (found.text or "").strip()):
            return value
    return None


def flag(value: str | None) -> bool | None:
    """The boolean written in a text (true/false/1/0), None without one."""
    return None if value is None else value.lower() in ("true", "1")
