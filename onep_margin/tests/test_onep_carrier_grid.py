from odoo.exceptions import ValidationError

from .common import MarginCase


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
