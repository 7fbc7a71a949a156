"""Whose file it is, when nobody said so: by the articles it lists, its prices, columns and name.

Suppliers share much: EANs, makers' numbers as their own, the headers of a common software, file
names like `tarif.csv`. A file is given to a feed without asking only when its columns are those of
that feed alone and its articles do not speak against it, or when it lists the supplier's articles
at the supplier's prices (or bears its name). Else the likeliest feeds are offered, and why.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import pandas as pd

from ....onep_marketplace_connectors.clients import gtin
from .. import arrow, texts
from ..rules import Reason
from . import lexicon
from .fingerprint import Fingerprint, Layout

#: Rows looked up among the known offers, evenly spread, and columns whose cells may be codes.
ROWS, CODE_COLUMNS = 60, 8
_LONGEST_CODE = 40
#: What makes a file a supplier's without asking: articles met, their share of those looked up,
#: how many of their EANs agree, and how many different prices are the same to the cent.
_FEWEST_MET, _MET, _AGREED, _FEWEST_PRICES, _PRICED = 8, 0.6, 0.9, 5, 0.3
#: From here on a feed is offered.
_SOME_MET, _FEW_MET, _SOME_BARCODES, _SOME_COLUMNS, _FEWEST_COLUMNS = 0.2, 3, 0.3, 0.8, 4
_OFFERED = 3
_NAME_LETTERS = 4  # of a word that is a name
#: Words that price lists of anybody are called by, and forms of companies.
_ANYBODYS = frozenset(
    "article articles artikel base bestand catalog catalogo catalogue data export feed fichier file"
    " files final full katalog lager list liste listino listini lista maj neu new nouveau offre"
    " offres pour preise preisliste price prices pricelist prijslijst prix product products produit"
    " produits produkte products sheet stock stocks tabelle tarif tarife tarifs update version"
    " group groupe grossiste gmbh sarl srl societe company limited holding france distribution"
    " distributor grosshandel commerce import trading international europe wholesale".split()
)


def _(text: str) -> str:
    """Mark an English text for extraction into the addon's .po files; returns it as it is."""
    return text


#: What speaks for a feed, or against it.
RECOGNISED_RULES: dict[str, str] = {
    "whose-columns": _("Its columns are those of the last accepted file."),
    "whose-articles": _("%(met)s of %(rows)s articles are known from this supplier."),
    "whose-barcodes": _("This supplier lists %(met)s of %(rows)s EANs."),
    "whose-prices": _("%(count)s different prices are the same to the cent."),
    "whose-shared": _("%(shared)s of %(columns)s column names are known from its files."),
    "whose-file-name": _("An earlier file has a name like this one."),
    "whose-supplier-name": _("The file's name holds “%(word)s”."),
    "whose-none-known": _("None of its articles is known from this supplier."),
    "whose-other-eans": _("The EANs of these articles are others."),
}


@dataclass(frozen=True, slots=True)
class Keys:
    """What may name articles in some rows of a file, and what they may cost.

    cells: (row, column, text), in any spelling an offer may be kept under
    codes: (row, GTIN-14); figures: (row, column, number)
    row_count: rows that hold any of these codes
    """

    cells: tuple[tuple[int, int, str], ...]
    codes: tuple[tuple[int, str], ...]
    figures: tuple[tuple[int, int, float], ...]
    row_count: int


@dataclass(frozen=True, slots=True)
class Met:
    """What the known offers of a supplier say of those rows.

    rows: found by one column of codes; coded: of them, those with an EAN here and there;
    agreed: of those, the same EAN; prices: different prices the same to the cent, in one column;
    barcodes: rows whose EAN is known from this supplier
    """

    rows: int = 0
    coded: int = 0
    agreed: int = 0
    prices: int = 0
    barcodes: int = 0


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a feed.

    has_same_columns: its last accepted file had these very columns
    shared: columns of the file whose words are known from its files; has_offers: of its supplier
    """

    feed: int
    supplier: int
    supplier_name: str = ""
    has_same_columns: bool = False
    shared: int = 0
    has_offers: bool = False
    file_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed the file may be of; sure: it is given to it without asking."""

    feed: int
    is_sure: bool
    why: tuple[Reason, ...]


