"""Several products under one GTIN: which one is meant.

A marketplace may show one EAN under several products: a variation's parent, bundles, duplicates,
multipacks. All are kept, ranked by likeness to what the supplier says; a person is asked when in
doubt, and a person's choice is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from .draft import Draft
from .records import FOUND

PRODUCT = "product"
OTHER = "other"
BUNDLE = "bundle"
PARENT = "variation_parent"
_ORDER = {PRODUCT: 0, OTHER: 1, BUNDLE: 2, PARENT: 3}

#: Why a candidate is where it is.
REASONS = {
    "chosen": "Chosen by a person.",
    "only-one": "The only product with this EAN.",
    "most-alike": "The most like what the supplier describes.",
    "best-ranked": "The best sales rank; the supplier's name is not known.",
    "less-alike": "Less like what the supplier describes.",
    "less-ranked": "Sells less; the supplier's name is not known.",
    "pack-differs": "Another pack size than the supplier's.",
    "bundle": "A bundle with other products.",
    "variation-parent": "A page of variations, not a product.",
}

# weights of a score; what is not known has none
_TITLE, _BRAND, _PACK, _RANK = 0.5, 0.2, 0.2, 0.1
# two scores nearer than this are not told apart
_CLOSE = 0.05
# without words, a rank has to be so many times better to decide
_CLEAR_RANK = 3

_UNIT = "(?:[.,]\\d|cm|mm|m|g|kg|ml|cl|l|w|v|go|gb|pouces|x)"
_PACKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # lot de 3, pack of 6, set 4 (not "set 20 cm")
        rf"\b(?:lot|pack|set|multipack|paquet)\s+(?:de\s+|of\s+)?(\d{{1,3}})\b(?!\s*{_UNIT}\b)",
        # 6er-Pack, 3-pack, 6 pack
        r"\b(\d{1,3})\s?(?:er)?[- ]?pack\b",
        # 6 x 50 ml (not 10 x 20 cm)
        r"\b(\d{1,3})\s?x\s?\d+(?:[.,]\d+)?\s?(?:ml|cl|l|g|kg)\b",
        # x6 at the end or between brackets
        r"(?:^|[\s(])x\s?(\d{1,3})\s*(?:\)|$)",
    )
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One product of the marketplace that carries a GTIN.

    kind: ``product``, ``other``, ``bundle`` or ``variation_parent``
    pack_quantity: units as the marketplace states them
    ranks: JSON, as in :class:`.records.IdentityBatch`
    """

    external_id: str
    kind: str = PRODUCT
    name: str | None = None
    brand: str | None = None
    category: str | None = None
    category_code: str | None = None
    image_url: str | None = None
    url: str | None = None
    weight_g: float | None = None
    length_mm: float | None = None
    width_mm: float | None = None
    height_mm: float | None = None
    pack_quantity: int | None = None
    sales_rank: int | None = None
    sales_rank_category: str | None = None
    ranks: str | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates of one GTIN, the one to take first.

    scores, reasons: by candidate; is_doubtful: a person should choose
    """

    candidates: tuple[Candidate, ...]
    scores: tuple[float, ...]
    reasons: tuple[str, ...]
    packs: tuple[int | None, ...]
    is_doubtful: bool
    pack_differs: bool


def pack_of(title: str | None) -> int | None:
    """Units in a pack as a title says it, None when it says nothing."""
    for pattern in _PACKS:
        found = pattern.search(title or "")
        if found and int(found[1]) > 0:
            return int(found[1])
    return None


def rank(
    candidates: Sequence[Candidate],
    name: str | None = None,
    brand: str | None = None,
    chosen: str | None = None,
) -> Ranking:
    """Order candidates by likeness to the supplier's words.

    chosen: external id that a person chose; it comes first when it is among them
    """
    packs = {one.external_id: pack_of(one.name) or one.pack_quantity for one in candidates}
    wanted_pack = (pack_of(name) or 1) if name else None
    order = sorted(one.sales_rank for one in candidates if one.sales_rank)
    scores = {
        one.external_id: _score(one, name, brand, wanted_pack, packs[one.external_id], order)
        for one in candidates
    }

    def place(one):
        return (
            one.external_id != chosen,
            _ORDER.get(one.kind, 1),
            -scores[one.external_id],
            one.sales_rank or float("inf"),
            one.external_id,
        )

    ranked = tuple(sorted(candidates, key=place))
    best = ranked[0]
    differs = wanted_pack is not None and (packs[best.external_id] or 1) != wanted_pack
    is_chosen = best.external_id == chosen
    rivals = [one for one in ranked[1:] if one.kind == best.kind]
    close = bool(rivals) and _is_close(best, rivals[0], scores, has_words=bool(name or brand))
    return Ranking(
        ranked,
        tuple(scores[one.external_id] for one in ranked),
        tuple(
            _reason(row, one, len(ranked), is_chosen, packs, wanted_pack, bool(name or brand))
            for row, one in enumerate(ranked)
        ),
        tuple(packs[one.external_id] for one in ranked),
        not is_chosen and (close or differs),
        differs,
    )


def settle(
    draft: Draft, found: Mapping[str, Sequence[Candidate]], *, is_partial: bool = False
) -> None:
    """Answer GTINs of an identity draft by their candidates; none means unknown.

    is_partial: there are more, which could not be read: what is not chosen yet stays doubtful
    """
    for gtin, candidates in found.items():
        unique = list({one.external_id: one for one in candidates}.values())
        if not unique:
            draft.unknown(gtin)
            continue
        ranking = rank(
            unique,
            draft.asked("name", gtin),
            draft.asked("brand", gtin),
            draft.asked("external_id", gtin),
        )
        is_doubtful = ranking.is_doubtful or (is_partial and ranking.reasons[0] != "chosen")
        best = asdict(ranking.candidates[0])
        del best["kind"]
        best["pack_quantity"] = ranking.packs[0]
        reasons = []
        if len(unique) > 1:
            reasons.append("several-candidates")
        if is_doubtful:
            reasons.append("doubtful-candidate")
        if ranking.pack_differs:
            reasons.append("pack-differs")
        draft.answer(
            gtin,
            FOUND,
            *reasons,
            candidate_count=len(unique),
            is_doubtful=is_doubtful,
            **best,
        )
        draft.candidates.extend(
            {
                **asdict(one),
                "gtin": gtin,
                "position": row + 1,
                "score": ranking.scores[row],
                "pack_quantity": ranking.packs[row],
                "reason": ranking.reasons[row],
            }
            for row, one in enumerate(ranking.candidates)
        )


def _score(candidate, name, brand, wanted_pack, pack, order) -> float:
    """Likeness [0-1] over what is known."""
    parts = []
    if name and candidate.name:
        alike = fuzz.token_set_ratio(_plain(name), _plain(candidate.name)) / 100
        parts.append((_TITLE, alike))
    if brand and (candidate.brand or candidate.name):
        theirs = _plain(f"{candidate.brand or ''} {candidate.name or ''}")
        parts.append((_BRAND, fuzz.partial_ratio(_plain(brand), theirs) / 100))
    if wanted_pack is not None:
        parts.append((_PACK, float((pack or 1) == wanted_pack)))
    if order:
        better = order.index(candidate.sales_rank) if candidate.sales_rank else None
        parts.append((_RANK, 0.0 if better is None else 1 / (1 + better)))
    weight = sum(part for part, _value in parts)
    return round(sum(part * value for part, value in parts) / weight, 4) if weight else 0.5


def _is_close(best, second, scores, *, has_words) -> bool:
    if has_words:
        return scores[best.external_id] - scores[second.external_id] < _CLOSE
    if not best.sales_rank or not second.sales_rank:
        return True
    return second.sales_rank < _CLEAR_RANK * best.sales_rank


def _reason(row, candidate, count, is_chosen, packs, wanted_pack, has_words) -> str:
    if row == 0 and is_chosen:
        return "chosen"
    if candidate.kind == PARENT:
        return "variation-parent"
    if candidate.kind == BUNDLE:
        return "bundle"
    if wanted_pack is not None and (packs[candidate.external_id] or 1) != wanted_pack:
        return "pack-differs"
    if count == 1:
        return "only-one"
    if has_words:
        return "less-alike" if row else "most-alike"
    return "less-ranked" if row else "best-ranked"


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Lower case without accents nor punctuation."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()
