"""What changed between the file that was accepted last and this one, column by column.

Columns of the same name are the same; of the others, those that hold the same values for the same
articles, or look alike, are one column renamed. What a mapping by name survives is harmless:
columns in another order, new columns that fill nothing, columns gone that filled nothing. What it
may not survive holds the file: a mapped column gone or renamed, a new one that looks like a mapped
field, another unit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..fields import FIELDS, REPEATABLE, SUMMED
from ..rules import Reason
from . import memory, units
from .continued import Articles, match, meaning
from .fingerprint import Layout

Kind = Literal["renamed", "kept", "moved", "new", "gone", "unit", "content"]
_ENOUGH = 10  # cells that tell what kind a column is of


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two files.

    column: its name in this file, in the accepted one when it is gone
    before, after: names, places from 1, units or values, by kind
    evidence: what tells; field: what the column fills, or looks like when it is new
    holds: a person has to accept it; sample: first value in this file
    """

    kind: Kind
    column: str
    before: str
    after: str
    evidence: Reason
    field: str | None = None
    holds: bool = False
    sample: str = ""

    @property
    def reason(self) -> Reason:
        """What changed, in words."""
        params = {"column": self.column, "before": self.before, "after": self.after}
        return Reason(f"drift-{self.kind}", params)

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain values, its words by rule and params."""
        return {
            "kind": self.kind,
            "column": self.column,
            "before": self.before,
            "after": self.after,
            "field": self.field,
            "holds": self.holds,
            "sample": self.sample,
            "reason": {"rule": self.reason.rule, "params": self.reason.params},
            "evidence": {"rule": self.evidence.rule, "params": self.evidence.params},
        }


@dataclass(frozen=True, slots=True)
class Drift:
    """All differences, and which column of the accepted file each column continues.

    origins: column of this file → column of the accepted one
    """

    changes: tuple[Change, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """A person has to accept them before the file is imported."""
        return any(change.holds for change in self.changes)

    @property
    def held(self) -> tuple[Change, ...]:
        """The differences that a person has to accept."""
        return tuple(change for change in self.changes if change.holds)


def compare(
    before: Layout,
    after: Layout,
    fields: Mapping[str, str | None],
    *,
    proposed: Mapping[str, str | None] | None = None,
    currency: str | None = None,
    vat_rates: Sequence[float] = (),
    is_named: bool = False,
) -> Drift:
    """Compare a file with the one accepted last.

    fields: column → field of the accepted file
    proposed: column → field, as the mapper would have them in this file
    currency: of prices that name none; vat_rates: 0-1, that prices may have gained or lost
    is_named: each value bears the name of its column (JSON, XML): their order tells nothing
    """
    pairs = Articles(before, after, fields)
    origins, renamed = match(before, after, pairs)
    found_renamed = _renamed(before, after, fields, origins, renamed)
    changes = [
        *found_renamed,
        *_kept(after, fields, origins, found_renamed),
        *([] if is_named else _moved(before, after, fields, origins)),
        *_new(after, fields, origins, proposed or {}),
        *_gone(before, fields, origins),
    ]
    for name, origin in origins.items():
        target = fields.get(origin)
        if not target:
            continue
        old, new = before.print_of(origin), after.print_of(name)
        found = units.compare(
            target, (origin, old), (name, new), pairs.numbers(origin, name), currency, vat_rates
        )
        changes += [
            Change("unit", name, *pair, evidence, target, True, new.sample)
            for *pair, evidence in found
        ]
        if not found:
            changes += _content(name, origin, target, before, after, pairs)
    return Drift(tuple(changes), origins)


def _renamed(
    before: Layout,
    after: Layout,
    fields: Mapping[str, str | None],
    origins: Mapping[str, str],
    renamed: Mapping[str, Reason],
) -> list[Change]:
    """Renamed columns hold when they are mapped, unless only a date or the spelling differs.

    A date that alone tells several columns apart holds when one of them is mapped: of last year's
    price and this year's, names do not say which is which.
    """
    repeated = _repeated(before.columns) | _repeated(after.columns)
    filled = {memory.key(name) for name, target in fields.items() if target}
    changes = []
    for name, reason in renamed.items():
        origin = origins[name]
        target = fields.get(origin)
        holds = bool(target)
        if reason.rule == "drift-same-words":
            holds = bool({name, origin} & repeated) and memory.key(name) in filled
            if holds:
                reason = Reason("drift-same-words-twice", {})
        sample = after.print_of(name).sample
        changes.append(Change("renamed", name, origin, name, reason, target, holds, sample))
    return changes


def _kept(
    after: Layout,
    fields: Mapping[str, str | None],
    origins: Mapping[str, str],
    renamed: Sequence[Change],
) -> list[Change]:
    """Mapped columns under the name they had, when a date alone tells them from a renamed one.

    Of last year's price and this year's, the one that kept its name may have changed places.
    """
    words = {
        memory.key(change.column)
        for change in renamed
        if change.evidence.rule == "drift-same-words-twice"
    }
    evidence = Reason("drift-same-words-twice", {})
    return [
        Change("kept", name, name, name, evidence, target, True, after.print_of(name).sample)
        for name in after.columns
        if memory.key(name) in words and origins.get(name) == name and (target := fields.get(name))
    ]


def _moved(
    before: Layout, after: Layout, fields: Mapping[str, str | None], origins: Mapping[str, str]
) -> list[Change]:
    """Columns that left their order; a mapping by name finds them, unless names repeat."""
    common = [name for name in after.columns if name in origins]
    places = [before.columns.index(origins[name]) for name in common]
    kept = _longest_rise(places)
    repeated = _repeated(before.columns) | _repeated(after.columns)
    return [
        Change(
            "moved",
            name,
            str(place + 1),
            str(after.columns.index(name) + 1),
            Reason("drift-by-place" if name in repeated else "drift-by-name", {}),
            fields.get(origins[name]),
            name in repeated and bool(fields.get(origins[name])),
            after.print_of(name).sample,
        )
        for index, (name, place) in enumerate(zip(common, places, strict=True))
        if index not in kept
    ]


def _longest_rise(places: Sequence[int]) -> set[int]:
    """Return the indices of a longest rising run: what kept its order."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, place in enumerate(places):
        spot = bisect_left(tails, place)
        before.append(ends[spot - 1] if spot else -1)
        tails[spot : spot + 1] = [place]
        ends[spot : spot + 1] = [index]
    kept, index = set(), ends[-1] if ends else -1
    while index >= 0:
        kept.add(index)
        index = before[index]
    return kept


