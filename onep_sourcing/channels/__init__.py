"""How a supplier's file is obtained: one module a channel, no Odoo."""
