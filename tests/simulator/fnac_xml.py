"""What Fnac's documents are made of."""

from __future__ import annotations

from xml.sax.saxutils import escape

from .exchange import Reply
from .market import Listing

NAMESPACE = "http://www.fnac.com/schemas/mp-dialog.xsd"
NEW, USED = 11, 2


def xml(text: str, claimed: str = "utf-8") -> Reply:
    """A document; the encoding it claims is not always its own."""
    prolog = f'<?xml version="1.0" encoding="{claimed}"?>'
    return Reply(200, f"{prolog}{text}".encode(), "text/xml; charset=utf-8")


def error(code: str, words: str) -> str:
    """An error element."""
    return f'<error severity="ERROR" code="{code}">{escape(words)}</error>'


def text_of(root, name: str) -> str:
    """Text of a child, empty without one."""
    return (root.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def title(listing: Listing) -> str:
    """A product's name, with its family behind it as Fnac writes it."""
    goods = listing.goods
    return f"<product_name><![CDATA[{goods.name} ( {goods.family.fnac} ) - ]]></product_name>"


def fnac_id(gtin: str) -> str:
    """Fnac's number of a product."""
    return str(int(gtin[1:13]))


def own_price(listing: Listing) -> float:
    """What the demo seller asks itself, within Fnac's bounds [EUR]."""
    return min(max(round(listing.goods.list_price * 0.97, 2), 0.9), 20_000.0)


def own_quantity(listing: Listing) -> int:
    """Its stock."""
    return int(listing.gtin[9:12]) % 15
