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
        # TLS takes a socket's handle over: by a second one, the connection is still reached
        self._handles: dict[socket.socket, socket.socket] = {}
        self._brief: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def watch(self, link: socket.socket, *, is_brief: bool = False) -> socket.socket:
        """Shut this connection as well when the time is over; returns it.

        is_brief: it serves the thing at hand only, and is let go of with it
        """
        with self._lock:
            if is_brief:
                self._brief.append(link.dup())
            else:
                self._handles[link] = link.dup()
            if self.is_over:
                self._cut()
        return link

    def retire(self, link: socket.socket) -> None:
        """This connection ends with the thing at hand: whoever reads from it still may."""
        with self._lock:
            handle = self._handles.pop(link, None)
            if handle:
                self._brief.append(handle)
        if not self._timer:
            self._let_go()

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
            self._let_go()

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            self._brief += self._handles.values()
            self._handles.clear()
        self._let_go()

    def _let_go(self) -> None:
        with self._lock:
            for handle in self._brief:
                handle.close()
            self._brief.clear()

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            self._cut()

    def _cut(self) -> None:
        for handle in (*self._handles.values(), *self._brief):
            with contextlib.suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)
