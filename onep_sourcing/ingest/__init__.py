"""From a supplier's file to columns of offers: detect → read → map → normalise → check.

Pure Python: nothing here imports odoo. A batch of a file is a frame of text; every step takes
columns and returns columns, so that the cost of a row is paid by numpy and Arrow, never by Python.
"""
