"""Columns of an account's own listing in a temporary table, for the upserts of this folder."""

from __future__ import annotations

import csv
import io

from odoo.tools import SQL


def create(stage: str, columns: dict[str, str]) -> SQL:
    """An empty stage for this transaction.

    columns: PostgreSQL type by name, in the order of :func:`as_csv`
    """
    typed = SQL(", ").join(
        SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns.items()
    )
    return SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP", SQL.identifier(stage), typed)


def drop(stage: str) -> SQL:
    """Remove a stage left by an earlier page of the same transaction."""
    return SQL("DROP TABLE IF EXISTS %s", SQL.identifier(stage))


def copy_statement(stage: str, columns: dict[str, str]) -> str:
    """COPY into the stage, for ``cursor.copy_expert`` with :func:`as_csv`."""
    return f"COPY {stage} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv, NULL '')"


def as_csv(page, columns: dict[str, str]) -> io.StringIO:
    """A page of columns as CSV; None is an empty cell."""
    stream = io.StringIO()
    rows = zip(*(getattr(page, name) for name in columns), strict=True)
    csv.writer(stream, lineterminator="\n").writerows(rows)
    stream.seek(0)
    return stream


def identifiers(names, alias: str | None = None) -> SQL:
    """Comma-separated column names, of one table when an alias is given."""
    parts = (SQL.identifier(alias, name) if alias else SQL.identifier(name) for name in names)
    return SQL(", ").join(parts)
