# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A supplier's offers as the lines of its list, and the list as a file."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .layouts import LAYOUTS, Layout, Row
from .offers import Offer
from .spreadsheet import workbook
from .suppliers import Supplier


@dataclass(frozen=True)
class Line:
    """A line below the header.

    kind: "article", "duplicate", "section" or "subtotal"
    offer: of an article or a duplicate
    """

    kind: str
    cells: Row
    offer: Offer | None = None


@dataclass(frozen=True)
class PriceList:
    """A supplier's list."""

    supplier: Supplier
    layout: Layout
    lines: tuple[Line, ...]

    @property
    def offers(self) -> list[Offer]:
        """Offers of the articles, each once."""
        return [line.offer for line in self.lines if line.kind == "article" and line.offer]


def assemble(supplier: Supplier, offers: list[Offer], rng: random.Random) -> PriceList:
    """Return the list of a supplier with its duplicates, titles and totals."""
    layout = LAYOUTS[supplier.file]
    lines = [Line("article", layout.line(offer), offer) for offer in offers]
    _repeat(lines, supplier.refused.get("duplicate", 0), rng)
    if layout.section:
        lines = _with_titles(lines, layout, supplier.refused.get("section", 0), rng)
    if layout.total and not layout.total_by_section:
        lines.append(_total(layout, "", offers))
    width = len(layout.header)
    for line in lines:
        line.cells.extend([None] * (width - len(line.cells)))
    return PriceList(supplier, layout, tuple(lines))


def _repeat(lines: list[Line], count: int, rng: random.Random) -> None:
    """Write some lines without fault a second time, further down."""
    clean = [place for place, line in enumerate(lines[:-1]) if line.offer and not line.offer.fault]
    copies = []
    for place in rng.sample(clean, count):
        source = lines[place]
        copy = Line("duplicate", list(source.cells), source.offer)
        copies.append((rng.randint(place + 1, len(lines) - 1), place, copy))
    for place, _, copy in sorted(copies, key=lambda item: item[:2], reverse=True):
        lines.insert(place, copy)


def _with_titles(
    lines: Iterable[Line], layout: Layout, count: int, rng: random.Random
) -> list[Line]:
    """Return the lines with a title above `count` of the sections, and the sections' totals."""
    assert layout.section
    members: dict[str, list[Offer]] = {}
    lines = list(lines)
    for line in lines:
        if line.kind == "article" and line.offer:
            members.setdefault(layout.section(line.offer), []).append(line.offer)
    titled = set(rng.sample(list(members), count))
    result: list[Line] = []
    for line in lines:
        offer = line.offer
        name = layout.section(offer) if offer and line.kind == "article" else ""
        if name and offer is members[name][0] and name in titled:
            result.append(Line("section", [layout.heading(name)]))
        result.append(line)
        if name and offer is members[name][-1] and layout.total_by_section:
            result.append(_total(layout, name, members[name]))
    return result


def _total(layout: Layout, label: str, offers: list[Offer]) -> Line:
    assert layout.total
    priceless = ("on_request", "missing_price", "zero_price")
    cents = sum(offer.price for offer in offers if offer.fault not in priceless)
    return Line("subtotal", layout.total(label, len(offers), cents))


def counts(price_list: PriceList) -> dict[str, int]:
    """Return how many lines of each kind a list holds, articles by their fault."""
    kinds = Counter(
        line.offer.fault or "right" if line.kind == "article" and line.offer else line.kind
        for line in price_list.lines
    )
    return dict(kinds)


def eans(price_list: PriceList) -> set[str]:
    """Return the right EANs of a list."""
    return {offer.ean for offer in price_list.offers if offer.has_right_ean}


def write(price_list: PriceList) -> bytes:
    """Return a list as the supplier would send it."""
    layout, rows = price_list.layout, [line.cells for line in price_list.lines]
    if layout.format == "xlsx":
        return workbook(layout.header, rows, layout.title, layout.notes)
    above = [[text] + [""] * (len(layout.header) - 1) for text in layout.title]
    table = [*above, list(layout.header), *rows]
    return delimited(table, layout.delimiter, layout.line_end).encode(layout.encoding)


def delimited(rows: Iterable[Iterable[object]], delimiter: str, line_end: str) -> str:
    """Return rows as delimited text; only cells that need it are quoted."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return text.getvalue()
