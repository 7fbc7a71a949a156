"""Number fields whose NULL stays unknown.

Odoo reads a NULL number as 0; a price of 0 and an unknown price are different things here. These
fields read NULL as False, which every view shows as a blank, and write False as NULL.
"""

from odoo import fields


class _Optional:
    """False for unknown, in records, in the cache (None) and in the column (NULL)."""

    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_column(value, record, values, validate)

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_column_insert(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if value is False or value is None else value


class OptionalInteger(_Optional, fields.Integer):
    """An integer that may be unknown."""


class OptionalFloat(_Optional, fields.Float):
    """A float that may be unknown."""


class OptionalMonetary(_Optional, fields.Monetary):
    """An amount that may be unknown."""
