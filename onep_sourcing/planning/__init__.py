"""What to buy and how much: numpy arrays in, numpy arrays out, no Odoo."""
