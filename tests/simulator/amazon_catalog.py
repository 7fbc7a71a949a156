"""Catalog Items 2022-04-01: which products Amazon has under an EAN."""

from __future__ import annotations

from functools import lru_cache

from .amazon_country import COUNTRIES, Country, errors
from .exchange import Call, Reply, dump
from .goods import BUNDLE, DUPLICATE, PACK, PARENT
from .market import KEPT, Listing, Market
from .numbers import asin

_KINDS = {PARENT: "VARIATION_PARENT", BUNDLE: "PRODUCT_BUNDLE"}
_MOST = 1_000


class Catalog:
    """Items by identifier."""

    def __init__(self, market: Market):
        self._market = market
        self._piece = lru_cache(maxsize=KEPT)(self._render)

    def search(self, call: Call, _account: dict) -> Reply:
        """SearchCatalogItems."""
        country = COUNTRIES.get(call.one("marketplaceIds"))
        if country is None:
            return errors(400, "InvalidInput", "marketplaceIds: not a marketplace of this region.")
        if not call.one("identifiers") or not call.one("identifiersType"):
            words = "identifiers with identifiersType, or keywords, are wanted; keywords find"
            return errors(400, "InvalidInput", f"{words} nothing in this simulator.")
        if call.one("keywords"):
            return errors(400, "InvalidInput", "identifiers and keywords exclude each other.")
        if call.one("identifiersType") == "SKU" and not call.one("sellerId"):
            return errors(400, "InvalidInput", "sellerId is required with SKU.")
        included = tuple(call.one("includedData", "summaries").split(","))
        pieces = [
            self._piece(country, code, included, call.base, self._market.tick)
            for code in self._found(call, country)
        ][:_MOST]
        if call.fault == "stranger" and "," in call.one("identifiers") and pieces:
            stripped = (*(name for name in included if name != "identifiers"),)
            code = self._found(call, country)[-1]
            pieces[-1] = self._piece(country, code, stripped, call.base, self._market.tick)
        if call.fault == "new-fields":
            pieces = [piece[:-1] + b',"aiSummary":{"text":"?"}}' for piece in pieces]
        return _page(call, pieces)

    def _found(self, call: Call, country: Country) -> list[str]:
        """ASINs of an answer; it does not say which identifier led to which."""
        found: dict[str, None] = {}
        kind = call.one("identifiersType")
        for value in call.one("identifiers").split(","):
            if kind == "ASIN":
                if self._market.product(country.place, value):
                    found[value] = None
                continue
            gtin = value.zfill(14)
            listing = self._market.listing(country.place, gtin) if len(gtin) == 14 else None
            if listing and kind in ("EAN", "GTIN", "UPC", "ISBN", "JAN"):
                for number in range(len(listing.goods.candidates)):
                    found[asin(gtin, number)] = None
        return list(found)

    def _render(
        self, country: Country, code: str, included: tuple[str, ...], base: str, _tick: int
    ) -> bytes:
        listing = self._market.product(country.place, code)
        data = _data(listing, base)
        item: dict = {"asin": code}
        for name in included:
            if name in data:
                item[name] = [{"marketplaceId": country.id, **data[name]}]
        return dump(item)


def _page(call: Call, pieces: list[bytes]) -> Reply:
    size = int(call.one("pageSize", "10"))
    token = call.one("pageToken", "0")
    if not token.isdigit() or int(token) > len(pieces):
        return errors(400, "InvalidInput", "pageToken is not valid.")
    first = int(token)
    pagination = b""
    if first + size < len(pieces):
        pagination = b'"pagination":' + dump({"nextToken": str(first + size)}) + b","
    items = b",".join(pieces[first : first + size])
    return Reply(200, b'{"numberOfResults":%d,%b"items":[%b]}' % (len(pieces), pagination, items))


def _data(listing: Listing, base: str) -> dict[str, dict]:
    goods, family = listing.goods, listing.goods.family
    length, width, height = (round(side / 10, 1) for side in goods.size_mm)
    return {
        "identifiers": {"identifiers": [_identifier(goods.gtin)]},
        "summaries": _summary(listing),
        "salesRanks": _ranks(listing),
        "dimensions": {
            "package": {
                "length": {"unit": "centimeters", "value": length},
                "width": {"unit": "centimeters", "value": width},
                # inches and pounds happen among metric values
                "height": {"unit": "inches", "value": round(height / 2.54, 3)},
                "weight": {
                    "unit": "kilograms",
                    "value": round(goods.weight_g * listing.pieces / 1000, 3),
                },
            }
        },
        "images": {
            "images": [
                {
                    "variant": "MAIN",
                    "link": f"{base}/images/{goods.gtin}.svg",
                    "height": 500,
                    "width": 500,
                }
            ]
        },
        "classifications": {
            "classifications": [
                {
                    "displayName": family.shelf,
                    "classificationId": family.node,
                    "parent": {"displayName": family.title, "classificationId": "1"},
                }
            ]
        },
        "relationships": {"relationships": _relationships(listing)},
        "productTypes": {"productType": family.group.upper()},
    }


def _identifier(gtin: str) -> dict:
    """What is found by EAN may show only its UPC or its GTIN."""
    if gtin.startswith("00"):
        return {"identifierType": "UPC", "identifier": gtin[2:]}
    if gtin.endswith("7"):
        return {"identifierType": "GTIN", "identifier": gtin}
    return {"identifierType": "EAN", "identifier": gtin[1:]}


def _summary(listing: Listing) -> dict:
    goods, family = listing.goods, listing.goods.family
    title = goods.title
    if listing.kind == PACK:
        title += f" (lot de {listing.pieces})"
    elif listing.kind == BUNDLE:
        title += " + accessoire offert"
    elif listing.kind == DUPLICATE:
        title = f"{goods.name} {goods.brand}"
    return {
        "itemName": title,
        "brand": goods.brand,
        "itemClassification": _KINDS.get(listing.kind, "BASE_PRODUCT"),
        # a pack often says 1
        "packageQuantity": listing.pieces if listing.pieces in (2, 4) else 1,
        "browseClassification": {"displayName": family.shelf, "classificationId": family.node},
        "websiteDisplayGroup": family.group,
        "websiteDisplayGroupName": family.title,
    }


def _ranks(listing: Listing) -> dict:
    if not listing.rank:
        return {"displayGroupRanks": []}
    family = listing.goods.family
    return {
        "displayGroupRanks": [
            {"websiteDisplayGroup": family.group, "title": family.title, "rank": listing.rank}
        ],
        "classificationRanks": [
            {
                "classificationId": family.node,
                "title": family.shelf,
                "rank": max(1, listing.rank // 18),
            }
        ],
    }


def _relationships(listing: Listing) -> list[dict]:
    kinds = [kind for kind, _pieces in listing.goods.candidates]
    if PARENT not in kinds or listing.kind not in (PARENT, "product"):
        return []
    parent, child = asin(listing.gtin, kinds.index(PARENT)), asin(listing.gtin)
    theme = {"attributes": ["color"], "theme": "COLOR_NAME"}
    if listing.kind == PARENT:
        return [{"type": "VARIATION", "childAsins": [child], "variationTheme": theme}]
    return [{"type": "VARIATION", "parentAsins": [parent], "variationTheme": theme}]
