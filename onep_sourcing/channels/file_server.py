"""What file servers have in common: one folder of one host, a login, files that may still grow."""

from __future__ import annotations

import contextlib
import ssl
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

from .address import AddressGuard
from .base import Channel, Limits, LocalFile, Peek, RemoteFile, Sink, State
from .deadline import Deadline
from .errors import (
    BadCredentials,
    ChannelError,
    ContractChanged,
    RetryLater,
    SourceNotFound,
    TooLarge,
    UntrustedServer,
)

#: Entries of a folder that are listed; a server may send them without end.
MAX_ENTRIES = 100_000


class FileServerChannel(Channel):
    """Files of one folder of one server, over a session that is opened when it is needed."""

    def __init__(
        self, host: str, port: int, folder: str, guard: AddressGuard, limits: Limits | None
    ):
        self.notes = []
        self._host, self._port = host.strip(), port
        self._shown = folder.strip() or "/"
        self._guard = guard
        self._limits = limits or Limits()
        self._deadline = Deadline(self._limits.total_s)

    def close(self) -> None:
        self._deadline.close()

    @abstractmethod
    def _list(self) -> Iterable[RemoteFile]:
        """Files of the folder."""

    @abstractmethod
    def _receive(self, file: RemoteFile, sink: Sink) -> None:
        """Write a whole file; raises what the library raises when it was not whole."""

    @abstractmethod
    def _is_same(self, file: RemoteFile, size: int) -> bool:
        """Whether the file is still the one that was listed, now that `size` bytes of it came."""

    @abstractmethod
    def _read_start(self, file: RemoteFile, size: int) -> bytes:
        """The first bytes of a file: `size`, or all when it has fewer."""

    @abstractmethod
    def _translate(self, error: Exception, file: RemoteFile | None) -> ChannelError | None:
        """What a failure of this protocol's library means; None for what all have in common."""

    def look(self) -> list[RemoteFile]:
        files = []
        with self._translated():
            for file in self._list():
                files.append(file)
                if len(files) > MAX_ENTRIES:
                    raise TooLarge("too-many-files", limit=MAX_ENTRIES)
        return files

    def fetch(self, file: RemoteFile, target: Path, state: State) -> LocalFile | None:
        with self._translated(file), Sink(target, self._limits, self._host) as sink:
            sink.expect(file.size)
            self._receive(file, sink)
            if not self._is_same(file, sink.size):
                raise RetryLater("still-written", file=file.name)
            return sink.finish(file.name)

    def peek(self, file: RemoteFile, size: int) -> Peek:
        with self._translated(file):
            data = self._read_start(file, size)
            return Peek(file, data, len(data) < size)

    def _connect_guarded(self):
        """A connected socket, shut when the channel's time is over."""
        return self._deadline.watch(
            self._guard.connect(self._host, self._port, self._limits.connect_s)
        )

    @contextlib.contextmanager
    def _translated(self, file: RemoteFile | None = None) -> Iterator[None]:
        """Within the channel's time; a failure of the library becomes what it means for us."""
        with self._deadline.running():
            try:
                yield
                self._check_time()
            except ChannelError:
                raise
            except Exception as error:
                self._check_time()
                known = self._translate(error, file) or self._translate_common(error)
                if not known:
                    raise
                raise known from None

    def _check_time(self) -> None:
        """What was cut because it took too long may look complete."""
        if self._deadline.is_over:
            minutes = self._limits.total_minutes
            raise RetryLater("too-slow", host=self._host, minutes=minutes) from None

    def _translate_common(self, error: Exception) -> ChannelError | None:
        host = self._host
        if isinstance(error, ssl.SSLCertVerificationError):
            return UntrustedServer("certificate-refused", host=host, detail=error.verify_message)
        if isinstance(error, PermissionError):
            return BadCredentials("access-refused", host=host)
        if isinstance(error, TimeoutError):
            return RetryLater("server-silent", host=host)
        if isinstance(error, ValueError):
            # a name in no encoding, or with a line break: the libraries send none
            return ContractChanged("names-unreadable", host=host)
        if isinstance(error, EOFError | OSError):
            return RetryLater("connection-cut", host=host)
        return None

    def _not_there(self, file: RemoteFile | None) -> SourceNotFound:
        """A file that was listed, or the folder itself, is not there."""
        if file:
            return SourceNotFound("file-gone", file=file.name, host=self._host)
        return SourceNotFound("folder-not-found", folder=self._shown, host=self._host)
