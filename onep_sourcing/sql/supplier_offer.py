"""Staged rows → supplier offers.

One join says which staged rows are known and which of those moved (:func:`match`); every later
statement touches only what is new, moved or gone. Unchanged offers are read, never written.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from . import staging
from .staged_offer import COMPARED, Carried, Currencies, is_moved, staged_value

_OFFERS = SQL.identifier("pg_temp", staging.OFFER_TABLE)
_KNOWN = SQL.identifier("pg_temp", staging.KNOWN_TABLE)
_MOVED = SQL.identifier("pg_temp", staging.MOVED_TABLE)


def leave_room() -> SQL:
    """Keep a part of each page free, for the next versions of its rows."""
    return SQL("ALTER TABLE onep_supplier_offer SET (fillfactor = 85)")


def prepare(work_mem_mb: int, is_large: bool) -> SQL:
    """Settings of the publishing transaction: memory to hash the keys, no compilation.

    is_large: hash or merge whatever is joined; statistics of a table that just grew would have
        rows looked up one by one
    """
    return SQL(
        "SET LOCAL work_mem = %s; SET LOCAL jit = off; SET LOCAL enable_nestloop = %s",
        f"{work_mem_mb}MB",
        "off" if is_large else "on",
    )


def match(
    *,
    feed_id: int,
    partner_id: int,
    company_id: int,
    company_currency_id: int,
    currency: Currencies,
    carried: Carried,
) -> SQL:
    """Staged rows that are known → a narrow table: which offer, did it move, by how much.

    Leans on the unique constraint (partner_id, supplier_sku, company_id).
    """
    return SQL(
        """
        CREATE TEMPORARY TABLE %(known)s ON COMMIT DROP AS
        SELECT staged.supplier_sku, offer.id AS offer_id,
               offer.is_present IS TRUE AS was_present,
               offer.feed_id <> %(feed_id)s AS is_elsewhere,
               %(currency_id)s <> %(company_currency_id)s AS is_foreign,
               offer.currency_id <> %(currency_id)s AS is_recurrenced,
               offer.gtin IS DISTINCT FROM staged.gtin AS is_renumbered,
               offer.constant_feeds IS DISTINCT FROM %(constant_feeds)s AS is_reattributed,
               CASE WHEN offer.price_untaxed > 0 AND offer.currency_id = %(currency_id)s
                    THEN (staged.purchase_price / offer.price_untaxed)::float8 END AS price_ratio,
               offer.is_present IS NOT TRUE OR %(moved)s AS is_moved
          FROM %(offers)s AS staged
          JOIN onep_supplier_offer AS offer
            ON offer.partner_id = %(partner_id)s AND offer.company_id = %(company_id)s
           AND offer.supplier_sku = staged.supplier_sku
        """,
        known=_KNOWN,
        offers=_OFFERS,
        currency_id=currency.id,
        moved=is_moved(carried, currency),
        constant_feeds=carried.constant_feeds(currency),
        feed_id=feed_id,
        partner_id=partner_id,
        company_id=company_id,
        company_currency_id=company_currency_id,
    )


def analyse_match() -> SQL:
    """Statistics on the matches, so that the next joins go the right way round."""
    return SQL("ANALYZE %s", _KNOWN)


@dataclass(frozen=True, slots=True)
class MatchSummary:
    """Rows of a match by what becomes of their offer, and whether there are any of a kind.

    unpriced: some have no known price in the same currency
    lowest_ratio, highest_ratio: of new to known price
    """

    matched: int
    unchanged: int
    changed: int
    returned: int
    elsewhere: bool
    foreign: bool
    renumbered: bool
    reattributed: bool
    unpriced: bool
    lowest_ratio: float | None
    highest_ratio: float | None

    def is_doubtful(self, factor: float) -> bool:
        """Whether some price is so many times its known one, or less, or was not known."""
        if self.unpriced or self.lowest_ratio is None:
            return self.unpriced
        return self.highest_ratio >= factor or self.lowest_ratio <= 1 / factor


def summarise_match() -> SQL:
    """One row of :class:`MatchSummary`."""
    return SQL(
        """
        SELECT count(*), count(*) FILTER (WHERE NOT is_moved),
               count(*) FILTER (WHERE is_moved AND was_present),
               count(*) FILTER (WHERE NOT was_present),
               coalesce(bool_or(is_elsewhere), FALSE), coalesce(bool_or(is_foreign), FALSE),
               coalesce(bool_or(is_renumbered), FALSE),
               coalesce(bool_or(is_reattributed AND NOT is_moved), FALSE),
               coalesce(bool_or(price_ratio IS NULL), FALSE), min(price_ratio), max(price_ratio)
          FROM %s
        """,
        _KNOWN,
    )


def collect_moved() -> SQL:
    """The staged rows whose offer moved, with that offer: what the next statements work on."""
    return SQL(
        """
        CREATE TEMPORARY TABLE %(moved)s ON COMMIT DROP AS
        SELECT staged.*, known.offer_id, known.was_present
          FROM %(known)s AS known
          JOIN %(offers)s AS staged ON staged.supplier_sku = known.supplier_sku
         WHERE known.is_moved
        """,
        moved=_MOVED,
        known=_KNOWN,
        offers=_OFFERS,
    )


def analyse_moved() -> SQL:
    """Statistics on the moved rows."""
    return SQL("ANALYZE %s (offer_id, gtin)", _MOVED)


def insert_new(
    *,
    import_id: int,
    feed_id: int,
    partner_id: int,
    company_id: int,
    user_id: int,
    currency: Currencies,
    carried: Carried,
) -> SQL:
    """Staged rows without an offer → new offers, in the order of the file."""
    return SQL(
        """
        INSERT INTO onep_supplier_offer (
            feed_id, partner_id, company_id, first_import_id, last_import_id, supplier_sku,
            product_id, %(columns)s, currency_id, price_untaxed, price_company, is_present,
            constant_feeds, change_kind, first_seen_at, create_uid, create_date, write_uid,
            write_date)
        SELECT %(feed_id)s, %(partner_id)s, %(company_id)s, %(import_id)s, %(import_id)s,
               staged.supplier_sku, pivot.id, %(values)s, %(currency_id)s, staged.purchase_price,
               staged.purchase_price * %(rate)s, TRUE, %(constant_feeds)s, 'new',
               now() at time zone 'UTC', %(user_id)s, now() at time zone 'UTC', %(user_id)s,
               now() at time zone 'UTC'
          FROM %(offers)s AS staged
          LEFT JOIN onep_product AS pivot ON pivot.gtin = staged.gtin
         WHERE NOT EXISTS (
               SELECT 1 FROM %(known)s AS known WHERE known.supplier_sku = staged.supplier_sku)
        """,
        columns=SQL(", ").join(SQL.identifier(name) for name in COMPARED),
        values=SQL(", ").join(staged_value(name, currency) for name in COMPARED),
        currency_id=currency.id,
        rate=currency.rate,
        constant_feeds=carried.new_constant_feeds,
        offers=_OFFERS,
        known=_KNOWN,
        import_id=import_id,
        feed_id=feed_id,
        partner_id=partner_id,
        company_id=company_id,
        user_id=user_id,
    )


def update_moved(*, import_id: int, user_id: int, currency: Currencies, carried: Carried) -> SQL:
    """Staged rows whose offer moved → that offer, by its id."""
    assigned = [
        SQL("%s = %s, ", SQL.identifier(name), carried.value(name, currency))
        for name in carried.names
    ]
    if "gtin" in carried.names:
        assigned.append(SQL("product_id = pivot.id, "))
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer
           SET last_import_id = %(import_id)s,
               %(assigned)s
               constant_feeds = %(constant_feeds)s,
               previous_price_untaxed = CASE
                   WHEN offer.currency_id <> %(currency_id)s THEN NULL
                   WHEN offer.price_untaxed IS DISTINCT FROM staged.purchase_price
                   THEN offer.price_untaxed ELSE offer.previous_price_untaxed END,
               currency_id = %(currency_id)s,
               price_untaxed = staged.purchase_price,
               price_company = staged.purchase_price * %(rate)s,
               is_present = TRUE, gone_at = NULL,
               change_kind = CASE WHEN staged.was_present THEN 'changed' ELSE 'new' END,
               write_uid = %(user_id)s, write_date = now() at time zone 'UTC'
          FROM %(moved)s AS staged
          LEFT JOIN onep_product AS pivot ON pivot.gtin = staged.gtin
         WHERE offer.id = staged.offer_id
        """,
        assigned=SQL("").join(assigned),
        constant_feeds=carried.constant_feeds(currency),
        currency_id=currency.id,
        rate=currency.rate,
        moved=_MOVED,
        import_id=import_id,
        user_id=user_id,
    )


