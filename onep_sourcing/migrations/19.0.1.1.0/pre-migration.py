"""Supplier offers and products lose the foreign keys and indexes that made imports slow.

The links are kept whole by the models (see unchecked_many2one.py). Searches by several columns at
once never used the trigram indexes; products are found by their GTIN.
"""

_FOREIGN_KEYS = ("feed", "partner", "company", "last_import", "product", "currency")
_INDEXES = (
    "onep_supplier_offer__name_index",
    "onep_supplier_offer__last_import_id_index",
    "onep_supplier_offer__product_id_index",
    "onep_product__name_index",
    "onep_product__brand_index",
    "onep_product__gtin_index",
)


def migrate(cr, version):
    for name in (*(f"{link}_id" for link in _FOREIGN_KEYS), "create_uid", "write_uid"):
        cr.execute(
            "ALTER TABLE onep_supplier_offer "
            f"DROP CONSTRAINT IF EXISTS onep_supplier_offer_{name}_fkey"
        )
    for name in ("create_uid", "write_uid"):
        cr.execute(f"ALTER TABLE onep_product DROP CONSTRAINT IF EXISTS onep_product_{name}_fkey")
    for name in _INDEXES:
        cr.execute(f"DROP INDEX IF EXISTS {name}")
    cr.execute("ALTER TABLE onep_supplier_offer ADD COLUMN IF NOT EXISTS first_import_id integer")
