"""What each column of a file is thought to be, how sure that is, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from .. import arrow
from ..fields import FIELDS, IDENTIFIERS
from ..rules import Reason
from . import dearer, fit, lexicon, model
from .assign import Choice, alternatives, choose
from .columns import Column, look_up
from .evidence import SAMPLE, Content, look_at_all
from .features import IGNORED, OPTIONS, place
from .memory import Memory, Recall
from .proposal import SURE, ColumnProposal, Level, Proposal

#: A header that says a field so clearly is asked about when its cells say otherwise.
_SAID = 0.88
_ASKED = 0.4
#: Likeness to a field that another column fills from which that column is named.
_RESEMBLES = 0.6
#: Identifiers and the price never come from a guess: not below this, though a header that says
#: just one thing lowers the threshold of other fields to _JUST.
_MANDATORY, _LEAST = frozenset({*IDENTIFIERS, "purchase_price"}), 0.7
#: Probability that the only text a header calls name or description names the article: of 179 such
#: in layouts that were held out, 178 did.
_ONLY_NAME = 0.95
AGAINST = 0.5  # cells that fit a field less are asked about, whatever the header says
#: How much what is remembered counts beside what the file shows: of the layout that a person
#: accepted, of the supplier's files, of other suppliers'.
_CERTAIN, _OWN, _OTHERS = 12.0, 7.0, 3.5
#: A header that is word for word a synonym of one field alone is taken from this probability on.
_JUST, _WORD_FOR_WORD, _OF_OTHERS, _FITS = 0.6, 0.97, 0.6, 0.9
#: Fields that a file may do without, unlike a price or a quantity.
_HARMLESS = frozenset({"text", model.OTHER})
#: Fields that are never left out without a question: those and what changes a price.
_WANTED = model.KEY | {"currency"}
#: Fields that the words for another one may name too.
_READ_AS = {
    "tier_price": ("tier_price", "purchase_price"),
    "tier_qty": ("tier_qty", "stock_quantity"),
    "stock_quantity": ("stock_quantity", "availability"),
    "name": ("name", "description"),
}
_LEFT_OUT = 0.2  # probability of filling nothing from which an unsure optional field is left out
_JOINED = 0.6  # share of cells with three sides from which a column is offered as the length
_COUNTED = re.compile(r" \(\d+\)$")
_NUMBERED = re.compile(r"^Column \d+$")
_STEP = re.compile(r" \(\d+\+\)(?:/|$)")  # of what a price is from a quantity on


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the mapper knows: what headers mean, and how much each piece of evidence weighs."""

    lexicon: lexicon.Lexicon
    model: model.Model

    @classmethod
    def load(cls) -> Knowledge:
        """Return what comes with the addon, read once."""
        return cls(lexicon.load(), model.load())


def propose(
    headers: Sequence[str],
    sample: pd.DataFrame,
    memory: Memory | None = None,
    knowledge: Knowledge | None = None,
) -> Proposal:
    """Propose a field for each column of a file.

    headers: names as the file gives them, in order; sample: rows as text, as many columns
    memory: what earlier files said of these headers; the supplier's own outweigh what the file
        shows, those of other suppliers are weighed with it
    knowledge: other than the addon's own, to measure it
    """
    knowledge = knowledge or Knowledge.load()
    columns, texts = examine(headers, sample, knowledge.lexicon)
    remembered = {
        column.index: recall
        for column in columns
        if memory and (recall := memory.recall(column.header, column.index))
    }
    weighed = knowledge.model
    utilities = weighed.utilities(columns)
    for index, recall in remembered.items():
        trust = _CERTAIN if recall.is_certain else _OWN if recall.is_own else _OTHERS
        for option, odds in recall.log_odds.items():
            utilities[index, place(option)] += trust * odds
    choices = choose(utilities)
    choices = name_by_description(columns, choices, remembered)
    choices = beside_look_alikes(columns, choices)
    taken = [choice.field for choice in choices]
    proposals = [
        _propose(column, choices, taken, remembered.get(column.index), columns, weighed)
        for column in columns
    ]
    own = {index for index, recall in remembered.items() if recall.is_own}
    if not any(item.field == "purchase_price" and item.index in own for item in proposals):
        proposals = dearer.is_retail(proposals, texts)
        proposals = dearer.relate(proposals, texts)  # a person's answer is not doubted
    names = _names(sample, headers)
    proposals = [replace(item, column=names[item.index]) for item in proposals]
    return Proposal(tuple(proposals), _held(proposals))


def examine(
    headers: Sequence[str], sample: pd.DataFrame, book: lexicon.Lexicon
) -> tuple[list[Column], list[pa.Array]]:
    """Return each column with its evidence, and the texts of those the sample holds."""
    sample = sample.iloc[:SAMPLE]
    texts = [arrow.text(sample.iloc[:, index]) for index in range(sample.shape[1])]
    contents = look_at_all(texts)
    contents += [Content()] * (len(headers) - len(contents))
    words = [_as_in_file(header, headers) for header in headers]
    return look_up(headers, words, contents, book, texts), texts


