"""Guarded HTTP for feeds: checked addresses, bounded redirects, credentials that stay home.

requests on a connection pool whose sockets come from :class:`AddressGuard`; no proxy and no netrc
of the environment, which would resolve names or add credentials behind our back.
"""

from __future__ import annotations

import base64
import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from ...onep_marketplace_connectors.clients.retry import is_transient, retry_after
from ...onep_marketplace_connectors.clients.transport import redact
from .address import AddressGuard
from .base import CHUNK_BYTES, Limits
from .errors import (
    BadCredentials,
    BadSettings,
    ChannelError,
    ContractChanged,
    RetryLater,
    SourceNotFound,
    UntrustedServer,
)

# it would log whole addresses, with the keys some of them hold
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

MAX_REDIRECTS = 5
USER_AGENT = "1UP-Sourcing/1.0"

AuthKind = Literal["none", "basic", "bearer", "header", "query"]


@dataclass(frozen=True, slots=True)
class WebAuth:
    """How a source knows us.

    name: of the header or parameter (kinds header and query)
    secret: password, token or value
    """

    kind: AuthKind = "none"
    login: str = ""
    name: str = ""
    secret: str = ""

    def headers(self) -> dict[str, str]:
        """Headers to send."""
        if self.kind == "basic":
            pair = f"{self.login}:{self.secret}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        if self.kind == "bearer":
            return {"Authorization": f"Bearer {self.secret}"}
        return {self.name: self.secret} if self.kind == "header" else {}

    def parameters(self) -> dict[str, str]:
        """Parameters of the address to send."""
        return {self.name: self.secret} if self.kind == "query" else {}

    def hide(self, text: str) -> str:
        """A server's words without our secret, and without what looks like one."""
        return redact(text.replace(self.secret, "***") if len(self.secret) > 3 else text, 200)


def host_of(url: str) -> str:
    """The part of an address that may be shown: login, path and parameters may be secrets."""
    try:
        return urlsplit(url).hostname or "?"
    except ValueError:
        return "?"


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: who gets our credentials."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def is_downgrade(url: str, target: str) -> bool:
    """Whether going from one address to the other gives up encryption on the same host."""
    before, after = urlsplit(url), urlsplit(target)
    schemes = before.scheme, after.scheme
    return schemes == ("https", "http") and before.hostname == after.hostname


def check_url(url: str) -> None:
    """Raise BadSettings unless this is an http(s) address without a login in it."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    if not fine or "@" in parts.netloc or any(ord(sign) < 33 for sign in url):
        raise BadSettings("bad-address")


def _connection(
    base: type[HTTPConnection], guard: AddressGuard, connect_s: float
) -> type[HTTPConnection]:
    class Guarded(base):
        def _new_conn(self):
            return guard.connect(self._dns_host, self.port, connect_s)

    return Guarded


class _GuardedAdapter(HTTPAdapter):
    """Connects through the guard; keeps requests' own checks of certificates."""

    def __init__(self, guard: AddressGuard, connect_s: float, certificate: str = ""):
        self._guard = guard
        self._connect_s = connect_s
        self._certificate = certificate
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections, maxsize, block=False, **kwargs):
        if self._certificate:
            context = ssl.create_default_context()
            context.load_verify_locations(cadata=self._certificate)
            kwargs["ssl_context"] = context
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, **kwargs
        )
        self.poolmanager.pool_classes_by_scheme = {
            "http": type(
                "Pool",
                (HTTPConnectionPool,),
                {"ConnectionCls": _connection(HTTPConnection, self._guard, self._connect_s)},
            ),
            "https": type(
                "SecurePool",
                (HTTPSConnectionPool,),
                {"ConnectionCls": _connection(HTTPSConnection, self._guard, self._connect_s)},
            ),
        }


