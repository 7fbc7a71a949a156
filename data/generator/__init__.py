# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the sample supplier files are made.

vocabulary → articles → offers (of the suppliers) → lists (by layouts) → outputs. Everything
random comes from the named streams of ``draws``, so that a change in one part leaves the others.
"""
