import numpy as np

from odoo.exceptions import ValidationError

from ..engine import margin
from ..engine.batch import MERCHANT, DealBatch
from .margin_case import MarginCase


class TestCarrierGrid(MarginCase):
    """Grids by date and company, handed to the engine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Grid = cls.env["onep.carrier.grid"]

    def new_grid(self, **vals):
        return self.Grid.create(
            {
                "name": "Contract",
                "code": "contract",
                "country_id": self.france.id,
                "currency_id": self.euro.id,
                "valid_from": "2026-01-01",
                "line_ids": [(0, 0, {"weight_max_g": 1000, "amount": 5.0})],
            }
            | vals
        )

    def codes(self):
        card, _index = self.engine_card()
        return [carrier.code for carrier in card.carriers]

    def test_one_grid_a_day(self):
        self.assertEqual(self.codes(), ["colissimo_home"])
        card, _index = self.engine_card(on_date="2026-02-01")
        self.assertEqual(card.carriers[0].name, "Colissimo domicile 2026")

    def test_new_grid_is_used(self):
        self.new_grid()
        self.assertEqual(self.codes(), ["colissimo_home", "contract"])
        card, _index = self.engine_card()
        self.assertEqual(card.carrier_index("contract"), 1)
        self.assertEqual(card.carrier_index("unknown"), -1)

    def test_grid_of_the_company_replaces_the_shared_one(self):
        self.new_grid(code="colissimo_home", company_id=self.company.id)
        card, _index = self.engine_card()
        self.assertEqual([carrier.name for carrier in card.carriers], ["Contract"])

    def test_overlap_names_the_other(self):
        self.new_grid()
        with self.assertRaisesRegex(ValidationError, "Contract"):
            self.new_grid(name="Again")

    def test_copy_is_archived(self):
        copy = self.new_grid().copy()
        self.assertFalse(copy.active)
        self.assertEqual(copy.line_ids.amount, 5.0)

    def test_zones_and_supplements(self):
        """Corsica at its own price; a signature asked for at 1.20, of which fuel counts 10 %."""
        self.new_grid(
            code="colissimo_home",
            company_id=self.company.id,
            fuel_rate=0.1,
            line_ids=[
                (0, 0, {"weight_max_g": 1000, "amount": 5.0}),
                (0, 0, {"weight_max_g": 1000, "amount": 8.0, "zone": "corsica"}),
            ],
            supplement_ids=[
                (0, 0, {"name": "Signature", "code": "sign", "amount": 1.2, "is_fuelled": True}),
                (0, 0, {"name": "Long parcel", "above_longest_mm": 1000, "amount": 6.0}),
            ],
        )
        card, index = self.engine_card()
        result = margin.compute(
            DealBatch(
                buy_price=1.0,
                sell_price_taxed=30.0,
                weight_g=500.0,
                length_mm=[300.0, 300.0, 300.0, 1100.0],
                width_mm=200.0,
                height_mm=50.0,
                category=index[self.toys.id],
                fulfilment=MERCHANT,
                zone=[-1, card.zone_index("corsica"), -1, -1],
                carrier_options=[0, 0, card.option_bits("sign"), 0],
            ),
            card,
        )
        self.assertTrue(np.allclose(result.carrier_cost, [5.5, 8.8, 6.82, 11.5]))

    def test_supplement_says_when_it_is_due(self):
        with self.assertRaisesRegex(ValidationError, "an option or a limit"):
            self.new_grid(supplement_ids=[(0, 0, {"name": "Always", "amount": 1.0})])
