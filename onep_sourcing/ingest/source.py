"""The bytes of a file, wherever they are: on disk, in memory, or in an archive."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .errors import UnreadableFile

Source = bytes | str | Path

SAMPLE_BYTES = 512 * 1024
#: An archive may not unpack to more: a few kilobytes can hold terabytes.
UNPACKED_LIMIT = 2 * 1024**3
IN_MEMORY_LIMIT = 300 * 1024**2  # workbooks, JSON and XML are read whole
_OFFICE_MEMBERS = ("[Content_Types].xml", "mimetype", "xl/")


@dataclass(frozen=True, slots=True)
class Packing:
    """How the file is packed: `gz`, `zip` with the member to read, or not at all."""

    compression: str | None = None
    member: str | None = None


def packing(source: Source) -> Packing:
    """Tell whether a file is an archive of one table; a workbook is not one.

    Raises UnreadableFile: archive-many, empty-file, damaged-file.
    """
    with _raw(source) as stream:
        magic = stream.read(4)
        if magic == b"PK\x05\x06":
            raise UnreadableFile("empty-file")
        if magic[:2] == b"\x1f\x8b":
            return Packing("gz")
        if magic != b"PK\x03\x04":
            return Packing()
        stream.seek(0)
        try:
            with zipfile.ZipFile(stream) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise UnreadableFile("damaged-file", format="ZIP") from None
    if any(name.startswith(_OFFICE_MEMBERS) for name in names):
        return Packing()
    tables = [name for name in names if not _is_clutter(name)]
    if not tables:
        raise UnreadableFile("empty-file")
    if len(tables) > 1:
        raise UnreadableFile("archive-many", names=", ".join(sorted(tables)[:5]))
    return Packing("zip", tables[0])


@contextmanager
def opened(source: Source, pack: Packing) -> Iterator[BinaryIO]:
    """Open the table itself for reading, unpacked and bounded."""
    with _raw(source) as stream:
        if pack.compression == "gz":
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield _Bounded(unpacked, "GZ")  # type: ignore[misc]
        elif pack.compression == "zip":
            try:
                with zipfile.ZipFile(stream) as archive, archive.open(pack.member or "") as member:
                    yield _Bounded(member, "ZIP")  # type: ignore[misc]
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError):
                raise UnreadableFile("damaged-file", format="ZIP") from None
        else:
            yield stream


def head(source: Source, pack: Packing, size: int = SAMPLE_BYTES) -> bytes:
    """Return the first bytes of the table."""
    with opened(source, pack) as stream:
        return stream.read(size)


def whole(source: Source, pack: Packing) -> bytes:
    """Return all bytes of a table that is read whole; refuse beyond a limit."""
    if isinstance(source, bytes) and pack.compression is None:
        return source
    data = head(source, pack, IN_MEMORY_LIMIT + 1)
    if len(data) > IN_MEMORY_LIMIT:
        raise UnreadableFile("archive-too-large", limit=IN_MEMORY_LIMIT // 1024**2)
    return data


def size(source: Source) -> int:
    """Return the size of the file as it is stored [bytes]."""
    return len(source) if isinstance(source, bytes) else Path(source).stat().st_size


@contextmanager
def _raw(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        with Path(source).open("rb") as stream:
            yield stream


def _is_clutter(name: str) -> bool:
    """Folders and what operating systems add to archives."""
    path = PurePosixPath(name)
    return name.endswith("/") or path.parts[0] == "__MACOSX" or path.name.startswith(".")


class _Bounded:
    """A stream that stops an archive from unpacking without end."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._left = UNPACKED_LIMIT

    def read(self, count: int = -1) -> bytes:
        """Read like a file; raise UnreadableFile when damaged or too large."""
        try:
            data = self._stream.read(count if count >= 0 else self._left + 1)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
            raise UnreadableFile("damaged-file", format=self._name) from None
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)
        return data
