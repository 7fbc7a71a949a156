"""What header names mean, from a dated list of synonyms in eight languages.

A header is cut into tokens (accents, case, camelCase, underscores and glued words undone), each
known token is weighed by how much it tells, and the header is compared to every synonym that
shares one. `lexicon.csv` holds the synonyms: field, language, term, weight, since, origin
(`layouts`: only who had read the layouts of our tests wrote it, `trade`: also who had not);
`abbreviations.csv` what suppliers shorten words to (`Qté`, `Stk`, `LIBART`).
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from .grams import Letters

PATH = Path(__file__).with_name("lexicon.csv")
#: language, abbreviation, words it stands for, since.
ABBREVIATIONS_PATH = Path(__file__).with_name("abbreviations.csv")
IGNORE = "ignore"

_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_INCH = re.compile(r'^([^"]*[A-Za-z])\s?"$')  # `W"`
_SIGNS = {"%": " percent ", "€": " eur ", "$": " usd ", "£": " gbp ", "#": " no "}
_WHOLE = re.compile(r"MwSt|USt|UVP|vRG|GenCode|RaTVA")  # not cut where their case changes
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?|\b[A-Z]/[A-Z]\b")  # P.V.P., W/S
_UNKNOWN = 0.6  # of a word no synonym has: most often a name, of the supplier or a brand
_LEAST = 0.2  # likeness below which a header says nothing of a field
_WORD = re.compile(r"[a-z0-9]+")
_PATH = re.compile(r"[/.>]|\[\]")

#: Words that say little about what a column holds.
_FILLERS = frozenset(
    "de du des la le les l d un une en par pour a au et ou the of for in per and or "
    "der die das des und im in je fur von zu el los las del y o con por il lo gli i di "
    "da e per del della dei het een van voor op w z na do dla do os as dos das em com".split()
)
_WEAK = frozenset(
    "article articles produit produits product item items artikel articulo articolo art "
    "produkt towar produto prodotto producto artigo product unitaire unit "
    "eur euro euros usd gbp chf pln ht htva excl ex vat tax iva mwst btw net ttc "
    "kg g gr mm cm n no num nr numero number code".split()
)
_NOISE = re.compile(
    r"^(?:19|20)\d\d$|^(?:eur|euro|euros|usd|gbp|chf|pln|dkk|sek|kg|gr|mm|cm"
    r"|fr|en|de|es|it|nl|pl|pt|be|ch|web|catalog|catalogue|katalog|catalogo)$"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One synonym: its field (or `ignore`), its tokens, how sure it is (0-1), its origin."""

    field: str
    language: str
    text: str
    tokens: tuple[str, ...]
    weight: float
    origin: str


@dataclass(frozen=True, slots=True)
class Hit:
    """How well a header fits a field: score, best synonym, and whether that is all of it."""

    field: str
    score: float
    term: str
    language: str
    whole: bool = True


