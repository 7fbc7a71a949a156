"""The contract of a channel: look at what is there, fetch a file, say what to remember."""

from __future__ import annotations

import hashlib
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from .errors import RetryLater, TooLarge

CHUNK_BYTES = 256 * 1024

#: What a channel remembers between two checks, as plain JSON values.
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a channel goes.

    max_bytes: largest file taken, once decompressed by the protocol [bytes]
    connect_s, read_s: longest wait for a connection, for the next bytes [s]
    total_s: longest time for one file [s]
    """

    max_bytes: int = 512 * 1024 * 1024
    connect_s: float = 10.0
    read_s: float = 60.0
    total_s: float = 1800.0

    @property
    def total_minutes(self) -> int:
        """The longest time in words: never none."""
        return max(round(self.total_s / 60), 1)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that is there to be taken.

    path: where, in the channel's own terms
    size: [bytes], None when the source does not say
    modified_at: UTC, None when the source does not say
    """

    name: str
    path: str
    size: int | None = None
    modified_at: datetime | None = None

    @property
    def mark(self) -> list:
        """What changes when the file does, as plain JSON values."""
        return [self.size, self.modified_at.isoformat() if self.modified_at else None]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that was taken.

    sha256: of its bytes, in hexadecimal
    state: what to remember about it, beside what the list of files says
    """

    name: str
    path: Path
    size: int
    sha256: str
    state: State = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peek:
    """The start of a file, for a test of the connection.

    is_whole: the data is the whole file
    """

    file: RemoteFile
    data: bytes
    is_whole: bool


class Channel(ABC):
    """One source of one feed; opened for one check, then closed.

    `notes` gathers what a person should know although it worked: (rule, params).
    """

    notes: list[tuple[str, dict]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027
        """Let go of connections."""

    @abstractmethod
    def look(self) -> list[RemoteFile]:
        """Files that are there, in any order, folders and other things left out."""

    @abstractmethod
    def fetch(self, file: RemoteFile, target: Path, state: State) -> LocalFile | None:
        """Bring a file to `target`; None when the source says it did not change since `state`.

        A RetryLater that carries `progress` may have left a part in `target`: given both back, as
        ``state["partial"]`` and as the file, the channel goes on from there.
        """

    @abstractmethod
    def peek(self, file: RemoteFile, size: int) -> Peek:
        """The first `size` bytes of a file."""

    def settle(self, file: RemoteFile) -> None:  # noqa: B027
        """Told once a file is safely ours."""


class Sink:
    """A file being received: bounded in size and time, its checksum taken on the way.

    host: whom to name when it takes too long
    is_continued: what `target` holds already stays
    """

    def __init__(
        self,
        target: Path,
        limits: Limits,
        host: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        is_continued: bool = False,
    ):
        self._limits = limits
        self._host = host
        self._clock = clock
        self._started = clock()
        self._digest = hashlib.sha256()
        self.path = target
        self.size = 0
        if is_continued:
            with target.open("rb") as part:
                while chunk := part.read(CHUNK_BYTES):
                    self._digest.update(chunk)
                    self.size += len(chunk)
        self._stream = target.open("ab" if is_continued else "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error) -> None:
        self._stream.close()

    def expect(self, size: int | None) -> None:
        """Refuse at once what announces itself too large."""
        if size is not None and size > self._limits.max_bytes:
            raise TooLarge("file-too-large", limit_bytes=self._limits.max_bytes)

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        self.expect(self.size + len(chunk))
        if self._clock() - self._started > self._limits.total_s:
            minutes = self._limits.total_minutes
            raise RetryLater("too-slow", host=self._host, minutes=minutes)
        self._stream.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def finish(self, name: str, state: State | None = None) -> LocalFile:
        """The received file."""
        self._stream.flush()
        return LocalFile(name, self.path, self.size, self._digest.hexdigest(), state or {})


def safe_name(name: str, default: str = "price-list") -> str:
    """A file name without folders, control characters or excess, from a name someone sent."""
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name).strip(" .")
    if len(name) > 120:
        name = f"{name[:100]}{name[-20:]}"
    return name or default
