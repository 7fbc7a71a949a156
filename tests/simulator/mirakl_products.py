"""Products and offers of a Mirakl operator; what a seller may not see is masked."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from . import accounts
from .exchange import Call, Reply, as_json, dump
from .market import KEPT, MIRAKL, Listing, Market, Offer

STATES = [{"code": "11", "label": "Neuf"}, {"code": "2", "label": "Occasion - Très bon état"}]
_MOST = 100
_MOST_REFERENCES = 100
_SORTS = {
    "P11": ("bestPrice", "bestEvaluation"),
    "OF21": ("totalPrice", "price", "productTitle"),
}


class Products:
    """Answers about products.

    reference_types: names the operator gives to its product references
    pages_of: whether a page of P11 counts "offers" or "products"
    """

    def __init__(self, market: Market):
        self._market = market
        self._piece = lru_cache(maxsize=KEPT)(self._render)
        self.reset()

    def reset(self) -> None:
        """As new."""
        self.reference_types = ("EAN",)
        self.pages_of = "offers"

    def competing(self, call: Call, _account: dict) -> Reply:
        """P11: competing offers of products."""
        gtins = self._asked(call, "P11")
        if isinstance(gtins, Reply):
            return gtins
        states = frozenset(filter(None, call.one("offer_state_codes").split(",")))
        kind, tick = self.reference_types[0], self._market.tick
        rows = [row for gtin in gtins if (row := self._piece(gtin, states, kind, tick))]
        first, size = int(call.one("offset", "0")), int(call.one("max", "10"))
        cut = _page_of_offers if self.pages_of == "offers" else _page_of_products
        pieces, total = cut(rows, first, size)
        if call.fault == "bad-item" and pieces:
            pieces = pieces[1:]  # an item that cannot be read is left out
        if call.fault == "new-fields":
            pieces = [piece[:-1] + b',"green_score":{"value":7}}' for piece in pieces]
        body = b'{"products":[%b],"total_count":%d}' % (b",".join(pieces), total)
        return Reply(200, body, headers=_links(call, first, size, total))

    def catalogue(self, call: Call, _account: dict) -> Reply:
        """P31: which products the operator has."""
        gtins = self._asked(call, "P31")
        if isinstance(gtins, Reply):
            return gtins
        kind = self.reference_types[0]
        rows = [
            {
                "product_id": listing.gtin[1:],
                "product_id_type": kind,
                "product_sku": sku(listing),
                "product_title": listing.goods.title,
                "category_code": listing.goods.family.octopia,
                "category_label": listing.goods.family.shelf,
            }
            for gtin in gtins
            if (listing := self._market.listing(MIRAKL, gtin))
        ]
        if call.fault == "bad-item":
            rows = rows[1:]
        if call.fault == "new-fields":
            rows = [row | {"green_score": {"value": 7}} for row in rows]
        return as_json({"products": rows, "total_count": len(rows)})

    def own(self, call: Call, account: dict) -> Reply:
        """OF21: the shop's own offers."""
        wrong = _wrong_page(call, "OF21")
        if wrong:
            return wrong
        name = accounts.name_of(accounts.MIRAKL, account)
        found = [
            listing
            for listing in self._market.own_listings(MIRAKL, name)
            if call.one("sku", _shop_sku(listing)) == _shop_sku(listing)
        ]
        first, size = int(call.one("offset", "0")), int(call.one("max", "10"))
        rows = [
            _own_offer(listing, self.reference_types[0]) for listing in found[first : first + size]
        ]
        reply = as_json({"offers": rows, "total_count": len(found)})
        reply.headers.update(_links(call, first, size, len(found)))
        return reply

    def _asked(self, call: Call, operation: str) -> list[str] | Reply:
        wrong = _wrong_page(call, operation)
        if wrong:
            return wrong
        references = [one for one in call.one("product_references").split(",") if one]
        skus = [one for one in call.one("product_ids").split(",") if one]
        if bool(references) == bool(skus) or (skus and operation == "P31"):
            return _refused("product_references is required")
        if len(references) > _MOST_REFERENCES or len(skus) > _MOST_REFERENCES:
            return _refused(f"product_references: at most {_MOST_REFERENCES} are allowed")
        if skus:
            return [f"0{one.removeprefix('MKL')}" for one in skus]
        gtins = []
        for reference in references:
            kind, _bar, value = reference.partition("|")
            if kind not in self.reference_types or not value:
                return _refused(f"product_references: {reference!r} is not TYPE|value")
            gtins.append(value.zfill(14))
        return list(dict.fromkeys(gtins))

    def _render(self, gtin: str, states: frozenset[str], kind: str, _tick: int):
        """Head of a product and its offers, cheapest first; None for an unknown one."""
        listing = self._market.listing(MIRAKL, gtin)
        if listing is None:
            return None
        goods = listing.goods
        head = {
            "product_sku": sku(listing),
            "product_title": goods.title,
            "product_brand": goods.brand,
            "product_description": "",
            "category_code": goods.family.octopia,
            "category_label": goods.family.shelf,
            "product_references": [{"reference_type": kind, "reference": listing.gtin[1:]}],
        }
        rows = [("11", offer) for offer in listing.offers] + [("2", one) for one in listing.used]
        rows = [row for row in rows if not states or row[0] in states]
        rows.sort(key=lambda row: (row[1].landed, row[1].seller_id))
        return dump(head), [dump(_offer(offer, state)) for state, offer in rows]


