"""The stage that a batch of answers is copied to, before it is upserted."""

from __future__ import annotations

import csv
import io

from odoo.tools import SQL

_TYPES = {
    **dict.fromkeys(
        (
            "candidate_count",
            "pack_quantity",
            "offer_count",
            "marketplace_fulfilled_count",
            "merchant_fulfilled_count",
            "used_offer_count",
            "sales_rank",
            "position",
        ),
        "integer",
    ),
    **dict.fromkeys(
        (
            "buy_box_price_taxed",
            "buy_box_shipping_taxed",
            "lowest_price_taxed",
            "list_price_taxed",
            "price_taxed",
            "total_fee",
            "commission",
            "fulfilment_fee",
        ),
        "numeric",
    ),
    **dict.fromkeys(
        ("weight_g", "length_mm", "width_mm", "height_mm", "score"), "double precision"
    ),
    "is_doubtful": "boolean",
}


def names(columns, alias=None) -> SQL:
    """Comma-separated identifiers, of a table when it is named."""
    if alias is None:
        return SQL(", ").join(SQL.identifier(name) for name in columns)
    return SQL(", ").join(SQL.identifier(alias, name) for name in columns)


def stage(kind: str) -> SQL:
    """The stage of a kind of batch, in this session."""
    return SQL.identifier("pg_temp", f"onep_market_stage_{kind}")


def create_stage(kind: str, columns) -> SQL:
    """An empty stage; it lives as long as the session, its rows as long as the transaction."""
    table = SQL.identifier(f"onep_market_stage_{kind}")
    return SQL(
        "CREATE TEMPORARY TABLE IF NOT EXISTS %s (%s) ON COMMIT DELETE ROWS; DELETE FROM %s",
        table,
        SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(_TYPES.get(name, "text"))) for name in columns
        ),
        stage(kind),
    )


def copy_statement(kind: str, columns) -> str:
    """COPY of the stage, for ``cursor.copy_expert`` with :func:`as_csv`."""
    return (
        f"COPY pg_temp.onep_market_stage_{kind} ({', '.join(columns)})"
        " FROM STDIN WITH (FORMAT csv, NULL '')"
    )


def as_csv(columns) -> io.StringIO:
    """Columns of a batch as CSV; None is an empty cell."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(zip(*columns, strict=True))
    stream.seek(0)
    return stream
