"""One field per column: evidence weighed together, then one assignment for the whole file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from .. import arrow, numbers
from ..fields import AUXILIARY, FIELDS, IDENTIFIERS, REPEATABLE
from ..rules import Reason
from . import fit, lexicon
from .evidence import Content, look

Level = Literal["sure", "likely", "asked"]
#: Header (as in the file) → (field, or None when it was left out; how often).
Memory = Mapping[str, tuple[str | None, int]]

SURE = 0.88
LIKELY = 0.62
FLOOR = 0.5  # below, a column may not even compete
LOOK_ALIKE = 0.15
_COUNTED = re.compile(r" \(\d+\)$")
_NUMBERED = re.compile(r"^Column \d+$")
_COPIES = 6  # of the fields several columns may carry


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What a column is thought to be.

    column: its unique name; index: its place from 0
    field: target field (or `price_per`), None when it fills none or must be asked
    confidence: 0-1, that `field` is right (when asked: that the best alternative is)
    level: `sure` and `likely` are mapped, `asked` is left to a person
    why: what speaks for it and against it
    alternatives: other fields that come into question, likeliest first
    """

    column: str
    index: int
    field: str | None
    confidence: float
    level: Level
    why: tuple[Reason, ...] = ()
    alternatives: tuple[str, ...] = ()

    @property
    def target(self) -> str | None:
        """The field as a property of the offer: None for what only changes another value."""
        return None if self.field in AUXILIARY else self.field


@dataclass(frozen=True, slots=True)
class Proposal:
    """The mapping proposed for a file, column by column.

    held: why a person must look before an import, None when it may go on
    """

    columns: tuple[ColumnProposal, ...]
    held: Reason | None = None

    def __iter__(self) -> Iterator[ColumnProposal]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, index: int) -> ColumnProposal:
        return self.columns[index]

    @property
    def fields(self) -> dict[str, str]:
        """Column → field of what is mapped."""
        return {item.column: item.field for item in self.columns if item.field}


def propose(headers: Sequence[str], sample: pd.DataFrame, memory: Memory | None = None) -> Proposal:
    """Propose a field for each column of a file.

    headers: names as the file gives them, in order; sample: rows as text, as many columns
    memory: what earlier files said of these headers; it outweighs everything else
    """
    texts = [arrow.text(sample.iloc[:, index]) for index in range(sample.shape[1])]
    contents = [look(text) for text in texts]
    contents += [Content()] * (len(headers) - len(contents))
    columns = [_Column(index, header, contents[index]) for index, header in enumerate(headers)]
    repeated = Counter(_as_in_file(header, headers) for header in headers)
    for column in columns:
        original = _as_in_file(column.header, headers)
        column.weigh(original, repeated[original] > 1, (memory or {}).get(column.header))
    chosen = _choose(columns)
    proposals = [_propose(column, chosen, columns) for column in columns]
    proposals = _relate_prices(proposals, texts)
    names = _names(sample, headers)
    proposals = [replace(item, column=names[item.index]) for item in proposals]
    return Proposal(tuple(proposals), _held(proposals))


class _Column:
    """A column under examination: its score (0-1) for each field, and the reasons."""

    def __init__(self, index: int, header: str, content: Content) -> None:
        self.index = index
        self.header = header
        self.content = content
        self.scores: dict[str, float] = {}
        self.reasons: dict[str, list[Reason]] = {}
        self.whole: set[str] = set()  # fields whose synonym is all the header says
        self.denied: str | None = None  # what the header says and the content does not bear out
        self.ignored: Reason | None = None
        self.by_memory = False

    def weigh(
        self, original: str, repeated: bool, remembered: tuple[str | None, int] | None
    ) -> None:
        """Score every field: by memory when there is one, else by header and content."""
        if remembered:
            self._remember(*remembered)
            return
        hits = dict(lexicon.load().hits(original))
        ignore = hits.pop(lexicon.IGNORE, None)
        for field, hit in hits.items():
            factor = fit.factor(field, self.content)
            if factor < 0.5 and hit.score >= SURE:
                self.denied = field
            if hit.whole:
                self.whole.add(field)
            # Of two names that fit, the more telling one: "supplier sku" over "sku".
            score = hit.score * factor + 0.003 * (len(hit.term.split()) - 1)
            if ignore and ignore.score >= hit.score - 0.02:
                score *= 1 - 0.75 * ignore.score
            if repeated:
                score *= 0.6
            self.scores[field] = score
            rule = "header-is" if hit.score > 0.97 else "header-resembles"
            self.reasons[field] = [Reason(rule, {"term": hit.term})]
            self._judge(field, factor)
            if repeated:
                self.reasons[field].append(Reason("header-repeated", {}))
        if ignore and ignore.score > 0.6:
            self.ignored = Reason("ignored", {})
        else:
            self._claim()

    def _remember(self, field: str | None, count: int) -> None:
        self.by_memory = True
        if field is None:
            self.ignored = Reason("memory-ignored", {"count": count})
            return
        self.scores[field] = 1.5 - 0.07 / max(1, count)
        self.reasons[field] = [Reason("memory", {"count": count})]

    def _claim(self) -> None:
        for field, (score, rule) in fit.claims(self.content).items():
            if score > self.scores.get(field, 0.0):
                self.scores[field] = score
                self.reasons[field] = [Reason(rule, self._params(rule))]

    def _judge(self, field: str, factor: float) -> None:
        reasons, content = self.reasons[field], self.content
        if factor < 0.8:
            reasons.append(Reason("content-against", {}))
        elif field == "ean" and content.gtin >= 0.5:
            reasons.append(Reason("content-gtin", self._params("content-gtin")))
        elif field == "vat_rate" and content.vat >= 0.95:
            reasons.append(Reason("content-vat", {}))
        elif field == "availability" and content.availability > 0.6:
            reasons.append(Reason("content-availability", {}))
        elif FIELDS[field].kind in ("price", "quantity") and content.numeric > 0.8:
            low, high = f"{content.low:g}", f"{content.high:g}"
            reasons.append(Reason("content-numbers", {"low": low, "high": high}))

    def _params(self, rule: str) -> dict[str, str]:
        return {"share": f"{self.content.gtin * 100:.0f}"} if rule == "content-gtin" else {}

    @property
    def best(self) -> float:
        """The highest score of any field, 0 when none."""
        return max(self.scores.values(), default=0.0)

    def ranked(self) -> list[str]:
        """Return the fields that come into question, likeliest first."""
        found = [field for field, score in self.scores.items() if score >= 0.3]
        return sorted(found, key=lambda field: -self.scores[field])


