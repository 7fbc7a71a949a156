"""HTTP session: timeouts, deadline, bounded answers, records, redaction.

Every client, the Amazon library included, calls through one :class:`Transport`, so that every
call is timed, limited and logged in the same way, without a secret.
"""

from __future__ import annotations

import logging
import random
import re
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import httpx

from .errors import (
    BadCredentials,
    ContractChanged,
    MarketplaceError,
    RetryLater,
    ServiceDown,
    WrongAddress,
    class_for,
)
from .redaction import Hidden, redact
from .transport_wire import Wire

_logger = logging.getLogger(__name__)
# a line a call, with its whole address or its headers, is not for the server's log
for _name in ("httpx", "sp_api"):
    logging.getLogger(_name).setLevel(logging.WARNING)

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
DEADLINE_S = 60.0
MAX_BODY_BYTES = 16 * 1024 * 1024
NETWORK_RETRY_S = 15.0
#: A call whose connection was cut is made once more within this time [s].
REPEAT_WITHIN_S = 0.3
_CUT = (httpx.ConnectError, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


class CallWatch(Protocol):
    """Who wants to know of calls as they happen; the account's RateLimiter."""

    def reserve(self, *operations: str) -> None:
        """A call is to be made once more; raises RetryLater when it may not."""

    def departing(self, operation: str) -> None:
        """A call is about to be handed to the network; raises RetryLater when it may not."""

    def departed(self, operation: str) -> None:
        """A call's first byte leaves now."""

    def answered(self, operation: str, failure: str = "") -> None:
        """A call ended; `failure` says what came instead of an answer."""

    def confirm(self) -> None:
        """Nothing more comes: what was answered is fine."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, as it is logged. Nothing in it comes from an address, a header or a body.

    status: HTTP status, 0 without an answer
    ms: from the first connection attempt to the last byte; bytes_in, bytes_out: bodies on the wire
    batch_size: what was asked for in one call; first_gtin: the first of it
    attempt: 1, or 2 when a cut connection was tried once more
    correlation_id: sent to the marketplace; request_id: its own
    error_rule: see :mod:`.errors`; empty when it went well
    at: seconds since the epoch
    """

    account: str
    operation: str
    status: int
    ms: int
    bytes_in: int
    bytes_out: int
    batch_size: int
    attempt: int
    correlation_id: str
    request_id: str
    first_gtin: str
    error_rule: str
    at: float


class Transport:
    """One HTTP session of one account; not shared between threads.

    account: key of the account, for the records
    http: session to use, for tests; a plain one by default
    clock: monotonic seconds; now: seconds since the epoch
    deadline: seconds from the first connection attempt to the last byte of an answer
    on_call: told of every call; once more, with its ``error_rule``, of one whose answer turned out
        to be of no use (the correlation id is the same)
    watch: told of every call as it happens; may refuse it
    """

    def __init__(
        self,
        *,
        account: str = "",
        http: httpx.Client | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        deadline: float = DEADLINE_S,
        max_body_bytes: int = MAX_BODY_BYTES,
        on_call: Callable[[CallRecord], None] | None = None,
        watch: CallWatch | None = None,
        user_agent: str = "1UP-Sourcing/1.0 (Language=Python)",
    ):
        self._http = http or httpx.Client(
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
        )
        self._account = account
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._deadline = deadline
        self._max_body_bytes = max_body_bytes
        self._on_call = on_call
        self._wire = Wire(clock)
        self._wire.watch(self._http)
        self._batch_size, self._first_gtin = 0, ""
        self._last: CallRecord | None = None
        self._keys, self._tokens = Hidden(), Hidden()
        self.watch = watch
        self.user_agent = user_agent

    def hide(self, secrets: Iterable[str]) -> None:
        """Strike these values too out of every answer: a service may echo a key in its words."""
        self._keys.add(secrets)

    def hide_token(self, token: str) -> None:
        """The same of an access token, which the answer to a log-in may give once more."""
        self._tokens.add([token])

    def about(self, gtins: Sequence[str]) -> None:
        """What the next calls ask for, for their records; nothing by default."""
        self._batch_size = len(gtins)
        self._first_gtin = gtins[0] if gtins else ""

    def complain(self, operation: str, rule: str) -> None:
        """The answer that just came to an operation is of no use: its call went wrong, whatever its
        status said."""
        last = self._last
        if last and last.operation == operation and last.status and not last.error_rule:
            self._report(replace(last, error_rule=rule))

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
        logs_in: bool = False,
    ) -> httpx.Response:
        """Make one call and return the whole answer, whatever its status.

        logs_in: the answer to a success is a token

        A connection that was cut is tried once more, when there is a token for it. Raises
        ServiceDown when nothing complete came back, ContractChanged when the answer is larger
        than the bound, WrongAddress when it leads elsewhere, BadCredentials for a key that no
        header can hold; RateLimited and CircuitOpen come from the watch.
        """
        operation = operation or redact(httpx.URL(url).path, 80)
        sent = {name: value for name, value in (headers or {}).items() if name.lower() != "host"}
        if not any(name.lower() == "user-agent" for name in sent):
            sent["User-Agent"] = self.user_agent
        # what other encodings unpack to could not be bounded
        sent["Accept-Encoding"] = "gzip, deflate"
        began = self._clock()
        for attempt in (1, 2):
            sent["X-Correlation-Id"] = correlation_id = uuid.uuid4().hex[:16]
            if self.watch:
                self.watch.departing(operation)
            try:
                request = self._http.build_request(
                    method, url, params=params, data=data, content=content, headers=sent
                )
            except UnicodeEncodeError:
                raise _unreadable_key(operation) from None
            except (httpx.InvalidURL, UnicodeError) as error:
                raise _wrong_address(operation, error) from None
            left = self._deadline - (self._clock() - began)
            try:
                return self._call(request, operation, correlation_id, attempt, left, logs_in)
            except _CUT as error:
                if attempt == 2 or not self._may_repeat(operation, began):
                    raise _service_down(error, operation) from None
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise _service_down(error, operation) from None
        raise AssertionError("two attempts end in an answer or an error")

    def close(self) -> None:
        """Close the session's connections."""
        if self.watch:
            self.watch.confirm()
        self._http.close()

    def _call(self, request, operation, correlation_id, attempt, left, logs_in):
        """One attempt, told to the watch and recorded."""
        started, at = self._clock(), self._now()
        response, body, rule, failure = None, b"", "", ""
        watch = self.watch
        self._wire.begin(left, watch and (lambda: watch.departed(operation)))
        try:
            response = self._send(request, operation)
            try:
                body = self._read(response, operation, started + left)
            finally:
                response.close()
            error_class = class_for(response.status_code)
            rule = error_class.rule if error_class else ""
            failure = f"HTTP {response.status_code}" if error_class is ServiceDown else ""
            if error_class is WrongAddress:
                raise WrongAddress(operation=operation, detail=f"HTTP {response.status_code}")
            body = self._keys.strike(body)
            if not (logs_in and response.is_success):
                body = self._tokens.strike(body)
            return self._complete(response, body)
        except (httpx.HTTPError, httpx.StreamError) as error:
            rule, failure = ServiceDown.rule, type(error).__name__
            raise
        except MarketplaceError as error:
            rule, failure = error.rule, error.params.get("cause", "")
            raise
        finally:
            # where nothing left this machine, the service has neither answered nor failed
            if watch and (response is not None or failure):
                watch.answered(operation, failure)
            self._report(
                CallRecord(
                    account=self._account,
                    operation=operation,
                    status=response.status_code if response is not None else 0,
                    ms=round((self._clock() - started) * 1000),
                    bytes_in=_bytes_in(response, body),
                    bytes_out=int(request.headers.get("content-length", 0)),
                    # a log-in asks for no EAN, whatever it precedes
                    batch_size=0 if logs_in else self._batch_size,
                    attempt=attempt,
                    correlation_id=correlation_id,
                    request_id=_request_id(response),
                    first_gtin="" if logs_in else self._first_gtin,
                    error_rule=rule,
                    at=at,
                )
            )

    def _send(self, request, operation):
        """The answer's head; raises what to do about a call that cannot leave this machine."""
        try:
            return self._http.send(request, stream=True)
        except httpx.LocalProtocolError:
            raise _unreadable_key(operation) from None
        except (httpx.UnsupportedProtocol, UnicodeError) as error:
            raise _wrong_address(operation, error) from None

    def _read(self, response, operation, until):
        """The unpacked body, within the bound and the deadline."""
        # a session for tests may hand over an answer that was read and unpacked already
        is_read = response.is_stream_consumed
        encoding = "" if is_read else response.headers.get("content-encoding", "")
        unpack = _Unpacker(encoding, operation)
        chunks, size = [], 0
        for raw in [response.content] if is_read else response.iter_raw():
            for chunk in unpack(raw, self._max_body_bytes - size + 1):
                size += len(chunk)
                if size > self._max_body_bytes:
                    raise ContractChanged(operation=operation, detail="answer too big")
                chunks.append(chunk)
            if self._clock() > until:
                raise httpx.ReadTimeout("deadline", request=response.request)
        unpack.end()
        return b"".join(chunks)

    def _may_repeat(self, operation, began):
        """Whether a cut call may be made again now: there is time, and a token."""
        pause = random.uniform(0, REPEAT_WITHIN_S)  # noqa: S311 - jitter
        if self._clock() - began + pause > self._deadline / 2:
            return False
        try:
            if self.watch:
                self.watch.reserve(operation)
        except RetryLater:
            return False
        self._sleep(pause)
        return True

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

    def _report(self, record: CallRecord) -> None:
        _logger.debug(
            "%s %s %s %s ms %s B %s",
            *(record.account, record.operation, record.status, record.ms, record.bytes_in),
            record.correlation_id,
        )
        self._last = record
        if self._on_call:
            self._on_call(record)


