"""Octopia's product sheets and categories."""

from __future__ import annotations

from functools import cache

from . import accounts
from .exchange import Call, Reply, as_json
from .families import FAMILIES
from .market import CDISCOUNT, Listing, Market

_MOST_PRODUCTS = 100
_MOST_CATEGORIES = 100
_LEAVES = 48  # below each family


class Catalogue:
    """Sheets by GTIN, categories by page."""

    def __init__(self, market: Market):
        self._market = market

    def products(self, call: Call, account: dict) -> Reply:
        """A GTIN's sheet; without a GTIN the seller's own ones. Other filters are ignored."""
        if call.fault == "bad-item":
            return problem(400, "Validation failed", errors={"gtin": ["The gtin is refused."]})
        name = accounts.name_of(accounts.CDISCOUNT, account)
        gtin = call.one("gtin")
        if gtin and not (gtin.isdigit() and 8 <= len(gtin) <= 14):
            words = "The gtin must have 8 to 13 digits."
            return problem(400, "Validation failed", errors={"gtin": [words]})
        if gtin:
            listing = self._market.listing(CDISCOUNT, gtin.zfill(14))
            found = [listing] if listing else []
        else:
            found = list(self._market.own_listings(CDISCOUNT, name))
        page = cut(call, found, 20, _MOST_PRODUCTS)
        if page is None:
            return problem(400, "Validation failed", errors={"limit": ["limit or cursor."]})
        part, following = page
        items = [
            self._sheet(call, listing, account, is_own=self._is_own(listing, name))
            for listing in part
        ]
        body = {"itemsPerPage": len(items), "items": items}
        # this call gives its cursor in the body
        return as_json(body | ({"cursor": following} if following else {}))

    def categories(self, call: Call, _account: dict) -> Reply:
        """Categories, by page from 1; without `fields` only their references."""
        index, size = call.one("pageIndex", "1"), call.one("pageSize", "20")
        if not (index.isdigit() and size.isdigit() and int(index) and int(size)):
            words = "pageIndex and pageSize count from 1."
            return problem(400, "Validation failed", errors={"pageIndex": [words]})
        if int(size) > _MOST_CATEGORIES:
            words = f"pageSize is at most {_MOST_CATEGORIES}."
            return problem(400, "Validation failed", errors={"pageSize": [words]})
        first = (int(index) - 1) * int(size)
        fields = {"categoryReference", *call.one("fields").split(",")}
        items = [
            {name: value for name, value in row.items() if name in fields}
            for row in _tree()[first : first + int(size)]
        ]
        return as_json({"itemsPerPage": len(items), "items": items})

    def _is_own(self, listing: Listing, name: str) -> bool:
        return self._market.is_own(CDISCOUNT, listing.gtin, name)

    def _sheet(self, call: Call, listing: Listing, account: dict, *, is_own: bool) -> dict:
        family = listing.goods.family
        sheet = {
            "reference": f"AUC{listing.gtin[1:]}",
            "gtin": listing.gtin[1:],
            "language": "fr-FR",
            "label": listing.goods.name,
            "categoryReference": family.octopia,
            "categoryLabel": family.octopia_label,
            "pictures": [{"index": 1, "url": f"{call.base}/images/{listing.gtin}.svg"}],
            "isMarketable": True,
            "permissions": {"edit": False, "enrich": True},
        }
        if is_own:
            # other sellers of the sheet are listed too
            own = {"reference": account["seller_id"], "productReference": sku(listing)}
            other = {"reference": "99001", "productReference": "AUTRE-1", "isCreator": True}
            sheet["sellers"] = [other, own | {"isCreator": False}]
        if call.fault == "new-fields":
            sheet["repairabilityIndex"] = 8.1
        return sheet


def sku(listing: Listing) -> str:
    """The demo seller's own reference."""
    return f"SKU-{listing.gtin[6:13]}"


def cut(call: Call, rows: list, default: int, most: int) -> tuple[list, str] | None:
    """Page of a listing and the next cursor, None when the call asks for nonsense."""
    limit, cursor = call.one("limit", str(default)), call.one("cursor") or call.one("Cursor", "c0")
    if not limit.isdigit() or not 1 <= int(limit) <= most or not cursor[1:].isdigit():
        return None
    first, size = int(cursor[1:]), int(limit)
    following = f"c{first + size}" if first + size < len(rows) else ""
    return rows[first : first + size], following


def problem(status: int, title: str, **more) -> Reply:
    """Octopia's error body."""
    kind = f"https://datatracker.ietf.org/doc/html/rfc9110#name-{status}"
    return as_json(
        {"type": kind, "title": title, "status": status, "traceId": "0sim", **more}, status
    )


@cache
def _tree() -> tuple[dict, ...]:
    rows: dict[str, dict] = {}
    for family in FAMILIES:
        leaf = family.octopia
        top, middle = leaf[:2], leaf[:4]
        rows.setdefault(top, _category(top, family.octopia_label, 1, []))
        rows.setdefault(middle, _category(middle, family.octopia_label, 2, [top]))
        rows.setdefault(leaf, _category(leaf, family.shelf.upper(), 3, [top, middle]))
        for number in range(20, 20 + _LEAVES):
            code = f"{middle}{number}"
            label = f"{family.shelf.upper()} {number}"
            rows.setdefault(code, _category(code, label, 3, [top, middle]))
    return tuple(rows.values())


def _category(code: str, label: str, level: int, parents: list[str]) -> dict:
    return {
        "categoryReference": code,
        "label": label,
        "level": level,
        "isActive": True,
        "isVariant": False,
        "isBrandMandatory": level == 3,
        "parentReferences": parents,
    }
