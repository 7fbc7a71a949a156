"""Marketplace clients: plain Python, no odoo.

Columns in, columns out, step by step (:mod:`.steps`, :mod:`.records`). A marketplace is one client
(:mod:`.base`) and how its answers are read (``<platform>_decode``). Clock, token store and quota
buckets come in as arguments; nothing here sleeps: a wait is an error that says how long
(:mod:`.errors`).
"""
