"""Delimited text of any size, by blocks: Arrow cuts regular lines, Python the few odd ones.

A block of text is first made regular: line breaks inside quoted values are hidden, lines with a
stray quote are set apart. So every line keeps its number, no quote can swallow the lines after it,
and no line is lost, whatever it looks like.
"""

from __future__ import annotations

import codecs
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from .. import dialect, source
from ..dialect import Dialect
from ..errors import UnreadableFile
from ..shape import FileShape
from ..source import Packing, Source
from .frame import RawFrame, table_of

BLOCK_BYTES = 8 * 1024**2
LINE_LIMIT = 32 * 1024**2
REACH = 200  # lines a quoted value may run over
_HIDDEN = 0x1E  # stands for a line break inside a value
_NO_DELIMITER = "\x1f"
_ODD_BYTES = (b"\r", b"\x00", b"\x1a", b"\x1e", b"\x1f")


def frames(data: Source, shape: FileShape, batch_rows: int) -> Iterator[RawFrame]:
    """Yield the rows below the header, in order, at most `batch_rows` at a time.

    Raises UnreadableFile: line-too-long, damaged-file.
    """
    cut = Dialect(dialect.single(shape.delimiter), shape.quoted)
    for block in blocks(data, shape, batch_rows):
        block, wrapped = _unwrapped(block) if shape.wrapped else (block, None)
        table, lines, flaws = _read(block, cut, shape)
        below = lines > (shape.header_row or 0)
        if not below.all():
            table, lines, flaws = table.filter(pa.array(below)), lines[below], flaws[below]
        for start in range(0, len(table), batch_rows):
            part = slice(start, start + batch_rows)
            frame = RawFrame.from_table(table.slice(start, batch_rows), lines[part], flaws[part])
            if wrapped is not None and (count := int(np.isin(frame.lines, wrapped).sum())):
                frame = replace(frame, mended=Counter({"line-wrapped": count}))
            if len(frame):
                yield frame


def estimate_rows(data: Source, shape: FileShape) -> int:
    """Return the number of lines below the header, from line ends alone."""
    feeds = returns = 0
    last = b""
    with source.opened(data, Packing()) as stream:
        while chunk := stream.read(BLOCK_BYTES):
            feeds += chunk.count(b"\n")
            returns += 0 if feeds else chunk.count(b"\r")
            last = chunk[-4:]
    # In UTF-16 and UTF-32 zeros stand beside the line end.
    is_open = bool(last) and not last.rstrip(b"\x00").endswith((b"\n", b"\r"))
    return max(0, (feeds or returns) + is_open - (shape.header_row or 0))


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of the file, LF between them, and the number of the first."""

    text: bytes
    first_line: int
    is_last: bool


def blocks(data: Source, shape: FileShape, rows: int | None = None) -> Iterator[Block]:
    """Cut the decoded text at line ends; a value left open waits for the next block.

    rows: lines a block should have, about; it never exceeds BLOCK_BYTES by much
    """
    decode = _Decoder(shape.encoding or "utf-8")
    pack = Packing(shape.compression, shape.member)
    wide = shape.delimiter if dialect.single(shape.delimiter) == dialect.WIDE else None
    rest, line, size = b"", 1, BLOCK_BYTES
    with source.opened(data, pack) as stream:
        following = stream.read(size)
        while chunk := following:
            following = stream.read(size)
            rest += decode(chunk)
            if not following and len(rest) <= LINE_LIMIT:
                break
            end = rest.rfind(b"\n") + 1
            if shape.quoted and end:
                end = _closed_end(rest, end)
            if not end:
                if len(rest) > LINE_LIMIT:
                    raise UnreadableFile("line-too-long", limit=LINE_LIMIT // 1024**2)
                continue
            yield Block(_finished(rest[:end], wide), line, is_last=False)
            count = rest.count(b"\n", 0, end)
            line += count
            if rows:
                size = min(BLOCK_BYTES, max(64 * 1024, int(end / max(1, count) * rows * 0.97)))
            rest = rest[end:]
    rest += decode(b"", final=True)
    if rest.strip(b"\n"):
        yield Block(_finished(rest, wide), line, is_last=True)


class _Decoder:
    """Bytes of a file as UTF-8 with LF line ends and without what no table holds."""

    def __init__(self, codec: str) -> None:
        self._is_utf8 = codec in ("utf-8", "utf-8-sig")
        self._decoder = io.IncrementalNewlineDecoder(
            codecs.getincrementaldecoder(codec)("replace"), translate=True
        )
        self._held = b""
        self._started = False

    def __call__(self, chunk: bytes, final: bool = False) -> bytes:
        if self._is_utf8:
            return self._utf8(chunk, final)
        text = _clean(self._decoder.decode(chunk, final=final))
        if not self._started and text:
            text, self._started = text.lstrip("\ufeff"), True
        return text.encode("utf-8", "replace")

    def _utf8(self, chunk: bytes, final: bool) -> bytes:
        """Most files are what they should be already: only line ends are looked at."""
        data = self._held + chunk if self._held else chunk
        self._held = b""
        if data.endswith(b"\r") and not final:
            data, self._held = data[:-1], b"\r"
        if not self._started and data:
            data, self._started = data.removeprefix(codecs.BOM_UTF8), True
        if any(sign in data for sign in _ODD_BYTES):
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            data = data.translate(None, b"\x00\x1a\x1e\x1f")
        return data


def _valid(text: bytes) -> bytes:
    """Return UTF-8 as it is, damage in it as U+FFFD."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace").encode()
    return text


