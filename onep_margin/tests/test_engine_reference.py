import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import causes
from . import random_deals
from .reference import Reference, Unknown

TABLES = random_deals.tables()
CARDS = {card_id: random_deals.card(card_id) for card_id in random_deals.CARD_IDS}
REFERENCES = {card_id: Reference(card_id) for card_id in random_deals.CARD_IDS}
#: Draws of a thousand deals: 100,000 in all. Fewer by ONEP_REFERENCE_DRAWS.
DRAWS, DEALS = int(os.environ.get("ONEP_REFERENCE_DRAWS", "100")), 1_000


def lines_of(reference, offer, deal):
    """Return the reference's lines of a deal, None when it is unknown."""
    try:
        return reference.price(offer, deal)
    except Unknown:
        return None


class TestReference(BaseCase):
    """The engine against a reference that prices one deal at a time, in decimals."""

    def assertSameLines(self, deals, reference):
        landed, _batch, result = deals.price()
        rows = list(deals.rows())
        expected = [lines_of(reference, offer, deal) for offer, deal in rows]
        known = np.array([lines is not None for lines in expected])
        differs = known == (result.unknown != 0)
        differs |= ~known & ~np.isnan(result.net_margin)
        self.assertSame("unknown", differs, causes.texts(result.unknown), known, rows)
        index = np.flatnonzero(known)
        kept = [lines for lines in expected if lines is not None]
        for name in kept[0] if kept else ():
            source = result if hasattr(result, name) else landed
            figures = getattr(source, name)[index]
            # A line that the reference has none of, None, is NaN.
            wanted = np.array([lines[name] for lines in kept], dtype=np.float64)
            close = np.abs(figures - wanted) <= 1e-6 * np.maximum(1.0, np.abs(wanted))
            close |= np.isnan(figures) & np.isnan(wanted)
            self.assertSame(name, ~close, figures, wanted, [rows[place] for place in index])

    def assertSame(self, name, differs, figures, wanted, rows):
        """Fail with the first deal that differs."""
        if differs.any():
            place = int(np.argmax(differs))
            offer, deal = rows[place]
            self.fail(f"{name}: {figures[place]} is not {wanted[place]}\n{offer}\n{deal}")

    @given(st.integers(0, 2**32 - 1), st.sampled_from(random_deals.CARD_IDS))
    @settings(deadline=None, max_examples=DRAWS)
    def test_every_line_of_random_deals(self, seed, card_id):
        deals = random_deals.RandomDeals(seed, DEALS, CARDS[card_id], TABLES)
        self.assertSameLines(deals, REFERENCES[card_id])

    def test_most_random_deals_are_known(self):
        """Or the comparison would compare little."""
        deals = random_deals.RandomDeals(1, 5_000, CARDS["rate_card_amazon_fr"], TABLES)
        landed, _batch, result = deals.price()
        self.assertGreater((result.unknown == 0).mean(), 0.5)
        for name in ("supplier_extras", "customs_duty", "eco_contribution", "private_copy_levy"):
            self.assertGreater((getattr(landed, name) > 0).mean(), 0.1, name)
        for name in ("fulfilment_fee", "carrier_cost", "storage_cost", "advertising_cost"):
            self.assertGreater((getattr(result, name) > 0).mean(), 0.1, name)