class WebSession:
    """HTTP calls of one source.

    url: the source's address; only its origin gets the credentials, the headers and the body
    certificate: PEM of a certificate to trust besides the usual authorities
    now: seconds since the epoch, for Retry-After as a date
    clock: monotonic seconds
    """

    def __init__(
        self,
        url: str,
        guard: AddressGuard,
        auth: WebAuth | None = None,
        limits: Limits | None = None,
        *,
        certificate: str = "",
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ):
        check_url(url)
        self.limits = limits or Limits()
        self.auth = auth or WebAuth()
        self._url = url
        self._origin = origin_of(url)
        self._now = now
        self._clock = clock
        self._started = clock()
        self._session = requests.Session()
        self._session.trust_env = False
        try:
            adapter = _GuardedAdapter(guard, self.limits.connect_s, certificate)
        except (ssl.SSLError, ValueError):
            raise BadSettings("bad-certificate") from None
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the session's connections."""
        self._session.close()

    @contextmanager
    def open(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Iterator[requests.Response]:
        """An answer of 2xx or 304, its body not read yet; redirects are followed and checked.

        Whoever is not the source's origin is told what we accept, and nothing else.

        body: sent as JSON when it is not None
        """
        response = self._follow(method, url, headers or {}, params or {}, body)
        try:
            if response.status_code != 304:
                self._check_status(response)
            yield response
        except requests.RequestException as error:
            raise self._translate(error, response.url) from None
        finally:
            response.close()

    def _follow(self, method, url, headers, params, body) -> requests.Response:
        for _redirect in range(MAX_REDIRECTS + 1):
            response = self._send(method, url, headers, params, body)
            if not response.is_redirect:
                return response
            target = response.headers["location"]
            response.close()
            url, params = urljoin(response.url, target), {}
            if urlsplit(url).scheme not in ("http", "https"):
                raise ContractChanged(
                    "request-refused",
                    host=host_of(response.url),
                    status=response.status_code,
                    detail="redirect to another protocol",
                )
            if is_downgrade(response.url, url):
                raise ContractChanged("downgraded", host=host_of(url))
            if response.status_code in (301, 302, 303) and method != "HEAD":
                method, body = "GET", None
        raise ContractChanged("too-many-redirects", host=host_of(url))

    def _send(self, method, url, headers, params, body) -> requests.Response:
        sent = {"User-Agent": USER_AGENT, "Accept": "*/*"}
        params = dict(params)
        try:
            if origin_of(url) == self._origin:
                sent |= headers | self.auth.headers()
                params |= self.auth.parameters()
            else:
                sent |= {name: headers[name] for name in headers if name.lower() == "accept"}
                body = None
                if is_downgrade(self._url, url):
                    raise ContractChanged("downgraded", host=host_of(url))
            prepared = self._session.prepare_request(
                requests.Request(method, url, headers=sent, params=params, json=body)
            )
        except requests.exceptions.InvalidHeader:
            raise BadSettings("bad-headers") from None
        except (requests.RequestException, UnicodeError, ValueError):
            raise BadSettings("bad-address") from None
        try:
            return self._session.send(
                prepared, stream=True, allow_redirects=False, timeout=self.limits.read_s
            )
        except requests.RequestException as error:
            raise self._translate(error, url) from None
        except UnicodeError:
            raise BadSettings("bad-headers") from None

    def read(self, response: requests.Response, size: int | None = None) -> Iterator[bytes]:
        """Chunks of a body, decompressed; stops after `size` bytes when given.

        All that one session reads stays within the time limit.
        """
        total = 0
        for chunk in response.iter_content(CHUNK_BYTES):
            if self._clock() - self._started > self.limits.total_s:
                minutes = round(self.limits.total_s / 60)
                raise RetryLater("too-slow", host=host_of(response.url), minutes=minutes)
            if size is not None and total + len(chunk) >= size:
                yield chunk[: size - total]
                return
            total += len(chunk)
            yield chunk

    def _translate(self, error: requests.RequestException, url: str) -> ChannelError:
        """What a failure of the library means for us."""
        host = host_of(url)
        if isinstance(error, requests.exceptions.SSLError):
            return UntrustedServer("certificate-refused", host=host, detail=_ssl_reason(error))
        if isinstance(error, requests.exceptions.Timeout):
            return RetryLater("server-silent", host=host)
        return RetryLater("connection-cut", host=host)

    def _check_status(self, response: requests.Response) -> None:
        status, host = response.status_code, host_of(response.url)
        if status < 300:
            return
        if status == 429 or is_transient(status):
            wait = retry_after(response, self._now())
            rule = "server-busy" if status in (429, 503) else "server-down"
            raise RetryLater(rule, seconds=wait or 0.0, host=host, status=status)
        if status == 401:
            raise BadCredentials("login-refused", host=host)
        if status in (403, 407):
            raise BadCredentials("access-refused", host=host)
        if status in (404, 410):
            raise SourceNotFound("address-not-found", host=host, status=status)
        start = b"".join(self.read(response, 1000)).decode("utf-8", "replace").strip()
        if start.startswith("<"):
            start = ""  # a page for people says nothing that its status does not
        raise ContractChanged(
            "request-refused",
            host=host,
            status=status,
            detail=self.auth.hide(" ".join(start.split())) or response.reason or "?",
        )


def _ssl_reason(error: BaseException) -> str:
    """The certificate's fault in OpenSSL's words."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return getattr(seen, "verify_message", "") or seen.reason or type(seen).__name__
        inner = getattr(seen, "reason", None)
        seen = (
            inner
            if isinstance(inner, BaseException)
            else seen.args[0]
            if (seen.args and isinstance(seen.args[0], BaseException))
            else None
        )
    return type(error).__name__