def _finished(text: bytes, wide: str | None) -> bytes:
    """Put one sign in the place of a delimiter of several (`||`); mend what is no UTF-8."""
    text = _valid(text)
    return text.replace(wide.encode(), dialect.WIDE.encode()) if wide else text


def _clean(text: str) -> str:
    """Take out what no table holds and Arrow or PostgreSQL refuse."""
    for char in ("\x00", "\x1a", chr(_HIDDEN), _NO_DELIMITER):
        if char in text:
            text = text.replace(char, "")
    return text


def _closed_end(text: bytes, end: int) -> int:
    """Return the end of the last whole record: before a line whose quote has not closed yet."""
    if text.count(b'"', 0, end) % 2 == 0:
        return end
    quotes, starts, _ends = _lines(text[:end])
    odd = np.flatnonzero(quotes % 2)
    if len(odd) % 2 == 0 or len(starts) - odd[-1] > REACH:
        return end
    return int(starts[odd[-1]])


def _lines(text: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per line: the number of quotes, the start and the end in bytes."""
    data = np.frombuffer(text, dtype=np.uint8)
    breaks = np.flatnonzero(data == 10)
    ends = breaks if len(data) and data[-1] == 10 else np.append(breaks, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    marks = np.flatnonzero(data == ord(dialect.QUOTE))
    quotes = np.searchsorted(marks, ends) - np.searchsorted(marks, starts)
    return quotes, starts, ends


def _unwrapped(block: Block) -> tuple[Block, np.ndarray]:
    """Return a block without the quotes around its lines, and the numbers of those lines."""
    text = dialect.unwrap(block.text)
    lengths = [ends - starts for _quotes, starts, ends in (_lines(block.text), _lines(text))]
    lines = np.flatnonzero(lengths[0] != lengths[1]) + block.first_line
    return replace(block, text=text), lines


def _read(block: Block, cut: Dialect, shape: FileShape) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Return a block as a table, with the line and the flaw of each row."""
    quotes, starts, ends = _lines(block.text)
    text, apart, joined = block.text, [], False
    is_record = np.ones(len(starts), dtype=bool)
    if cut.quoted and (quotes % 2).any():
        text, apart, inside = _regular(block.text, quotes, starts, ends, cut, shape.width)
        is_record[inside] = False
        joined = len(inside) > 0
    is_record[apart] = False
    is_record &= ends > starts
    lines = np.flatnonzero(is_record)
    table, flaws = _parse(text, lines, starts, cut, shape)
    if joined:
        table = _show_breaks(table)
    if apart:
        rows = [
            _cells(block.text[starts[index] : ends[index]].decode(), cut, shape.width)
            for index in apart
        ]
        more, more_flaws = table_of(rows, shape.columns, shape.delimiter or " ")
        table = pa.concat_tables([table, more])
        lines = np.concatenate([lines, apart])
        flaws = np.concatenate([flaws, more_flaws])
        order = np.argsort(lines, kind="stable")
        table, lines, flaws = table.take(pa.array(order)), lines[order], flaws[order]
    return table, lines + block.first_line, flaws


def _regular(
    text: bytes, quotes: np.ndarray, starts: np.ndarray, ends: np.ndarray, cut: Dialect, width: int
) -> tuple[bytes, list[int], list[int]]:
    """Hide line breaks inside values and blank the lines whose quote never closes.

    Returns the text, the lines to read apart, and the lines that continue the one above.
    """
    data = bytearray(text)
    apart: list[int] = []
    inside: list[int] = []
    odd = np.flatnonzero(quotes % 2).tolist()
    position = 0
    while position < len(odd):
        first = odd[position]
        last = odd[position + 1] if position + 1 < len(odd) else None
        if last is not None and last - first < REACH:
            record = text[starts[first] : ends[last]].decode()
            if dialect.is_record(record, cut, width):
                for index in range(first, last):
                    data[ends[index]] = _HIDDEN
                inside.extend(range(first + 1, last + 1))
                position += 2
                continue
        apart.append(first)
        position += 1
    for index in apart:
        data[starts[index] : ends[index]] = b"\n" * int(ends[index] - starts[index])
    return bytes(data), apart, inside


def _parse(
    text: bytes,
    lines: np.ndarray,
    starts: np.ndarray,
    cut: Dialect,
    shape: FileShape,
) -> tuple[pa.Table, np.ndarray]:
    """Cut regular lines into a table; ragged ones are cut apart and put back in their place."""
    names = list(shape.columns)
    flaws = np.full(len(lines), None, dtype=object)
    if not len(lines):
        return pa.table([pa.array([], pa.large_string())] * len(names), names=names), flaws
    ragged: list[arrow_csv.InvalidRow] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    try:
        table = _arrow_table(text, names, cut, keep)
    except pa.ArrowInvalid:
        return _parse_slowly(text, lines, starts, cut, shape)
    if len(table) == len(lines):
        return table, flaws
    positions = [row.number - 1 for row in ragged if row.number is not None]
    agreed = len(table) + len(positions) == len(lines) and all(
        row.text == _line(text, starts[lines[position]])
        for row, position in zip(ragged, positions, strict=True)
    )
    if not agreed:
        return _parse_slowly(text, lines, starts, cut, shape)
    return _put_back(table, [row.text for row in ragged], positions, cut, shape)


def _put_back(
    table: pa.Table, ragged: list[str], positions: list[int], cut: Dialect, shape: FileShape
) -> tuple[pa.Table, np.ndarray]:
    """Join the regular rows with the ragged ones, each in its place."""
    rows = [_cells(line, cut, shape.width) for line in ragged]
    more, more_flaws = table_of(rows, shape.columns, shape.delimiter or " ")
    count = len(table) + len(ragged)
    flaws = np.full(count, None, dtype=object)
    flaws[positions] = more_flaws
    regular = np.ones(count, dtype=bool)
    regular[positions] = False
    order = np.empty(count, dtype=np.int64)
    order[regular] = np.arange(len(table))
    order[positions] = len(table) + np.arange(len(positions))
    return pa.concat_tables([table, more]).take(pa.array(order)), flaws


def _parse_slowly(
    text: bytes, lines: np.ndarray, starts: np.ndarray, cut: Dialect, shape: FileShape
) -> tuple[pa.Table, np.ndarray]:
    """Cut every line by itself: what to do when Arrow understands lines otherwise than we do."""
    rows = [_cells(_line(text, starts[index]), cut, shape.width) for index in lines]
    return table_of(rows, shape.columns, shape.delimiter or " ")


def _line(text: bytes, start: int) -> str:
    """Return the line that starts there; line breaks inside its values are hidden."""
    end = text.find(b"\n", start)
    return text[start : end if end >= 0 else len(text)].decode()


def _arrow_table(text: bytes, names: list[str], cut: Dialect, keep) -> pa.Table:
    labels = [str(index) for index in range(len(names))]
    table = arrow_csv.read_csv(
        pa.BufferReader(text),
        read_options=arrow_csv.ReadOptions(
            column_names=labels, block_size=len(text) + 1, use_threads=False
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=cut.delimiter or _NO_DELIMITER,
            quote_char=dialect.QUOTE if cut.quoted and cut.delimiter else False,
            newlines_in_values=False,
            invalid_row_handler=keep,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(labels, pa.large_string()),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    return table.rename_columns(names)


def _cells(line: str, cut: Dialect, width: int) -> list[str]:
    """Cut one line, quotes as text when they do not close or do not give the usual width."""
    cells = dialect.split(line, cut)
    if len(cells) == width and "\n" not in line:
        return cells
    literal = line.split(cut.delimiter) if cut.delimiter else [line]
    chosen = literal if len(literal) == width else cells
    if line.count(dialect.QUOTE) % 2:
        chosen = literal
    if chosen is literal and cut.quoted:
        chosen = [dialect.unwrapped(cell) for cell in chosen]
    if cut.delimiter == ";" and len(chosen) > width and "&" in line:
        chosen = dialect.with_entities(chosen)
    return [cell.replace(chr(_HIDDEN), "\n") for cell in chosen]


def _show_breaks(table: pa.Table) -> pa.Table:
    return pa.table(
        [pc.replace_substring(column, chr(_HIDDEN), "\n") for column in table.columns],
        names=table.column_names,
    )
