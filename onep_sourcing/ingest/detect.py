"""What a file is: format, encoding, delimiter, sheet, header row; by content, not by name."""

from __future__ import annotations

import re
from dataclasses import replace

from . import dialect, encoding, fixed, header, source
from .dialect import Dialect, Row
from .errors import UnreadableFile
from .readers import json_catalogue, markup, spreadsheet, structured
from .shape import FileShape, Format, SniffOptions
from .source import Packing, Source

__all__ = ["FileShape", "SniffOptions", "UnreadableFile", "sniff"]

_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,4}(?!\d))")
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
    (b"BZh", "BZ2"),
    (b"\xfd7zXZ", "XZ"),
    (b"\x28\xb5\x2f\xfd", "ZST"),
    (b"II*\x00", "TIFF"),
    (b"MZ\x90", "program"),
    (b"\x7fELF", "program"),
    (b"\x00\x01\x00\x00Standard", "Access"),
)


def sniff(data: Source, name: str = "", options: SniffOptions | None = None) -> FileShape:
    """Find out how to read a file, from its first 512 KiB.

    Of the files of an archive the one that looks most like a price list is proposed.

    data: the bytes, or the path of the file
    name: its name, used in messages only
    options: what a person decides instead

    Raises UnreadableFile: empty-file, binary-file, unsupported-format, damaged-file, no-header,
    no-rows, no-table, wrong-encoding, unknown-encoding, unknown-sheet, unknown-records,
    unknown-member, archive-crowded, archive-nested, archive-too-large, sheet-too-large, unsafe-xml,
    not-well-formed, line-too-long.
    """
    options = options or SniffOptions()
    if source.size(data) == 0:
        raise UnreadableFile("empty-file")
    pack = source.packing(data, options.member)
    if options.member is not None or len(pack.members) < 2:
        return _sniff_one(data, pack, options)
    return _best_member(data, pack, options)


def _best_member(data: Source, pack: Packing, options: SniffOptions) -> FileShape:
    """Return the shape of the file whose columns one knows best; the first error when none can."""
    best: tuple[tuple[int, int], FileShape] | None = None
    failure: UnreadableFile | None = None
    for member in pack.members[: source.MEMBERS_LOOKED_AT]:
        try:
            shape = _sniff_one(data, pack.of(member), options)
        except UnreadableFile as error:
            failure = failure or error
            continue
        score = (header.known_names(shape.headers), len(shape.headers))
        if best is None or score > best[0]:
            best = (score, shape)
    if best is None:
        raise failure or UnreadableFile("empty-file")
    return best[1]


def _sniff_one(data: Source, pack: Packing, options: SniffOptions) -> FileShape:
    sample = source.head(data, pack)
    packed = pack.compression and sample.startswith((b"PK\x03\x04", b"\x1f\x8b"))
    if packed and source.packing(source.whole(data, pack)).compression:
        raise UnreadableFile("archive-nested")
    kind = _format(sample, options)
    if kind == "csv":
        shape = _sniff_text(data, pack, sample, options)
    elif kind in ("json", "xml"):
        shape = structured.sniff(source.whole(data, pack), kind, options)
    else:
        shape = spreadsheet.sniff(source.whole(data, pack), kind, options)
    return replace(shape, compression=pack.compression, member=pack.member, members=pack.members)


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
    text = encoding.decode(sample[:8000], encoding.detect(sample[:8000]))
    start = text.lstrip("\ufeff \t\r\n")[:2000].lower()
    if start.startswith(("{", "[")) and json_catalogue.looks_like(sample):
        return "json"
    if start.startswith("<"):
        if markup.SPREADSHEET_XML in sample[:8000] and "<html" not in start:
            return "spreadsheetml"
        return "html" if markup.looks_like_html(start) else "xml"
    # Old exports put a MIME header or a comment before their page.
    if "<table" in start or ("<html" in start and "mime-version" in start):
        return "html"
    return "csv"


def _sniff_text(data: Source, pack: Packing, sample: bytes, options: SniffOptions) -> FileShape:
    cut = len(sample) >= source.SAMPLE_BYTES
    codec = _codec(data, pack, sample, options.encoding)
    text = _decoded(sample, codec)
    if options.encoding is None and _is_binary(text):
        raise UnreadableFile("binary-file")
    text = text.lstrip("\ufeff")
    if not text.strip("\ufeff\x00\x1a \t\n"):
        raise UnreadableFile("empty-file")
    if cut:
        if text.count("\n", 0, -1) < 2:  # not even two lines in half a megabyte
            raise UnreadableFile("line-too-long", limit=source.SAMPLE_BYTES / 1024**2)
        text = text[: text.rfind("\n")]
    bare = dialect.without_wrapping(text)
    text = text if bare is None else bare
    found, rows = dialect.detect(text, options.delimiter)
    fixed_width = None
    if bare is None and not options.delimiter:
        fixed_width = _fixed_width(text, found, rows)
    if fixed_width:
        cuts, rows = fixed_width
        shape = FileShape("fixed", (), (), encoding=codec, quoted=False, cuts=cuts)
    else:
        shape = FileShape(
            "csv",
            (),
            (),
            encoding=codec,
            delimiter=found.delimiter,
            quoted=found.quoted,
            wrapped=bare is not None,
        )
    columns = header.locate(rows, options, found.delimiter)
    shape = replace(shape, header_row=columns.line, guessed=columns.guessed)
    return shape.named(columns.names[: len(shape.cuts)] if shape.cuts else columns.names)


def _fixed_width(
    text: str, found: Dialect, rows: list[Row]
) -> tuple[tuple[int, ...], list[Row]] | None:
    """Look for columns of fixed width where no delimiter does: a comma may be a decimal sign."""
    if found.delimiter not in (None, ",", "^", "~") and dialect.regular_share(rows) >= 0.8:
        return None
    if found.delimiter == ",":
        decimals = len(_DECIMAL_COMMA.findall(text))
        if decimals < 0.8 * text.count(",") and dialect.regular_share(rows) >= 0.8:
            return None
    return fixed.detect(text)


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
