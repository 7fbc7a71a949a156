"""A marketplace's categories: page into a stage, upsert by code, then parents and paths."""

from __future__ import annotations

from odoo.tools import SQL

STAGE = "onep_marketplace_category_stage"
COLUMNS = {
    "code": "text",
    "name": "text",
    "parent_code": "text",
    "level": "integer",
    "is_active": "boolean",
}


def upsert(marketplace_id: int, user_id: int, now) -> SQL:
    """Stage → categories; returns whether each row is new.

    Leans on the unique index of (marketplace_id, code).
    """
    return SQL(
        """
        INSERT INTO onep_marketplace_category AS c (
            marketplace_id, company_id, code, name, parent_code, level, active, takes_products,
            seen_at, create_uid, create_date, write_uid, write_date
        )
        SELECT m.id, m.company_id, s.code, COALESCE(s.name, s.code), s.parent_code, s.level, true,
               CASE s.is_active WHEN true THEN 'yes' WHEN false THEN 'no' ELSE 'unknown' END,
               %(now)s, %(user_id)s, %(now)s, %(user_id)s, %(now)s
          FROM (SELECT DISTINCT ON (code) * FROM %(stage)s WHERE code IS NOT NULL) s
          JOIN onep_marketplace m ON m.id = %(marketplace_id)s
            ON CONFLICT (marketplace_id, code) DO UPDATE SET
               name = EXCLUDED.name, parent_code = EXCLUDED.parent_code, level = EXCLUDED.level,
               active = true, takes_products = EXCLUDED.takes_products,
               company_id = EXCLUDED.company_id, seen_at = EXCLUDED.seen_at,
               write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
        RETURNING (xmax = 0)
        """,
        stage=SQL.identifier(STAGE),
        marketplace_id=marketplace_id,
        user_id=user_id,
        now=now,
    )


def archive_gone(marketplace_id: int, started_at, user_id: int, now) -> SQL:
    """After a whole reading: categories it did not meet are archived; returns the ids."""
    return SQL(
        """
        UPDATE onep_marketplace_category
           SET active = false, write_uid = %(user_id)s, write_date = %(now)s
         WHERE marketplace_id = %(marketplace_id)s AND active AND seen_at < %(started_at)s
        RETURNING id
        """,
        marketplace_id=marketplace_id,
        started_at=started_at,
        user_id=user_id,
        now=now,
    )


def link_parents(marketplace_id: int) -> SQL:
    """Parent of each category by its code. Leans on the unique index of (marketplace_id, code)."""
    return SQL(
        """
        UPDATE onep_marketplace_category c
           SET parent_id = p.id
          FROM onep_marketplace_category child
          LEFT JOIN onep_marketplace_category p
            ON p.marketplace_id = child.marketplace_id AND p.code = child.parent_code
               AND p.id != child.id
         WHERE c.id = child.id AND c.marketplace_id = %(marketplace_id)s
           AND c.parent_id IS DISTINCT FROM p.id
        """,
        marketplace_id=marketplace_id,
    )


def write_paths(marketplace_id: int) -> SQL:
    """Whole path of each category, from the top; a circle among parents is left where it is."""
    return SQL(
        """
        WITH RECURSIVE tree AS (
            SELECT id, name::text AS path FROM onep_marketplace_category
             WHERE marketplace_id = %(marketplace_id)s AND parent_id IS NULL
             UNION ALL
            SELECT c.id, t.path || ' / ' || c.name
              FROM onep_marketplace_category c JOIN tree t ON c.parent_id = t.id
        )
        UPDATE onep_marketplace_category c
           SET complete_name = tree.path
          FROM tree
         WHERE c.id = tree.id AND c.complete_name IS DISTINCT FROM tree.path
        """,
        marketplace_id=marketplace_id,
    )
