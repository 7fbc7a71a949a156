"""FTP feeds say how they are encrypted, since implicit FTPS came beside explicit and none."""


def migrate(cr, version):
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
