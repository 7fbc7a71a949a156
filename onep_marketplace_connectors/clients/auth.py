"""Access tokens: fetched once, shared by the threads of a process, renewed early."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable

RENEW_EARLY_S = 60.0


def fingerprint(*secrets: str) -> str:
    """Short text that changes with the secrets and does not reveal them."""
    return hashlib.blake2b("\0".join(secrets).encode(), digest_size=8).hexdigest()


class TokenStore:
    """Tokens by account, safe between threads.

    clock: seconds since the epoch, so that a server's absolute validity can be compared
    """

    def __init__(self, clock: Callable[[], float] = time.time):
        self._clock = clock
        self._tokens: dict[str, tuple[str, float]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: str, fetch: Callable[[], tuple[str, float]]) -> str:
        """The account's token, fetched when there is none or it is about to expire.

        fetch: returns the token and its life [s]; called once even when threads compete
        """
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            token, expires_at = self._tokens.get(key, ("", 0.0))
            if not token or self._clock() >= expires_at:
                token, life = fetch()
                early = min(RENEW_EARLY_S, life / 2)
                self._tokens[key] = (token, self._clock() + life - early)
            return token

    def drop(self, key: str) -> None:
        """Forget the account's token, e.g. after the server refused it."""
        self._tokens.pop(key, None)
