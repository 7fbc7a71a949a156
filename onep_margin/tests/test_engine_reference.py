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
#: Draws of a thousand deals. ONEP_REFERENCE_DRAWS=100 compares 100,000 deals, in some minutes
DRAWS, DEALS = int(os.environ.get("ONEP_REFERENCE_DRAWS", "20")), 1_000


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
        for index, (offer, deal) in enumerate(deals.rows()):
            expected = lines_of(reference, offer, deal)
            if expected is None:
                self.assertTrue(result.unknown[index], (offer, deal))
                self.assertTrue(np.isnan(result.net_margin[index]), (offer, deal))
                continue
            self.assertFalse(
                result.unknown[index], (causes.keys(result.unknown[index]), offer, deal)
            )
            for name, amount in expected.items():
                source = result if hasattr(result, name) else landed
                figure = float(getattr(source, name)[index])
                if amount is None:
                    self.assertTrue(np.isnan(figure), (name, offer, deal))
                elif abs(figure - float(amount)) > 1e-6 * max(1.0, abs(figure)):
                    self.fail(f"{name}: {figure} is not {amount}\n{offer}\n{deal}")

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
