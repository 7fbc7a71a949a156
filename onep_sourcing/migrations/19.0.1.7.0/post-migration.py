"""The index of imports by feed has become one by feed and age: the older one is of no use."""


def migrate(cr, version):
    """Drop the index that the field no longer asks for, which Odoo keeps."""
    cr.execute("DROP INDEX IF EXISTS onep_import__feed_id_index")