def sku(listing: Listing) -> str:
    """The operator's own number of a product."""
    return f"MKL{listing.gtin[1:]}"


def _shop_sku(listing: Listing) -> str:
    return f"SKU-{listing.gtin[6:13]}"


def _product(head: bytes, offers: list[bytes], total: int) -> bytes:
    return b'%b,"offers":[%b],"total_count":%d}' % (head[:-1], b",".join(offers), total)


def _page_of_offers(rows: list, first: int, size: int) -> tuple[list[bytes], int]:
    """Offers of all products in a row, cut by page; a product without any is on the first."""
    pieces, passed = [], 0
    for head, offers in rows:
        start, stop = max(first - passed, 0), max(first + size - passed, 0)
        part = offers[start:stop]
        if part or (not offers and not first):
            pieces.append(_product(head, part, len(offers)))
        passed += len(offers)
    return pieces, passed


def _page_of_products(rows: list, first: int, size: int) -> tuple[list[bytes], int]:
    """Products with all their offers."""
    part = rows[first : first + size]
    return [_product(head, offers, len(offers)) for head, offers in part], len(rows)


def _offer(offer: Offer, state: str) -> dict:
    price = {
        "price": offer.price,
        "unit_origin_price": offer.price,
        "unit_discount_price": None,
        "volume_prices": [],
    }
    return {
        "offer_id": 0,
        "shop_id": None,
        "quantity": 999,
        "premium": False,
        "channels": [],
        "offer_additional_fields": [],
        "favorite_rank": None,
        "min_quantity_alert": None,
        "available_start_date": None,
        "available_end_date": None,
        "active": True,
        "price": offer.price,
        "applicable_pricing": price,
        "all_prices": [price],
        "min_shipping_price": offer.shipping,
        "min_shipping_price_additional": 0.0,
        "min_shipping_type": "STD",
        "min_shipping_zone": "FR1",
        "total_price": offer.landed,
        "currency_iso_code": "EUR",
        "state_code": state,
        "shop_name": offer.seller,
        "shop_grade": 4.5,
        "nb_evaluation": 131,
        "is_professional": True,
        "leadtime_to_ship": 2,
    }


def _own_offer(listing: Listing, kind: str) -> dict:
    price = round(listing.goods.list_price * 0.97, 2)
    return {
        "offer_id": int(listing.gtin[5:13]),
        "shop_sku": _shop_sku(listing),
        "product_sku": sku(listing),
        "product_references": [{"reference_type": kind, "reference": listing.gtin[1:]}],
        "product_title": listing.goods.title,
        "category_code": listing.goods.family.octopia,
        "category_label": listing.goods.family.shelf,
        "price": price,
        "total_price": round(price + 3.99, 2),
        "min_shipping_price": 3.99,
        "quantity": int(listing.gtin[9:12]) % 15,
        "state_code": "11",
        "active": True,
        "inactivity_reasons": [],
        "applicable_pricing": {"price": price, "volume_prices": []},
        "leadtime_to_ship": 2,
        "logistic_class": {"code": "M", "label": "Moyen"},
        "currency_iso_code": "EUR",
    }


def _wrong_page(call: Call, operation: str) -> Reply | None:
    for name, most in (("max", _MOST), ("offset", 10**9)):
        text = call.one(name, "0")
        if not text.isdigit() or int(text) > most:
            return _refused(f"{name}: an integer up to {most} is wanted")
    for name, allowed in (("sort", _SORTS.get(operation, ())), ("order", ("asc", "desc"))):
        if call.one(name) and call.one(name) not in allowed:
            return _refused(f"{name}: one of {', '.join(allowed)}")
    return None


def _links(call: Call, first: int, size: int, total: int) -> dict[str, str]:
    """Address of the next and the previous page."""
    links = []
    for relation, offset in (("previous", first - size), ("next", first + size)):
        if 0 <= offset < total and size:
            query = {name: values[0] for name, values in call.query.items()}
            query |= {"offset": str(offset), "max": str(size)}
            links.append(f'<{call.base}/mirakl{call.path}?{urlencode(query)}>; rel="{relation}"')
    return {"Link": ", ".join(links)} if links else {}


def _refused(message: str) -> Reply:
    return as_json({"message": message, "status": 400}, 400)
