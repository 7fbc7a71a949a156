"""Guarded HTTP for feeds: checked addresses, bounded redirects, credentials that stay home.

requests on a connection pool whose sockets come from :class:`AddressGuard`; no proxy and no netrc
of the environment, which would resolve names or add credentials behind our back. A proxy is the
guard's matter: it gets addresses that were checked.
"""

from __future__ import annotations

import logging
import math
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from ...onep_marketplace_connectors.clients.auth import TokenStore
from ...onep_marketplace_connectors.clients.retry import is_transient, retry_after
from .address import AddressGuard
from .base import CHUNK_BYTES, Limits
from .deadline import Deadline
from .errors import (
    BadCredentials,
    BadSettings,
    ChannelError,
    ContractChanged,
    RetryLater,
    SourceNotFound,
    UntrustedServer,
)
from .web_auth import TOKENS, WebAuth, parse_refusal, parse_token

# it would log whole addresses, with the keys some of them hold
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

MAX_REDIRECTS = 5
USER_AGENT = "1UP-Sourcing/1.0"

MAX_TOKEN_BYTES = 64 * 1024
#: Headers whose values are nobody's secret.
PLAIN_HEADERS = {
    "accept", "accept-encoding", "accept-language", "connection", "content-length",
    "content-type", "host", "user-agent",
}  # fmt: skip


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


def is_web(url: str) -> bool:
    """Whether an address is of the two protocols that are spoken here."""
    return urlsplit(url).scheme in ("http", "https")


def is_secure(url: str) -> bool:
    """Whether what is sent to an address is encrypted."""
    return urlsplit(url).scheme == "https"


def is_downgrade(url: str, target: str) -> bool:
    """Whether going from one address to the other gives up encryption on the same host."""
    before, after = urlsplit(url), urlsplit(target)
    schemes = before.scheme, after.scheme
    return schemes == ("https", "http") and before.hostname == after.hostname


def check_url(url: str) -> None:
    """Raise BadSettings unless this is an http(s) address without a login in it."""
    try:
        parts = urlsplit(url)
        fine = is_web(url) and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    if not fine or "@" in parts.netloc or any(ord(sign) < 33 for sign in url):
        raise BadSettings("bad-address")


def join(base: str, target: str) -> str:
    """The address a server sends to, seen from where it says so; raises ContractChanged."""
    try:
        url = urljoin(base, target)
        _scheme, host, port = origin_of(url)
        fine = is_web(url) and host and port
    except ValueError:
        fine = False
    if not fine:
        raise ContractChanged("bad-target", host=host_of(base))
    return url


def _connection(
    base: type[HTTPConnection], guard: AddressGuard, connect_s: float, deadline: Deadline
) -> type[HTTPConnection]:
    class Guarded(base):
        _link = None

        def _new_conn(self):
            self._link = deadline.watch(guard.connect(self._dns_host, self.port, connect_s))
            return self._link

        def close(self):
            super().close()
            if self._link:
                deadline.retire(self._link)
                self._link = None

    return Guarded


class _GuardedAdapter(HTTPAdapter):
    """Connects through the guard; keeps requests' own checks of certificates."""

    def __init__(
        self, guard: AddressGuard, connect_s: float, deadline: Deadline, certificate: str = ""
    ):
        self._sockets = guard, connect_s, deadline
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
                {"ConnectionCls": _connection(HTTPConnection, *self._sockets)},
            ),
            "https": type(
                "SecurePool",
                (HTTPSConnectionPool,),
                {"ConnectionCls": _connection(HTTPSConnection, *self._sockets)},
            ),
        }


