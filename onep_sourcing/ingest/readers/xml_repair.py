"""XML with bare ampersands (`R&D`), entities of HTML (`&eacute;`) or control characters.

No parser reads these. Mended as text, chunk after chunk, before anything is parsed: an ampersand
that starts no entity of XML becomes `&amp;`, an entity of HTML the number of its character, and
what XML forbids, as itself or as `&#0;`, is left out. Nothing is ever expanded: an
entity that the file declares itself is a name like any other, and its declaration stays for the
parser to see.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from html.entities import html5

AMPERSAND = "xml-ampersand"
ENTITY = "xml-entity"
CONTROL = "xml-control"

_LONGEST = 32  # letters of an entity's name: longer ones are none
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
#: What stays as it is, up to its end or that of the text, and what is mended.
_TOKEN = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|"
    # `?a=1&copy;=2` goes on as the part of an address does.
    rf"{_BARE.pattern}(?:(?P<name>[A-Za-z][A-Za-z0-9]{{1,{_LONGEST}}});(?!=))?|"
    r"&#(?:(?P<decimal>[0-9]+)|x(?P<hex>[0-9a-fA-F]+));",
    re.DOTALL,
)
#: Numbers among which are those of characters that XML forbids.
_DOUBTFUL = re.compile(r"&#(?:0*[0-3]?[0-9]|[0-9]{5,7}|x0*[01]?[0-9a-fA-F]|x[0-9a-fA-F]{4,6});")
_FORBIDDEN = bytes(code for code in range(32) if code not in (9, 10, 13))
_FORBIDDEN_WIDE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: What may be the beginning of one, at the end of a chunk.
_BEGUN = re.compile(
    rf"(?:&[#A-Za-z0-9]{{0,{_LONGEST}}}|<(?:![\[A-Z-]{{0,7}})?|\]{{1,2}}|-{{1,2}})\Z"
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}
#: Marks of what is not in single bytes, the longer ones first.
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)


class Mender:
    """Mends the bytes of one file, in their order.

    mended: rule → how often it was met so far
    """

    def __init__(self) -> None:
        self.mended: Counter[str] = Counter()
        self._codec = ""
        self._held = ""
        self._end = ""  # of the section that an earlier chunk left open

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Return what to parse now; what the next chunk may go on with waits for it."""
        if not self._codec:
            # Of one byte a character only ASCII counts here; the others pass as they are.
            named = (codec for mark, codec in _WIDE if chunk.startswith(mark))
            self._codec = next(named, "latin-1")
            self._decoder = codecs.getincrementaldecoder(self._codec)("replace")
        text, self._held = self._held + self._without_controls(chunk, final), ""
        begun = None if final else _BEGUN.search(text, max(0, len(text) - _LONGEST - 1))
        if begun:
            text, self._held = text[: begun.start()], text[begun.start() :]
        return self._mend(text).encode(self._codec)

    def _without_controls(self, chunk: bytes, final: bool) -> str:
        if self._codec == "latin-1":
            kept = chunk.translate(None, _FORBIDDEN)
            count, text = len(chunk) - len(kept), self._decoder.decode(kept, final)
        else:
            text, count = _FORBIDDEN_WIDE.subn("", self._decoder.decode(chunk, final))
        if count:
            self.mended[CONTROL] += count
        return text

    def _mend(self, text: str) -> str:
        start = 0
        if self._end:
            found = text.find(self._end)
            if found < 0:
                return text
            start, self._end = found + len(self._end), ""
        rest = text[start:] if start else text
        is_fine = _BARE.search(rest) is None and _DOUBTFUL.search(rest) is None
        if is_fine and not _may_stay_open(rest):
            return text
        return text[:start] + _TOKEN.sub(self._replace, rest)

    def _replace(self, found: re.Match[str]) -> str:
        token, name = found[0], found["name"]
        if token[0] == "<":
            end = next(end for start, end in _ENDS.items() if token.startswith(start))
            if not token.endswith(end):
                self._end = end
            return token
        if found["decimal"] or found["hex"]:
            number = int(found["decimal"] or "0") or int(found["hex"] or "0", 16)
            if _is_allowed(number):
                return token
            self.mended[CONTROL] += 1
            return ""
        signs = html5.get(f"{name};") if name else None
        if signs is None:
            self.mended[AMPERSAND] += 1
            return f"&amp;{token[1:]}"
        self.mended[ENTITY] += 1
        return "".join(f"&#{ord(sign)};" for sign in signs)


def _is_allowed(number: int) -> bool:
    """Tell the characters that XML 1.0 may hold."""
    return (
        number in (9, 10, 13)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )


def _may_stay_open(text: str) -> bool:
    return any(text.rfind(start) > text.rfind(end) for start, end in _ENDS.items())
