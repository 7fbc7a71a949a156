"""Feeds learn which import last changed their catalogue: what is present was listed by it."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE onep_supplier_feed AS feed SET published_import_id = latest.id
          FROM (SELECT feed_id, max(id) AS id FROM onep_import WHERE state = 'done'
                 GROUP BY feed_id) AS latest
         WHERE latest.feed_id = feed.id AND feed.published_import_id IS NULL
        """
    )
