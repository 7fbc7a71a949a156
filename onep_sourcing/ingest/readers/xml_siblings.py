"""Elements that a record repeats, told apart by what they are for: `<price qty="10">`.

One of them keeps the plain name of its column, the others get it with their mark: `price (10+)` for
a price from ten pieces on, `price (retail)`; those that are named (`<field name="price">`) all get
theirs. The mark is an attribute (of a quantity, also an
element below) whose values recur from record to record; a number of its own, such as an id, is
none, and then only the first element is read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from lxml import etree

from .records import DEPTH

REPEATED = "xml-repeated"
_MOST = 30  # columns that one element may become
_LONGEST_MARK = 40
_RECURS = 0.5  # of the records that repeat an element, from which a mark is one of a kind
_MARKED = re.compile(r"^(?P<place>[^()]+) \((?P<mark>[^()]+)\)(?:/|$)")
_NUMBER = re.compile(r"^\d{1,6}(?:\.0*)?$")
_QUANTITY = frozenset(
    "qty quantity qte quantite min minqty minqte minquantity minimum minimumquantity from "
    "fromqty fromquantity break threshold lowerbound ab menge abmenge mindestmenge staffel "
    "cantidad desde quantita da aantal vanaf ilosc od quantidade".split()
)

Element = etree._Element
#: Path of an element → the marks of those that have a column of their own.
Marks = dict[str, frozenset[str]]


def tag_of(element: Element) -> str:
    """Return the name of an element without its namespace."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if "}" in tag else tag


def marks_in(columns: Iterable[str]) -> Marks:
    """Return the marks that the columns of a file were named by."""
    found: dict[str, set[str]] = defaultdict(set)
    for match in map(_MARKED.match, columns):
        if match:
            found[match["place"]].add(match["mark"])
    return {place: frozenset(marks) for place, marks in found.items()}


def mark_of(path: str) -> str:
    """Return the mark of the element at a path, empty without any."""
    return path.rpartition(" (")[2][:-1] if path.endswith(")") else ""


def is_mark(value: str, mark: str) -> bool:
    """Tell the value that gave an element its mark; the name of its column says it already."""
    if mark.endswith("+") and _NUMBER.match(value.strip()):
        return f"{float(value):.0f}+" == mark
    return bool(mark) and value.strip() == mark


def learn(elements: Iterable[Element]) -> Marks:
    """Return the marks by which the first records of a file tell repeated elements apart."""
    times: Counter[str] = Counter()
    first: dict[str, Counter[str]] = defaultdict(Counter)
    marks: dict[str, Counter[str]] = defaultdict(Counter)
    for element in elements:
        for place, group in _groups(element, "", 0):
            times[place] += 1
            own, by_name = _quantity_marks(group), False
            if not own:
                own, by_name = _attribute_marks(group)
            if not by_name:
                first[place].update(own[:1])
            marks[place].update(own)
    found = {}
    for place, counted in marks.items():
        usual = [mark for mark, count in counted.most_common() if count >= _RECURS * times[place]]
        by_quantity = all(mark.endswith("+") for mark in counted)
        if not by_quantity:
            if len(usual) < 2:
                continue
            base = {mark for mark, _count in first[place].most_common(1)}
            counted = Counter({mark: counted[mark] for mark in usual if mark not in base})
        kept = [mark for mark, _count in counted.most_common(_MOST)]
        if kept:
            found[place] = frozenset(kept)
    return found


def name_children(
    element: Element, below: str, marks: Marks, left_out: Counter[str] | None
) -> Iterator[tuple[Element, str]]:
    """Return the children to read of an element, each with the path its columns are named by.

    below: path of the element with its slash; left_out: counts those that no column is for
    """
    children = list(element)
    tags = [tag_of(child) for child in children]
    if len(set(tags)) == len(tags) and not (marks and any(below + tag in marks for tag in tags)):
        return zip(children, (below + tag for tag in tags), strict=True)
    return _name_repeated(children, tags, below, marks, left_out)


def _name_repeated(
    children: list[Element],
    tags: list[str],
    below: str,
    marks: Marks,
    left_out: Counter[str] | None,
) -> Iterator[tuple[Element, str]]:
    groups: dict[str, list[Element]] = {}
    for child, tag in zip(children, tags, strict=True):
        groups.setdefault(tag, []).append(child)
    for tag, group in groups.items():
        place, taken = below + tag, set()
        for child, mark in _marked(group, marks.get(place, frozenset())):
            name = f"{place} ({mark})" if mark else place
            if name not in taken:
                taken.add(name)
                yield child, name
            elif left_out is not None:
                left_out[REPEATED] += 1


def _marked(group: list[Element], marks: Collection[str]) -> Iterator[tuple[Element, str]]:
    """Yield elements of one name with their mark, empty for those under the plain name."""
    own = _quantity_marks(group) if any(mark.endswith("+") for mark in marks) else []
    if own:
        # What is sold from ten pieces on has no other price than that one.
        ordered = sorted(zip(group, own, strict=True), key=lambda pair: int(pair[1][:-1]))
        yield ordered[0][0], ""
        for child, mark in ordered[1:]:
            yield child, mark if mark in marks else ""
        return
    for child in group:
        yield child, next((value for value in child.attrib.values() if value in marks), "")


def _groups(element: Element, path: str, depth: int) -> Iterator[tuple[str, list[Element]]]:
    """Yield the elements that repeat under one parent, with their path in the record."""
    groups: dict[str, list[Element]] = {}
    for child in element:
        groups.setdefault(f"{path}{tag_of(child)}", []).append(child)
    for place, group in groups.items():
        if len(group) > 1:
            yield place, group
        elif depth < DEPTH:
            yield from _groups(group[0], f"{place}/", depth + 1)


def _quantity_marks(group: Sequence[Element]) -> list[str]:
    """Return from which quantity each is (`10+`), none when they do not say it."""
    for name in _names(group[0]):
        found = [_value(element, name) for element in group]
        if _is_quantity(name) and all(map(_NUMBER.match, found)) and len(set(found)) == len(found):
            return [f"{float(value):.0f}+" for value in found]
    return []


def _attribute_marks(group: Sequence[Element]) -> tuple[list[str], bool]:
    """Return what tells elements apart, and whether it is their name: `<field name="price">`.

    It is the first attribute that differs in all of them.
    """
    for name in map(str, group[0].attrib):
        found = [(element.get(name) or "").strip() for element in group]
        if len(set(found)) == len(found) and all(map(_may_mark, found)):
            return found, name.rpartition("}")[2].lower() in ("name", "key")
    return [], False


def _may_mark(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_MARK and not set(value) & set("()/")


def _names(element: Element) -> list[str]:
    below = [str(child.tag) for child in element if isinstance(child.tag, str)]
    return [*map(str, element.attrib), *below]


def _value(element: Element, name: str) -> str:
    return (element.get(name) or element.findtext(name) or "").strip()


def _is_quantity(name: str) -> bool:
    return re.sub(r"[^a-z]", "", name.rpartition("}")[2].lower()) in _QUANTITY
