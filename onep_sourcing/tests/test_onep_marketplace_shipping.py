import numpy as np

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, tagged

from odoo.addons.onep_margin.engine.rate_card import RateCard
from odoo.addons.onep_sourcing.planning.adjustments import Adjustments

from .buying_case import GTINS, BuyingCase


class TestAdjustments(BaseCase):
    """Which adjustments a deal takes, by its marketplace and its article."""

    def test_bits(self):
        codes = ("pan_eu_oversize", "oversize_packaging", "own_packaging", "dangerous_goods")
        card = RateCard.from_rows(
            tiers=[{"name": "Any", "ref": 1, "bands": [{"amount": 4.0}]}],
            adjustments=[{"code": code, "amount": 1.0} for code in codes],
        )
        found = Adjustments.of_card(card, ["oversize_packaging", "unheard_of"])
        articles = {
            "is_dangerous_goods": np.array([False, True, False]),
            "is_own_packaging": np.array([False, False, True]),
        }
        wanted = [
            card.adjustment_bits("oversize_packaging"),
            card.adjustment_bits("oversize_packaging", "dangerous_goods"),
            # nobody packs what ships in its own packaging
            card.adjustment_bits("own_packaging"),
        ]
        self.assertEqual(found.bits(articles).tolist(), wanted)
        none = Adjustments.of_card(RateCard.missing(), codes)
        self.assertEqual(none.bits(articles).tolist(), [0, 0, 0])


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceShipping(BuyingCase):
    """What a marketplace says of its shipping reaches every figure of a deal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketplace.ships_by_merchant = False
        cls.rate_card.write(
            {
                "tier_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Any parcel from abroad",
                            "route": "efn",
                            "band_ids": [(0, 0, {"weight_max_g": 0, "amount": 6.0})],
                        },
                    )
                ],
                "adjustment_ids": [
                    (0, 0, {"code": code, "name": code, "amount": amount})
                    for code, amount in (
                        ("pan_eu_oversize", 0.5),
                        ("dangerous_goods", 0.1),
                        ("own_packaging", -0.25),
                        ("house_rule", 1.0),
                    )
                ],
            }
        )

    def margins(self, opportunity):
        """Its net margin: stored, by the waterfall, by the channels, by the simulator."""
        self.evaluate()
        opportunity.invalidate_recordset()
        lines = {line["key"]: line["amount"] for line in opportunity.waterfall}
        action = self.env["onep.margin.simulator"]._open_for_opportunity(opportunity)
        deal = self.env["onep.margin.simulator"].browse(action["res_id"])
        return {
            round(figure, 2)
            for figure in (
                opportunity.net_margin,
                lines["net_margin"],
                opportunity._get_figures_by(0)["net_margin"],
                deal.net_margin,
            )
        }

    def test_route_and_adjustments(self):
        opportunity = self.make_opportunity()
        self.assertEqual(self.margins(opportunity), {8.0})
        self.marketplace.is_pan_european = True
        self.assertEqual(self.margins(opportunity), {7.5})
        opportunity.product_id.write({"is_dangerous_goods": True, "is_own_packaging": True})
        self.assertEqual(self.margins(opportunity), {7.65})
        self.marketplace.fulfilment_adjustments = "house_rule"
        self.assertEqual(self.margins(opportunity), {6.65})
        self.marketplace.fulfilment_route = "efn"
        self.assertEqual(self.margins(opportunity), {4.65})

    def test_what_changes_is_priced_again(self):
        opportunity = self.make_opportunity()
        waiting = self.env["onep.evaluation.mark"]
        for change in (
            lambda: self.marketplace.write({"fulfilment_route": "efn"}),
            lambda: opportunity.product_id.write({"is_dangerous_goods": True}),
        ):
            change()
            self.assertEqual(waiting._count_waiting(), 1)
            self.evaluate()
            self.assertEqual(waiting._count_waiting(), 0)
        self.assertEqual(opportunity.net_margin, 5.9)

    def test_a_route_without_a_tariff_is_unknown(self):
        self.rate_card.tier_ids.filtered("route").active = False
        self.marketplace.fulfilment_route = "efn"
        opportunity = self.make_opportunity()
        self.assertFalse(opportunity.margin_known)
        self.assertEqual(opportunity.unknown_reasons, "fulfilment_missing")

    def test_zones(self):
        """Each grid has the zone of its country; a marketplace may tell another one."""
        self.marketplace.write({"ships_by_merchant": True, "ships_by_marketplace": False})
        self.carrier.write(
            {
                "line_ids": [
                    (0, 0, {"zone": "Vallées", "weight_max_g": 10000, "amount": 5.5}),
                    (0, 0, {"zone": "Altitude", "weight_max_g": 10000, "amount": 9.0}),
                ]
            }
        )
        opportunity = self.make_opportunity(GTINS[1])
        self.assertEqual(opportunity.net_margin, 7.0)
        self.carrier.usual_zone = "Vallées"
        self.evaluate()
        self.assertEqual(opportunity.net_margin, 6.5)
        self.marketplace.carrier_zone = "Altitude"
        self.evaluate()
        self.assertEqual(opportunity.net_margin, 3.0)
        for record, name, word, words in (
            (self.marketplace, "carrier_zone", "Altitud", "“Altitud”. Known: Altitude, Vallées"),
            (self.marketplace, "fulfilment_adjustments", "rule", "“rule”. Known: .*house_rule"),
            (self.carrier, "usual_zone", "Plaine", "no price for the zone Plaine"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                record[name] = word
