"""How a web source knows us: login, token, key, or a token that we ask for (OAuth 2.0)."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote_plus

import requests

from ...onep_marketplace_connectors.clients.auth import TokenStore, fingerprint
from ...onep_marketplace_connectors.clients.redaction import redact

AuthKind = Literal["none", "basic", "bearer", "header", "query", "oauth2"]
#: Shared by the threads of this process.
TOKENS = TokenStore()
#: Life of a token whose server does not say it; the longest one that is believed [s].
DEFAULT_LIFE_S, MAX_LIFE_S = 300.0, 24 * 3600.0
#: Shortest text that is taken for a secret when a server's words repeat it.
_MIN_SECRET = 4


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What a token is asked with (RFC 6749, 4.4).

    way: the client's id and secret go into a header (the standard's choice) or into the body
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    way: Literal["header", "body"] = "header"

    @property
    def key(self) -> str:
        """Names the token in a store; another secret or scope has another token."""
        return fingerprint(self.token_url, self.client_id, self.client_secret, self.scope, self.way)

    @property
    def pair(self) -> str:
        """Id and secret as a header carries them: each encoded as in a form first."""
        text = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
        return base64.b64encode(text.encode()).decode()

    def request(self) -> requests.Request:
        """The request for a token."""
        form = {"grant_type": "client_credentials"}
        if self.scope:
            form["scope"] = self.scope
        headers = {"Accept": "application/json"}
        if self.way == "header":
            headers["Authorization"] = f"Basic {self.pair}"
        else:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        return requests.Request("POST", self.token_url, headers=headers, data=form)


@dataclass(frozen=True, slots=True)
class WebAuth:
    """How a source knows us.

    name: of the header or parameter (kinds header and query)
    secret: password, token or value
    grant: with which a token is asked for (kind oauth2)
    """

    kind: AuthKind = "none"
    login: str = ""
    name: str = ""
    secret: str = field(default="", repr=False)
    grant: ClientCredentials | None = None

    def headers(self, get_token: Callable[[], str] | None = None) -> dict[str, str]:
        """Headers to send.

        get_token: gives the access token (kind oauth2)
        """
        if self.kind == "basic":
            return {"Authorization": f"Basic {self._pair}"}
        if self.kind == "bearer":
            return {"Authorization": f"Bearer {self.secret}"}
        if self.kind == "oauth2" and get_token:
            return {"Authorization": f"Bearer {get_token()}"}
        return {self.name: self.secret} if self.kind == "header" else {}

    @property
    def _pair(self) -> str:
        return base64.b64encode(f"{self.login}:{self.secret}".encode()).decode()

    def parameters(self) -> dict[str, str]:
        """Parameters of the address to send."""
        return {self.name: self.secret} if self.kind == "query" else {}

    def hide(self, text: str, more: Iterable[str] = ()) -> str:
        """A server's words without our secrets, and without what looks like one.

        more: other texts that were sent and may be secrets
        """
        secrets = [self.secret, self._pair if self.kind == "basic" else "", *more]
        if self.grant:
            secrets += [self.grant.client_secret, self.grant.pair]
        secrets += [quote_plus(secret) for secret in secrets]
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _MIN_SECRET:
                text = text.replace(secret, "***")
        return redact(text, 200)


def parse_token(data: bytes) -> tuple[str, float] | None:
    """The access token of an answer and its life [s]; None when there is none."""
    answer = _json(data)
    token = answer.get("access_token")
    kind = str(answer.get("token_type") or "bearer").lower()
    if not isinstance(token, str) or kind != "bearer" or not token.isascii() or not token.strip():
        return None
    try:
        life = float(answer["expires_in"])
    except (KeyError, TypeError, ValueError, OverflowError):
        life = DEFAULT_LIFE_S
    return token.strip(), min(max(life, 0.0), MAX_LIFE_S) if math.isfinite(life) else DEFAULT_LIFE_S


def parse_refusal(data: bytes) -> str:
    """Why no token was given, in the server's words."""
    answer = _json(data)
    words = [answer.get("error"), answer.get("error_description")]
    return ": ".join(" ".join(str(word).split()) for word in words if word)


def _json(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