def plain(text: str) -> str:
    """Return text in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ł", "l"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


@lru_cache(maxsize=20_000)
def words(header: str) -> tuple[str, ...]:
    """Cut a header into plain words: `prixAchat_HT` → prix, achat, ht."""
    header = _WHOLE.sub(lambda match: match[0].lower() + " ", header)
    header = _INCH.sub(r"\1 inch", header)
    text = _INITIALS.sub(lambda match: re.sub(r"[./]", "", match[0]) + " ", header)
    if not text.isupper():
        text = _CAMEL.sub(" ", text)
    else:
        text = re.sub(r"(?<=[A-Z])(?=\d)", " ", text)
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    return tuple(_WORD.findall(plain(text)))


def lead(header: str) -> str:
    """Return what leads to the last name of a path, empty when there is no path."""
    parts = [part for part in _PATH.split(header) if part.strip()]
    return parts[0] if len(parts) > 1 and " " not in header.strip() else ""


def last(header: str) -> str:
    """Return the last name of a path, the header itself when it is none."""
    return _PATH.split(header)[-1] if lead(header) else header


@dataclass(frozen=True, slots=True)
class Slot:
    """One word of a header: what it may stand for, each with how sure that reading is (0-1)."""

    readings: dict[str, float]
    weight: float


class Lexicon:
    """The synonyms, indexed by token.

    terms: the synonyms; abbreviations: short form → what it may stand for
    """

    def __init__(self, terms: list[Term], abbreviations: dict[str, list[tuple[str, ...]]]) -> None:
        self.terms = terms
        by_token: dict[str, list[int]] = defaultdict(list)
        self.abbreviations = abbreviations
        frequency: Counter[str] = Counter()
        for index, term in enumerate(terms):
            for token in set(term.tokens):
                by_token[token].append(index)
                frequency[token] += 1
        self._weights = {token: self._weigh(token, count) for token, count in frequency.items()}
        self._by_token = {token: np.array(places) for token, places in by_token.items()}
        self._own = np.array(
            [sum(self._weights[token] for token in set(term.tokens)) for term in terms]
        )
        self._sure = np.array([term.weight for term in terms])
        self._long = [token for token in self._weights if len(token) >= 4]
        self._letters = Letters((term.field, term.tokens, term.weight) for term in terms)

    @staticmethod
    def _weigh(token: str, count: int) -> float:
        if token in _FILLERS:
            return 0.05
        if token in _WEAK or token.isdigit() or len(token) == 1:
            return 0.35
        return 1.0 + 0.5 / math.sqrt(count)

    def weight(self, token: str) -> float:
        """Return how much a token tells (about 0-1.5)."""
        if token in self._weights:
            return self._weights[token]
        if _NOISE.match(token) or token in _FILLERS:
            return 0.05
        return 0.3 if token.isdigit() or len(token) == 1 else _UNKNOWN

    @lru_cache(maxsize=20_000)  # noqa: B019 one lexicon lives as long as the process
    def slots(self, header: str) -> tuple[Slot, ...]:
        """Return the words of a header, as what they are known to stand for."""
        found: list[Slot] = []
        for word in words(header):
            read = self._read(word) or self._read_inflected(word)
            if not read and (parts := self._split(word)):
                for part in parts:
                    found.extend(self._as_slots(self._read(part)))
                continue
            if not read:
                near = self._nearest(word)
                read = [{near[0]: near[1]}] if near else [{word: 1.0}]
            found.extend(self._as_slots(read))
        return tuple(found)

    def _as_slots(self, read: list[dict[str, float]]) -> list[Slot]:
        return [Slot(item, max(self.weight(token) for token in item)) for item in read]

    def _read(self, word: str) -> list[dict[str, float]]:
        """Return the readings of a word, one item a word it stands for; empty when not known.

        A known word keeps its own sense first; abbreviations of several languages stand side by
        side (`cod`: codice, código), those of one that stand for several words follow each other.
        """
        own = {word: 1.0} if word in self._weights or word.isdigit() else {}
        long = self.abbreviations.get(word, [])
        if not long:
            return [own] if own else []
        width = max(map(len, long))
        slots: list[dict[str, float]] = [{} for _place in range(width)]
        for tokens in long:
            for slot, token in zip(slots, tokens, strict=False):
                slot[token] = 0.93
        slots[0] |= own
        return slots

    def _read_inflected(self, word: str) -> list[dict[str, float]]:
        """Return the readings of a word without the s that joins it to another (`Einkaufs`)."""
        return self._read(word[:-1]) if len(word) > 5 and word[-1] == "s" else []

    def _split(self, word: str) -> tuple[str, ...]:
        """Cut a glued word into known tokens (`preciosincanon`), the fewest; empty when none.

        Parts of a German or Dutch word may be joined by an s; the last part of a name that was
        cut short (`CODIGOBARR`) may be the beginning of a token.
        """
        if not 4 <= len(word) <= 40:
            return ()
        best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
        for end in range(2, len(word) + 1):
            for start in range(max(0, end - 20), end - 1):
                head, token = best[start], word[start:end]
                if head is None and start > 4 and word[start - 1] == "s":
                    head = best[start - 1]
                if head is None or not self._may_stand_in(token):
                    continue
                if best[end] is None or len(head) + 1 < len(best[end] or ()):
                    best[end] = (*head, token)
        return best[-1] or self._split_cut_short(word, best)

    def _split_cut_short(self, word: str, best: list[tuple[str, ...] | None]) -> tuple[str, ...]:
        for start in range(3, len(word) - 2):
            head, tail = best[start], word[start:]
            if head:
                longer = [token for token in self._long if token.startswith(tail)]
                if longer:
                    return (*head, min(longer, key=lambda token: (len(token), token)))
        return ()

    def _may_stand_in(self, token: str) -> bool:
        if token in self.abbreviations:
            return len(token) > 1
        if len(token) == 2:
            return token in ("ht", "id", "pa", "pv", "ek", "vk")
        return token in self._weights

    def _nearest(self, word: str) -> tuple[str, float] | None:
        """Return the known token a word misspells or cuts short."""
        if len(word) < 4:
            return None
        found = process.extractOne(word, self._long, scorer=fuzz.ratio, score_cutoff=84)
        if found and found[0][0] == word[0]:
            return found[0], found[1] / 100
        longer = [token for token in self._long if token.startswith(word)]
        shortest = min(longer, key=lambda token: (len(token), token), default=None)
        # `mill` is no `millésime`
        return (shortest, 0.85) if shortest and 2 * len(word) >= len(shortest) else None

    @lru_cache(maxsize=20_000)  # noqa: B019 one lexicon lives as long as the process
    def by_letters(self, header: str) -> dict[str, float]:
        """Return field (or `ignore`) → probability (0-1) by the letters of a header alone."""
        known = words(header)
        return self._letters.probabilities(known) if known else {}

    def hits(self, header: str, *, is_path: bool = True) -> dict[str, Hit]:
        """Return, for each field a header resembles, how well (score 0-1) and to which synonym.

        is_path: it may be a path (`Item/BrandName`), in which what leads to the last name counts
            less; `Art.Nr.` is none
        """
        parts = [part for part in _PATH.split(header) if part.strip()]
        if len(parts) < 2 or " " in header.strip() or not is_path:
            return self._hits(((header, 1.0),))
        return self._hits(tuple((part, 1.0 if part == parts[-1] else 0.25) for part in parts))

    @lru_cache(maxsize=20_000)  # noqa: B019 one lexicon lives as long as the process
    def _hits(self, parts: tuple[tuple[str, float], ...]) -> dict[str, Hit]:
        found = self._unique(
            [
                Slot(slot.readings, slot.weight * share)
                for part, share in parts
                for slot in self.slots(part)
            ]
        )
        total = sum(slot.weight for slot in found)
        best: dict[str, Hit] = {}
        tokens = {token for slot in found for token in slot.readings} & self._by_token.keys()
        shared = np.zeros(len(self.terms))
        for token in sorted(tokens):
            shared[self._by_token[token]] += self._weights[token]
        at_most = self._sure * (shared / self._own) ** 2
        likely = np.flatnonzero(at_most > _LEAST)
        for index in likely[np.argsort(-at_most[likely], kind="stable")].tolist():
            term = self.terms[index]
            if term.field in best and at_most[index] <= best[term.field].score:
                continue
            score, share = self._compare(term, found, total)
            if score > _LEAST and (term.field not in best or score > best[term.field].score):
                whole = share > 0.9
                best[term.field] = Hit(term.field, score, term.text, term.language, whole)
        return best

    @staticmethod
    def _unique(slots: list[Slot]) -> list[Slot]:
        """Leave out words that come again, keeping the weightier."""
        found: dict[frozenset[str], Slot] = {}
        for slot in slots:
            key = frozenset(slot.readings)
            if key not in found or slot.weight > found[key].weight:
                found[key] = slot
        return list(found.values())

    def _compare(self, term: Term, found: list[Slot], total: float) -> tuple[float, float]:
        wanted = set(term.tokens)
        own = sum(self._weights[token] for token in wanted)
        in_term = in_header = 0.0
        left = set(wanted)
        order = []
        for slot in found:
            shared = left & slot.readings.keys()
            if not shared:
                continue
            token = max(sorted(shared), key=lambda name: self._weights[name] * slot.readings[name])
            order.append(term.tokens.index(token))
            left.discard(token)
            in_term += self._weights[token] * slot.readings[token]
            in_header += slot.weight
        if term.field == "price_per" and (left or order != sorted(order)):
            # "price" alone is a price, as is a "unit price"; only the whole says what it is for
            return 0.0, 0.0
        in_term, in_header = in_term / own, in_header / total if total else 0.0
        # `in stock` is not `stock`: a filler tells little, but the synonym has it for a reason
        short = 0.85 ** sum(1 for token in left if token in _FILLERS)
        return short * term.weight * in_term**2 * (0.4 + 0.6 * in_header), in_header


@lru_cache(maxsize=1)
def load() -> Lexicon:
    """Return the lexicon of `lexicon.csv` and `abbreviations.csv`, read once."""
    with PATH.open(encoding="utf-8", newline="") as handle:
        terms = [
            Term(
                row["field"],
                row["language"],
                row["term"],
                tokens,
                float(row["weight"]),
                row["origin"],
            )
            for row in csv.DictReader(handle)
            if (tokens := words(row["term"]))
        ]
    abbreviations: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    with ABBREVIATIONS_PATH.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            key, long = words(row["abbreviation"]), words(row["words"])
            if len(key) == 1 and long not in abbreviations[key[0]]:
                abbreviations[key[0]].append(long)
    return Lexicon(terms, dict(abbreviations))
