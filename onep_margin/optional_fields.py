"""An amount whose NULL stays unknown: Odoo reads a NULL number as 0, and 0 is a figure."""

from odoo import fields


class OptionalMonetary(fields.Monetary):
    """An amount that may be unknown: False in records, None in the cache, NULL in the column."""

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
