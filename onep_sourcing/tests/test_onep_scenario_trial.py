from odoo.exceptions import UserError
from odoo.tests import tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepScenarioTrial(BuyingCase):
    """What if the supplier gives 3 %: on a selection, and without touching it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.margin_target_roi = 0.8
        prices = dict(zip(GTINS, (10.0, 10.30, 10.32, 17.0, 10.0), strict=False))
        for gtin, price in prices.items():
            cls.make_offer(gtin, price_untaxed=price)
            cls.make_market_offer(
                gtin, category="Quantum widgets" if gtin == GTINS[4] else "Hand-worked goods"
            )
        cls.evaluate()
        cls.opportunities = cls.env["onep.opportunity"].search(
            [("company_id", "=", cls.company.id)]
        )

    def open(self, opportunities=None):
        action = (opportunities or self.opportunities).with_user(self.buyer).action_simulate()
        return self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])

    def figures(self, trial, place):
        return {row["key"]: row["values"][place] for row in trial.table["rows"]}

    def test_counts_and_sums(self):
        before = {opp.id: (opp.net_margin, opp.write_date) for opp in self.opportunities}
        trial = self.open()
        self.assertEqual(trial.opportunity_count, 5)
        trial.cost_change_rate = -0.03
        trial.action_try()
        today, then = self.figures(trial, 0), self.figures(trial, 1)
        self.assertEqual((today["good"], today["unknown"]), (1, 1))
        self.assertEqual(today["margin"], 8.0 + 7.7 + 7.68 + 1.0)
        self.assertEqual(
            [then[key] for key in ("good", "turns_good", "turns_bad", "stays_bad", "unknown")],
            [2, 1, 0, 2, 1],
        )
        self.assertEqual(trial.turns_good_count, 1)
        outcome = trial.outcome_ids
        self.assertEqual(outcome.ean, GTINS[1][1:])
        self.assertEqual(outcome.margin_before, 7.7)
        self.assertAlmostEqual(outcome.margin_after, 18.0 - 10.30 * 0.97)
        self.assertEqual(outcome.action_open()["res_id"], outcome.opportunity_id.id)
        self.assertEqual(outcome.action_add_to_picking_list()["res_model"], "onep.picking.add")
        self.opportunities.invalidate_recordset()
        self.assertEqual(
            before, {opp.id: (opp.net_margin, opp.write_date) for opp in self.opportunities}
        )

    def test_tried_again_and_beside_saved_scenarios(self):
        trial = self.open()
        trial.write({"price_change_rate": -0.2, "scenario_name": "Sold at 24"})
        trial.action_try()
        self.assertEqual((trial.turns_bad_count, trial.turns_good_count), (1, 0))
        trial.action_save_scenario()
        saved = trial.scenario_id
        self.assertEqual((saved.name, saved.price_change_rate), ("Sold at 24", -0.2))
        trial.write(
            {
                "price_change_rate": 0.0,
                "is_commission_forced": True,
                "commission_rate": 0.0,
                "other_scenario_ids": [(6, 0, saved.ids)],
            }
        )
        trial.action_try()
        # 21.00 are left of the sale: 80 % up to 11.66; the unmapped one pays 0 % now as well,
        # and we ship it: 20.00 less 10.00.
        self.assertEqual(trial.turns_good_count, 3)
        self.assertEqual(len(trial.outcome_ids), 3)
        labels = [column["label"] for column in trial.table["columns"]]
        self.assertEqual(labels, ["Today", "This one", "Sold at 24"])
        self.assertEqual(self.figures(trial, 2)["turns_bad"], 1)

    def test_carrier_rate_and_country(self):
        dear = self.env["onep.carrier.grid"].create(
            {
                "name": "Dear",
                "code": "dear",
                "country_id": self.country.id,
                "currency_id": self.eur.id,
                "valid_from": "2020-01-01",
                "line_ids": [(0, 0, {"weight_max_g": 10000, "amount": 9.0})],
            }
        )
        trial = self.open(self.opportunities[:2])
        known = self.opportunities[:2].filtered("margin_known")
        today = sum(known.mapped("net_margin"))
        trial.write({"fulfilment": "merchant", "carrier_id": dear.id})
        trial.action_try()
        self.assertAlmostEqual(self.figures(trial, 1)["margin"], today - 5.0 * len(known), 2)
        elsewhere = self.env["onep.carrier.grid"].create(
            {
                "name": "Elsewhere",
                "code": "elsewhere",
                "country_id": self.env.ref("base.fr").id,
                "currency_id": self.eur.id,
                "valid_from": "2020-01-01",
            }
        )
        trial.write({"fulfilment": False, "carrier_id": elsewhere.id})
        trial.action_try()
        self.assertIn("Elsewhere has no price for Amazon.ad", trial.skipped_text)
        self.assertAlmostEqual(self.figures(trial, 1)["margin"], today, 2)

    def test_the_supplier_s_carriage_follows(self):
        """Carriage is due again at 3 % less; more units at once have it paid."""
        self.env["onep.supplier.terms"].create(
            {
                "partner_id": self.supplier.id,
                "currency_id": self.eur.id,
                "valid_from": "2020-01-01",
                "order_value": 100.0,
                "carriage": 10.0,
                "spread": "value",
            }
        )
        self.evaluate()
        two = self.opportunities.filtered(lambda own: own.gtin in GTINS[:2])
        trial = self.open(two)
        trial.cost_change_rate = -0.1
        trial.action_try()
        # 18.00 less 1.1 times the price of each
        today, then = (self.figures(trial, place)["margin"] for place in (0, 1))
        self.assertAlmostEqual(today, 36.0 - 1.1 * 20.30)
        self.assertAlmostEqual(then, 36.0 - 0.99 * 20.30)

    def test_units_bought_at_once(self):
        """A lower price from 20 units on."""
        offers = self.opportunities.supplier_offer_id
        offers[0].tiers = [{"quantity": 20, "price": 8.0}]
        trial = self.open(self.opportunities[:2])
        trial.order_quantity = 25
        trial.action_try()
        gained = self.figures(trial, 1)["margin"] - self.figures(trial, 0)["margin"]
        self.assertAlmostEqual(gained, offers[0].price_untaxed - 8.0)
        self.assertIn("25", trial.lever_text)
        trial.order_quantity = 19
        trial.action_try()
        self.assertEqual(self.figures(trial, 1)["margin"], self.figures(trial, 0)["margin"])

    def test_an_offer_that_is_gone_is_left_out(self):
        offer = self.opportunities[0].supplier_offer_id
        trial = self.open()
        offer.is_present = False
        trial.cost_change_rate = -0.03
        trial.action_try()
        self.assertIn("1 opportunities are left out", trial.skipped_text)

    def test_all_that_match(self):
        """Beyond what a browser sends as ids, the list's own domain tells the selection."""
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", 2)
        domain = [("company_id", "=", self.company.id), ("margin_known", "=", True)]
        chosen = self.opportunities[:2].with_context(active_domain=domain)
        self.assertEqual(self.open(chosen).opportunity_count, 4)
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", 20000)
        self.assertEqual(self.open(chosen).opportunity_count, 2)

    def test_nothing_moved_is_refused(self):
        with self.assertRaises(UserError):
            self.open().action_try()
