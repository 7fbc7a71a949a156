"""Names of categories, however suppliers and marketplaces write them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

#: Words that say nothing about the goods.
_STOP = frozenset("a an and au aux d de des du en et for l la le les of other our pour the".split())
_PATH = re.compile(r"\s*(?:>+|»|›|::|\||/|\\|;)\s*")
_WORD = re.compile(r"[a-z0-9]+")
#: A name as alike as this (0-100) is taken for the same category, and flagged.
THRESHOLD = 88.0
#: A name at least as alike as this (0-100) is worth proposing to a person.
PROPOSED = 55.0
#: Below this confidence a match is flagged as estimated.
SURE = 0.8
#: What the name of a parent level is worth for its children.
INHERITED = 0.7


@dataclass(frozen=True, slots=True)
class Match:
    """What a category text was recognised as.

    key: the value it maps to
    confidence: 1 for the same words, less when inherited from a parent or only alike [0-1]
    is_estimated: nobody said so: inherited or only alike
    """

    key: object
    confidence: float
    is_estimated: bool


def normalise(text: str | None) -> str:
    """Return the bare words of a category: no accent, case, plural, punctuation or stop word."""
    decomposed = unicodedata.normalize("NFKD", (text or "").replace("œ", "oe").lower())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    words = [_singular(word) for word in _WORD.findall(plain)]
    return " ".join(word for word in words if word not in _STOP)


def _singular(word: str) -> str:
    """Return a French or English word without its plural mark; short words are kept."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def levels(text: str) -> list[str]:
    """Return the normalised levels of a category path, from the most specific up."""
    parts = [normalise(part) for part in _PATH.split(text or "")]
    return [part for part in reversed(parts) if part]


def match(
    texts: Sequence[str], known: Mapping[str, tuple[object, float]], threshold: float = THRESHOLD
) -> dict[str, Match]:
    """Return {text: Match} for the texts that can be told; the others are absent.

    known: {normalised name: (key, confidence of that name [0-1])}

    In order: the whole text, its most specific level, a parent level, a known name that is
    written nearly the same.
    """
    found, unsure = {}, []
    for text in dict.fromkeys(texts):
        exact = _exact(text, known)
        if exact:
            found[text] = exact
        elif normalise(text):
            unsure.append(text)
    if unsure and known:
        found |= _alike(unsure, known, threshold)
    return found


def _exact(text: str, known: Mapping[str, tuple[object, float]]) -> Match | None:
    """Return the match of a text whose words are known."""
    for height, name in enumerate([normalise(text), *levels(text)]):
        if name in known:
            key, confidence = known[name]
            inherited = height > 1
            confidence *= INHERITED if inherited else 1.0
            return Match(key, confidence, inherited or confidence < SURE)
    return None


def _alike(texts: Sequence[str], known: Mapping[str, object], threshold: float) -> dict:
    """Return the matches of texts that are written nearly like a known name."""
    names = list(known)
    spelt = [(levels(text) or [normalise(text)])[0] for text in texts]
    likeness = process.cdist(
        spelt, names, scorer=fuzz.token_sort_ratio, score_cutoff=threshold, dtype=np.float32
    )
    best = likeness.argmax(axis=1)
    scores = likeness[np.arange(len(texts)), best]
    return {
        text: Match(known[names[place]][0], round(float(score) / 100.0, 2), True)
        for text, place, score in zip(texts, best, scores, strict=True)
        if score >= threshold
    }


def suggest(texts: Sequence[str], known: Mapping[str, tuple[object, float]]) -> dict[str, Match]:
    """Return {text: Match} of the most alike known name, for a person to accept or not.

    Of a path, the last level counts most and its parents help. Texts like nothing known are
    absent. Every match is an estimate, whatever its confidence.
    """
    texts = [text for text in dict.fromkeys(texts) if normalise(text)]
    if not texts or not known:
        return {}
    names = list(known)
    own = process.cdist(
        [(levels(text) or [normalise(text)])[0] for text in texts],
        names,
        scorer=fuzz.token_set_ratio,
        dtype=np.float32,
    )
    spelling = process.cdist(
        [(levels(text) or [normalise(text)])[0] for text in texts],
        names,
        scorer=fuzz.ratio,
        dtype=np.float32,
    )
    path = process.cdist(
        [normalise(text) for text in texts], names, scorer=fuzz.token_set_ratio, dtype=np.float32
    )
    likeness = 0.6 * own + 0.2 * spelling + 0.2 * path
    best = likeness.argmax(axis=1)
    return {
        text: Match(known[names[place]][0], round(float(row[place]) / 100.0, 2), True)
        for text, place, row in zip(texts, best, likeness, strict=True)
        if row[place] >= PROPOSED
    }