def _as_in_file(name: str, names: Sequence[str]) -> str:
    """Return the header a unique column name was made of: `EAN (2)` is EAN, `Column 4` is empty."""
    base = _COUNTED.sub("", name)
    return base if base in names else "" if _NUMBERED.match(name) else name


def _choose(columns: list[_Column]) -> dict[int, str]:
    """Return column index → field: each field once, each column at most one."""
    chosen = _assign(columns, {})
    _second_choices(columns, chosen)
    if _name_by_description(columns, chosen):
        chosen |= _assign([item for item in columns if item.index not in chosen], chosen)
    return chosen


def _assign(columns: list[_Column], taken: dict[int, str]) -> dict[int, str]:
    """Give each column the field it fits, the sum of scores as high as can be.

    A column is not given a field it fits much less than another: better none than a consolation.
    """
    slots = [
        field
        for field in FIELDS
        for _copy in range(_COPIES if field in REPEATABLE else 1)
        if field in REPEATABLE or field not in taken.values()
    ]
    gain = np.zeros((len(columns), len(slots)))
    for row, column in enumerate(columns):
        best = column.best
        for place, field in enumerate(slots):
            score = column.scores.get(field, 0.0)
            score -= 1.5 * (best - score)
            if score >= FLOOR:
                # Of equal columns the first, but of categories the last, which says most.
                order = column.index if field == "category" else -column.index
                gain[row, place] = score - FLOOR / 2 + order * 1e-5
    rows, places = linear_sum_assignment(gain, maximize=True)
    return {
        columns[row].index: slots[place]
        for row, place in zip(rows, places, strict=True)
        if gain[row, place] > 0
    }


def _second_choices(columns: list[_Column], chosen: dict[int, str]) -> None:
    """Once `cost` is the purchase price, `price` is the retail price: ambiguous names settle."""
    by_field = {field: index for index, field in chosen.items()}
    scores = {column.index: column.scores for column in columns}
    for column in columns:
        ranked = column.ranked()
        if column.index in chosen or len(ranked) < 2:
            continue
        first, second = ranked[0], ranked[1]
        owner = by_field.get(first)
        if owner is None or second in by_field or column.scores[second] < FLOOR:
            continue
        # Two codes are the supplier's and the maker's; two look-alike prices stay a question.
        lead = scores[owner][first] - column.scores[first]
        if second in column.whole and (lead >= 0.05 or first == "supplier_sku"):
            chosen[column.index] = second
            by_field[second] = column.index
            column.scores[second] = min(0.86, column.scores[second] + 0.2)


def _name_by_description(columns: list[_Column], chosen: dict[int, str]) -> bool:
    """When nothing names the article, its description does."""
    if "name" in chosen.values():
        return False
    left = sorted(columns, key=lambda column: column.index in chosen)
    for column in left:
        field = chosen.get(column.index) or next(iter(column.ranked()), None)
        free = field in ("name", "description")
        if free and column.scores.get("name", 0) >= FLOOR:
            chosen[column.index] = "name"
            column.scores["name"] = max(column.scores["name"], 0.8)
            column.reasons["name"].append(Reason("best-name", {}))
            return True
    return False


