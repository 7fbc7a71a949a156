"""What earlier files said of a header: this feed's, this supplier's, everybody's.

A fact is one line of what is remembered: in the files of one feed, a header filled a field so
many times. A person's correction weighs more than many imports nobody looked at, and silences
what the feed said before it. Old facts fade; those of files with other columns count less.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ..rules import Reason
from . import lexicon

#: Days after which a fact weighs half.
HALF_LIFE_DAYS = 180.0
# What one file weighs: nobody looked, a person let it stand, a person changed it.
UNATTENDED, CONFIRMED, CORRECTED = 0.5, 3.0, 12.0
_MOST_FILES = 20  # more files of a feed say no more
_OVERRULED = 0.03  # of the weight, once a person said otherwise
_SUPPLIER, _OTHERS = 0.5, 0.2  # of the weight: another feed of the supplier, another supplier
_MOST_OF_OTHER = 5.0  # one other supplier is one voice, however often it writes
_STRANGER = 0.3  # of the weight, when no other column is shared
_CERTAIN = 12.0
_LONGEST = 200  # characters of a header's words
_COUNTED = re.compile(r" \((\d+)\)$")
_NAMELESS = re.compile(r"^Column \d+$")
_DATE = re.compile(
    r"(?<!\d)(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    r"|\d{1,2}[-/.](?:19|20)\d{2}|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
_YEAR = re.compile(r"^(?:19|20)\d{2}$")


class _Rules(NamedTuple):
    """How it is said, by how often it was seen."""

    often: str
    once: str
    person: str = ""


#: What this supplier's files said, what those of others did: of a field, of a column left out.
_OWN = (
    _Rules("memory-supplier", "memory-supplier-once", "memory-supplier-person"),
    _Rules("memory-ignored", "memory-ignored-once", "memory-ignored-person"),
)
_BY_OTHERS = (
    _Rules("memory-others", "memory-others-once"),
    _Rules("memory-ignored-others", "memory-ignored-others-once"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """What the files of one feed said of one header.

    header: as last written; words: its key, as `key` makes it
    field: what it filled, None when it was left out
    files: accepted files that said so; confirmed: of them, those a person looked at
    corrections: times a person set it so against what was proposed
    age_days: since the last of them; corrected_days: since the last correction, None without
    likeness: share of the columns that those files and this one have in common (0-1)
    """

    header: str
    words: str
    field: str | None
    feed: int
    supplier: int
    files: int = 1
    confirmed: int = 0
    corrections: int = 0
    age_days: float = 0.0
    corrected_days: float | None = None
    likeness: float = 1.0

    @property
    def weight(self) -> float:
        """How much it says, whoever asks."""
        unattended = min(max(self.files - self.confirmed, 0), _MOST_FILES)
        weight = UNATTENDED * unattended
        weight += CONFIRMED * min(max(self.confirmed - self.corrections, 0), _MOST_FILES)
        faded = weight * _fade(self.age_days)
        if self.corrected_days is not None:
            faded += CORRECTED * min(self.corrections, 3) * _fade(self.corrected_days)
        return faded


@dataclass(slots=True)
class _Tally:
    """What is remembered of one option of a column."""

    weight: float = 0.0
    own_files: int = 0
    by_person: bool = False
    others: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Recall:
    """What is remembered of one column.

    log_odds: field (None: it fills none) → what to add to its utility
    is_own: this supplier's own files say it, not only those of others
    is_certain: a person accepted this very layout with the column so
    """

    log_odds: Mapping[str | None, float]
    is_own: bool = False
    is_certain: bool = False
    tallies: Mapping[str | None, _Tally] = field(default_factory=dict, repr=False)

    @property
    def field(self) -> str | None:
        """The likeliest option by memory alone."""
        return max(self.log_odds, key=lambda option: self.log_odds[option])

    @property
    def count(self) -> int:
        """How often this supplier's files said so, at least once."""
        tally = self.tallies.get(self.field)
        return max(1, tally.own_files if tally else 0)

    def reason(self, field: str | None) -> Reason:
        """Say in words what is remembered of the column as this field."""
        tally = self.tallies.get(field)
        if tally is None or not (tally.own_files or tally.by_person or tally.others):
            return Reason("memory-otherwise", {})  # or overruled since
        count, rules = tally.own_files, _OWN[field is None]
        if tally.by_person and count < 2:
            return Reason(rules.person, {})
        if not count:
            count, rules = len(tally.others), _BY_OTHERS[field is None]
        return Reason(rules.once, {}) if count == 1 else Reason(rules.often, {"count": count})


