"""Rules on rows that only the database can check: what this article ever cost, who has its EAN.

Set-based, on the staged rows, before anything is published. Rows that had no issue before have no
cells yet: the import reads them from its file.
"""

from odoo.tools import SQL

from . import staging
from .staged_offer import Currencies
from .supplier_offer import unchanged_in

_OFFERS = SQL.identifier("pg_temp", staging.OFFER_TABLE)
_ISSUES = SQL.identifier("pg_temp", staging.ISSUE_TABLE)
_KNOWN = SQL.identifier("pg_temp", staging.KNOWN_TABLE)
_STEPS = SQL.identifier("pg_temp", staging.STEP_TABLE)

PRICE_RULES = ("price-above-known", "price-below-known")
# Rules that refuse offers, with the quantity steps merged into them.
DATABASE_RULES = ("currency-inactive", *PRICE_RULES)
# The rule of those steps.
STEP_RULE = "quantity-step-refused"


def check_prices(
    *,
    partner_id: int,
    company_id: int,
    factor: float,
    severity: str,
    currency: Currencies,
    company_code: str,
    trusted_lines: list[int],
) -> SQL:
    """Rows whose price is far above or below all that is known of the article → issues.

    Known are: the offer's own price, its earlier ones, and what other suppliers ask for the
    same GTIN, in company currency at the rates of the day. Rows close to their own price are
    never looked at again. Leans on onep_supplier_offer (gtin) and on the history's offer.

    :param factor: from how many times more, or less, a price is doubted
    :param severity: refuse (the row goes to quarantine) or warn
    :param trusted_lines: lines that are not doubted
    """
    return SQL(
        """
        WITH candidate AS MATERIALIZED (
            SELECT staged.supplier_sku, staged.gtin, known.offer_id,
                   staged.purchase_price * %(rate)s AS price
              FROM %(offers)s AS staged
              LEFT JOIN %(known)s AS known ON known.supplier_sku = staged.supplier_sku
             WHERE %(rate)s > 0 AND NOT staged.line = ANY(%(trusted_lines)s)
               AND (known.price_ratio >= %(factor)s OR known.price_ratio <= 1 / %(factor)s
                    OR known.price_ratio IS NULL AND (
                        known.offer_id IS NOT NULL OR EXISTS (
                            SELECT 1 FROM onep_supplier_offer AS sibling
                             WHERE sibling.gtin = staged.gtin
                               AND sibling.company_id = %(company_id)s
                               AND sibling.partner_id <> %(partner_id)s)))
        ),
        price AS (
            SELECT candidate.supplier_sku, offer.price_company AS known
              FROM candidate JOIN onep_supplier_offer AS offer ON offer.id = candidate.offer_id
            UNION ALL
            SELECT candidate.supplier_sku, past.price_before * worth.rate
              FROM candidate
              JOIN onep_supplier_offer_history AS past ON past.offer_id = candidate.offer_id
              JOIN (VALUES %(currencies)s) AS worth (id, rate)
                ON worth.id = past.currency_before_id
            UNION ALL
            SELECT candidate.supplier_sku, sibling.price_company
              FROM candidate
              JOIN onep_supplier_offer AS sibling
                ON sibling.gtin = candidate.gtin AND sibling.company_id = %(company_id)s
               AND sibling.partner_id <> %(partner_id)s
        ),
        doubted AS MATERIALIZED (
            SELECT candidate.supplier_sku, candidate.price > bounds.highest AS is_above,
                   CASE WHEN candidate.price > bounds.highest THEN bounds.highest
                        ELSE bounds.lowest END AS known
              FROM candidate
              JOIN (SELECT supplier_sku, min(known) AS lowest, max(known) AS highest
                      FROM price WHERE known > 0 GROUP BY supplier_sku
              ) AS bounds ON bounds.supplier_sku = candidate.supplier_sku
             WHERE candidate.price >= bounds.highest * %(factor)s
                OR candidate.price <= bounds.lowest / %(factor)s
        ),
        found AS (%(found)s),
        told AS (
            SELECT found.*, CASE WHEN is_above THEN 'price-above-known'
                                 ELSE 'price-below-known' END AS rule
              FROM found
        ),
        fresh AS (
            SELECT line, %(severity)s AS severity, rule, 'purchase_price' AS field, supplier_sku,
                   jsonb_build_array(jsonb_build_object(
                       'rule', rule, 'severity', %(severity)s, 'field', 'purchase_price',
                       'raw', trim_scale(purchase_price)::text,
                       'params', jsonb_build_object(
                           'known', concat_ws(' ', round(known, 2)::text, %(company_code)s))
                   )) AS reasons
              FROM told
        )
        %(add)s
        """,
        add=staging.add_fresh_issues(),
        found=_take(severity),
        offers=_OFFERS,
        known=_KNOWN,
        rate=currency.rate,
        currencies=currency.values,
        company_code=company_code,
        trusted_lines=trusted_lines,
        partner_id=partner_id,
        company_id=company_id,
        factor=factor,
        severity=severity,
    )