def _propose(column: _Column, chosen: dict[int, str], columns: list[_Column]) -> ColumnProposal:
    field = chosen.get(column.index)
    ranked = column.ranked()
    if field is None and column.denied and not _taken(column.denied, chosen):
        return ColumnProposal(
            column.header,
            column.index,
            None,
            round(min(0.99, column.scores[column.denied]), 2),
            "asked",
            tuple(column.reasons[column.denied]),
            (column.denied, *(other for other in ranked if other != column.denied))[:3],
        )
    if field is None:
        asked = bool(ranked) and column.scores[ranked[0]] >= FLOOR and not _taken(ranked[0], chosen)
        why = column.ignored or Reason("nothing", {})
        confidence = min(0.99, column.scores[ranked[0]]) if asked else 1 - min(1.0, column.best) / 2
        return ColumnProposal(
            column.header,
            column.index,
            None,
            round(confidence, 2),
            "asked" if asked else "likely" if ranked else "sure",
            (why,),
            tuple(ranked[:3]),
        )
    confidence = min(0.99, column.scores[field])
    why = list(column.reasons[field])
    if field == "price_per":
        why.append(Reason("price-is-per", {}))
    rival = _rival(column, field, chosen, columns)
    if rival:
        confidence = min(confidence, LIKELY - 0.02)
        why.append(Reason("look-alike", {"column": rival.header}))
    asked = confidence < LIKELY
    others = [other for other in ranked if other != field]
    return ColumnProposal(
        column.header,
        column.index,
        None if asked else field,
        round(confidence, 2),
        "asked" if asked else "sure" if confidence >= SURE else "likely",
        tuple(why),
        tuple([field, *others][:3] if asked else others[:3]),
    )


def _taken(field: str, chosen: dict[int, str]) -> bool:
    return field in chosen.values()


def _rival(
    column: _Column, field: str, chosen: dict[int, str], columns: list[_Column]
) -> _Column | None:
    """Return a column without a better use that could be the purchase price just as well."""
    if field != "purchase_price" or column.by_memory:
        return None
    for other in columns:
        likeness = other.scores.get(field, 0.0)
        if other.index == column.index or likeness < column.scores[field] - LOOK_ALIKE:
            continue
        own = chosen.get(other.index)
        if own is None or other.scores[own] < likeness - 0.1:
            return other
    return None


def _relate_prices(proposals: list[ColumnProposal], texts: list) -> list[ColumnProposal]:
    """Doubt a purchase price that is above the retail price; trust one that is below."""
    place = {item.field: position for position, item in enumerate(proposals) if item.field}
    if not {"purchase_price", "recommended_retail_price"} <= set(place):
        return proposals
    purchase, retail = (
        _numbers(texts[proposals[place[field]].index])
        for field in ("purchase_price", "recommended_retail_price")
    )
    both = (purchase > 0) & (retail > 0)
    if not both.any():
        return proposals
    below = float((purchase[both] <= retail[both]).mean())
    item = proposals[place["purchase_price"]]
    if below >= 0.5:
        reason = Reason("below-retail", {"share": f"{below * 100:.0f}"})
        confidence = min(0.99, item.confidence * (1.05 if below > 0.9 else 1.0))
        level: Level = "sure" if confidence >= SURE else "likely"
        changed = replace(
            item, confidence=round(confidence, 2), level=level, why=(*item.why, reason)
        )
    else:
        reason = Reason("above-retail", {"share": f"{(1 - below) * 100:.0f}"})
        changed = replace(
            item,
            field=None,
            confidence=round(item.confidence * 0.6, 2),
            level="asked",
            why=(*item.why, reason),
            alternatives=("purchase_price", *item.alternatives)[:3],
        )
    result = list(proposals)
    result[place["purchase_price"]] = changed
    return result


def _numbers(text) -> np.ndarray:
    return numbers.parse(text, numbers.style_of(text)).value


def _names(sample: pd.DataFrame, headers: Sequence[str]) -> list[str]:
    if sample.shape[1] == len(headers):
        return [str(name) for name in sample.columns]
    return list(headers)


def _held(proposals: list[ColumnProposal]) -> Reason | None:
    """Return why a person must look first: an identifier and a price never come from a guess."""
    mapped = {item.field for item in proposals if item.field}

    def unsure(*fields: str) -> str:
        return ", ".join(
            item.column
            for item in proposals
            if item.level == "asked" and set(item.alternatives[:1]) & set(fields)
        )

    if not mapped & set(IDENTIFIERS):
        columns = unsure(*IDENTIFIERS)
        if columns:
            return Reason("unsure-identifier-column", {"columns": columns})
        return Reason("no-identifier-column", {})
    by_discount = {"recommended_retail_price", "discount_percent"} <= mapped
    if "purchase_price" not in mapped and not by_discount:
        columns = unsure("purchase_price")
        if columns:
            return Reason("unsure-price-column", {"columns": columns})
        return Reason("no-price-column", {})
    return None