def take_over(feed_id: int) -> SQL:
    """Offers that this full catalogue lists, and another feed listed before, are now its own."""
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer SET feed_id = %s
          FROM %s AS known
         WHERE known.is_elsewhere AND offer.id = known.offer_id
        """,
        feed_id,
        _KNOWN,
    )


def reattribute(currency: Currencies, carried: Carried) -> SQL:
    """Offers that did not move, of whose values the file now says who gave them."""
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer SET constant_feeds = %(constant_feeds)s
          FROM %(known)s AS known
          JOIN %(offers)s AS staged ON staged.supplier_sku = known.supplier_sku
         WHERE known.is_reattributed AND NOT known.is_moved AND offer.id = known.offer_id
        """,
        constant_feeds=carried.constant_feeds(currency),
        known=_KNOWN,
        offers=_OFFERS,
    )


def revalue(currency: Currencies) -> SQL:
    """Offers in foreign currency that did not move: their price at the rates of the day."""
    return SQL(
        """
        UPDATE onep_supplier_offer AS offer
           SET price_company = offer.price_untaxed * %(rate)s
          FROM %(known)s AS known
          JOIN %(offers)s AS staged ON staged.supplier_sku = known.supplier_sku
         WHERE known.is_foreign AND NOT known.is_moved AND offer.id = known.offer_id
           AND offer.price_company IS DISTINCT FROM offer.price_untaxed * %(rate)s
        """,
        offers=_OFFERS,
        known=_KNOWN,
        rate=currency.rate,
    )