class WebSession:
    """HTTP calls of one source.

    url: the source's address; only its origin gets the credentials, the headers and the body
    certificate: PEM of a certificate to trust besides the usual authorities
    now: seconds since the epoch, for Retry-After as a date
    clock: monotonic seconds
    tokens: where access tokens are kept from one session to the next
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
        tokens: TokenStore = TOKENS,
    ):
        check_url(url)
        self.limits = limits or Limits()
        self.auth = auth or WebAuth()
        self._url = url
        self._origin = origin_of(url)
        self._now = now
        self._clock = clock
        self._started = clock()
        self._tokens = tokens
        if self.auth.grant:
            check_url(self.auth.grant.token_url)
            if is_secure(url) and not is_secure(self.auth.grant.token_url):
                raise BadSettings("token-in-clear")
        self._deadline = Deadline(self.limits.total_s)
        self._session = requests.Session()
        self._session.trust_env = False
        try:
            adapter = _GuardedAdapter(guard, self.limits.connect_s, self._deadline, certificate)
        except (ssl.SSLError, ValueError):
            raise BadSettings("bad-certificate") from None
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the session's connections."""
        self._session.close()
        self._deadline.close()

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
        with self._deadline.running():
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
            response = self._ask(method, url, headers, params, body)
            if not response.is_redirect:
                return response
            target = response.headers["location"]
            response.close()
            url, params = join(response.url, target), {}
            if is_downgrade(response.url, url):
                raise ContractChanged("downgraded", host=host_of(url))
            if response.status_code in (301, 302, 303) and method != "HEAD":
                method, body = "GET", None
        raise ContractChanged("too-many-redirects", host=host_of(url))

    def _ask(self, method, url, headers, params, body) -> requests.Response:
        """One answer; a token that is refused before its time is renewed once."""
        response = self._send(self._prepare(method, url, headers, params, body))
        if response.status_code == 401 and self.auth.grant and origin_of(url) == self._origin:
            response.close()
            self._tokens.drop(self.auth.grant.key)
            response = self._send(self._prepare(method, url, headers, params, body))
        return response

    def _prepare(self, method, url, headers, params, body) -> requests.PreparedRequest:
        sent = {"User-Agent": USER_AGENT, "Accept": "*/*"}
        params = dict(params)
        try:
            if origin_of(url) == self._origin:
                sent |= headers | self.auth.headers(self._get_token)
                params |= self.auth.parameters()
            else:
                sent |= {name: headers[name] for name in headers if name.lower() == "accept"}
                body = None
                if is_downgrade(self._url, url):
                    raise ContractChanged("downgraded", host=host_of(url))
            return self._session.prepare_request(
                requests.Request(method, url, headers=sent, params=params, json=body)
            )
        except requests.exceptions.InvalidHeader:
            raise BadSettings("bad-headers") from None
        except (requests.RequestException, UnicodeError, ValueError):
            raise BadSettings("bad-address") from None

    def _send(self, prepared: requests.PreparedRequest) -> requests.Response:
        # not by the session: it would read where a redirect leads, and the whole body of it
        adapter = self._session.get_adapter(prepared.url)
        try:
            response = adapter.send(
                prepared, stream=True, timeout=self.limits.read_s, verify=True, proxies={}
            )
        except requests.RequestException as error:
            raise self._translate(error, prepared.url) from None
        except UnicodeError:
            raise BadSettings("bad-headers") from None
        extract_cookies_to_jar(self._session.cookies, prepared, response.raw)
        return response

    def _get_token(self) -> str:
        return self._tokens.get(self.auth.grant.key, self._fetch_token)

    def _fetch_token(self) -> tuple[str, float]:
        """A new access token and its life [s]; our secret is sent to no other address."""
        url = self.auth.grant.token_url
        host = host_of(url)
        request = self.auth.grant.request()
        request.headers["User-Agent"] = USER_AGENT
        response = self._send(self._session.prepare_request(request))
        with closing(response):
            status = response.status_code
            if 300 <= status < 400:
                raise ContractChanged("token-redirected", host=host)
            if status in (400, 401, 403):
                try:
                    data = b"".join(self.read(response, MAX_TOKEN_BYTES))
                except requests.RequestException as error:
                    raise self._translate(error, url) from None
                detail = self.auth.hide(parse_refusal(data)) or f"HTTP {status}"
                raise BadCredentials("token-refused", host=host, detail=detail)
            self._check_status(response)
            try:
                found = parse_token(b"".join(self.read(response, MAX_TOKEN_BYTES)))
            except requests.RequestException as error:
                raise self._translate(error, url) from None
        if not found:
            raise ContractChanged("token-unreadable", host=host)
        return found

    def read(self, response: requests.Response, size: int | None = None) -> Iterator[bytes]:
        """Chunks of a body, decompressed; stops after `size` bytes when given.

        All that one session reads stays within the time limit.
        """
        total = 0
        for chunk in response.iter_content(CHUNK_BYTES):
            if self._clock() - self._started > self.limits.total_s:
                raise self._too_slow(response.url)
            if size is not None and total + len(chunk) >= size:
                yield chunk[: size - total]
                return
            total += len(chunk)
            yield chunk
        if self._deadline.is_over:
            raise self._too_slow(response.url)  # what was cut may look complete

    def _too_slow(self, url: str) -> RetryLater:
        return RetryLater("too-slow", host=host_of(url), minutes=self.limits.total_minutes)

    def _translate(self, error: requests.RequestException, url: str) -> ChannelError:
        """What a failure of the library means for us."""
        host = host_of(url)
        if self._deadline.is_over:
            return self._too_slow(url)
        if isinstance(error, requests.exceptions.SSLError):
            return UntrustedServer("certificate-refused", host=host, detail=_ssl_reason(error))
        if isinstance(error, requests.exceptions.Timeout):
            return RetryLater("server-silent", host=host)
        return RetryLater("connection-cut", host=host)

    def _check_status(self, response: requests.Response) -> None:
        status, host = response.status_code, host_of(response.url)
        if status == 206:
            raise RetryLater("connection-cut", host=host)  # a part, although the whole was asked
        if status in (202, 204, 205):
            wait = self._wait_of(response)
            raise RetryLater("file-not-ready", seconds=wait, host=host, status=status)
        if status < 300:
            return
        if status == 429 or is_transient(status):
            wait = self._wait_of(response)
            rule = "server-busy" if status in (429, 503) else "server-down"
            raise RetryLater(rule, seconds=wait, host=host, status=status)
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
            detail=self._hide(response, " ".join(start.split()) or response.reason or "?"),
        )

    def _wait_of(self, response: requests.Response) -> float:
        """Seconds the server asks to wait, however long: the schedule of the feed bounds it."""
        return retry_after(response, self._now(), longest=math.inf) or 0.0

    def _hide(self, response: requests.Response, text: str) -> str:
        """A server's words without what we sent it: headers, parameters and body hold keys."""
        request = response.request
        sent = [value for _name, value in parse_qsl(urlsplit(request.url).query)]
        for name, value in request.headers.items():
            if name.lower() not in PLAIN_HEADERS:
                sent += [value, value.partition(" ")[2]]
        if request.body:
            body = request.body.decode() if isinstance(request.body, bytes) else request.body
            sent += re.findall(r'"([^"\\]{6,})"\s*[,}\]]', body)
        return self.auth.hide(text, sent)


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