class _Unpacker:
    """Unpacks a body chunk by chunk, never more than asked for at a time."""

    def __init__(self, encoding: str, operation: str):
        self._operation = operation
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ContractChanged(operation=operation, detail="unknown content encoding")
        # 32: gzip and zlib headers are told apart
        self._zlib = (
            None if encoding in ("", "identity") else zlib.decompressobj(zlib.MAX_WBITS | 32)
        )
        self._is_fresh = True

    def __call__(self, raw: bytes, room: int):
        if self._zlib is None:
            yield raw
            return
        try:
            chunk = self._first(raw, room) if self._is_fresh else self._zlib.decompress(raw, room)
        except zlib.error:
            raise ServiceDown(
                NETWORK_RETRY_S, cause="unreadable answer", operation=self._operation
            ) from None
        self._is_fresh = self._is_fresh and not raw
        yield chunk
        if self._zlib.unconsumed_tail:
            raise ContractChanged(operation=self._operation, detail="answer too big")

    def end(self) -> None:
        """Refuse a body that was cut."""
        if self._zlib is not None and not self._is_fresh and not self._zlib.eof:
            raise ServiceDown(NETWORK_RETRY_S, cause="cut answer", operation=self._operation)

    def _first(self, raw, room):
        try:
            return self._zlib.decompress(raw, room)
        except zlib.error:
            # some servers mean the bare stream when they say deflate
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._zlib.decompress(raw, room)


def _service_down(error: Exception, operation: str) -> ServiceDown:
    return ServiceDown(NETWORK_RETRY_S, cause=type(error).__name__, operation=operation)


def _unreadable_key(operation: str) -> BadCredentials:
    return BadCredentials(rule="keys-unreadable", operation=operation, detail="odd characters")


def _wrong_address(operation: str, error: Exception) -> WrongAddress:
    return WrongAddress(operation=operation, detail=type(error).__name__)


def _bytes_in(response: httpx.Response | None, body: bytes) -> int:
    """Bytes received; an answer that a test's session had read already counts by its body."""
    return (response.num_bytes_downloaded or len(body)) if response is not None else 0


def _request_id(response: httpx.Response | None) -> str:
    """The server's own name of the call, which its support asks for."""
    if response is None:
        return ""
    for name in ("x-amzn-requestid", "x-request-id"):
        if value := response.headers.get(name):
            return re.sub(r"[^\w.-]", "", value)[:64]
    return ""
