"""EAN → ASIN: which catalogue items carry a GTIN, and what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .amazon_api import SEARCH, AmazonApi
from .amazon_decode import as_dict, as_rows, group_of, ranks_of
from .candidates import BUNDLE, OTHER, PARENT, PRODUCT, Candidate, settle
from .draft import Draft
from .errors import RateLimited
from .gtin import printed
from .measures import grams, millimetres
from .reading import count, text

_KINDS = {
    "BASE_PRODUCT": PRODUCT,
    "PRODUCT_BUNDLE": BUNDLE,
    "VARIATION_PARENT": PARENT,
    "OTHER": OTHER,
}
_MOST_PAGES = 50
#: Full batches that fit one page before a larger one is tried, after one that took more pages than
#: the quota allowed.
PATIENCE = 20


def identify(api: AmazonApi, draft: Draft) -> None:
    """Answer an identity draft: all candidates of each GTIN, ranked."""
    for kind, gtins in _by_kind(draft.subjects.gtin):
        api.batches.run(
            SEARCH,
            gtins,
            lambda part, kind=kind: _identify_part(api, draft, kind, part),
            lambda gtin, words: draft.refuse(gtin, detail=words or None),
        )


def _identify_part(api: AmazonApi, draft: Draft, kind: str, gtins: list[str]) -> list[str]:
    """Answer what one query tells; returns GTINs to ask in smaller company."""
    items, limited = _search(api, kind, gtins)
    if len(gtins) == 1:
        # what comes for one is its own; of more than a page the rest may have to be done without
        own = _match(items, gtins, api.country.marketplace_id).get(gtins[0]) or items
        settle(draft, {gtins[0]: _candidates(api, own)}, is_partial=limited is not None)
        return []
    if limited:
        # pages are missing, of whichever GTIN: fewer of them have fewer pages
        api.batches.shrink(SEARCH, len(gtins), PATIENCE)
        raise limited
    found = _match(items, gtins, api.country.marketplace_id)
    missing = [gtin for gtin in gtins if gtin not in found]
    settle(draft, {gtin: _candidates(api, matched) for gtin, matched in found.items()})
    explained = {item["asin"] for matched in found.values() for item in matched}
    if not all(item["asin"] in explained for item in items):
        # the answer does not say which EAN brought which item
        return missing
    for gtin in missing:
        draft.unknown(gtin)
    return []


def _search(
    api: AmazonApi, kind: str, gtins: Sequence[str]
) -> tuple[list[dict], RateLimited | None]:
    """Items of all pages. A quota spent between pages leaves what was read, and is returned."""
    identifiers = list(gtins) if kind == "GTIN" else [printed(gtin) for gtin in gtins]
    items: dict[str, dict] = {}
    token, seen = None, set()
    for _page in range(_MOST_PAGES):
        try:
            page = api.search(kind, identifiers, token)
        except RateLimited as limited:
            if not token:
                raise
            return list(items.values()), limited
        items.update((item["asin"], item) for item in page.items)
        token = page.next
        if not token or not page.items or token in seen:
            break
        seen.add(token)
    return list(items.values()), None


def _by_kind(gtins: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """One kind of identifier a call: 14 significant digits go as GTIN, the rest as EAN."""
    for kind, values in (
        ("EAN", [gtin for gtin in gtins if gtin[0] == "0"]),
        ("GTIN", [gtin for gtin in gtins if gtin[0] != "0"]),
    ):
        if values:
            yield kind, values


def _match(items: list[dict], gtins: list[str], here: str) -> dict[str, list[dict]]:
    """Items by asked GTIN; the index works on GTINs, so both sides are padded to 14 digits.

    The page of a product's variations carries no GTIN of its own: it goes with its children.
    """
    asked = set(gtins)
    found: dict[str, list[dict]] = {}
    owners: dict[str, set[str]] = {}
    orphans = []
    for item in items:
        rows = as_rows(group_of(item.get("identifiers"), here).get("identifiers"))
        values = {str(row.get("identifier", "")).zfill(14) for row in rows} & asked
        for gtin in values:
            found.setdefault(gtin, []).append(item)
            owners.setdefault(item["asin"], set()).add(gtin)
        if not values:
            orphans.append(item)
    for item in orphans:
        for gtin in {gtin for asin in _children(item, here) for gtin in owners.get(asin, ())}:
            found[gtin].append(item)
    return found


def _children(item: dict, here: str) -> list[str]:
    """ASINs of an item's variations."""
    relations = as_rows(group_of(item.get("relationships"), here).get("relationships"))
    return [
        str(asin)
        for relation in relations
        if relation.get("type") == "VARIATION" and isinstance(relation.get("childAsins"), list)
        for asin in relation["childAsins"]
    ]


def _candidates(api: AmazonApi, items: list[dict]) -> list[Candidate]:
    return [_candidate(api, item) for item in items]


def _candidate(api: AmazonApi, item: dict) -> Candidate:
    here = api.country.marketplace_id
    summary = group_of(item.get("summaries"), here)
    package = as_dict(group_of(item.get("dimensions"), here).get("package"))
    shelf, code = _shelf(item, summary, here)
    ranks, rank_category = _ranks(item, here)
    group = text(summary.get("websiteDisplayGroupName"))
    return Candidate(
        external_id=item["asin"],
        kind=_kind(item, summary, here),
        name=text(summary.get("itemName")),
        brand=text(summary.get("brand")) or text(summary.get("manufacturer")),
        category=group or shelf,
        category_code=code,
        image_url=_picture(item, here),
        url=f"https://{api.country.site}/dp/{item['asin']}",
        weight_g=grams(package.get("weight")),
        length_mm=millimetres(package.get("length")),
        width_mm=millimetres(package.get("width")),
        height_mm=millimetres(package.get("height")),
        pack_quantity=count(summary.get("packageQuantity")) or None,
        sales_rank_category=rank_category or group,
        **ranks,
    )


def _kind(item: dict, summary: dict, here: str) -> str:
    kind = _KINDS.get(str(summary.get("itemClassification") or ""), PRODUCT)
    # some parents are told only by their children
    return PARENT if kind == PRODUCT and _children(item, here) else kind


def _shelf(item: dict, summary: dict, here: str) -> tuple[str | None, str | None]:
    """Name and code of the browse node."""
    node = as_dict(summary.get("browseClassification"))
    if not node.get("classificationId"):
        rows = as_rows(group_of(item.get("classifications"), here).get("classifications"))
        node = rows[0] if rows else {}
    return text(node.get("displayName")), text(node.get("classificationId"))


def _ranks(item: dict, here: str) -> tuple[dict, str | None]:
    """Rank columns, and the title of the main one's category."""
    group = group_of(item.get("salesRanks"), here)
    main = as_rows(group.get("displayGroupRanks"))
    shelves = as_rows(group.get("classificationRanks"))
    columns = ranks_of(
        [(row.get("websiteDisplayGroup"), row.get("rank")) for row in main]
        + [(row.get("classificationId"), row.get("rank")) for row in shelves]
    )
    return columns, next((title for row in main if (title := text(row.get("title")))), None)


def _picture(item: dict, here: str) -> str | None:
    images = as_rows(group_of(item.get("images"), here).get("images"))
    main = [image for image in images if image.get("variant") == "MAIN"] or images
    if not main:
        return None
    return text(max(main, key=lambda image: count(image.get("width")) or 0).get("link"))
