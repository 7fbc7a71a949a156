"""Marketplace clients: plain Python, no odoo.

EAN columns in, market offer columns out. Clock, token store and quota buckets come in as
arguments; nothing here sleeps: a wait is an error that says how long (:mod:`.errors`).
"""
