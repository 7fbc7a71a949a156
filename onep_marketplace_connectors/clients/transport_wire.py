"""Below HTTP: a total deadline for every call, and the moment at which a call leaves.

A read timeout alone lets a server that drips a byte now and then keep a worker for ever, in the
headers as well as in the body. Here each read and write gets what is left of the call's time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import httpcore
import httpx


class Wire:
    """What the connections of one session share; one call at a time.

    clock: monotonic seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._until = float("inf")
        self._on_departure: Callable[[], None] | None = None

    def begin(self, seconds: float, on_departure: Callable[[], None] | None = None) -> None:
        """A call begins, and has to end within some seconds.

        on_departure: called once, right before its first byte is written
        """
        self._until = self._clock() + seconds
        self._on_departure = on_departure

    def left(self, timeout: float | None, expired: type[Exception]) -> float:
        """Seconds a read or write may take; raises `expired` when the call's time is over."""
        left = self._until - self._clock()
        if left <= 0:
            raise expired("deadline")
        return left if timeout is None else min(timeout, left)

    def depart(self) -> None:
        """The first byte of the call is about to leave."""
        if self._on_departure is not None:
            on_departure, self._on_departure = self._on_departure, None
            on_departure()

    def watch(self, http: httpx.Client) -> None:
        """Let the connections that a session will open obey this wire.

        httpx has no public way to hand a network backend to httpcore: `_pool` and `_mounts` are
        its private names, as of the pinned 0.28.
        """
        for transport in {http._transport, *http._mounts.values()} - {None}:
            pool = getattr(transport, "_pool", None)
            if pool is not None:
                pool._network_backend = _Backend(self)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, wire):
        self._wire = wire
        self._backend = httpcore.SyncBackend()

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        timeout = self._wire.left(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._wire)

    def sleep(self, seconds):
        self._backend.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream, wire):
        self._stream = stream
        self._wire = wire

    def read(self, max_bytes, timeout=None):
        return self._stream.read(max_bytes, self._wire.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer, timeout=None):
        self._wire.depart()
        self._stream.write(buffer, self._wire.left(timeout, httpcore.WriteTimeout))

    def close(self):
        self._stream.close()

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        timeout = self._wire.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._wire)

    def get_extra_info(self, info):
        return self._stream.get_extra_info(info)