def read_keys(
    sample: pd.DataFrame, layout: Layout, joints: Collection[tuple[str, str]] = ()
) -> Keys:
    """Find what may name articles in the first rows of a file.

    sample: text, its columns in the order of the layout
    joints: (before, after), texts that a feed puts around the codes of its file
    """
    count = len(sample)
    rows = np.unique(np.linspace(0, count - 1, min(count, ROWS)).astype(int)) if count else []
    cells: list[tuple[int, int, str]] = []
    codes: list[tuple[int, str]] = []
    figures: list[tuple[int, int, float]] = []
    looked = sample.iloc[rows]
    places = {name: place for place, name in enumerate(layout.columns)}
    likeliest = sorted(
        (name for name in places if _may_be_code(layout.print_of(name))),
        key=lambda name: (-layout.print_of(name).share("distinct"), places[name]),
    )[:CODE_COLUMNS]
    for name, place in places.items():
        look = layout.print_of(name)
        if place >= sample.shape[1] or not look.is_known:
            continue
        if look.numbers:
            figures += [
                (int(row), place, number)
                for row in rows
                if (number := look.numbers[row]) is not None and number > 0
            ]
        is_barcode = look.share("gtin") >= 0.5
        if name not in likeliest and not is_barcode:
            continue
        column = texts.blanks(arrow.text(looked.iloc[:, place]))
        spelt = [column.to_pylist()]
        if is_barcode:
            found = [code or "" for code in gtin.canonical(column).gtin.tolist()]
            codes += [(int(row), code) for row, code in zip(rows, found, strict=True) if code]
            spelt.append(found)
        for before, after in joints:
            spelt.append([f"{before}{text}{after}" if text else "" for text in spelt[0]])
        cells += {
            (int(row), place, text)
            for spelling in spelt
            for row, text in zip(rows, spelling, strict=True)
            if text and len(text) <= 2 * _LONGEST_CODE
        }
    given = {row for row, *_rest in cells} | {row for row, _code in codes}
    return Keys(tuple(cells), tuple(codes), tuple(figures), len(given))


def _may_be_code(look: Fingerprint) -> bool:
    """Whether the cells of a column may name articles: short, different, no prices, no links."""
    return (
        look.share("filled") >= 0.5
        and look.share("distinct") >= 0.7
        and look.length <= _LONGEST_CODE
        and look.share("url") < 0.1
        and not (look.share("numeric") >= 0.9 and look.share("whole") < 0.9)
    )


def recognise(
    keys: Keys,
    met: Mapping[int, Met],
    feeds: Sequence[Traits],
    file_name: str,
    column_count: int,
) -> list[Candidate]:
    """Return the feeds a file may be of, likeliest first; only the first one may be sure.

    met: by supplier; feeds: of the company; column_count: of the file
    """
    words = _name_words(file_name)
    names = _own_words(feeds)
    judged = [
        _Judged(one, met.get(one.supplier, Met()), keys, file_name, words & names[one.supplier],
                column_count)
        for one in feeds
    ]  # fmt: skip
    judged = [one for one in judged if one.is_offered]
    judged.sort(key=lambda one: (-one.score, one.traits.feed))
    sure = _find_sure(judged)
    if sure is not None:
        judged = [sure, *(one for one in judged if one is not sure)]
    return [Candidate(one.traits.feed, one is sure, one.why) for one in judged[:_OFFERED]]


