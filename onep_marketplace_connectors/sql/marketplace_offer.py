"""Market offers by the batch: COPY into a stage, then one upsert by marketplace and GTIN."""

from __future__ import annotations

import csv
import io

from odoo.tools import SQL

from ..clients.records import MarketOfferBatch

STAGE = "onep_marketplace_offer_stage"

#: What a thing is does not expire: an answer without it keeps what was known.
IDENTITY = (
    "external_id",
    "name",
    "brand",
    "category",
    "image_url",
    "url",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
)
#: What the market says: an answer without it makes it unknown.
FIGURES = (
    "state",
    "reason_codes",
    "reason_detail",
    "candidate_count",
    "buy_box_price_taxed",
    "buy_box_shipping_taxed",
    "buy_box_seller",
    "buy_box_fulfilment",
    "lowest_price_taxed",
    "offer_count",
    "marketplace_fulfilled_count",
    "retailer_present",
    "sales_rank",
    "sales_rank_category",
)
_TYPES = {
    "candidate_count": "integer",
    "offer_count": "integer",
    "marketplace_fulfilled_count": "integer",
    "sales_rank": "integer",
    "buy_box_price_taxed": "numeric",
    "buy_box_shipping_taxed": "numeric",
    "lowest_price_taxed": "numeric",
    "weight_g": "double precision",
    "length_mm": "double precision",
    "width_mm": "double precision",
    "height_mm": "double precision",
}


def _list(names, alias=None) -> SQL:
    if alias is None:
        return SQL(", ").join(SQL.identifier(name) for name in names)
    return SQL(", ").join(SQL.identifier(alias, name) for name in names)


def create_stage() -> SQL:
    """An empty stage for this transaction, with the columns of a MarketOfferBatch."""
    columns = SQL(", ").join(
        SQL("%s %s", SQL.identifier(name), SQL(_TYPES.get(name, "text")))
        for name in MarketOfferBatch.column_names()
    )
    return SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP", SQL.identifier(STAGE), columns)


def drop_stage() -> SQL:
    """Remove a stage left by an earlier batch of the same transaction."""
    return SQL("DROP TABLE IF EXISTS %s", SQL.identifier(STAGE))


def copy_statement() -> str:
    """COPY of the stage, for ``cursor.copy_expert`` with :func:`as_csv`."""
    names = ", ".join(MarketOfferBatch.column_names())
    return f"COPY {STAGE} ({names}) FROM STDIN WITH (FORMAT csv, NULL '')"


def as_csv(batch: MarketOfferBatch) -> io.StringIO:
    """The batch as CSV; None is an empty cell."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(zip(*batch.columns(), strict=True))
    stream.seek(0)
    return stream


def upsert(marketplace_id: int, sync_id: int | None, user_id: int, now) -> SQL:
    """Stage → market offers, answered rows; returns (is_new, is_changed) per row.

    Leans on the unique index of (marketplace_id, gtin). ``changed_at`` moves only when a figure
    differs.
    """
    table = SQL.identifier("onep_marketplace_offer")
    inserted = (*IDENTITY, *FIGURES)
    kept = SQL(", ").join(
        SQL("%(c)s = COALESCE(EXCLUDED.%(c)s, o.%(c)s)", c=SQL.identifier(name))
        for name in IDENTITY
    )
    replaced = SQL(", ").join(
        SQL("%(c)s = EXCLUDED.%(c)s", c=SQL.identifier(name)) for name in FIGURES
    )
    differs = SQL("(%s) IS DISTINCT FROM (%s)", _list(FIGURES, "o"), _list(FIGURES, "excluded"))
    return SQL(
        """
        INSERT INTO %(table)s AS o (
            marketplace_id, company_id, is_demo, currency_id, sync_id, gtin, %(columns)s,
            first_seen_at, fetched_at, changed_at, create_uid, create_date, write_uid, write_date
        )
        SELECT m.id, m.company_id, m.is_demo, COALESCE(c.id, m.currency_id), %(sync_id)s,
               s.gtin, %(values)s,
               %(now)s, %(now)s, %(now)s, %(user_id)s, %(now)s, %(user_id)s, %(now)s
          FROM %(stage)s s
          JOIN onep_marketplace m ON m.id = %(marketplace_id)s
          LEFT JOIN res_currency c ON c.name = s.currency
         WHERE s.state != 'error'
            ON CONFLICT (marketplace_id, gtin) DO UPDATE SET
               %(kept)s, %(replaced)s,
               company_id = EXCLUDED.company_id, is_demo = EXCLUDED.is_demo,
               currency_id = EXCLUDED.currency_id, sync_id = EXCLUDED.sync_id,
               fetched_at = EXCLUDED.fetched_at, write_uid = EXCLUDED.write_uid,
               write_date = EXCLUDED.write_date,
               changed_at = CASE WHEN %(differs)s THEN EXCLUDED.changed_at ELSE o.changed_at END
        RETURNING (xmax = 0), changed_at = fetched_at
        """,
        table=table,
        columns=_list(inserted),
        values=_list(inserted, "s"),
        stage=SQL.identifier(STAGE),
        marketplace_id=marketplace_id,
        sync_id=sync_id,
        user_id=user_id,
        now=now,
        kept=kept,
        replaced=replaced,
        differs=differs,
    )


def upsert_refused(marketplace_id: int, sync_id: int | None, user_id: int, now) -> SQL:
    """Stage → market offers, refused rows: figures known before stay, with their date.

    Leans on the unique index of (marketplace_id, gtin).
    """
    return SQL(
        """
        INSERT INTO onep_marketplace_offer AS o (
            marketplace_id, company_id, is_demo, currency_id, sync_id, gtin, state, reason_codes,
            reason_detail, retailer_present, first_seen_at, create_uid, create_date, write_uid,
            write_date
        )
        SELECT m.id, m.company_id, m.is_demo, m.currency_id, %(sync_id)s, s.gtin, s.state,
               s.reason_codes, s.reason_detail, s.retailer_present, %(now)s, %(user_id)s, %(now)s,
               %(user_id)s, %(now)s
          FROM %(stage)s s
          JOIN onep_marketplace m ON m.id = %(marketplace_id)s
         WHERE s.state = 'error'
            ON CONFLICT (marketplace_id, gtin) DO UPDATE SET
               state = EXCLUDED.state, reason_codes = EXCLUDED.reason_codes,
               reason_detail = EXCLUDED.reason_detail, sync_id = EXCLUDED.sync_id,
               write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
        """,
        stage=SQL.identifier(STAGE),
        marketplace_id=marketplace_id,
        sync_id=sync_id,
        user_id=user_id,
        now=now,
    )


def select_synced(marketplace_id: int, sync_id: int) -> SQL:
    """GTINs already dealt with by a run. Leans on the index of sync_id."""
    return SQL(
        "SELECT gtin FROM onep_marketplace_offer WHERE sync_id = %s AND marketplace_id = %s",
        sync_id,
        marketplace_id,
    )
