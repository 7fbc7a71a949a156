"""How large the files of feeds were, import after import."""

from odoo.tools import SQL


def select_row_counts(feed_ids: list[int], newest: int) -> SQL:
    """(feed id, rows of its newest finished imports, oldest of them first).

    Leans on the index of onep_import (feed_id).
    """
    return SQL(
        """
        SELECT feed.id, ARRAY(
                   SELECT row_count
                     FROM (
                         SELECT id, row_count FROM onep_import
                          WHERE feed_id = feed.id AND state = 'done'
                          ORDER BY id DESC LIMIT %(newest)s
                     ) AS recent
                    ORDER BY id)
          FROM unnest(%(ids)s::integer[]) AS feed (id)
        """,
        ids=feed_ids,
        newest=newest,
    )