def _as_in_file(name: str, names: Sequence[str]) -> str:
    """Return the header a unique column name was made of: `EAN (2)` is EAN, `Column 4` is empty.

    Not where the file numbers its headers itself: `Net (1)`, `Net (2)`.
    """
    base = _COUNTED.sub("", name)
    if base in names and f"{base} (1)" not in names:
        return base
    return "" if _NUMBERED.match(name) else name


def name_by_description(
    columns: list[Column], choices: list[Choice], remembered: Mapping[int, object]
) -> list[Choice]:
    """When nothing names the article, its description does."""
    fields = [choice.field for choice in choices]
    said = [field for field in _READ_AS["name"] if field in fields]
    if len(said) != 1:
        return choices
    row = fields.index(said[0])
    if row in remembered or columns[row].factors["name"] < 0.5:
        return choices
    options = choices[row].options.copy()
    options[place("name")] += options[place("description")]
    options[place("description")] = 0.0
    probability = float(options[place("name")])
    hits = columns[row].hits
    told = max((hits[name].score for name in _READ_AS["name"] if name in hits), default=0.0)
    if probability > 0.5 and told >= 0.5:
        probability = max(_ONLY_NAME, probability)
    changed = Choice("name", probability, options)
    return [*choices[:row], changed, *choices[row + 1 :]]


def beside_look_alikes(columns: list[Column], choices: list[Choice]) -> list[Choice]:
    """Tell the purchase price of the column that differs but by a letter or a number: `Prix A`."""
    fields = [choice.field for choice in choices]
    if fields.count("purchase_price") != 1:
        return choices
    row = fields.index("purchase_price")
    own = _stem(columns[row])
    alike = (
        other.index
        for other in columns
        if own
        and fields[other.index] is None
        and _stem(other) == own
        and other.content.numeric > 0.5
        and other.factors["purchase_price"] >= AGAINST
    )
    found = next(alike, None)
    if found is None or choices[row].rival is not None:
        return choices
    return [*choices[:row], replace(choices[row], rival=found), *choices[row + 1 :]]


def _stem(column: Column) -> tuple[str, ...]:
    words = lexicon.words(column.words)
    return tuple(word for word in words if len(word) > 1 and not word.isdigit())


def _propose(
    column: Column,
    choices: list[Choice],
    taken: list[str | None],
    recall: Recall | None,
    columns: list[Column],
    weighed: model.Model,
) -> ColumnProposal:
    choice = choices[column.index]
    others = alternatives(choice, taken)[:3]
    confidence = round(min(0.99, float(weighed.calibrated(choice.probability))), 2)

    def answer(
        field: str | None,
        level: Level,
        why: list[Reason],
        offered: Sequence[str] = others,
        sure: float | None = None,
    ) -> ColumnProposal:
        return ColumnProposal(
            column.header,
            column.index,
            field,
            confidence if sure is None else sure,
            level,
            tuple(why),
            tuple(dict.fromkeys(offered))[:3],
        )

    said = recall is not None and recall.log_odds.get(choice.field, 0.0) > 0
    if said and recall.is_own:
        confidence = 0.99
        return answer(choice.field, "sure", [recall.reason(choice.field)])
    if choice.field is None:
        return _propose_none(column, choice, taken, columns, weighed, answer)
    why = _why(column, choice.field)
    if said:
        why.insert(0, recall.reason(choice.field))
    if choice.field == "price_per":
        why.append(Reason("price-is-per", {}))
    if "description" in column.hits and choice.field == "name" and "name" not in column.hits:
        why.append(Reason("best-name", {}))
    if choice.rival is not None:
        why.append(Reason("look-alike", {"column": columns[choice.rival].header}))
    bar = weighed.bar(choice.field)
    if _says_just(column, choice.field):
        bar = min(bar, _JUST)
    if choice.field in _MANDATORY:
        bar = max(bar, _LEAST)
    is_harmless = choice.field not in _WANTED and model.group(choice.field) in _HARMLESS
    is_harmless |= choice.field == "availability"  # beside a stock it says nothing more
    if confidence < bar and is_harmless and choice.options[IGNORED] >= _LEFT_OUT:
        return answer(None, "likely", [Reason("nothing", {})], [choice.field, *others])
    if column.repeated:
        confidence = min(confidence, SURE - 0.05)
    doubted = choice.rival is not None or is_doubted(column, choice.field)
    doubted |= column.repeated and choice.field == "purchase_price"  # which of them?
    # Beside prices from ten pieces on, a quantity is rather that of the first step.
    doubted |= choice.field == "price_per" and any(_STEP.search(own.header) for own in columns)
    if confidence < bar or doubted:
        confidence = min(confidence, bar)
        return answer(None, "asked", why, [choice.field, *others])
    return answer(choice.field, "sure" if confidence >= max(SURE, bar) else "likely", why)


def is_doubted(column: Column, field: str) -> bool:
    """Whether a field is asked about whatever its probability: its cells deny it, or nothing but
    the absence of another column speaks for it.
    """
    if column.factors[field] < AGAINST:
        return True
    names = _READ_AS.get(field, (field,))
    told = any(name in column.hits or column.letters.get(name, 0.0) >= 0.5 for name in names)
    told = told or field in column.claims or column.proven == field
    if not told and column.words and field in _MANDATORY:
        return True  # an identifier and a price never come from a guess
    return not told and fit.suits(field, column.content) < 0.5


