"""What a file is: format, encoding, delimiter, sheet, header row; by content, not by name."""

from __future__ import annotations

from dataclasses import replace

from . import dialect, encoding, header, source
from .dialect import Dialect, Row
from .errors import UnreadableFile
from .readers import spreadsheet, structured
from .shape import FileShape, Format, SniffOptions
from .source import Packing, Source

__all__ = ["FileShape", "SniffOptions", "UnreadableFile", "sniff"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What a price list is sometimes sent as and cannot be read from.
_FOREIGN = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"\x00\x01\x00\x00Standard", "Access"),
)


def sniff(data: Source, name: str = "", options: SniffOptions | None = None) -> FileShape:
    """Find out how to read a file, from its first 512 KiB.

    data: the bytes, or the path of the file
    name: its name, used in messages only
    options: what a person decides instead

    Raises UnreadableFile: empty-file, binary-file, unsupported-format, damaged-file, no-header,
    no-rows, wrong-encoding, unknown-encoding, unknown-sheet, unknown-records, archive-many,
    archive-too-large, unsafe-xml, line-too-long.
    """
    options = options or SniffOptions()
    if source.size(data) == 0:
        raise UnreadableFile("empty-file")
    pack = source.packing(data)
    sample = source.head(data, pack)
    kind = _format(sample, options)
    if kind == "csv":
        shape = _sniff_text(data, pack, sample, options)
    elif kind in ("json", "xml"):
        shape = structured.sniff(source.whole(data, pack), kind, options)
    else:
        shape = spreadsheet.sniff(source.whole(data, pack), kind, options)
    return replace(shape, compression=pack.compression, member=pack.member)


def _format(sample: bytes, options: SniffOptions) -> Format:
    if not sample.strip(b" \t\r\n\x00\xef\xbb\xbf\xfe\xff\x1a"):
        raise UnreadableFile("empty-file")
    for magic, label in _FOREIGN:
        if sample.startswith(magic):
            raise UnreadableFile("unsupported-format", format=label)
    if sample.startswith(_OLE):
        return "xls"
    if sample.startswith(b"PK\x03\x04"):
        return spreadsheet.zipped_format(sample)
    text = sample.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000].lower()
    if text.startswith((b"{", b"[")) and structured.looks_like_json(sample):
        return "json"
    if text.startswith(b"<"):
        if b"<html" in text or b"<!doctype html" in text or b"<table" in text:
            raise UnreadableFile("unsupported-format", format="HTML")
        return "xml"
    return "csv"


def _sniff_text(data: Source, pack: Packing, sample: bytes, options: SniffOptions) -> FileShape:
    cut = len(sample) >= source.SAMPLE_BYTES
    codec = _codec(data, pack, sample, options.encoding)
    text = _decoded(sample, codec)
    if options.encoding is None and _is_binary(text):
        raise UnreadableFile("binary-file")
    if not text.strip("\ufeff\x00\x1a \t\n"):
        raise UnreadableFile("empty-file")
    if cut:
        text = text[: text.rfind("\n")] if "\n" in text else text
    found, rows = dialect.detect(text, options.delimiter)
    return _with_header(found, rows, codec, options)


def _with_header(found: Dialect, rows: list[Row], codec: str, options: SniffOptions) -> FileShape:
    shape = FileShape("csv", (), (), encoding=codec, delimiter=found.delimiter, quoted=found.quoted)
    headers, line = header.locate(rows, options)
    return replace(shape, header_row=line).named(headers)


def _codec(data: Source, pack: Packing, sample: bytes, forced: str | None) -> str:
    if forced:
        return encoding.check(sample, forced)
    if sample.isascii() and len(sample) >= source.SAMPLE_BYTES:
        sample = _first_accents(data, pack) or sample
    return encoding.detect(sample)


def _first_accents(data: Source, pack: Packing) -> bytes | None:
    """Return the first part of a long file that is not plain ASCII."""
    with source.opened(data, pack) as stream:
        while chunk := stream.read(4 * source.SAMPLE_BYTES):
            if not chunk.isascii():
                # From a line's start, so that no character is cut.
                return chunk[chunk.find(b"\n") + 1 :]
    return None


def _decoded(sample: bytes, codec: str) -> str:
    text = encoding.decode(sample, codec)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_binary(text: str) -> bool:
    """Tell control characters and characters that exist in no language from text."""
    head = text[:20_000]
    odd = sum(
        1
        for char in head
        if (char < " " and char not in "\t\n\f\v\x1a")
        or char in "\x7f\ufffd"
        or "\x80" <= char < "\xa0"
    )
    return odd > 0.03 * max(1, len(head)) and odd > 2
