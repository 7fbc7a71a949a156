"""What would make a person stop an import: figures of the staged file against what is known."""

from odoo.tools import SQL

from . import staging

_KNOWN = SQL.identifier("pg_temp", staging.KNOWN_TABLE)


def count_drift() -> SQL:
    """(known rows, rows with two comparable prices, of them moved, rows whose currency moved)."""
    return SQL(
        """
        SELECT count(*), count(price_ratio), count(*) FILTER (WHERE price_ratio <> 1),
               count(*) FILTER (WHERE is_recurrenced)
          FROM %s WHERE was_present
        """,
        _KNOWN,
    )


def measure_drift() -> SQL:
    """(median of new price / known price, share of the rows within 2 % of that median)."""
    return SQL(
        """
        WITH centre AS (
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price_ratio) AS ratio
              FROM %(known)s WHERE was_present AND price_ratio IS NOT NULL
        )
        SELECT centre.ratio,
               avg((abs(known.price_ratio / centre.ratio - 1) < 0.02)::integer)::float8
          FROM %(known)s AS known, centre
         WHERE known.was_present AND known.price_ratio IS NOT NULL AND centre.ratio > 0
         GROUP BY centre.ratio
        """,
        known=_KNOWN,
    )
