"""Who may call the simulated services, and the tokens they were given."""

from __future__ import annotations

import threading
import time

AMAZON = {
    "client_id": "amzn1.application-oa2-client.demo",
    "client_secret": "demo-client-secret",
    "refresh_token": "Atzr|demo-refresh-token",
    "seller_id": "A1DEMOSELLER00",
}
FNAC = {
    "partner_id": "11111111-1111-4111-8111-111111111111",
    "shop_id": "22222222-2222-4222-8222-222222222222",
    "key": "33333333-3333-4333-8333-333333333333",
}
CDISCOUNT = {
    "client_id": "demo-client",
    "client_secret": "demo-client-secret",
    "seller_id": "12345",
}


class Tokens:
    """Tokens in circulation.

    life: how long they are valid [s]
    """

    def __init__(self, life: float, prefix: str, clock=time.monotonic):
        self.life = life
        self.issued = 0
        self._prefix = prefix
        self._clock = clock
        self._lock = threading.Lock()
        self._valid: dict[str, float] = {}

    def issue(self) -> str:
        """A new token."""
        with self._lock:
            self.issued += 1
            token = f"{self._prefix}{self.issued:08d}"
            self._valid[token] = self._clock() + self.life
            return token

    def is_valid(self, token: str) -> bool:
        """Whether a token was issued and still lives."""
        return self._valid.get(token, -1.0) > self._clock()

    def revoke(self, token: str) -> None:
        """End a token before its time."""
        self._valid.pop(token, None)
