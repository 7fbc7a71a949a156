"""What no message, log or answer may show: keys and tokens, known ones and what looks like one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote
from xml.sax.saxutils import escape

# shorter ones would strike out innocent text
SHORTEST_SECRET = 8

# whatever ends so: access_token, clientSecret, x-api-key
_NAMES = r"token|secret|authorization|password|api[_-]?key|[_-]key|\bkey"
_NAMED = re.compile(
    rf"""(?P<name>(?:{_NAMES})\b\\?["']?\s*(?:[=:>]|%3[ad])\s*\\?["']?"""
    r"""(?:(?:bearer|basic)\s+)?)[^\s"'&<>,;}\\]+""",
    re.IGNORECASE,
)
# tokens as such: Amazon's, a JSON web token, whatever follows "Bearer"
_BARE = re.compile(
    r"""(?P<name>\bbearer\s+)[^\s"'<>,;}]+"""
    r"""|\b(?:(?:Atza|Atzr|amzn1\.oa2-cs)[|.]|eyJ)[^\s"'&<>,;}]+""",
    re.IGNORECASE,
)


def redact(text: str, limit: int = 300) -> str:
    """The start of a text without anything that looks like a secret, for messages and logs.

    limit: longest result [characters]
    """
    text = _NAMED.sub(r"\g<name>***", (text or "")[: 10 * limit])
    return _BARE.sub(lambda found: f"{found['name'] or ''}***", text)[:limit]


class Hidden:
    """Secrets that are struck out of answers: a service may echo a key in its words."""

    def __init__(self):
        self._spellings: tuple[bytes, ...] = ()

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these too, however they are written."""
        spellings = set(self._spellings) | {
            spelling.encode("utf-8", "replace")
            for secret in secrets
            if len(secret) >= SHORTEST_SECRET
            for spelling in (
                *(secret, json.dumps(secret)[1:-1], escape(secret)),
                *(quote(secret, errors="replace"), quote(secret, safe="", errors="replace")),
            )
        }
        self._spellings = tuple(sorted(spellings, key=len, reverse=True))

    def strike(self, body: bytes) -> bytes:
        """The body without them."""
        for spelling in self._spellings:
            body = body.replace(spelling, b"***")
        return body
