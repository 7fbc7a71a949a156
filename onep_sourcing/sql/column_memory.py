"""What accepted files said of their columns, set by set."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from odoo.tools import SQL


class Said(NamedTuple):
    """What one file says of one column.

    words: key of its header; field: None when it is left out
    is_corrected: a person set it so against what was proposed
    """

    words: str
    header: str
    field: str | None
    is_corrected: bool


def upsert(
    feed: tuple[int, int, int],
    said: Sequence[Said],
    *,
    files: int,
    is_confirmed: bool,
    now: datetime,
    user_id: int,
) -> SQL:
    """Add what a file says to what is remembered of its feed.

    feed: ids of the feed, its supplier and its company; files: 1, 0 for a correction without file
    Leans on the unique index of onep_column_memory (feed_id, words, field); rows are met in one
    order, so that two files of a feed wait for each other instead of locking up.
    """
    feed_id, partner_id, company_id = feed
    rows = sorted(said, key=lambda one: (one.words, one.field or ""))
    return SQL(
        """
        INSERT INTO onep_column_memory AS known (
            feed_id, partner_id, company_id, words, header, field, import_count, confirmed_count,
            correction_count, first_seen_at, last_seen_at, corrected_at,
            create_uid, create_date, write_uid, write_date)
        SELECT %(feed_id)s, %(partner_id)s, %(company_id)s, words, header, field, %(files)s,
               %(confirmed)s, is_corrected::integer, %(now)s, %(now)s,
               CASE WHEN is_corrected THEN %(now)s::timestamp END,
               %(user_id)s, %(now)s, %(user_id)s, %(now)s
          FROM unnest(%(words)s::varchar[], %(headers)s::varchar[], %(fields)s::varchar[],
                      %(corrected)s::boolean[]) AS given (words, header, field, is_corrected)
        ON CONFLICT (feed_id, words, COALESCE(field, ''::character varying)) DO UPDATE
           SET header = EXCLUDED.header,
               import_count = known.import_count + EXCLUDED.import_count,
               confirmed_count = known.confirmed_count + EXCLUDED.confirmed_count,
               correction_count = known.correction_count + EXCLUDED.correction_count,
               last_seen_at = greatest(known.last_seen_at, EXCLUDED.last_seen_at),
               corrected_at = COALESCE(EXCLUDED.corrected_at, known.corrected_at),
               write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
        """,
        feed_id=feed_id,
        partner_id=partner_id,
        company_id=company_id,
        files=files,
        confirmed=files if is_confirmed else 0,
        now=now,
        user_id=user_id,
        words=[one.words for one in rows],
        headers=[one.header for one in rows],
        fields=[one.field for one in rows],
        corrected=[one.is_corrected for one in rows],
    )


def select_facts(company_id: int, words: Sequence[str], now: datetime) -> SQL:
    """What a company remembers of these headers, a row for each feed and field.

    The columns of a `memory.Fact`, in its order. Likeness is the share of columns that the files
    of a feed have in common with these. Leans on the index of onep_column_memory (company_id,
    words) to find the feeds, and on (feed_id, words, …) to read them.
    """
    return SQL(
        """
        WITH layout AS (
            SELECT feed_id, count(DISTINCT words) AS columns,
                   count(DISTINCT words) FILTER (WHERE words = ANY(%(words)s)) AS shared
              FROM onep_column_memory
             WHERE feed_id IN (
                 SELECT feed_id FROM onep_column_memory
                  WHERE company_id = %(company_id)s AND words = ANY(%(words)s))
             GROUP BY feed_id
        )
        SELECT header, words, field, feed_id, partner_id, import_count, confirmed_count,
               correction_count, extract(epoch FROM %(now)s - last_seen_at)::float8 / 86400,
               extract(epoch FROM %(now)s - corrected_at)::float8 / 86400,
               shared::float8 / (columns + cardinality(%(words)s) - shared)
          FROM onep_column_memory JOIN layout USING (feed_id)
         WHERE company_id = %(company_id)s AND words = ANY(%(words)s)
        """,
        company_id=company_id,
        words=list(words),
        now=now,
    )


def delete_old(before: datetime, most: int) -> SQL:
    """Forget what was not seen since, and of each feed all but the latest `most` rows."""
    return SQL(
        """
        DELETE FROM onep_column_memory
         WHERE last_seen_at < %(before)s
            OR id IN (
                SELECT id FROM (
                    SELECT id, row_number() OVER (
                               PARTITION BY feed_id ORDER BY last_seen_at DESC, id DESC) AS place
                      FROM onep_column_memory) AS ranked
                 WHERE place > %(most)s)
        """,
        before=before,
        most=most,
    )
