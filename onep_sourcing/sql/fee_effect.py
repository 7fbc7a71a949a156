"""Which deals a fee rule concerns."""

from collections.abc import Collection

from odoo.tools import SQL


def of_fee_categories(marketplace_id: int, category_ids: Collection[int]) -> SQL:
    """Scope: the offers last priced in these fee categories on a marketplace.

    Leans on the opportunities' index by fee category, and on their unique key.
    """
    return SQL(
        """offer.id IN (
            SELECT known.supplier_offer_id FROM onep_opportunity AS known
             WHERE known.marketplace_id = %s AND known.active
               AND known.fee_category_id = ANY(%s))""",
        marketplace_id,
        sorted(category_ids),
    )
