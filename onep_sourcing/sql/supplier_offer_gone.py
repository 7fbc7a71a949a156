"""Offers that go: what a full catalogue lacks, what any other file marks as deleted.

Conditions are on onep_supplier_offer AS offer. Offers are never deleted, only marked.
"""

from odoo.tools import SQL

from . import staging

_KNOWN = SQL.identifier("pg_temp", staging.KNOWN_TABLE)
_ISSUES = SQL.identifier("pg_temp", staging.ISSUE_TABLE)


def count_present(feed_id: int) -> SQL:
    """(offers of the feed, offers of the feed that the staged rows match).

    Leans on onep_supplier_offer (feed_id, is_present).
    """
    return SQL(
        """
        SELECT (SELECT count(*) FROM onep_supplier_offer WHERE feed_id = %s AND is_present),
               (SELECT count(*) FROM %s WHERE was_present AND NOT is_elsewhere)
        """,
        feed_id,
        _KNOWN,
    )


def count_of_supplier(partner_id: int, company_id: int) -> SQL:
    """Present offers of a supplier. Leans on the unique constraint that begins with it."""
    return SQL(
        """
        SELECT count(*) FROM onep_supplier_offer
         WHERE partner_id = %s AND company_id = %s AND is_present
        """,
        partner_id,
        company_id,
    )


def is_absent(feed_id: int) -> SQL:
    """Condition: a present offer of the feed that the staged catalogue does not list.

    A row that is in quarantine is still in the file: its article is not gone, unless its supplier
    marked it as deleted. Leans on onep_supplier_offer (feed_id, is_present).
    """
    return SQL(
        """
        offer.feed_id = %(feed_id)s AND offer.is_present
        AND NOT EXISTS (SELECT 1 FROM %(known)s AS known WHERE known.offer_id = offer.id)
        AND NOT EXISTS (
            SELECT 1 FROM %(issues)s AS refused
             WHERE refused.severity = 'refuse' AND refused.rule <> 'article-deleted'
               AND refused.supplier_sku = offer.supplier_sku)
        """,
        feed_id=feed_id,
        known=_KNOWN,
        issues=_ISSUES,
    )


def is_deleted(partner_id: int, company_id: int) -> SQL:
    """Condition: a present offer of the supplier that the staged file marks as deleted.

    An article that another line of the file offers is not. Leans on the unique constraint
    (partner_id, supplier_sku, company_id).
    """
    return SQL(
        """
        offer.partner_id = %(partner_id)s AND offer.company_id = %(company_id)s
        AND offer.is_present
        AND offer.supplier_sku IN (
            SELECT refused.supplier_sku FROM %(issues)s AS refused
             WHERE refused.rule = 'article-deleted')
        AND NOT EXISTS (SELECT 1 FROM %(known)s AS known WHERE known.offer_id = offer.id)
        """,
        partner_id=partner_id,
        company_id=company_id,
        known=_KNOWN,
        issues=_ISSUES,
    )


def has_deletions() -> SQL:
    """Whether the staged file marks an article as deleted, be it known or not."""
    return SQL("SELECT EXISTS (SELECT 1 FROM %s WHERE rule = 'article-deleted')", _ISSUES)


def count(condition: SQL) -> SQL:
    """Offers of which :func:`is_absent` or :func:`is_deleted` is true."""
    return SQL("SELECT count(*) FROM onep_supplier_offer AS offer WHERE %s", condition)


def mark(import_id: int, last_seen_at) -> SQL:
    """Mark the offers that :func:`onep_sourcing.sql.supplier_offer_history.record_gone` found.

    :param last_seen_at: UTC, when the feed last listed them
    """
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer
           SET is_present = FALSE, change_kind = 'gone', last_import_id = %(import_id)s,
               gone_at = coalesce(%(last_seen_at)s, offer.write_date),
               write_date = now() at time zone 'UTC'
          FROM onep_supplier_offer_history AS past
         WHERE past.import_id = %(import_id)s AND past.kind = 'gone'
           AND offer.id = past.offer_id AND offer.is_present
        """,
        import_id=import_id,
        last_seen_at=last_seen_at,
    )
