from odoo.tests import BaseCase, tagged

from odoo.addons.onep_sourcing.planning import quantity

NAN = float("nan")


@tagged("standard", "post_install", "-at_install")
class TestPlanningQuantity(BaseCase):
    """Hand-worked quantities: wanted, minimum, pack, stock → quantity, reason."""

    cases = (
        ((NAN, 0, 0, NAN), (1, "single")),
        ((NAN, 6, 0, NAN), (6, "minimum")),
        ((NAN, 0, 4, NAN), (4, "pack")),
        ((NAN, 6, 4, NAN), (8, "pack")),
        ((25, 6, 0, NAN), (25, "demand")),
        ((25, 6, 10, NAN), (30, "pack")),
        ((3, 6, 0, NAN), (6, "minimum")),
        ((-5, 6, 0, NAN), (6, "covered")),
        ((25, 6, 0, 20), (20, "stock")),
        ((25, 6, 10, 27), (20, "stock")),
        ((NAN, 6, 0, 5), (0, "stock_short")),
        ((NAN, 0, 0, 0), (0, "stock_short")),
    )

    def test_cases(self):
        advice = quantity.recommend(*zip(*(given for given, _wanted in self.cases), strict=True))
        self.assertEqual(
            list(zip(advice.quantity.tolist(), advice.keys(), strict=True)),
            [wanted for _given, wanted in self.cases],
        )

    def test_orderable(self):
        self.assertEqual(
            quantity.to_orderable([3, 9, 0, 5], [6, 6, 6, 0], [4, 4, 4, 0]).tolist(), [8, 12, 0, 5]
        )