def unchanged_spans() -> SQL:
    """Ids of the matched offers that did not move, as [first, last, first, last, …] in JSON.

    Offers of one file have ids that follow each other: a few spans stand for a million ids.
    """
    return SQL(
        """
        SELECT jsonb_agg(bound ORDER BY bound, is_last)
          FROM (
              SELECT min(offer_id) AS first, max(offer_id) AS last
                FROM (
                    SELECT offer_id, offer_id - row_number() OVER (ORDER BY offer_id) AS run
                      FROM %s WHERE NOT is_moved
                ) AS numbered
               GROUP BY run
          ) AS span
          CROSS JOIN LATERAL (VALUES (first, 0), (last, 1)) AS bounds (bound, is_last)
        """,
        _KNOWN,
    )


def unchanged_in(import_ids: list[int]) -> SQL:
    """Subquery: ids of the offers that these imports listed as they were."""
    return SQL(
        """(
        SELECT generate_series(span.first, span.last)
          FROM onep_import AS run
          CROSS JOIN LATERAL (
              SELECT min(bound::integer) AS first, max(bound::integer) AS last
                FROM jsonb_array_elements_text(run.unchanged_spans)
                WITH ORDINALITY AS bounds (bound, place)
               GROUP BY (place - 1) / 2
          ) AS span
         WHERE run.id = ANY(%s) AND jsonb_typeof(run.unchanged_spans) = 'array'
        )""",
        import_ids,
    )


def of_feeds(feed_ids: list[int]) -> SQL:
    """Condition: offers of these feeds. Leans on onep_supplier_offer (feed_id, is_present)."""
    return SQL("feed_id = ANY(%s)", feed_ids)


def doubles_of_merge(partner_ids: list[int], kept_id: int) -> SQL:
    """Condition: offers of merged suppliers for an article that is offered twice among them.

    The kept supplier's own offer stays, else the oldest one.
    """
    return SQL(
        """id IN (
        SELECT ranked.id
          FROM (
              SELECT id, row_number() OVER (
                         PARTITION BY supplier_sku, company_id
                         ORDER BY partner_id <> %(kept_id)s, id) AS place
                FROM onep_supplier_offer WHERE partner_id = ANY(%(ids)s)
          ) AS ranked
         WHERE ranked.place > 1)""",
        ids=[*partner_ids, kept_id],
        kept_id=kept_id,
    )


def move_to_supplier(partner_ids: list[int], kept_id: int) -> SQL:
    """Offers of merged suppliers → the supplier that is kept."""
    return SQL(
        "UPDATE onep_supplier_offer SET partner_id = %s WHERE partner_id = ANY(%s)",
        kept_id,
        partner_ids,
    )


def delete(scope: SQL) -> SQL:
    """Delete offers in one statement; what hangs on them follows by foreign keys."""
    return SQL("DELETE FROM onep_supplier_offer WHERE %s", scope)


def forget_imports(import_ids: list[int]) -> SQL:
    """Clear the links of offers to imports that are deleted."""
    return SQL(
        """
        UPDATE onep_supplier_offer
           SET first_import_id = CASE WHEN first_import_id = ANY(%(ids)s) THEN NULL
                                      ELSE first_import_id END,
               last_import_id = CASE WHEN last_import_id = ANY(%(ids)s) THEN NULL
                                     ELSE last_import_id END
         WHERE first_import_id = ANY(%(ids)s) OR last_import_id = ANY(%(ids)s)
        """,
        ids=import_ids,
    )


def analyse() -> SQL:
    """Fresh statistics on what offers are found by, after an import that changed a good part of
    the table. The other columns are left to autovacuum.
    """
    return SQL(
        "ANALYZE onep_supplier_offer (id, feed_id, partner_id, company_id, supplier_sku, gtin, "
        "product_id, is_present, last_import_id)"
    )
