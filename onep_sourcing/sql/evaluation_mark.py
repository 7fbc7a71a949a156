"""Marks on deals that wait to be priced again.

A mark belongs to the transaction that wrote it, so that nobody waits for anybody: two transactions
that mark one deal leave two marks, and a run that priced the deal as the first one left it deletes
only the first. A run works on the marks it saw when it began, kept in a table of its session.
"""

from odoo.tools import SQL

from .opportunity import STAGE

SEEN = "onep_seen_mark"
_SEEN = SQL.identifier("pg_temp", SEEN)


def mark(deals: SQL, reason: str) -> SQL:
    """Mark deals; gives (company_id, count of new marks), one row per company.

    Leans on the unique index (marketplace_id, supplier_offer_id, transaction_number).

    deals: a select of (supplier_offer_id, marketplace_id, company_id)
    """
    return SQL(
        """
        WITH added AS (
            INSERT INTO onep_evaluation_mark (
                supplier_offer_id, marketplace_id, company_id, reason, since, transaction_number)
            SELECT deal.supplier_offer_id, deal.marketplace_id, deal.company_id, %(reason)s,
                   now() AT TIME ZONE 'UTC', (txid_current() %% 2147483647)::integer
              FROM (%(deals)s) AS deal
            ON CONFLICT (marketplace_id, supplier_offer_id, transaction_number) DO NOTHING
            RETURNING company_id
        )
        SELECT company_id, count(*) FROM added GROUP BY company_id
        """,
        deals=deals,
        reason=reason,
    )


def count_waiting(company_ids: list[int], deals: SQL | None = None) -> SQL:
    """Number of marked deals of companies, a deal once; among ``deals`` when they are given."""
    return SQL(
        """
        SELECT count(*) FROM (
            SELECT DISTINCT mark.marketplace_id, mark.supplier_offer_id
              FROM onep_evaluation_mark AS mark %(among)s
             WHERE mark.company_id = ANY(%(company_ids)s)
        ) AS waiting
        """,
        company_ids=company_ids,
        among=SQL("")
        if deals is None
        else SQL("JOIN (%s) AS deal USING (supplier_offer_id, marketplace_id)", deals),
    )


def waiting_opportunities(opportunity_ids: list[int] | None = None) -> SQL:
    """Ids of the opportunities that wait, among some when they are given."""
    return SQL(
        """
        SELECT known.id
          FROM onep_evaluation_mark AS mark
          JOIN onep_opportunity AS known
            ON known.supplier_offer_id = mark.supplier_offer_id
           AND known.marketplace_id = mark.marketplace_id
         WHERE %(ids)s::integer[] IS NULL OR known.id = ANY(%(ids)s)
        """,
        ids=opportunity_ids,
    )


def see(company_id: int) -> SQL:
    """Keep the marks of a company that are there now in a table of this session."""
    return SQL(
        """
        DROP TABLE IF EXISTS %(seen)s;
        CREATE TEMPORARY TABLE %(name)s AS
        SELECT id AS mark_id, marketplace_id, supplier_offer_id, reason
          FROM onep_evaluation_mark WHERE company_id = %(company_id)s;
        CREATE INDEX ON %(seen)s (marketplace_id, supplier_offer_id);
        ANALYZE %(seen)s
        """,
        seen=_SEEN,
        name=SQL.identifier(SEEN),
        company_id=company_id,
    )


def reasons_seen() -> SQL:
    """(reason, number of marks) of the marks seen, the most frequent first."""
    return SQL("SELECT reason, count(*) FROM %s GROUP BY reason ORDER BY count(*) DESC, 1", _SEEN)


def of_seen(marketplace_id: int) -> SQL:
    """Scope: the offers whose marks were seen on a marketplace."""
    return SQL(
        """offer.id IN (SELECT seen.supplier_offer_id FROM %s AS seen
                         WHERE seen.marketplace_id = %s)""",
        _SEEN,
        marketplace_id,
    )


def opportunities_seen() -> SQL:
    """Condition over opportunity ``known``: one of its marks was seen."""
    return SQL(
        """EXISTS (SELECT 1 FROM %s AS seen
                    WHERE seen.marketplace_id = known.marketplace_id
                      AND seen.supplier_offer_id = known.supplier_offer_id)""",
        _SEEN,
    )


def delete_priced(marketplace_id: int) -> SQL:
    """Drop the marks seen of the deals that stand in the stage of opportunities."""
    return SQL(
        """
        DELETE FROM onep_evaluation_mark AS mark
         USING %(seen)s AS seen
          JOIN %(stage)s AS staged ON staged.supplier_offer_id = seen.supplier_offer_id
         WHERE mark.id = seen.mark_id AND seen.marketplace_id = %(marketplace_id)s
        """,
        seen=_SEEN,
        stage=SQL.identifier("pg_temp", STAGE),
        marketplace_id=marketplace_id,
    )


def delete_seen(marketplace_id: int | None = None) -> SQL:
    """Drop the marks seen that are left, of one marketplace or of all: no deal is behind them."""
    return SQL(
        """
        DELETE FROM onep_evaluation_mark AS mark USING %(seen)s AS seen
         WHERE mark.id = seen.mark_id
           AND (%(marketplace_id)s::integer IS NULL OR seen.marketplace_id = %(marketplace_id)s)
        """,
        seen=_SEEN,
        marketplace_id=marketplace_id,
    )
