from odoo.exceptions import ValidationError

from .margin_case import MarginCase


class TestPriceRounding(MarginCase):
    """Which rounding speaks for a currency on a marketplace."""

    def test_the_closest_rounding_speaks(self):
        Rounding = self.env["onep.price.rounding"]
        self.assertEqual(Rounding._find_points(self.euro, "fnac").up([19.2])[0], 19.99)
        Rounding.create(
            {"currency_id": self.euro.id, "platform": "fnac", "step": 0.5, "ending": 0.49}
        )
        self.assertEqual(Rounding._find_points(self.euro, "fnac").up([19.2])[0], 19.49)
        self.assertEqual(Rounding._find_points(self.euro, "amazon").up([19.2])[0], 19.99)
        Rounding.create(
            {
                "currency_id": self.euro.id,
                "platform": "fnac",
                "company_id": self.company.id,
                "step": 5,
                "ending": 4.9,
            }
        )
        self.assertEqual(Rounding._find_points(self.euro, "fnac").up([19.2])[0], 19.9)

    def test_without_any_every_coin_is_a_price(self):
        yen = self.env.ref("base.JPY")
        points = self.env["onep.price.rounding"]._find_points(yen, "amazon")
        self.assertEqual(points.up([1999.2])[0], 2000.0)

    def test_nonsense_and_doubles_are_refused(self):
        Rounding = self.env["onep.price.rounding"]
        with self.assertRaises(ValidationError):
            Rounding.create({"currency_id": self.env.ref("base.CHF").id, "step": 1, "ending": 1})
        with self.assertRaisesRegex(ValidationError, "EUR, all marketplaces: "):
            Rounding.create({"currency_id": self.euro.id})
