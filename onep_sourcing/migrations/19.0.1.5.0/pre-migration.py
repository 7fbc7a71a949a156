"""Lists that were there have no limit of storage.

Their default is a setting of the company, whose columns Odoo adds after those of the lists.
"""


def migrate(cr, version):
    cr.execute(
        """
        ALTER TABLE onep_picking_list ADD COLUMN IF NOT EXISTS storage_m3 numeric,
                                      ADD COLUMN IF NOT EXISTS storage_kg numeric
        """
    )
