"""The margin engine: numpy arrays in, numpy arrays out, no Odoo.

One function per station of the waterfall, in the order money flows:

    purchase → landed cost → sale and vat → commission → logistics or carrier → margin → bounds
    → score

A deal is one index of a ``DealBatch``; a market's rules are one ``RateCard``. Amounts are
float64 in one currency and are never rounded here: the caller rounds once, by currency.
What is unknown is NaN, and says why in a bitmask (``causes``).
"""
