"""Who may call the simulated services, and the tokens they were given.

The first account of each platform is the demo's.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

AMAZON = (
    {
        "client_id": "amzn1.application-oa2-client.demo",
        "client_secret": "demo-client-secret",
        "refresh_token": "Atzr|demo-refresh-token",
        "seller_id": "A1DEMOSELLER00",
    },
    {
        "client_id": "amzn1.application-oa2-client.demo",
        "client_secret": "demo-client-secret",
        "refresh_token": "Atzr|second-refresh-token",
        "seller_id": "A1DEMOSELLER01",
    },
)
#: the Fnac shop, the Darty shop of the same seller, and another seller's Fnac shop
FNAC = (
    {
        "partner_id": "11111111-1111-4111-8111-111111111111",
        "shop_id": "22222222-2222-4222-8222-222222222222",
        "key": "33333333-3333-4333-8333-333333333333",
        "place": "fnac",
    },
    {
        "partner_id": "11111111-1111-4111-8111-111111111111",
        "shop_id": "22222222-2222-4222-8222-dddddddddddd",
        "key": "33333333-3333-4333-8333-dddddddddddd",
        "place": "darty",
    },
    {
        "partner_id": "11111111-1111-4111-8111-111111111111",
        "shop_id": "22222222-2222-4222-8222-222222222223",
        "key": "33333333-3333-4333-8333-333333333334",
        "place": "fnac",
    },
)
CDISCOUNT = (
    {"client_id": "demo-client", "client_secret": "demo-client-secret", "seller_id": "12345"},
    {"client_id": "second-client", "client_secret": "second-client-secret", "seller_id": "67890"},
)
MIRAKL = (
    {"key": "demo-mirakl-key", "shop_id": "2001", "shop_name": "Boutique de démonstration"},
    {"key": "second-mirakl-key", "shop_id": "2002", "shop_name": "Deuxième boutique"},
)


def name_of(known: tuple[dict, ...], account: dict) -> str:
    """Empty for the demo's account, another word for each other one."""
    index = known.index(account)
    return f"account {index}" if index else ""


@dataclass(frozen=True, slots=True)
class _Token:
    account: dict
    until: float


class Tokens:
    """Tokens in circulation.

    life: how long they are valid [s]; width: digits after the prefix
    """

    def __init__(self, life: float, prefix: str, width: int = 8, clock=time.monotonic):
        self.life = life
        self.issued = 0
        self._prefix = prefix
        self._width = width
        self._clock = clock
        self._lock = threading.Lock()
        self._valid: dict[str, _Token] = {}

    def issue(self, account: dict) -> str:
        """A new token of an account."""
        with self._lock:
            self.issued += 1
            token = f"{self._prefix}{self.issued:0{self._width}d}"
            self._valid[token] = _Token(account, self._clock() + self.life)
            return token

    def account(self, token: str) -> dict | None:
        """Whose token it is, None when it was never issued or is dead."""
        known = self._valid.get(token)
        return known.account if known and known.until > self._clock() else None

    def revoke(self, token: str) -> None:
        """End a token before its time."""
        self._valid.pop(token, None)