class Memory:
    """What is remembered of the columns of one file."""

    def __init__(
        self,
        headers: Sequence[str] = (),
        facts: Iterable[Fact] = (),
        feed: int | None = None,
        supplier: int | None = None,
        accepted: Mapping[str, str | None] | None = None,
    ) -> None:
        """Gather facts for a file.

        headers: names of its columns, in order; feed, supplier: whose file it is, None unknown
        accepted: column → field of the layout that a person last accepted for this feed
        """
        self._headers = tuple(headers)
        self._keys = keys(headers)
        self._feed, self._supplier = feed, supplier
        self._facts: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            self._facts[fact.words].append(fact)
        self._accepted = dict(accepted or {})
        is_same = bool(headers) and sorted(self._accepted) == sorted(headers)
        self._is_accepted = is_same and (
            list(self._accepted) == list(headers) or _are_unique(headers)
        )

    @classmethod
    def empty(cls) -> Memory:
        """Return a memory of nothing."""
        return cls()

    def recall(self, header: str, position: int) -> Recall | None:
        """Return what is remembered of a column, None when nothing is.

        header: its name in the file; position: its place from 0
        """
        if self._is_accepted and header in self._accepted:
            return self._recall_accepted(header, position)
        tallies = self._tally(header, position)
        if not tallies:
            return None
        return Recall(
            _log_odds(tallies),
            is_own=any(tally.own_files or tally.by_person for tally in tallies.values()),
            tallies=tallies,
        )

    def as_headers(self) -> dict[str, tuple[str | None, int]]:
        """Return header → (field, count) of what this supplier's own files said."""
        found = {}
        for position, header in enumerate(self._headers):
            recall = self.recall(header, position)
            if recall and recall.is_own and recall.log_odds[recall.field] > 0:
                found[header] = (recall.field, recall.count)
        return found

    def _recall_accepted(self, header: str, position: int) -> Recall:
        option = self._accepted[header]
        tallies = self._tally(header, position)
        tally = tallies.setdefault(option, _Tally())
        tally.own_files = max(1, tally.own_files)
        odds = dict.fromkeys(tallies, -_CERTAIN) | {option: _CERTAIN}
        return Recall(odds, is_own=True, is_certain=True, tallies=tallies)

    def _tally(self, header: str, position: int) -> dict[str | None, _Tally]:
        """Return option → what speaks for it."""
        is_here = position < len(self._headers) and self._headers[position] == header
        words = self._keys[position] if is_here else key(header)
        facts = self._facts.get(words, [])
        if _NAMELESS.match(header):  # a place, not a name: it says nothing of other files
            facts = [fact for fact in facts if fact.feed == self._feed]
        corrections = _last_corrections(facts)
        tallies: dict[str | None, _Tally] = {}
        by_others: dict[tuple[str | None, int], float] = defaultdict(float)
        for fact in facts:
            tally = tallies.setdefault(fact.field, _Tally())
            weight = fact.weight * (1.0 if fact.header == header else 0.85)
            # What a person said later of the same feed's column counts instead.
            overruled = any(
                other != fact.field and days <= fact.age_days
                for other, days in corrections.get(fact.feed, {}).items()
            )
            if overruled:
                weight *= _OVERRULED
            near = _STRANGER + (1 - _STRANGER) * fact.likeness
            if fact.feed == self._feed:
                tally.weight += weight
            elif fact.supplier == self._supplier:
                tally.weight += weight * _SUPPLIER * near
            else:
                by_others[fact.field, fact.supplier] += weight * near
                if not overruled:
                    tally.others.add(fact.supplier)
                continue
            if not overruled:
                tally.own_files += fact.files
                tally.by_person |= bool(fact.corrections)
        if header in self._accepted and not any(tally.own_files for tally in tallies.values()):
            # accepted before what it says was remembered
            tally = tallies.setdefault(self._accepted[header], _Tally())
            tally.weight += CONFIRMED
            tally.own_files = 1
        for (option, _supplier), weight in by_others.items():
            tallies[option].weight += _OTHERS * min(weight, _MOST_OF_OTHER)
        return tallies


def keys(headers: Sequence[str]) -> tuple[str, ...]:
    """Return the words of each header, numbered where several columns share them."""
    seen: Counter[str] = Counter()
    found = []
    for header in headers:
        counted = _COUNTED.search(header)
        if counted and header[: counted.start()] in headers:
            header = header[: counted.start()]
        words = key(header)
        seen[words] += 1
        found.append(f"{words} #{seen[words]}" if seen[words] > 1 else words)
    return tuple(found)


@lru_cache(maxsize=20_000)
def key(header: str) -> str:
    """Return what stays of a header from file to file: words without case, accents or dates.

    Of a text that is no header any more, the start and a checksum: it is kept in an index.
    """
    found = [word for word in lexicon.words(_DATE.sub(" ", header)) if not _YEAR.match(word)]
    words = " ".join(found) or " ".join(header.split()).casefold()
    if len(words) <= _LONGEST:
        return words
    return f"{words[:_LONGEST]} {hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _last_corrections(facts: Iterable[Fact]) -> dict[int, dict[str | None, float]]:
    """Return feed → field → days since a person last set it so."""
    found: dict[int, dict[str | None, float]] = defaultdict(dict)
    for fact in facts:
        if fact.corrected_days is not None:
            found[fact.feed][fact.field] = fact.corrected_days
    return found


def _log_odds(tallies: Mapping[str | None, _Tally]) -> dict[str | None, float]:
    total = sum(tally.weight for tally in tallies.values())
    return {
        option: math.log((1 + tally.weight) / (1 + total - tally.weight))
        for option, tally in tallies.items()
    }


def _fade(days: float) -> float:
    return 0.5 ** (max(days, 0.0) / HALF_LIFE_DAYS)


def _are_unique(headers: Sequence[str]) -> bool:
    return not any(" #" in words for words in keys(headers))
