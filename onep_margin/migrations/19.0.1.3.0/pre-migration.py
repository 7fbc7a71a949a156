"""Price roundings and categories with a contribution lose their unique indexes.

A deferred exclusion constraint takes their place, so that a double is refused with the other rule
named, as it is for all other rules.
"""


def migrate(cr, version):
    for name in ("onep_price_rounding_subject_uniq", "onep_contribution_category_name_uniq"):
        cr.execute(f"DROP INDEX IF EXISTS {name}")
