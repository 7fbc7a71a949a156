"""The deals that a scenario is tried on, and what it makes of them."""

from collections.abc import Sequence

from odoo.tools import SQL

#: Columns of a trial's outcome, in the order they are copied.
OUTCOME_COLUMNS = (
    "trial_id",
    "opportunity_id",
    "currency_id",
    "verdict",
    "margin_before",
    "margin_after",
    "roi_before",
    "roi_after",
    "create_uid",
    "write_uid",
    "create_date",
    "write_date",
)


def of_opportunities(chosen: SQL, marketplace_id: int) -> SQL:
    """Scope of ``sql.deal.select_deals``: the offers of chosen opportunities of a marketplace.

    chosen: statement that gives the ids of the opportunities
    """
    return SQL(
        """offer.id IN (
            SELECT known.supplier_offer_id FROM onep_opportunity AS known
             WHERE known.marketplace_id = %s AND known.id IN (%s))""",
        marketplace_id,
        chosen,
    )


def find_opportunities(marketplace_id: int, offer_ids: Sequence[int]) -> SQL:
    """Offer id and opportunity id of offers on a marketplace, by offer id.

    Leans on the unique index of (supplier_offer_id, marketplace_id).
    """
    return SQL(
        """
        SELECT supplier_offer_id, id FROM onep_opportunity
         WHERE marketplace_id = %s AND supplier_offer_id = ANY(%s)
         ORDER BY supplier_offer_id
        """,
        marketplace_id,
        list(offer_ids),
    )


def copy_outcomes() -> SQL:
    """COPY of CSV text into the outcomes, an empty cell being NULL."""
    return SQL(
        "COPY onep_scenario_outcome (%s) FROM STDIN WITH (FORMAT csv, NULL '')",
        SQL(", ").join(SQL.identifier(name) for name in OUTCOME_COLUMNS),
    )
