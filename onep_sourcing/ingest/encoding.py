"""Which encoding a text file is in, judged by what its bytes would read as."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from .errors import UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: In the order they win when nothing tells them apart.
_SINGLE_BYTE = (
    "cp1252", "iso-8859-15", "cp850", "cp1250", "mac_roman", "iso-8859-2", "cp852"
)  # fmt: skip
#: A character of several bytes in UTF-8: by chance, letters of one byte hardly ever make one.
_UTF8_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)

#: How well a character fits a price list of western or central Europe.
_FREQUENT = frozenset("éèêàçùôîâûëïüöäßñóíáúòìãõå€°ÉÈÀÇÜÖÄ")
_CENTRAL = frozenset("ąćęłńśźżĄĆĘŁŃŚŹŻčřšžěůťďŠŽČ")
_PLAUSIBLE = frozenset("œæøÂÊÎÔÛÁÍÓÚÑÅØŒÆ²³½¼¾µ×±®©™«»“”‘’–—…•§£¥\u00a0·¿¡ºªÿ")
_WORDS = 5_000  # different ones that are judged
_LETTER_BYTES = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")


def detect(sample: bytes) -> str:
    """Return the Python codec of a sample of a file.

    The sample may stop in the middle of a character. UTF-8 when it is pure ASCII. Texts in one
    byte per character are told apart by the letters they would give.
    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    wide = _utf16_without_bom(sample)
    if wide:
        return wide
    if _is_utf8(sample):
        return "utf-8"
    words = Counter(_LETTER_BYTES.findall(sample)).most_common(_WORDS)
    return max(_SINGLE_BYTE, key=lambda name: _plausibility(words, name))


def check(sample: bytes, name: str) -> str:
    """Return the codec a person forces, or refuse when the sample cannot be read with it.

    Raises UnreadableFile: unknown-encoding, wrong-encoding.
    """
    try:
        decoder = codecs.getincrementaldecoder(name)()
    except LookupError:
        raise UnreadableFile("unknown-encoding", encoding=name) from None
    try:
        text = decoder.decode(sample, final=False)
    except UnicodeError:
        raise UnreadableFile("wrong-encoding", encoding=name) from None
    if not isinstance(text, str) or "\x00" in text or _controls(text) > 0.02:
        raise UnreadableFile("wrong-encoding", encoding=name)
    return name


def decode(sample: bytes, name: str) -> str:
    """Decode a sample that may stop in the middle of a character; damage becomes U+FFFD."""
    return codecs.getincrementaldecoder(name)("replace").decode(sample, final=False)


def _is_utf8(sample: bytes) -> bool:
    """Tell UTF-8, also with a few lines in it that were pasted from another encoding."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
    except UnicodeDecodeError:
        whole = _UTF8_CHARACTER.findall(sample)
        strays = sum(byte >= 0x80 for byte in sample) - sum(map(len, whole))
        return len(whole) > 4 * strays
    return True


def _utf16_without_bom(sample: bytes) -> str | None:
    """UTF-16 of western text has a null in every other byte."""
    if len(sample) < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _plausibility(words: list[tuple[bytes, int]], name: str) -> float:
    """Score non-ASCII words, each with its count, as read with a codec; higher is likelier."""
    score = 0.0
    for word, count in words:
        text = word.decode(name, errors="replace")
        for position, char in enumerate(text):
            if char.isascii():
                continue
            inside = 0 < position < len(text) - 1
            after_lower = position > 0 and text[position - 1].islower()
            score += count * _fit(char, inside, after_lower, alone=len(text) == 1)
    return score


def _fit(char: str, inside: bool, after_lower: bool, alone: bool) -> float:
    if char == "\ufffd" or (not char.isprintable() and char != "\u00a0"):
        return -4.0
    if char.isalpha() and char.isupper() and after_lower:
        return -2.0  # rÚfÚrence
    if char in _FREQUENT:
        return 1.0 if char.isalpha() or not inside else -1.0
    if char in _CENTRAL:
        return 0.0 if alone else 0.8  # `5ř` is `5°`
    if char in _PLAUSIBLE:
        return 0.4 if char.isalpha() or not inside or char in "’‘×–" else -1.0
    return -2.0


def _controls(text: str) -> float:
    """Return the share of control characters no text file has."""
    if not text:
        return 0.0
    return sum(1 for char in text if char < " " and char not in "\t\n\r\f\v\x1a") / len(text)
