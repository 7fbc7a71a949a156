"""Fnac's XML seller API, which serves Darty too, on the invented market."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from . import accounts
from .exchange import Call, Reply
from .fnac_offers import OwnOffers
from .fnac_pricing import Prices
from .fnac_xml import NAMESPACE, error, text_of, xml
from .market import FNAC, Market
from .xsd import Schemas

MOST = {"prices_query": 200, "pricing_query": 10}
SERVICES = ("auth", "prices_query", "pricing_query", "offers_query")
_SHOP = re.compile(rb"shop_id(?:\s*=\s*[\"']|>)([^\"'<]*)")
_PARIS = timezone(timedelta(hours=1))
_TOKEN = "44444444-4444-4444-8444-"


class Fnac:
    """Answers under ``/fnac/api.php``.

    has_v3: whether shops may call prices_query
    pricing_version: shape of pricing_query's answers, 1 or 2
    buy_box_tag: has_buybox as in the schema, or has_buy_box as their own client reads it
    most: references a call may hold, by service
    """

    platform = FNAC

    def __init__(self, market: Market):
        self.tokens = accounts.Tokens(1800, _TOKEN, width=12)
        self.most = dict(MOST)
        self._schemas = Schemas()
        self._prices = Prices(market)
        self._own = OwnOffers(market)
        self.reset()

    def reset(self) -> None:
        """As new."""
        self.has_v3 = True
        self.pricing_version = 1
        self.buy_box_tag = "has_buybox"
        self.most.update(MOST)

    def operation(self, call: Call) -> str:
        """Name of the service called, empty for none."""
        name = call.path.removeprefix("/api.php/")
        return name if name in SERVICES else ""

    def account(self, call: Call) -> str:
        """Whose quota is used: the shop's."""
        found = _SHOP.search(call.body)
        return found[1].decode("ascii", "replace") if found else ""

    def answer(self, call: Call, operation: str) -> Reply:
        """Answer one call."""
        if not operation or (operation == "prices_query" and not self.has_v3):
            return Reply(404, b"Not Found", "text/html")
        if call.method != "POST":
            return Reply(405, b"Method Not Allowed", "text/html")
        root = self._schemas.parse(call.body)
        if root is None:
            return _refuse(operation, "ERR_146", "XML does not validate.")
        most = self.most.get(operation, 0)
        if most and len(root.findall(f"{{{NAMESPACE}}}product_reference")) > most:
            return _refuse(
                operation,
                "ERR_105",
                "The limit of requested elements is reached by the service. Try with less"
                " elements.",
            )
        wrong = self._schemas.refusal(operation, root)
        if operation == "auth":
            return self._auth(call, root, wrong)
        if wrong:
            return _refuse(operation, "ERR_146", f"XML does not validate. {wrong}")
        account = self.tokens.account(root.get("token", ""))
        if account is None or any(
            root.get(name) != account[name] for name in ("partner_id", "shop_id")
        ):
            return _refuse(operation, "ERR_001", "Authentication failed : token is not valid.")
        if operation == "offers_query":
            return self._own.query(call, root, account)
        if operation == "prices_query":
            return self._prices.ranked(call, root, account, self.buy_box_tag)
        return self._prices.best(call, root, account, self.pricing_version)

    def throttle(self, _call: Call, wait: float = 2.0) -> Reply:
        """Too fast."""
        seconds = str(max(1, -int(-wait // 1)))
        return Reply(429, b"Too Many Requests", "text/html", {"Retry-After": seconds})

    def broken(self) -> Reply:
        """Their own mistake, told in a complete answer."""
        fatal = '<error severity="FATAL" code="ERR_000">Internal error.</error>'
        return xml(
            f'<pricing_query_response xmlns="{NAMESPACE}" status="FATAL">{fatal}'
            "</pricing_query_response>"
        )

    def empty(self) -> Reply:
        """A success with nothing in it."""
        return xml(f'<pricing_query_response xmlns="{NAMESPACE}" status="OK"/>')

    def expire(self, call: Call) -> Reply:
        """Refuse the token and forget it."""
        root = self._schemas.parse(call.body)
        if root is not None:
            self.tokens.revoke(root.get("token", ""))
        return _refuse("pricing_query", "ERR_001", "Authentication failed : token is not valid.")

    def _auth(self, call: Call, root, wrong: str) -> Reply:
        if root.tag != f"{{{NAMESPACE}}}auth":
            return _refuse("auth", "ERR_146", f"XML does not validate. {wrong}")
        given = {name: text_of(root, name) for name in ("partner_id", "shop_id", "key")}
        account = next(
            (one for one in accounts.FNAC if all(one[name] == given[name] for name in given)), None
        )
        if account is None or wrong:
            return _refuse(
                "auth",
                "ERR_001",
                "Authentication failed : partner_id, shop_id or key is not valid.",
            )
        until = datetime.fromtimestamp(call.now + self.tokens.life, _PARIS)
        return xml(
            f'<auth_response xmlns="{NAMESPACE}" status="OK">'
            f"<token>{self.tokens.issue(account)}</token>"
            f"<validity>{until.isoformat(timespec='seconds')}</validity>"
            "<version>2.6.0</version></auth_response>"
        )


def _refuse(operation: str, code: str, words: str) -> Reply:
    root = f"{'pricing_query' if operation == 'prices_query' else operation}_response"
    return xml(f'<{root} xmlns="{NAMESPACE}" status="ERROR">{error(code, words)}</{root}>')
