"""Octopia's own offers, with what the sales channel says of their competitors."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from . import accounts
from .exchange import Call, Reply, dump
from .market import CDISCOUNT, KEPT, Listing, Market, Offer
from .octopia_catalogue import cut, problem, sku

CHANNEL = "CDISFR"
_ALWAYS = ("offerId", "sellerExternalReference", "offerState", "createdAt", "updatedAt")
_FEEDBACK = "salesChannelFeedback"
_DEFAULT, _MOST = 100, 1_000


class Offers:
    """The seller's offers; never those of others."""

    def __init__(self, market: Market):
        self._market = market
        self._piece = lru_cache(maxsize=KEPT)(self._render)

    def own(self, call: Call, account: dict) -> Reply:
        """GET /offers."""
        if call.one("salesChannelId") != CHANNEL:
            return _refuse("salesChannelId", "The sales channel is required.")
        name = accounts.name_of(accounts.CDISCOUNT, account)
        own = self._found(call, name)
        page = cut(call, own, _DEFAULT, _MOST)
        if page is None:
            return _refuse("limit", f"limit is 1 to {_MOST}, cursor comes from the last page.")
        part, following = page
        fields = self._fields(call)
        pieces = [
            self._piece(gtin, account["seller_id"], fields, self._market.tick) for gtin in part
        ]
        if call.fault == "bad-item" and pieces:
            pieces[0] = dump({"sellerExternalReference": "?", "offerState": "Inactive"})
        if call.fault == "new-fields":
            pieces = [piece[:-1] + b',"isEcoFriendly":true}' for piece in pieces]
        body = b'{"itemsPerPage":%d,"items":[%b]}' % (len(pieces), b",".join(pieces))
        return Reply(200, body, headers=_link(call, following))

    def _found(self, call: Call, name: str) -> list[str]:
        """GTINs of the seller's offers that the filters leave."""
        asked = [gtin.zfill(14) for gtin in call.one("gtins").split(",") if gtin]
        if asked:
            gtins = [
                gtin
                for gtin in dict.fromkeys(asked)
                if self._market.is_own(CDISCOUNT, gtin, name)
                and self._market.listing(CDISCOUNT, gtin)
            ]
        else:
            gtins = [one.gtin for one in self._market.own_listings(CDISCOUNT, name)]
        references = [one for one in call.one("sellerExternalReferences").split(",") if one]
        if references:
            gtins = [gtin for gtin in gtins if f"SKU-{gtin[6:13]}" in references]
        return [] if call.one("offerStates") == "Inactive" else gtins

    @staticmethod
    def _fields(call: Call) -> tuple[str, ...] | None:
        """Top keys of an answer; None is all but the feedback, which has to be asked for."""
        if call.one("fields"):  # expand is ignored then
            return tuple(
                sorted({field.partition(".")[0] for field in call.one("fields").split(",")})
            )
        return ("*", _FEEDBACK) if call.one("expand") == _FEEDBACK else None

    def _render(self, gtin: str, seller: str, fields: tuple[str, ...] | None, _tick: int) -> bytes:
        offer = _own_offer(self._market.listing(CDISCOUNT, gtin), seller)
        if fields is None:
            del offer[_FEEDBACK]
        elif fields[0] != "*":
            offer = {
                name: value for name, value in offer.items() if name in _ALWAYS or name in fields
            }
        return dump(offer)


def _own_offer(listing: Listing, seller: str) -> dict:
    price = round(listing.goods.list_price * 0.97, 2)
    winner = listing.winner
    reference = f"AUC{listing.gtin[1:]}"
    return {
        "sellerExternalReference": sku(listing),
        "salesChannelId": CHANNEL,
        "offerId": f"{seller}_{reference}_6_{CHANNEL}",
        "offerState": "Active",
        "createdAt": "2026-04-26T01:28:53.0000000+00:00",
        "updatedAt": "2026-10-31T02:37:26.0000000+00:00",
        "condition": "New",
        "product": {"gtin": listing.gtin[1:], "reference": reference},
        "integrationPrice": {"price": price},
        "facialPrice": {"price": price},
        "quantity": 12,
        _FEEDBACK: {
            "bestOfferDetails": {
                "isBestOffer": winner is None,
                "price": winner.price if winner else price,
            },
            "offerQuality": {"score": 78, "scoreReasons": []},
            "competingOffers": [_competing(offer, "New") for offer in listing.offers],
            "productInformation": {
                "productReviewsAverageRating": 4.4,
                "productReviewsCount": 31,
            },
        },
    }


def _competing(offer: Offer, condition: str) -> dict:
    return {
        "price": offer.price,
        "condition": condition,
        "isBestOffer": offer.winner,
        "isAvailable": True,
        "seller": {
            "id": 0 if offer.retailer else int(offer.seller_id[1:4]) + 1,
            "name": "Cdiscount" if offer.retailer else offer.seller,
            "rating": 4.3,
        },
        "shipping": {"shippingPrice": offer.shipping, "delay": 3},
    }


def _link(call: Call, following: str) -> dict[str, str]:
    if not following:
        return {}
    query = {name: values[0] for name, values in call.query.items() if name.lower() != "cursor"}
    address = f"{call.base}/octopia{call.path}?{urlencode(query | {'Cursor': following})}"
    return {"Link": f'<{address}>; rel="next"'}


def _refuse(name: str, words: str) -> Reply:
    return problem(400, "Validation failed", errors={name: [words]})
