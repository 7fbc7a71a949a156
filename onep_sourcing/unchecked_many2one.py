"""A many2one without a database foreign key, for tables that are written a million rows at a time.

PostgreSQL checks foreign keys row by row: on the supplier offers, that took longer than writing
them. Whoever uses this field says beside it what keeps the link whole instead.
"""

from odoo import fields


class UncheckedMany2one(fields.Many2one):
    """A many2one for the ORM, a plain integer for PostgreSQL."""

    def update_db_foreign_key(self, model, column):
        """Make no foreign key."""
