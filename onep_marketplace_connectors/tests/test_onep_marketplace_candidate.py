from odoo.tests import tagged, users

from odoo.addons.onep_marketplace_connectors.clients.steps import Step, Subjects

from .funnel_case import FunnelCase
from .market_case import gtins


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceCandidate(FunnelCase):
    def setUp(self):
        super().setUp()
        self.gtin = gtins(1)[0]
        self.market.tell(
            self.gtin,
            Step.IDENTITY,
            external_id="BEST",
            name="Pen, blue",
            candidate_count=2,
            is_doubtful=True,
            reason_codes="several-candidates,doubtful-candidate",
        )
        self.market.candidates = [
            {
                "gtin": self.gtin,
                "external_id": external_id,
                "position": position,
                "score": 0.9 - position / 10,
                "kind": "product",
                "name": f"Pen {external_id}",
            }
            for position, external_id in enumerate(("BEST", "OTHER"), 1)
        ]
        self.make_user("candidate_buyer", "group_connector_user")

    def choose(self, external_id):
        offer = self.offer(self.gtin)
        candidate = offer.candidate_ids.filtered(lambda one: one.external_id == external_id)
        candidate.with_user(self.env.user).action_choose()
        return self.offer(self.gtin)

    def test_all_products_are_kept_and_the_doubtful_wait_for_a_person(self):
        self.sync(self.place, [self.gtin])
        offer = self.offer(self.gtin)
        self.assertEqual(offer.candidate_ids.mapped("external_id"), ["BEST", "OTHER"])
        self.assertEqual(offer.candidate_ids.mapped("is_chosen"), [True, False])
        self.assertTrue(offer.is_doubtful)
        self.assertEqual(self.place.doubtful_count, 1)
        action = self.place.action_view_doubtful()
        found = self.env["onep.marketplace.offer"].search(action["domain"])
        self.assertEqual(found, offer)
        self.assertIn("choose", offer.reason)

    @users("candidate_buyer")
    def test_one_click_chooses_for_good_and_reads_again(self):
        place = self.place.sudo()
        self.sync(place, [self.gtin])
        offer = self.choose("OTHER")
        self.assertEqual((offer.external_id, offer.name), ("OTHER", "Pen OTHER"))
        self.assertEqual(offer.chosen_by_id.login, "candidate_buyer")
        self.assertFalse(offer.is_doubtful)
        self.assertIs(offer.buy_box_price_taxed, False, "the figures were the other product's")
        self.market.tell(self.gtin, Step.WIDE, external_id="OTHER", buy_box_price_taxed=9.0)
        self.market.tell(self.gtin, Step.DETAIL, external_id="OTHER", buy_box_price_taxed=9.0)
        place._job_ask(0)
        offer = self.offer(self.gtin)
        self.assertEqual((offer.external_id, offer.buy_box_price_taxed), ("OTHER", 9.0))
        self.assertEqual(self.market.subjects[-1].external_id, ("OTHER",))
        self.assertEqual(len(self.asked(Step.IDENTITY)), 1, "a person knows what it is")
        self.assertEqual(offer.history_ids.mapped("buy_box_price_taxed"), [9.0, 20.0])

    @users("candidate_buyer")
    def test_confirming_the_first_keeps_its_figures(self):
        self.sync(self.place.sudo(), [self.gtin])
        offer = self.choose("BEST")
        self.assertEqual((offer.external_id, offer.buy_box_price_taxed), ("BEST", 20.0))
        self.assertFalse(offer.is_doubtful)
        self.assertTrue(offer.chosen_by_id)

    def test_a_choice_outlives_the_next_identity_answer(self):
        self.sync(self.place, [self.gtin])
        self.choose("OTHER")
        self.place._job_ask(0)
        answer = self.place._get_client().ask(Step.IDENTITY, Subjects([self.gtin]))
        self.assertEqual(answer.table.name, ("Pen, blue",))
        self.env["onep.marketplace.offer"]._store_answer(self.place, answer)
        offer = self.offer(self.gtin)
        self.assertEqual((offer.external_id, offer.name), ("OTHER", "Pen OTHER"))
        self.assertFalse(offer.is_doubtful)
        self.market.candidates = self.market.candidates[:1]
        answer = self.place._get_client().ask(Step.IDENTITY, Subjects([self.gtin]))
        self.env["onep.marketplace.offer"]._store_answer(self.place, answer)
        self.assertIn("OTHER", self.offer(self.gtin).candidate_ids.mapped("external_id"))

    def test_what_an_answer_no_longer_lists_goes(self):
        self.sync(self.place, [self.gtin])
        self.age(self.offer(self.gtin), days=31)
        self.market.candidates = self.market.candidates[:1]
        self.sync(self.place, [self.gtin])
        self.assertEqual(self.offer(self.gtin).candidate_ids.mapped("external_id"), ["BEST"])

    def test_candidates_go_with_the_account(self):
        self.sync(self.place, [self.gtin])
        candidates = self.offer(self.gtin).candidate_ids
        self.place.unlink()
        self.assertFalse(candidates.exists())