def _says_just(column: Column, field: str) -> bool:
    """The header is a synonym of this field and of no other, and the cells do not deny it.

    Not of quantities: the word for one (`Formato`, `Colis`) is often that for what it counts.
    """
    hit = column.hits.get(field)
    others = [other.score for name, other in column.hits.items() if name != field]
    return (
        hit is not None
        and model.group(field) != "quantity"
        and hit.score > _WORD_FOR_WORD
        and max(others, default=0.0) <= _OF_OTHERS
        and column.content.known
        and column.factors[field] >= _FITS
        and not column.repeated
    )


def _propose_none(
    column: Column,
    choice: Choice,
    taken: list[str | None],
    columns: list[Column],
    weighed: model.Model,
    answer,
) -> ColumnProposal:
    """A column that fills nothing: ask when it may be something that nothing else is."""

    def ask(field: str) -> ColumnProposal:
        sure = float(weighed.calibrated(float(choice.options[place(field)])))
        offered = [field, *_ranked(choice)]
        return answer(None, "asked", _why(column, field), offered, round(min(0.99, sure), 2))

    if column.content.sides >= _JOINED and "length" not in taken:
        return answer(None, "likely", [Reason("sides-joined", {})], ["length"])
    said = max(column.hits.values(), key=lambda hit: hit.score, default=None)
    denied = said and said.score >= _SAID and column.factors[said.field] < 0.5
    if denied and said.field not in taken:
        return ask(said.field)
    if "brand" in column.claims and "brand" not in taken and not column.leave:
        return ask("brand")
    best = next((field for field in _ranked(choice) if field not in taken), None)
    if best and choice.options[place(best)] >= _ASKED:
        return ask(best)
    left = column.leave and column.leave.score > 0.6
    why = Reason("ignored" if left else "nothing", {})
    if not left and said and said.score >= _RESEMBLES and said.field in taken:
        why = Reason("likelier", {"column": columns[taken.index(said.field)].header})
    return answer(None, "sure" if choice.options[IGNORED] >= SURE else "likely", [why])


def _ranked(choice: Choice) -> list[str]:
    order = np.argsort(-choice.options)
    return [OPTIONS[option] for option in order if option != IGNORED][:3]


def _why(column: Column, field: str) -> list[Reason]:
    """Return what speaks for a field, and against it, the weightiest first."""
    reasons, content = [], column.content
    hit, claim = column.hits.get(field), column.claims.get(field)
    if claim and (not hit or claim[0] > hit.score * column.factors[field]):
        told = _TOLD[claim[1]](content) if claim[1] in _TOLD else Reason(claim[1], {})
        reasons.append(told)
    elif hit:
        rule = "header-is" if hit.score > 0.97 else "header-resembles"
        reasons.append(Reason(rule, {"term": hit.term}))
    if column.factors[field] < 0.8:
        reasons.append(Reason("content-against", {}))
    elif field == "ean" and content.gtin >= 0.5 and reasons[:1] != [_gtins(content)]:
        reasons.append(_gtins(content))
    elif field == "vat_rate" and content.vat >= 0.95:
        reasons.append(Reason("content-vat", {}))
    elif field == "brand" and content.brand >= 0.5 and reasons[:1] != [_brands(content)]:
        reasons.append(_brands(content))
    elif field == "country_of_origin" and content.country >= 0.8:
        reasons.append(Reason("content-country", {}))
    elif field == "condition" and content.condition >= 0.6:
        reasons.append(Reason("content-condition", {}))
    elif field == "availability" and content.availability > 0.6:
        reasons.append(Reason("content-availability", {}))
    elif FIELDS[field].kind in ("price", "quantity") and content.numeric > 0.8:
        low, high = f"{content.low:g}", f"{content.high:g}"
        reasons.append(Reason("content-numbers", {"low": low, "high": high}))
    if column.repeated and hit:
        reasons.append(Reason("header-repeated", {}))
    return reasons or [Reason("nothing", {})]


def _gtins(content: Content) -> Reason:
    return Reason("content-gtin", {"share": f"{content.gtin * 100:.0f}"})


def _brands(content: Content) -> Reason:
    return Reason("content-brand", {"share": f"{content.brand * 100:.0f}"})


#: Reasons of claims that say how many cells speak for them.
_TOLD = {"content-gtin": _gtins, "content-brand": _brands}


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
    # a price made of two others is as sure as both of them
    parts = {"recommended_retail_price", "discount_percent"}
    made_of = [item for item in proposals if item.field in parts]
    by_discount = len(made_of) == 2 and all(item.level == "sure" for item in made_of)
    if "purchase_price" not in mapped and not by_discount:
        columns = unsure("purchase_price")
        if not columns and len(made_of) == 2:
            columns = ", ".join(item.column for item in made_of if item.level != "sure")
        if columns:
            return Reason("unsure-price-column", {"columns": columns})
        return Reason("no-price-column", {})
    return None
