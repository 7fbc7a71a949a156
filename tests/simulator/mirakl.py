"""A Mirakl operator's seller API, on the invented market."""

from __future__ import annotations

import math

from . import accounts
from .exchange import Call, Reply, as_json
from .families import FAMILIES
from .market import MIRAKL, Market
from .mirakl_products import STATES, Products

OPERATIONS = {
    "/api/version": "V01",
    "/api/account": "A01",
    "/api/products/offers": "P11",
    "/api/products": "P31",
    "/api/offers": "OF21",
    "/api/offers/states": "OF61",
    "/api/hierarchies": "H11",
}


class Mirakl:
    """Answers under ``/mirakl``.

    reference_types: the operator's own names of product references
    """

    platform = MIRAKL

    def __init__(self, market: Market):
        self.products = Products(market)
        self._handlers = {
            "V01": lambda _call, _account: as_json({"version": "3.360.0"}),
            "A01": self._account,
            "P11": self.products.competing,
            "P31": self.products.catalogue,
            "OF21": self.products.own,
            "OF61": lambda _call, _account: as_json({"offer_states": STATES}),
            "H11": _hierarchies,
        }

    def reset(self) -> None:
        """As new."""
        self.products.reset()

    def operation(self, call: Call) -> str:
        """Code of the operation called, empty for none."""
        return OPERATIONS.get(call.path, "") if call.method == "GET" else ""

    def account(self, call: Call) -> str:
        """Whose quota is used: the shop's."""
        account = _known(call)
        return account["shop_id"] if account else ""

    def answer(self, call: Call, operation: str) -> Reply:
        """Answer one call."""
        account = _known(call)
        if account is None:
            return problem(401, "Unauthorized")
        if not operation:
            return problem(404, "Not Found")
        if "application/json" not in call.headers.get("accept", "application/json").replace(
            "*/*", "application/json"
        ):
            return problem(406, "Not Acceptable")
        if call.one("shop_id", account["shop_id"]) != account["shop_id"]:
            return problem(403, "The user has no right on this shop.")
        return self._handlers[operation](call, account)

    def throttle(self, _call: Call, wait: float = 2.0) -> Reply:
        """Too fast; the header says how long to wait."""
        reply = problem(429, "Too many requests")
        reply.headers["Retry-After"] = str(max(1, math.ceil(wait)))
        return reply

    def broken(self) -> Reply:
        """Their own mistake."""
        return problem(500, "Internal Server Error")

    def empty(self) -> Reply:
        """A success with nothing in it."""
        return as_json({})

    def expire(self, _call: Call) -> Reply:
        """The key is refused, as after a new one was made."""
        return problem(401, "Unauthorized")

    @staticmethod
    def _account(_call: Call, account: dict) -> Reply:
        return as_json(
            {
                "shop_id": int(account["shop_id"]),
                "shop_name": account["shop_name"],
                "shop_state": "OPEN",
                "currency_iso_code": "EUR",
                "grade": 4.7,
                "is_professional": True,
                "premium": False,
                "channels": ["FR"],
                "shippings": [],
            }
        )


def problem(status: int, message: str) -> Reply:
    """Mirakl's error body."""
    return as_json({"message": message, "status": status}, status)


def _known(call: Call) -> dict | None:
    key = call.headers.get("authorization", "")
    return next((one for one in accounts.MIRAKL if one["key"] == key), None)


def _hierarchies(call: Call, _account: dict) -> Reply:
    level = call.one("max_level")
    if level and not level.isdigit():
        return problem(400, "max_level: an integer is wanted.")
    rows = {}
    for family in FAMILIES:
        top = family.octopia[:4]
        rows[top] = {"code": top, "label": family.fnac, "level": 1, "parent_code": ""}
        leaf = {"code": family.octopia, "label": family.shelf, "level": 2, "parent_code": top}
        rows[family.octopia] = leaf
    below = call.one("hierarchy")
    return as_json(
        {
            "hierarchies": [
                row
                for row in rows.values()
                if (not below or below in (row["code"], row["parent_code"]))
                and (not level or row["level"] <= int(level))
            ]
        }
    )