def _repeated(columns: Sequence[str]) -> set[str]:
    """Return the names that several columns of a file share."""
    words = [found.split(" #")[0] for found in memory.keys(columns)]
    counts = Counter(words)
    return {name for name, word in zip(columns, words, strict=True) if counts[word] > 1}


def _new(
    after: Layout,
    fields: Mapping[str, str | None],
    origins: Mapping[str, str],
    proposed: Mapping[str, str | None],
) -> list[Change]:
    """New columns hold when they look like a field that another column fills already."""
    by_field = {target: name for name, origin in origins.items() if (target := fields.get(origin))}
    changes = []
    for name in after.columns:
        if name in origins:
            continue
        target = proposed.get(name) or meaning(name)
        owner = by_field.get(target) if target not in REPEATABLE | SUMMED else None
        if owner:
            evidence = Reason("drift-looks-like", {"field": target, "other": owner})
        elif target:
            evidence = Reason("drift-looks-free", {"field": target})
        else:
            evidence = Reason("drift-fills-nothing", {})
        sample = after.print_of(name).sample
        changes.append(Change("new", name, "", name, evidence, target, bool(owner), sample))
    return changes


def _gone(
    before: Layout, fields: Mapping[str, str | None], origins: Mapping[str, str]
) -> list[Change]:
    """Columns that are gone hold when they filled something."""
    continued = set(origins.values())
    return [
        Change(
            "gone",
            name,
            name,
            "",
            Reason("drift-filled", {"field": fields[name]})
            if fields.get(name)
            else Reason("drift-fills-nothing", {}),
            fields.get(name),
            bool(fields.get(name)),
            before.print_of(name).sample,
        )
        for name in before.columns
        if name not in continued
    ]


def _content(
    name: str, origin: str, target: str, before: Layout, after: Layout, articles: Articles
) -> list[Change]:
    """Columns whose header stayed while other values moved below it."""
    old, new = before.print_of(origin), after.print_of(name)
    if not old.is_known or not new.is_known:
        return []
    own = articles.same(origin, name)
    for other in before.columns:
        if other == origin or own is None or own > 0.1:
            continue
        there = before.print_of(other)
        same = articles.same(other, name) if there.is_known else None
        if same is not None and same >= 0.8 and there.share("distinct") > 0.3:
            evidence = Reason("drift-holds-other", {"other": other})
            return [Change("content", name, old.sample, new.sample, evidence, target, True)]
    few = any(sum(map(bool, one.cells)) < _ENOUGH for one in (old, new))
    if few or FIELDS[target].kind in ("code", "quantity", "availability", "lead_time"):
        return []
    if abs(old.share("numeric") - new.share("numeric")) < 0.8:
        return []
    evidence = Reason("drift-other-kind", {})
    return [Change("content", name, old.sample, new.sample, evidence, target, True)]
