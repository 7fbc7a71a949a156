"""Names and descriptions as people read them: no HTML, no entities, single blanks."""

from __future__ import annotations

import html
import re
from html.entities import html5

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow, vocabulary

_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--|!\[CDATA\[|\]\])>?", re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/h\d|/tr)\b[^<>]*>", re.IGNORECASE)
#: An address, or an entity: without its semicolon only where nothing goes on, as HTML has it.
_ENTITY = re.compile(
    r"(?P<address>https?://[^\s<>\"']+)|&(?:#\d+;?|#[xX][0-9a-fA-F]+;?|(?P<named>[a-zA-Z]\w*;)|"
    r"(?P<bare>[a-zA-Z]\w*)(?![=&;]))"
)
_MARKED = r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);|</?[a-zA-Z!][^<>]*>"
_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{200b}\x{feff}\x{00ad}]"
_BLANK_BYTES = tuple(sign.encode() for sign in ("\u00a0", "\u202f", "\u200b", "\ufeff", "\u00ad"))
_BLANK_LEADS = (0xC2, 0xE2, 0xEF)  # their first bytes
_LONGEST_PLACEHOLDER = 14
_PLACEHOLDER = (
    r"(?i)^(?:[-–—._?]+|n\.?/?a\.?|null|none|nan|keine angabe|non renseigne|#n/a|#ref!|\(vide\))$"
)
_PLACEHOLDER_STARTS = np.zeros(256, dtype=bool)
_PLACEHOLDER_STARTS[np.frombuffer("-–—._?nNkK#(".encode(), dtype=np.uint8)] = True


def clean(column: pa.Array, *, html_allowed: bool = True) -> tuple[pa.Array, np.ndarray]:
    """Return readable text and the mask of cells that held HTML.

    Placeholders (`-`, `n/a`, `keine Angabe`) become empty.
    """
    few = arrow.distinct(column)
    if few:
        text, marked = clean(few[0], html_allowed=html_allowed)
        return text.take(pa.array(few[1])), marked[few[1]]
    marked = np.zeros(len(column), dtype=bool)
    if html_allowed and np.isin(arrow.raw_bytes(column), (38, 60)).any():  # & <
        marked = arrow.matches(column, _MARKED)
    if marked.any():
        rows = pa.array(marked)
        plain = [_plain(text) for text in column.filter(rows).to_pylist()]
        column = pc.replace_with_mask(column, rows, pa.array(plain, column.type))
    return blanks(column), marked


def condition(column: pa.Array) -> pa.Array:
    """Return `new`, `used` or `refurbished` for words that say it; other texts as they are.

    `Used - very good` and `Grade B` are used; after `new` nothing else may stand (`Neuf, boîte
    abîmée` is a text of its own).
    """
    few = arrow.distinct(column)
    if few:
        return condition(few[0]).take(pa.array(few[1]))
    table = vocabulary.codes("condition")
    folded = arrow.fold(column)
    open_ended = [word for word, code in table.items() if code != "new"]
    start = "|".join(map(re.escape, sorted(open_ended, key=len, reverse=True)))
    first = pc.struct_field(pc.extract_regex(folded, rf"^(?P<word>{start})(?:\W|$)"), "word")
    word = pc.coalesce(first.cast(folded.type), folded)
    found = pc.index_in(word, pa.array(list(table), folded.type))
    code = pc.take(pa.array(list(table.values()), folded.type), found)
    restored = "|".join(re.escape(word) for word in open_ended if table[word] == "refurbished")
    both = arrow.mask(pc.equal(code, "used")) & arrow.matches(folded, rf"\b(?:{restored})\b")
    code = pc.if_else(pa.array(both), "refurbished", code)
    return pc.coalesce(code, column)


def blanks(column: pa.Array) -> pa.Array:
    """Return text on one line with single blanks; placeholders become empty."""
    if _has_blanks(column):
        column = pc.replace_substring_regex(column, _CONTROLS, "")
        column = pc.replace_substring_regex(column, r"[\s\x{00a0}\x{202f}]+", " ")
    column = pc.utf8_trim_whitespace(column)
    length = np.asarray(pc.binary_length(column))
    rows = np.flatnonzero((length > 0) & (length <= _LONGEST_PLACEHOLDER))
    rows = rows[_PLACEHOLDER_STARTS[arrow.first_bytes(column)[rows]]]
    empty = rows[arrow.matches(column.take(pa.array(rows)), _PLACEHOLDER)]
    if not empty.size:
        return column
    mask = np.zeros(len(column), dtype=bool)
    mask[empty] = True
    return pc.if_else(pa.array(mask), "", column)


def _has_blanks(column: pa.Array) -> bool:
    """Tell whether some value has controls, no-break or repeated blanks."""
    data = arrow.raw_bytes(column)
    if not data.size:
        return False
    if (data < 32).any() or (data == 127).any():
        return True
    spaces = data == 32
    if (spaces[1:] & spaces[:-1]).any():
        return True
    odd = [np.flatnonzero(data == lead) for lead in _BLANK_LEADS]
    return any(places.size for places in odd) and any(
        sign in data.tobytes() for sign in _BLANK_BYTES
    )


def _sign(found: re.Match[str]) -> str:
    """Return the sign an entity names; the parts of an address (`?a=1&copy=2`) name none."""
    if found["address"]:
        return found[0].replace("&amp;", "&")
    if found["bare"]:
        return html5.get(found["bare"], found[0])
    return html.unescape(found[0])


def _plain(text: str) -> str:
    """Undo entities and tags; twice, as some are escaped twice, until nothing changes."""
    for _round in range(3):
        before = text
        text = _ENTITY.sub(_sign, _TAG.sub("", _BREAK.sub(" ", text)))
        if text == before:
            break
    return text.encode("utf-8", "replace").decode("utf-8")