def _take(severity: str) -> SQL:
    """The doubted staged rows: taken out when refused, left where they are when told."""
    columns = SQL(
        """staged.line, staged.supplier_sku, staged.purchase_price, doubted.is_above,
           doubted.known"""
    )
    if severity == "refuse":
        return SQL(
            "DELETE FROM %s AS staged USING doubted "
            "WHERE staged.supplier_sku = doubted.supplier_sku RETURNING %s",
            _OFFERS,
            columns,
        )
    return SQL("SELECT %s FROM %s AS staged JOIN doubted USING (supplier_sku)", columns, _OFFERS)


def forget_refused() -> SQL:
    """Rows that :func:`check_prices` took out are no longer matched either."""
    return SQL(
        """
        DELETE FROM %s AS known USING %s AS issue
         WHERE issue.supplier_sku = known.supplier_sku AND issue.severity = 'refuse'
           AND issue.rule = ANY(%s)
        """,
        _KNOWN,
        _ISSUES,
        list(PRICE_RULES),
    )


def refuse_steps() -> SQL:
    """Quantity steps of the offers that were refused → issues of their own lines."""
    return SQL(
        """
        WITH removed AS (
            DELETE FROM %(steps)s AS step USING %(issues)s AS parent
             WHERE parent.supplier_sku = step.supplier_sku AND parent.severity = 'refuse'
               AND parent.rule = ANY(%(rules)s)
         RETURNING step.line, step.supplier_sku, parent.line AS first_line
        ),
        fresh AS (
            SELECT line, 'refuse' AS severity, %(rule)s AS rule, 'purchase_price' AS field,
                   supplier_sku,
                   jsonb_build_array(jsonb_build_object(
                       'rule', %(rule)s, 'severity', 'refuse', 'field', 'purchase_price',
                       'params', jsonb_build_object('first_line', first_line))) AS reasons
              FROM removed
        )
        %(add)s
        """,
        add=staging.add_fresh_issues(),
        steps=_STEPS,
        issues=_ISSUES,
        rule=STEP_RULE,
        rules=list(DATABASE_RULES),
    )


def check_eans(*, partner_id: int, company_id: int) -> SQL:
    """New or renumbered rows whose EAN another present article of the supplier has → warnings.

    Two rows of one file with the same EAN are told when the file is read. Leans on the offers'
    GTINs.
    """
    return SQL(
        """
        WITH fresh AS (
            SELECT DISTINCT ON (staged.line) staged.line, 'warn' AS severity,
                   'ean-carried' AS rule, 'ean' AS field, staged.supplier_sku,
                   jsonb_build_array(jsonb_build_object(
                       'rule', 'ean-carried', 'severity', 'warn', 'field', 'ean',
                       'raw', staged.gtin,
                       'params', jsonb_build_object('sku', other.supplier_sku))) AS reasons
              FROM %(offers)s AS staged
              JOIN onep_supplier_offer AS other
                ON other.gtin = staged.gtin AND other.partner_id = %(partner_id)s
               AND other.company_id = %(company_id)s AND other.is_present
               AND other.supplier_sku <> staged.supplier_sku
              LEFT JOIN %(known)s AS known ON known.supplier_sku = staged.supplier_sku
             WHERE (known.offer_id IS NULL OR known.is_renumbered)
               AND NOT EXISTS (
                   SELECT 1 FROM %(offers)s AS twin
                    WHERE twin.supplier_sku = other.supplier_sku)
             ORDER BY staged.line, other.supplier_sku
        )
        %(add)s
        """,
        add=staging.add_fresh_issues(),
        offers=_OFFERS,
        known=_KNOWN,
        partner_id=partner_id,
        company_id=company_id,
    )


def select_seen(*, import_id: int, partner_id: int, company_id: int, skus: list[str]) -> SQL:
    """(SKU, whether this import listed it) of those articles that the supplier offers.

    Leans on the unique constraint (partner_id, supplier_sku, company_id).
    """
    return SQL(
        """
        SELECT offer.supplier_sku,
               offer.is_present IS TRUE AND (offer.last_import_id IS NOT DISTINCT FROM %(import_id)s
                                             OR offer.id IN %(unchanged)s)
          FROM onep_supplier_offer AS offer
         WHERE offer.partner_id = %(partner_id)s AND offer.company_id = %(company_id)s
           AND offer.supplier_sku = ANY(%(skus)s::text[])
        """,
        unchanged=unchanged_in([import_id]),
        import_id=import_id,
        partner_id=partner_id,
        company_id=company_id,
        skus=skus,
    )