class _Judged:
    """How a file fits a feed."""

    def __init__(
        self,
        traits: Traits,
        met: Met,
        keys: Keys,
        file_name: str,
        named: Collection[str],
        column_count: int,
    ) -> None:
        self.traits, self.met = traits, met
        rows = max(1, keys.row_count)
        self.met_share = met.rows / rows
        self.barcode_share = met.barcodes / rows
        self.shared_share = traits.shared / max(1, column_count)
        self.named = sorted(named)
        self.is_like_earlier = _stem(file_name) in map(_stem, traits.file_names) and bool(
            _name_words(file_name)
        )
        self._rows, self._column_count = keys.row_count, column_count

    @property
    def is_other(self) -> bool:
        """The articles say that the file is another supplier's, or other numbers in its place."""
        return self.has_other_eans or self.knows_none

    @property
    def has_other_eans(self) -> bool:
        return self.met.coded >= _FEW_MET and self.met.agreed < 0.5 * self.met.coded

    @property
    def knows_none(self) -> bool:
        has_met = self.met.rows or self.met.barcodes
        return self.traits.has_offers and self._rows >= _FEW_MET and not has_met

    @property
    def is_supplier(self) -> bool:
        """The file lists the supplier's articles under its numbers, and only it has these prices,
        or this name.
        """
        met = self.met
        is_its_list = met.rows >= _FEWEST_MET and self.met_share >= _MET
        agrees = met.coded < _FEW_MET or met.agreed >= _AGREED * met.coded
        is_its_price = met.prices >= max(_FEWEST_PRICES, _PRICED * met.rows)
        return is_its_list and agrees and (is_its_price or bool(self.named))

    @property
    def is_offered(self) -> bool:
        if self.traits.has_same_columns:
            return True
        is_met = self.met.rows >= _FEW_MET and self.met_share >= _SOME_MET
        is_listed = self.met.barcodes >= _FEW_MET and self.barcode_share >= _SOME_BARCODES
        is_alike = self.traits.shared >= _FEWEST_COLUMNS and self.shared_share >= _SOME_COLUMNS
        told = is_met or is_listed or is_alike or self.named or self.is_like_earlier
        return bool(told) and not self.is_other

    @property
    def score(self) -> float:
        doubt = 3.0 if self.is_other else 0.0
        return (
            3 * self.met_share
            + (2.0 if self.met.prices >= _FEWEST_PRICES else 0.0)
            + 1.5 * self.traits.has_same_columns
            + 1.5 * bool(self.named)
            + self.shared_share
            + 0.5 * self.barcode_share
            + 0.5 * self.is_like_earlier
            - doubt
        )

    @property
    def why(self) -> tuple[Reason, ...]:
        met, rows = self.met, self._rows
        told = [
            (self.traits.has_same_columns, Reason("whose-columns", {})),
            (met.rows, Reason("whose-articles", {"met": met.rows, "rows": rows})),
            (
                met.barcodes and met.barcodes != met.rows,
                Reason("whose-barcodes", {"met": met.barcodes, "rows": rows}),
            ),
            (met.prices >= _FEW_MET, Reason("whose-prices", {"count": met.prices})),
            (self.named, Reason("whose-supplier-name", {"word": ", ".join(self.named)})),
            (self.is_like_earlier, Reason("whose-file-name", {})),
            (
                self.traits.shared and not self.traits.has_same_columns,
                Reason(
                    "whose-shared", {"shared": self.traits.shared, "columns": self._column_count}
                ),
            ),
            (self.has_other_eans, Reason("whose-other-eans", {})),
            (self.knows_none, Reason("whose-none-known", {})),
        ]
        return tuple(reason for is_so, reason in told if is_so)


def _find_sure(judged: Sequence[_Judged]) -> _Judged | None:
    """Return the one feed that leaves no doubt."""
    suppliers = {one.traits.supplier for one in judged if one.is_supplier}
    if suppliers:
        if len(suppliers) > 1:
            return None
        own = [one for one in judged if one.traits.supplier in suppliers]
        return _find_feed(own)
    same = [one for one in judged if one.traits.has_same_columns]
    if len(same) != 1 or same[0].is_other:
        return None
    # a list with the same headers may yet be of someone else whose articles it holds
    rival = max((one.met_share for one in judged if one is not same[0]), default=0.0)
    return same[0] if rival <= same[0].met_share else None


def _find_feed(own: Sequence[_Judged]) -> _Judged | None:
    """Return the feed among those of one supplier: the only one, or the one of these columns."""
    if len(own) == 1:
        return own[0]
    same = [one for one in own if one.traits.has_same_columns]
    if same:
        return same[0] if len(same) == 1 else None
    first, second = sorted(own, key=lambda one: -one.traits.shared)[:2]
    is_clear = first.shared_share >= 0.5 and second.traits.shared <= 0.5 * first.traits.shared
    return first if is_clear else None


def _stem(file_name: str) -> str:
    """Return what stays of a file's name from one to the next: no dates, numbers nor suffixes."""
    name = PurePath(file_name.replace("\\", "/")).name
    base = name.split(".")[0] if "." in name[1:] else name
    return " ".join(re.sub(r"[\W\d_]+", " ", base.casefold()).split())


def _name_words(text: str) -> set[str]:
    """Return the words of a name that are nobody else's: long enough, and no trade words."""
    plain = lexicon.words(_stem(text))
    return {word for word in plain if len(word) >= _NAME_LETTERS} - _ANYBODYS


def _own_words(feeds: Sequence[Traits]) -> dict[int, set[str]]:
    """Return the words of each supplier's name that no other supplier's name holds."""
    names = {one.supplier: _name_words(one.supplier_name) for one in feeds}
    return {
        supplier: words.difference(
            *(others for other, others in names.items() if other != supplier)
        )
        for supplier, words in names.items()
    }
