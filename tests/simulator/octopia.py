"""Octopia's seller API (Cdiscount), on the invented market."""

from __future__ import annotations

from urllib.parse import parse_qs

from . import accounts
from .exchange import Call, Reply, as_json
from .market import CDISCOUNT, Listing, Market

CHANNEL = "CDISFR"
_PREFIX = "/seller/v2"
TOKEN_PATH = "/auth/realms/maas/protocol/openid-connect/token"
_OPERATIONS = {
    "/products": "products",
    "/offers": "offers",
    "/sellers": "sellers",
    "/sellers/subscriptions": "sellers",
}


class Octopia:
    """Answers under ``/octopia``."""

    platform = CDISCOUNT

    def __init__(self, market: Market):
        self._market = market
        self.tokens = accounts.Tokens(7200, "eyJsimulator.")

    def operation(self, call: Call) -> str:
        """Name of the resource called, empty for none."""
        if call.path == TOKEN_PATH:
            return "token"
        if call.method != "GET" or not call.path.startswith(_PREFIX):
            return ""
        return _OPERATIONS.get(call.path.removeprefix(_PREFIX), "")

    def account(self, call: Call) -> str:
        """Whose quota is used."""
        return call.headers.get("sellerid", "")

    def answer(self, call: Call, operation: str) -> Reply:
        """Answer one call."""
        if operation == "token":
            return self._token(call)
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.tokens.is_valid(token):
            return _problem(401, "Unauthorized")
        if call.headers.get("sellerid") != accounts.CDISCOUNT["seller_id"]:
            return _problem(403, "Forbidden", detail="This client is not linked to the seller.")
        if not operation:
            return _problem(404, "Not Found")
        if call.path.endswith("/subscriptions"):
            return as_json(
                {
                    "itemsPerPage": 1,
                    "items": [
                        {
                            "subscriptionId": 1,
                            "salesChannelId": CHANNEL,
                            "status": "Active",
                            "submissionCurrency": "EUR",
                        }
                    ],
                }
            )
        handlers = {"products": self._products, "offers": self._offers, "sellers": self._seller}
        return handlers[operation](call)

    def throttle(self, _call: Call) -> Reply:
        """Too fast."""
        return _problem(429, "Too Many Requests")

    def empty(self) -> Reply:
        """A success with nothing in it."""
        return as_json({})

    def expire(self, call: Call) -> Reply:
        """Refuse the token and forget it."""
        self.tokens.revoke(call.headers.get("authorization", "").removeprefix("Bearer "))
        return _problem(401, "Unauthorized")

    def _token(self, call: Call) -> Reply:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        known = accounts.CDISCOUNT
        if any(form.get(key) != known[key] for key in ("client_id", "client_secret")):
            return as_json(
                {"error": "unauthorized_client", "error_description": "Invalid client secret"}, 401
            )
        return as_json(
            {
                "access_token": self.tokens.issue(),
                "expires_in": int(self.tokens.life),
                "refresh_expires_in": 1800,
                "token_type": "Bearer",
            }
        )

    def _seller(self, _call: Call) -> Reply:
        return as_json(
            {"sellerId": accounts.CDISCOUNT["seller_id"], "shopName": "Boutique de démonstration"}
        )

    def _products(self, call: Call) -> Reply:
        gtin = call.one("gtin").zfill(14)
        if call.fault == "bad-item":
            return _problem(400, "Validation failed", errors={"gtin": ["The gtin is refused."]})
        listing = self._market.listing(CDISCOUNT, gtin)
        if listing is None:
            return as_json({"itemsPerPage": 0, "items": []})
        item = {
            "reference": f"AUC{listing.gtin[1:]}",
            "gtin": listing.gtin[1:],
            "language": "fr-FR",
            "label": listing.name,
            "categoryReference": listing.family.octopia,
            "categoryLabel": listing.family.octopia_label,
            "pictures": [{"index": 1, "url": f"{call.base}/images/{listing.gtin}.svg"}],
            "isMarketable": True,
            "permissions": {"edit": False, "enrich": True},
        }
        if call.fault == "new-fields":
            item["repairabilityIndex"] = 8.1
        return as_json({"itemsPerPage": 1, "items": [item]})

    def _offers(self, call: Call) -> Reply:
        if call.one("salesChannelId") != CHANNEL:
            return _problem(
                400,
                "Validation failed",
                errors={"salesChannelId": ["The sales channel is required."]},
            )
        size = min(int(call.one("limit", "100")), 1000)
        first = int(call.one("cursor", "0"))
        own = [
            listing
            for gtin in call.one("gtins").split(",")
            if (listing := self._market.listing(CDISCOUNT, gtin.zfill(14))) and listing.own
        ]
        page = own[first : first + size]
        reply = as_json({"itemsPerPage": len(page), "items": [_own_offer(one) for one in page]})
        if first + size < len(own):
            reply.headers["Link"] = (
                f"<{call.base}/octopia{_PREFIX}/offers?limit={size}&Cursor={first + size}>;"
                ' rel="next"'
            )
        return reply


def _own_offer(listing: Listing) -> dict:
    price = round(listing.list_price * 0.97, 2)
    winner = listing.winner
    reference = f"AUC{listing.gtin[1:]}"
    return {
        "sellerExternalReference": f"SKU-{listing.gtin[6:13]}",
        "offerId": f"12345_{reference}_6_{CHANNEL}",
        "offerState": "Active",
        "createdAt": "2026-04-26T01:28:53.0000000+00:00",
        "updatedAt": "2026-10-31T02:37:26.0000000+00:00",
        "condition": "New",
        "product": {"gtin": listing.gtin[1:], "reference": reference},
        "integrationPrice": {"price": price},
        "facialPrice": {"price": price},
        "quantity": 12,
        "salesChannelFeedback": {
            "bestOfferDetails": {
                "isBestOffer": winner is None,
                "price": winner.price if winner else price,
            },
            "competingOffers": [
                {
                    "price": offer.price,
                    "condition": "New",
                    "isBestOffer": offer.winner,
                    "seller": {
                        "id": 0 if offer.retailer else int(offer.seller_id[1:4]) + 1,
                        "name": "Cdiscount" if offer.retailer else offer.seller,
                        "rating": 4.3,
                    },
                    "shipping": {"shippingPrice": offer.shipping, "delay": 3},
                }
                for offer in listing.offers
            ],
            "productInformation": {
                "productReviewsAverageRating": 4.4,
                "productReviewsCount": 31,
            },
        },
    }


def _problem(status: int, title: str, **more) -> Reply:
    return as_json(
        {"type": "about:blank", "title": title, "status": status, "traceId": "0sim", **more}, status
    )
