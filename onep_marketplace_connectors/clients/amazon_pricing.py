"""ASIN → prices: the wide call, the dear call and its fallbacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .amazon_api import OFFERS, PRICING, SUMMARY, AmazonApi, item_later
from .amazon_decode import as_dict, as_rows, rank_columns, words_of
from .amazon_figures import counts, detail_columns, is_empty, summary_columns, wide_columns
from .draft import Draft
from .errors import RetryLater
from .reading import count, text
from .records import FOUND, NO_PRICE

_RANKS = ("sales_rank", "ranks")
#: what IDENTITY tells
_ELSEWHERE = ("name", "url", "category", "sales_rank_category")
#: what getCompetitivePricing does not speak of
_WIDE_SILENT = (
    *_ELSEWHERE,
    "buy_box_seller",
    "buy_box_fulfilment",
    "lowest_price_taxed",
    "marketplace_fulfilled_count",
    "merchant_fulfilled_count",
    "retailer_present",
    "list_price_taxed",
)
_TOO_SOON = "ActiveButTooSoonForProcessing"


class Pricing:
    """One ask about prices: the draft it fills, and GTINs by ASIN.

    has_ranks: whether any answer held a sales rank
    """

    def __init__(self, api: AmazonApi, draft: Draft):
        self.api = api
        self.draft = draft
        self.gtins = draft.by_external_id()
        self.has_ranks = False

    def wide(self) -> None:
        """Buy box price, counts and ranks."""
        self.draft.silent.update(_WIDE_SILENT)
        try:
            self.api.batches.run(PRICING, list(self.gtins), self._ask_wide, self._refuse)
        finally:
            self._hush_ranks()

    def detail(self) -> None:
        """Holder, fulfilment, lowest price, the retailer's presence.

        Zero offers are no proof that there are none, so they are checked against the wide call;
        items that Amazon is still counting are read from its newer, scarcer call.
        """
        self.draft.silent.update(_ELSEWHERE)
        empty: dict[str, dict] = {}
        early: list[str] = []
        later: list[RetryLater] = []

        def ask(asins):
            answered = {_asin_of(response): response for response in self.api.item_offers(asins)}
            for asin in asins:
                response = answered.get(asin)
                if response is None:
                    self._each(asin, "not-answered")
                    continue
                status, body = _status(response), as_dict(response.get("body"))
                payload = as_dict(body.get("payload"))
                if status == 429 or status >= 500:
                    later.append(item_later(f"HTTP {status}", OFFERS))
                elif status >= 400 or not payload:
                    self._refuse(asin, words_of(body))
                elif not self._is_here(payload):
                    self._each(asin, "not-answered")
                elif payload.get("status") == _TOO_SOON:
                    early.append(asin)
                elif is_empty(payload):
                    empty[asin] = payload
                else:
                    self._put(asin, *detail_columns(payload, self.api))

        try:
            self.api.batches.run(OFFERS, list(self.gtins), ask, self._refuse)
        finally:
            # what was read is settled even when the next batch has to wait
            try:
                self._settle_empty(empty)
                self._settle_early(early)
            finally:
                self._hush_ranks()
        if later:
            raise later[0]

    def _ask_wide(self, asins: list[str], *reasons: str) -> None:
        rows = self.api.competitive_pricing(asins)
        for asin in asins:
            row = rows.get(asin)
            if row is None:
                self._each(asin, "not-answered")
            elif row.get("status", "Success") != "Success":
                self._refuse(asin, words_of(row))
            else:
                columns, told = wide_columns(as_dict(row.get("Product")))
                self._put(asin, columns, [*reasons, *told])

    def _settle_empty(self, empty: Mapping[str, dict]) -> None:
        """Items reported without offers, checked against the wide call where quota allows."""
        rows: dict[str, dict] = {}

        def ask(asins):
            rows.update(self.api.competitive_pricing(asins))

        try:
            self.api.batches.run(PRICING, list(empty), ask, lambda _asin, _words: None)
        except RetryLater:
            pass  # then it stays unproven, and is told as that
        for asin, payload in empty.items():
            columns, reasons = {}, ["no-offer-unproven"]
            row = rows.get(asin) or {}
            if row.get("status", "Success") == "Success" and as_dict(row.get("Product")):
                columns, told = wide_columns(row["Product"])
                if columns.get("offer_count") or columns.get("buy_box_price_taxed") is not None:
                    reasons = ["counts-disagree", *told]
                else:
                    columns["offer_count"], reasons = 0, ["no-offer"]  # two calls agree
            summary = as_dict(payload.get("Summary"))
            columns |= counts(as_rows(summary.get("NumberOfOffers")), used_only=True)
            columns |= rank_columns(summary.get("SalesRankings"))
            if not columns.get("sales_rank"):
                reasons.append("rank-missing")
            self._put(asin, columns, reasons)

    def _settle_early(self, early: list[str]) -> None:
        """Items that Amazon is still counting: by its newer call, else by the wide one.

        Waiting does not help: the time it announces moves on with the clock.
        """
        try:
            self.api.batches.run(SUMMARY, early, self._ask_summary, self._refuse)
        except RetryLater:
            left = [a for a in early if not self.draft.is_answered(self.gtins[a][0])]
            self.api.batches.run(
                PRICING, left, lambda asins: self._ask_wide(asins, "detail-too-soon"), self._refuse
            )

    def _ask_summary(self, asins: list[str]) -> None:
        told = {_asin_of(response): response for response in self.api.competitive_summary(asins)}
        for asin in asins:
            response = told.get(asin, {})
            status, body = _status(response), as_dict(response.get("body"))
            if status == 429 or status >= 500:
                raise item_later(f"HTTP {status}", SUMMARY)
            if status >= 400 or not body:
                self._refuse(asin, words_of(body))
            else:
                self._put(asin, *summary_columns(body, self.api))

    def _is_here(self, payload: dict) -> bool:
        """Whether an item is about our marketplace, which has been spelt in two ways."""
        named = payload.get("marketplaceId") or payload.get("MarketplaceID")
        return named in (None, self.api.country.marketplace_id)

    def _put(self, asin: str, columns: dict, reasons: Iterable[str]) -> None:
        """Answer the GTINs of an ASIN."""
        self.has_ranks |= "ranks" in columns
        columns.setdefault("currency", self.api.country.currency)
        is_found = columns.get("offer_count") or any(
            columns.get(name) is not None for name in ("buy_box_price_taxed", "lowest_price_taxed")
        )
        state = FOUND if is_found else NO_PRICE
        for gtin in self.gtins[asin]:
            self.draft.answer(gtin, state, *reasons, external_id=asin, **columns)

    def _refuse(self, asin: str, words: str) -> None:
        self._each(asin, "item-refused", words or None)

    def _each(self, asin: str, reason: str, words: str | None = None) -> None:
        for gtin in self.gtins[asin]:
            self.draft.refuse(gtin, reason, words)

    def _hush_ranks(self) -> None:
        """For days on end no answer held a rank: the last known one is better than nothing."""
        if not self.has_ranks:
            self.draft.silent.update(_RANKS)


def _status(response: dict) -> int:
    return count(as_dict(response.get("status")).get("statusCode")) or 200


def _asin_of(response: dict) -> str | None:
    """ASIN an item of a batch is about, wherever it says so."""
    body, asked = as_dict(response.get("body")), as_dict(response.get("request"))
    payload = as_dict(body.get("payload"))
    named = (asked.get("Asin"), payload.get("ASIN"), body.get("asin"), asked.get("asin"))
    return next((asin for asin in map(text, named) if asin), None)
