"""The old way to ask, on top of the new one: goes as a whole when nothing calls it any more.

TODO(funnel): `onep.market.sync` asks by steps; then delete this file, the line that imports it in
:mod:`.base` and the one in :mod:`.records`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from .steps import Step, Subjects


@dataclass(frozen=True, slots=True)
class MarketOfferBatch:
    """What a marketplace says about GTINs, identity and figures in one; None is unknown."""

    gtin: Sequence[str]
    state: Sequence[str]
    reason_codes: Sequence[str | None]
    reason_detail: Sequence[str | None]
    external_id: Sequence[str | None]
    candidate_count: Sequence[int | None]
    name: Sequence[str | None]
    brand: Sequence[str | None]
    category: Sequence[str | None]
    image_url: Sequence[str | None]
    url: Sequence[str | None]
    currency: Sequence[str | None]
    buy_box_price_taxed: Sequence[float | None]
    buy_box_shipping_taxed: Sequence[float | None]
    buy_box_seller: Sequence[str | None]
    buy_box_fulfilment: Sequence[str | None]
    lowest_price_taxed: Sequence[float | None]
    offer_count: Sequence[int | None]
    marketplace_fulfilled_count: Sequence[int | None]
    retailer_present: Sequence[str]
    sales_rank: Sequence[int | None]
    sales_rank_category: Sequence[str | None]
    weight_g: Sequence[float | None]
    length_mm: Sequence[float | None]
    width_mm: Sequence[float | None]
    height_mm: Sequence[float | None]

    def __post_init__(self):
        lengths = {len(getattr(self, name)) for name in self.column_names()}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.gtin)

    @classmethod
    def column_names(cls) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(field.name for field in fields(cls))

    def columns(self) -> list[Sequence]:
        """The columns, in the order of :meth:`column_names`."""
        return [getattr(self, name) for name in self.column_names()]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Outcome of one fetch: rows answered, GTINs still to ask, and why."""

    batch: MarketOfferBatch
    pending: tuple[str, ...] = ()
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """The marketplace's own estimate of its fees, one per index; None is unknown."""

    external_id: Sequence[str]
    price_taxed: Sequence[float]
    total_fee: Sequence[float | None]
    commission: Sequence[float | None]
    fulfilment_fee: Sequence[float | None]
    currency: Sequence[str]
    reason_detail: Sequence[str | None]


class FetchBySteps:
    """Mixin of MarketplaceClient: IDENTITY, WIDE and DETAIL in one go."""

    #: EANs worth giving to one fetch
    batch_size = 200

    def fetch(self, gtins: Sequence[str]) -> Fetched:
        """Ask what the marketplace says of GTINs; never raises a MarketplaceError."""
        rows: dict[str, dict] = {gtin: {"gtin": gtin} for gtin in gtins}
        wanted = [step for step in (Step.IDENTITY, Step.WIDE) if step in self.steps()]
        if self.account.settings.get("offer_detail") and Step.DETAIL in self.steps():
            wanted.append(Step.DETAIL)
        left, error = list(rows), None
        for step in wanted:
            subjects = Subjects(left, [rows[gtin].get("external_id") for gtin in left])
            answer = self.ask(step, subjects)
            error = error or answer.error
            for gtin in answer.pending:
                rows[gtin] = {"gtin": gtin}
            left = []
            for row in _rows(answer.table):
                _merge(rows[row["gtin"]], row)
                if row["state"] in ("found", "no_price") and rows[row["gtin"]].get("state"):
                    left.append(row["gtin"])
        done = [row for row in rows.values() if row.get("state")]
        return Fetched(
            MarketOfferBatch(
                **{
                    name: tuple(
                        row.get(name, "unknown" if name == "retailer_present" else None)
                        for row in done
                    )
                    for name in MarketOfferBatch.column_names()
                }
            ),
            tuple(gtin for gtin, row in rows.items() if not row.get("state")),
            error,
        )

    def quote_fees(
        self, external_ids: Sequence[str], prices_taxed: Sequence[float], *, fulfilled: bool
    ) -> FeeQuote | None:
        """The marketplace's own fee estimates, None when the platform gives none."""
        if Step.FEES not in self.steps():
            return None
        keys = [f"{row:014d}" for row in range(len(external_ids))]
        answer = self.ask(Step.FEES, Subjects(keys, external_ids, price_taxed=prices_taxed))
        if answer.error:
            raise answer.error
        table = answer.table
        return FeeQuote(
            tuple(external_ids),
            tuple(float(price) for price in prices_taxed),
            table.total_fee,
            table.commission,
            table.fulfilment_fee,
            tuple(currency or self.account.currency for currency in table.currency),
            table.reason_detail,
        )


def _rows(table):
    names = table.column_names()
    silent = getattr(table, "silent", frozenset())
    for values in zip(*table.columns(), strict=True):
        yield {n: v for n, v in zip(names, values, strict=True) if n not in silent}


def _merge(row: dict, answer: dict) -> None:
    """Put the columns of a later step over those of an earlier one."""
    codes = f"{row.get('reason_codes') or ''},{answer['reason_codes'] or ''}".split(",")
    kept = {name: value for name, value in answer.items() if value is not None}
    if kept.get("sales_rank") or row.get("sales_rank"):
        codes = [code for code in codes if code != "rank-missing"]
    row.update(kept)
    row["reason_codes"] = ",".join(dict.fromkeys(code for code in codes if code)) or None
