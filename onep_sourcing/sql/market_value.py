"""Which articles are worth asking a marketplace for, and how far: hooks of its funnel."""

from odoo.tools import SQL

from odoo.addons.onep_marketplace_connectors.sql.marketplace_offer import selling_price

#: Numbers that mean something inside one company only, as clients/gtin.py tells them.
RESTRICTED = "^(000000[02]|.(02|04|2|99|98[0-4]))"
#: Distance from a threshold at which a decision no longer hangs on a new price.
NEAR = 0.1


def select_wanted(marketplace_id: int, company_id: int, others: SQL) -> SQL:
    """What suppliers offer, with how near its threshold the decision is: (gtin, bonus 0-100).

    In-store numbers mean nothing to a marketplace. Leans on the index of present offers and on
    the opportunities' unique index of (supplier_offer_id, marketplace_id).

    others: more rows (gtin, bonus)
    """
    return SQL(
        """
        SELECT gtin, bonus FROM (
            SELECT offer.gtin,
                   coalesce(100 * greatest(
                       1 - abs(known.margin_rate - company.onep_target_margin_rate) / %(near)s,
                       1 - abs(known.roi - company.margin_target_roi) / %(near)s,
                       0), 0)::float8 AS bonus
              FROM onep_supplier_offer AS offer
              JOIN res_company AS company ON company.id = offer.company_id
              LEFT JOIN onep_opportunity AS known
                ON known.supplier_offer_id = offer.id
               AND known.marketplace_id = %(marketplace_id)s AND known.active
             WHERE offer.company_id = %(company_id)s AND offer.is_present
               AND offer.gtin IS NOT NULL
             UNION ALL (%(others)s)
        ) AS wanted
         WHERE gtin !~ %(restricted)s
        """,
        near=NEAR,
        marketplace_id=marketplace_id,
        company_id=company_id,
        others=others,
        restricted=RESTRICTED,
    )


def leaves_enough(rates: list[tuple[int, float | None]], markup: float) -> SQL:
    """Condition over market offer o: some supplier's price lies far enough below the market's.

    An unknown price or exchange rate passes: nothing is dropped on a guess. Leans on the index of
    supplier offers by GTIN.

    rates: (currency id, company currency units for one unit, None when unknown)
    markup: least share by which the market's taxed price exceeds the supplier's untaxed one
    """
    return SQL(
        """
        EXISTS (
            SELECT 1
              FROM onep_supplier_offer AS source
              LEFT JOIN (VALUES %(rates)s) AS paid (id, rate) ON paid.id = source.currency_id
              LEFT JOIN (VALUES %(rates)s) AS sold (id, rate) ON sold.id = o.currency_id
             WHERE source.gtin = o.gtin AND source.company_id = o.company_id AND source.is_present
               AND (%(price)s::float8 * sold.rate
                    < source.price_untaxed::float8 * paid.rate * (1 + %(markup)s::float8))
                   IS NOT TRUE)
        """,
        price=selling_price(),
        rates=SQL(", ").join(SQL("(%s, %s::float8)", currency, rate) for currency, rate in rates),
        markup=markup,
    )


def is_offered() -> SQL:
    """Condition over market offer o: a supplier offers it. Leans on the same index."""
    return SQL(
        """
        EXISTS (SELECT 1 FROM onep_supplier_offer AS source
                 WHERE source.gtin = o.gtin AND source.company_id = o.company_id
                   AND source.is_present)
        """
    )


def move_dates(sync_id: int) -> SQL:
    """Opportunities of offers that an update found unchanged: only their date moves.

    Leans on the index of market offers by update and of opportunities by market offer.
    """
    return SQL(
        """
        UPDATE onep_opportunity AS known SET fetched_at = market.fetched_at
          FROM onep_marketplace_offer AS market
         WHERE market.sync_id = %s AND known.market_offer_id = market.id
           AND known.fetched_at IS DISTINCT FROM market.fetched_at
           AND market.changed_sync_id IS DISTINCT FROM market.sync_id
        """,
        sync_id,
    )
