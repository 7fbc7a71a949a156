"""Octopia's seller API (Cdiscount), on the invented market."""

from __future__ import annotations

from . import accounts
from .exchange import Call, Reply, as_json
from .market import CDISCOUNT, Market
from .octopia_catalogue import Catalogue, problem
from .octopia_offers import CHANNEL, Offers

PREFIX = "/seller/v2"
TOKEN_PATH = "/auth/realms/maas/protocol/openid-connect/token"
_OPERATIONS = {
    "/products": "products",
    "/offers": "offers",
    "/sellers": "sellers",
    "/sellers/subscriptions": "subscriptions",
    "/categories": "categories",
}


class Octopia:
    """Answers under ``/octopia``."""

    platform = CDISCOUNT

    def __init__(self, market: Market):
        self.tokens = accounts.Tokens(7200, "eyJsimulator.")
        catalogue = Catalogue(market)
        self._handlers = {
            "products": catalogue.products,
            "categories": catalogue.categories,
            "offers": Offers(market).own,
            "sellers": _seller,
            "subscriptions": _subscriptions,
        }

    def operation(self, call: Call) -> str:
        """Name of the resource called, empty for none."""
        if call.path == TOKEN_PATH:
            return "token"
        if call.method != "GET" or not call.path.startswith(PREFIX):
            return ""
        return _OPERATIONS.get(call.path.removeprefix(PREFIX), "")

    def account(self, call: Call) -> str:
        """Whose quota is used: the seller's, or the client's for tokens."""
        return call.headers.get("sellerid", "") or call.form.get("client_id", "")

    def answer(self, call: Call, operation: str) -> Reply:
        """Answer one call."""
        if operation == "token":
            return self._token(call)
        account = self.tokens.account(_bearer(call))
        if account is None:
            return problem(401, "Unauthorized")
        if call.headers.get("sellerid") != account["seller_id"]:
            return problem(403, "Forbidden", detail="This client is not linked to the seller.")
        if not operation:
            return problem(404, "Not Found")
        accept = call.headers.get("accept", "*/*")
        if "*/*" not in accept and "application/json" not in accept:
            return problem(406, "Not Acceptable")
        return self._handlers[operation](call, account)

    def throttle(self, _call: Call, _wait: float = 2.0) -> Reply:
        """Too fast; nothing says how long to wait."""
        return problem(429, "Too Many Requests")

    def broken(self) -> Reply:
        """Their own mistake."""
        return problem(500, "Internal Server Error")

    def empty(self) -> Reply:
        """A success with nothing in it."""
        return as_json({})

    def expire(self, call: Call) -> Reply:
        """Refuse the token and forget it."""
        self.tokens.revoke(_bearer(call))
        return problem(401, "Unauthorized")

    def _token(self, call: Call) -> Reply:
        form = call.form
        if call.method != "POST" or form.get("grant_type") != "client_credentials":
            words = "Unsupported grant_type"
            return as_json({"error": "unsupported_grant_type", "error_description": words}, 400)
        keys = ("client_id", "client_secret")
        account = next(
            (one for one in accounts.CDISCOUNT if all(form.get(key) == one[key] for key in keys)),
            None,
        )
        if account is None:
            words = "Invalid client or Invalid client credentials"
            return as_json({"error": "unauthorized_client", "error_description": words}, 401)
        return as_json(
            {
                "access_token": self.tokens.issue(account),
                "expires_in": int(self.tokens.life),
                "refresh_expires_in": 1800,
                "refresh_token": "eyJsimulator.refresh",
                "token_type": "Bearer",
                "scope": "profile email",
            }
        )


def _bearer(call: Call) -> str:
    return call.headers.get("authorization", "").removeprefix("Bearer ")


def _seller(_call: Call, account: dict) -> Reply:
    return as_json(
        {
            "sellerId": account["seller_id"],
            "login": f"seller-{account['seller_id']}",
            "shopName": "Boutique de démonstration",
            "status": "Active",
        }
    )


def _subscriptions(_call: Call, _account: dict) -> Reply:
    row = {
        "subscriptionId": 1,
        "salesChannelId": CHANNEL,
        "status": "Active",
        "submissionCurrency": "EUR",
        "paymentCurrency": "EUR",
    }
    return as_json({"itemsPerPage": 1, "items": [row]})
