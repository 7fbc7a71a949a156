"""HTTP session: timeouts, bounded answers, redaction.

Every client, the Amazon library included, calls through one :class:`Transport`, so that every
call is timed, limited and logged in the same way, without a secret.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

import httpx

from .errors import ContractChanged, ServiceDown

_logger = logging.getLogger(__name__)
# one line a call, with its whole address, is not for the server's log
logging.getLogger("httpx").setLevel(logging.WARNING)

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
MAX_BODY_BYTES = 16 * 1024 * 1024
NETWORK_RETRY_S = 15.0

_HIDDEN_NAMES = (
    r"access_token|refresh_token|client_secret|authorization|x-amz-access-token|token|key|password"
)
_SECRET = re.compile(
    rf"""(?P<name>["']?\b(?:{_HIDDEN_NAMES})\b["']?\s*[=:>]\s*["']?(?:bearer\s+)?)"""
    r"""(?P<value>[^\s"'&<>,;}]+)""",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\b(?:Atza|Atzr|amzn1\.oa2-cs)[|.][^\s\"'&<>,;}]+")


def redact(text: str, limit: int = 300) -> str:
    """The start of a text without anything that looks like a secret, for messages and logs.

    limit: longest result [characters]
    """
    text = _SECRET.sub(r"\g<name>***", text or "")
    return _TOKEN.sub("***", text)[:limit]


class Transport:
    """One HTTP session of one account; not shared between threads.

    http: session to use, for tests; a plain one by default
    clock: monotonic seconds
    on_call: told of every call as a dict (operation, status, ms, bytes, correlation_id)
    """

    def __init__(
        self,
        *,
        http: httpx.Client | None = None,
        clock: Callable[[], float] = time.monotonic,
        max_body_bytes: int = MAX_BODY_BYTES,
        on_call: Callable[[dict], None] | None = None,
        user_agent: str = "1UP-Sourcing/1.0 (Language=Python)",
    ):
        self._http = http or httpx.Client(
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
        )
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._on_call = on_call
        self.user_agent = user_agent

    def request(
        self,
        method: str,
        url: str,
        *,
        params=None,
        data=None,
        content=None,
        headers: dict | None = None,
        operation: str = "",
    ) -> httpx.Response:
        """Make one call and return the whole answer, whatever its status.

        Raises ServiceDown when nothing complete came back, ContractChanged when the answer is
        larger than the bound.
        """
        correlation_id = uuid.uuid4().hex[:12]
        sent = {name: value for name, value in (headers or {}).items() if name.lower() != "host"}
        if not any(name.lower() == "user-agent" for name in sent):
            sent["User-Agent"] = self.user_agent
        path = httpx.URL(url).path
        started = self._clock()
        status, size = 0, 0
        try:
            with self._http.stream(
                method, url, params=params, data=data, content=content, headers=sent
            ) as response:
                status = response.status_code
                chunks = []
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > self._max_body_bytes:
                        raise ContractChanged(operation=operation or path, detail="answer too big")
                    chunks.append(chunk)
            return self._complete(response, b"".join(chunks))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ServiceDown(
                NETWORK_RETRY_S, cause=type(error).__name__, operation=operation or path
            ) from None
        finally:
            self._report(operation or path, status, self._clock() - started, size, correlation_id)

    def close(self) -> None:
        """Close the session's connections."""
        self._http.close()

    @staticmethod
    def _complete(response: httpx.Response, body: bytes) -> httpx.Response:
        """The same answer with its body read and decoded."""
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        return httpx.Response(
            response.status_code, headers=headers, content=body, request=response.request
        )

    def _report(self, operation, status, seconds, size, correlation_id):
        call = {
            "operation": operation,
            "status": status,
            "ms": round(seconds * 1000),
            "bytes": size,
            "correlation_id": correlation_id,
        }
        _logger.debug("%(operation)s %(status)s %(ms)s ms %(bytes)s B %(correlation_id)s", call)
        if self._on_call:
            self._on_call(call)
