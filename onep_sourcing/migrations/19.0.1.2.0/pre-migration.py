"""FTP feeds say how they are encrypted, since implicit FTPS came beside explicit and none."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    if not column_exists(cr, "onep_supplier_feed", "source_encrypted"):
        return  # feeds that knew no FTP yet
    cr.execute("ALTER TABLE onep_supplier_feed ADD COLUMN IF NOT EXISTS source_encryption varchar")
    cr.execute(
        """
        UPDATE onep_supplier_feed
           SET source_encryption = CASE WHEN source_encrypted IS FALSE THEN 'none'
                                        ELSE 'explicit' END
         WHERE source_encryption IS NULL
        """
    )
    cr.execute("ALTER TABLE onep_supplier_feed DROP COLUMN source_encrypted")
