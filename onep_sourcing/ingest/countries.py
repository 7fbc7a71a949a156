"""Countries of origin, however suppliers write them: FR, FRA, France, Chine, Made in China."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from babel import Locale
from babel.core import get_global

#: Languages in which suppliers name countries.
LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pl", "pt")
_COUNTRY = re.compile(r"[A-Z]{2}")
_MADE_IN = re.compile(r"^(made in|fabrique en|origine|origin)\s*:?\s*", re.IGNORECASE)
#: What Babel does not know by these names.
_OTHERS = {"uk": "GB", "prc": "CN", "usa": "US", "korea": "KR", "holland": "NL", "rpc": "CN"}


def country_codes(texts: Sequence[str | None]) -> list[str | None]:
    """Return the two-letter code of each text, None for one that names no country."""
    return [_code(text) for text in texts]


@cache
def words() -> frozenset[str]:
    """Return every code and name of a country, plain: lower case, no accents."""
    return frozenset(_codes())


def _code(text: str | None) -> str | None:
    known = _codes()
    word = _plain(text or "")
    return known.get(word) or known.get(_MADE_IN.sub("", word))


@cache
def _codes() -> dict[str, str]:
    """Return {word: code}: two and three letters, and names in each language."""
    known = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if _COUNTRY.fullmatch(code) and code not in ("EU", "UN", "ZZ"):
                known.setdefault(_plain(name), code)
                known[code.lower()] = code
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1:
            known.setdefault(alias.lower(), codes[0])
    return known | _OTHERS


def _plain(text: str) -> str:
    """Return a text without case, accents nor surrounding space."""
    lowered = text.strip().casefold().replace("ł", "l")  # which is no l with a mark
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(char for char in decomposed if not unicodedata.combining(char))
