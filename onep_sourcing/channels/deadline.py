"""Ends connections that outlive their time.

A timeout on a socket counts from the last byte: a server that sends one byte a minute never meets
it. Here the connection itself is shut once the time is over, whatever library reads from it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Deadline:
    """The time that all connections of one channel have, from each `running` on.

    seconds: how long one thing (a listing, a file) may take [s]
    """

    def __init__(self, seconds: float):
        self.seconds = seconds
        self.is_over = False
        self._links: list[socket.socket] = []
        self._brief: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def watch(self, link: socket.socket, *, is_brief: bool = False) -> socket.socket:
        """Shut this connection as well when the time is over; returns it.

        is_brief: it serves the thing at hand only, and is let go of with it
        """
        with self._lock:
            # TLS takes the socket's handle over: a second one still reaches the connection
            (self._brief if is_brief else self._links).append(link.dup())
            if self.is_over:
                self._cut()
        return link

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The time begins now and is of no matter afterwards; within another, that one counts."""
        if self._timer:
            yield
            return
        self.is_over = False
        timer = self._timer = threading.Timer(self.seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._timer = None
            self._let_go(self._brief)

    def close(self) -> None:
        """Let go of the connections."""
        self._let_go(self._brief)
        self._let_go(self._links)

    def _let_go(self, links: list[socket.socket]) -> None:
        with self._lock:
            for link in links:
                link.close()
            links.clear()

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            self._cut()

    def _cut(self) -> None:
        for link in (*self._links, *self._brief):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
