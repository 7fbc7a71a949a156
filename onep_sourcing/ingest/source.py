"""The bytes of a file, wherever they are: on disk, in memory, or in an archive."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .errors import UnreadableFile

Source = bytes | str | Path

SAMPLE_BYTES = 512 * 1024
#: An archive may not unpack to more: a few kilobytes can hold terabytes.
UNPACKED_LIMIT = 2 * 1024**3
IN_MEMORY_LIMIT = 300 * 1024**2  # workbooks, JSON and XML are read whole
MEMBERS_LOOKED_AT = 20
_DAMAGE = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    tarfile.TarError,
    RuntimeError,
    ValueError,
)
_DRIVE = re.compile(r"^[A-Za-z]:")
_MEMBER_LIMIT = 2_000  # files an archive may list
_OFFICE_MEMBERS = ("[Content_Types].xml", "mimetype", "xl/")
#: What comes with a price list and is none.
_NO_TABLE = tuple(
    f".{kind}"
    for kind in (
        "jpg jpeg png gif webp bmp tif tiff svg pdf doc docx rtf ppt pptx md ini log exe dll xsd "
        "xsl xslt dtd css js msg eml"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Packing:
    """How the table is packed.

    compression: `gz`, `zip`, `tar.gz`, or None; member: the file of the archive to read
    members: every file of the archive that may be a table, as it is named there
    """

    compression: str | None = None
    member: str | None = None
    members: tuple[str, ...] = ()

    def of(self, member: str) -> Packing:
        """Return the packing of another file of the same archive."""
        return replace(self, member=member)


def packing(source: Source, member: str | None = None) -> Packing:
    """Tell whether a file is an archive of tables; a workbook is not one.

    member: the file to read, as a person chose it; the largest that may be a table otherwise

    Raises UnreadableFile: empty-file, damaged-file, archive-crowded, unsafe-archive,
    unknown-member.
    """
    with _raw(source) as stream:
        magic = stream.read(4)
        if magic == b"PK\x05\x06":
            raise UnreadableFile("empty-file")
        stream.seek(0)
        if magic[:2] == b"\x1f\x8b":
            found = _tar_members(stream)
            if found is None:
                return Packing("gz")
            kind = "tar.gz"
        elif magic == b"PK\x03\x04":
            found = _zip_members(stream)
            if found is None:
                return Packing()
            kind = "zip"
        else:
            return Packing()
    if any(_leads_out(name) for name in found):
        raise UnreadableFile("unsafe-archive")
    tables = {name: size for name, size in found.items() if not _is_clutter(name)}
    if not tables:
        raise UnreadableFile("empty-file")
    if member is not None and member not in tables:
        raise UnreadableFile("unknown-member", member=member, members=", ".join(list(tables)[:10]))
    likely = [name for name in tables if not name.lower().endswith(_NO_TABLE)] or list(tables)
    chosen = member or max(likely, key=tables.__getitem__)
    return Packing(kind, chosen, tuple(likely))


@contextmanager
def opened(source: Source, pack: Packing) -> Iterator[BinaryIO]:
    """Open the table itself for reading, unpacked and bounded."""
    with _raw(source) as stream:
        if pack.compression == "gz":
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield _Bounded(unpacked, "GZ")  # type: ignore[misc]
        elif pack.compression == "tar.gz":
            with _tar_member(stream, pack.member or "") as member:
                yield member
        elif pack.compression == "zip":
            try:
                archive = zipfile.ZipFile(stream)
                member = archive.open(pack.member or "")
            except (*_DAMAGE, NotImplementedError, KeyError):
                raise UnreadableFile("damaged-file", format="ZIP") from None
            with archive, member:
                yield _Bounded(member, "ZIP")  # type: ignore[misc]
        else:
            yield stream


def head(source: Source, pack: Packing, size: int = SAMPLE_BYTES) -> bytes:
    """Return the first bytes of the table."""
    with opened(source, pack) as stream:
        parts, left = [], size
        while left > 0 and (part := stream.read(left)):
            parts.append(part)
            left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


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


def _zip_members(stream: BinaryIO) -> dict[str, int] | None:
    """Return the files of a ZIP with their sizes; None when the ZIP is a workbook."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableFile("damaged-file", format="ZIP") from None
    if any(member.filename.startswith(_OFFICE_MEMBERS) for member in members):
        return None
    if len(members) > _MEMBER_LIMIT:
        raise UnreadableFile("archive-crowded", limit=_MEMBER_LIMIT)
    return {member.filename: member.file_size for member in members if not member.is_dir()}


def _tar_members(stream: BinaryIO) -> dict[str, int] | None:
    """Return the files of a TAR in a GZ with their sizes; None when the GZ holds no TAR."""
    with gzip.GzipFile(fileobj=stream) as unpacked:
        start = _Bounded(unpacked, "GZ").read(512)
        if start[257:262] != b"ustar":
            return None
    stream.seek(0)
    found: dict[str, int] = {}
    with _untar(stream) as archive:
        for member in archive:
            if member.isfile():
                found[member.name] = member.size
            if len(found) > _MEMBER_LIMIT:
                raise UnreadableFile("archive-crowded", limit=_MEMBER_LIMIT)
    return found


@contextmanager
def _tar_member(stream: BinaryIO, name: str) -> Iterator[BinaryIO]:
    with _untar(stream) as archive:
        for member in archive:
            if member.name == name and member.isfile():
                yield _Bounded(archive.extractfile(member), "GZ")  # type: ignore[misc, arg-type]
                return
    raise UnreadableFile("damaged-file", format="GZ")


@contextmanager
def _untar(stream: BinaryIO) -> Iterator[tarfile.TarFile]:
    """Walk a TAR in a GZ from front to back; nothing of it is ever written to disk."""
    with gzip.GzipFile(fileobj=stream) as unpacked:
        try:
            with tarfile.open(fileobj=_Bounded(unpacked, "GZ"), mode="r|") as archive:
                yield archive
        except UnreadableFile:
            raise
        except _DAMAGE:
            raise UnreadableFile("damaged-file", format="GZ") from None


def _is_clutter(name: str) -> bool:
    """Folders and what operating systems add to archives."""
    path = PurePosixPath(name)
    return not path.parts or path.parts[0] == "__MACOSX" or path.name.startswith((".", "~$"))


def _leads_out(name: str) -> bool:
    """Tell a name that would be written outside the folder an archive is unpacked to."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or bool(_DRIVE.match(name))


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
        except UnreadableFile:
            raise
        except _DAMAGE:
            raise UnreadableFile("damaged-file", format=self._name) from None
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableFile("archive-too-large", limit=UNPACKED_LIMIT // 1024**2)
        return data
