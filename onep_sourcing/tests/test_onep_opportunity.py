from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.onep_marketplace_connectors.clients.steps import Step, StepSpec
from odoo.addons.queue_job.tests.common import trap_jobs

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepOpportunity(BuyingCase):
    """What a buyer sees and does with an opportunity."""

    def test_waterfall_adds_up(self):
        opportunity = self.make_opportunity()
        lines = {line["key"]: line for line in opportunity.waterfall}
        self.assertEqual(lines["sell_price_taxed"]["amount"], 30.0)
        self.assertEqual(lines["vat"]["amount"], -5.0)
        self.assertEqual(lines["buy_price"]["amount"], -10.0)
        self.assertEqual(lines["commission"]["amount"], -3.0)
        self.assertEqual(lines["fulfilment_fee"]["amount"], -4.0)
        self.assertEqual(lines["net_margin"]["amount"], opportunity.net_margin)
        self.assertTrue(lines["commission"]["rule"].startswith("onep.rate.card.line,"))
        self.assertIn("Amazon Andorra", lines["commission"]["note"])
        self.assertIn("2020", lines["commission"]["note"])

    def test_waterfall_keeps_its_figures(self):
        """What was priced is explained as it was, whatever the market became."""
        opportunity = self.make_opportunity()
        opportunity.market_offer_id.buy_box_price_taxed = 99.0
        opportunity.invalidate_recordset(["waterfall"])
        self.assertEqual(opportunity.waterfall[0]["amount"], 30.0)

    def test_quoted_fees_stand_beside_ours(self):
        opportunity = self.make_opportunity()
        self.assertFalse(opportunity.quoted_fees_text)
        opportunity.market_offer_id.write(
            {
                "fees_at": "2026-11-20 08:00:00",
                "fee_price_taxed": 29.0,
                "fee_total": 7.5,
                "fee_commission": 3.2,
            }
        )
        self.assertRegex(
            opportunity.quoted_fees_text,
            r"7\.50.* in all, commission .*3\.20.*, at a price of .*29\.00",
        )
        self.assertNotIn("fulfilment", opportunity.quoted_fees_text)

    def test_a_marketplace_without_fees_asks_for_them(self):
        """A Mirakl operator has commissions that nobody publishes: its margins are unknown."""
        operator = self.make_marketplace(name="Operator", code="operator", platform="mirakl")
        offer = self.make_offer()
        self.make_market_offer(marketplace=operator)
        self.evaluate("offers", offer_ids=offer.ids)
        opportunity = self.find(offer, operator)
        self.assertIs(opportunity.net_margin, False)
        self.assertFalse(operator.rate_card_id)
        action = opportunity.action_open_rate_card()
        card = Form(self.env["onep.rate.card"].with_context(**action["context"])).save()
        self.assertEqual((card.platform, card.country_id), ("mirakl", self.country))
        operator.invalidate_recordset(["rate_card_id"])
        self.assertEqual(operator.rate_card_id, card)

    def test_two_operators_of_a_platform_have_fees_of_their_own(self):
        fees = self.env["onep.fee.category"].create({"platform": "mirakl", "name": "Hobbies"})
        places = []
        for name in ("Cultura", "Rakuten"):
            place = self.make_marketplace(
                name=name,
                code=name.lower(),
                platform="mirakl",
                environment="production",
                mirakl_instance_url=f"https://{name.lower()}.mirakl.net",
            )
            self.assertEqual(place.operator_name, name.lower())
            self.make_market_offer(marketplace=place, category="Hobbies")
            places.append(place)
        first, second = places
        action = first.action_new_rate_card()
        form = Form(self.env["onep.rate.card"].with_context(**action["context"]))
        with form.line_ids.new() as line:
            line.category_id = fees
            line.rate = 0.2
        card = form.save()
        offer = self.make_offer()
        self.evaluate("offers", offer_ids=offer.ids)
        self.assertEqual(self.find(offer, first).commission, 6.0)
        self.assertIs(self.find(offer, second).net_margin, False)
        self.assertIn("rate_card_missing", self.find(offer, second).unknown_reasons)
        # A card that names nobody is for both, and says so.
        card.operator = False
        (first | second).invalidate_recordset()
        self.assertEqual(second.rate_card_id, card)
        self.assertIn("Rakuten", first.shared_card_text)
        own = card.copy({"operator": "Rakuten"})
        own.write({"active": True})
        own.line_ids.rate = 0.1
        self.evaluate("offers", offer_ids=offer.ids)
        self.env.invalidate_all()
        self.assertEqual(self.find(offer, first).commission, 6.0)
        self.assertEqual(self.find(offer, second).commission, 3.0)
        self.assertFalse(first.shared_card_text)
        channels = self.find(offer, first).channel_table
        commissions = {row["key"]: row["values"] for row in channels["rows"]}["commission"]
        self.assertEqual(commissions[-2:], [6.0, 3.0])

    def test_an_edited_rule_is_told(self):
        """The form never explains a stored margin by rules that give another one."""
        opportunity = self.make_opportunity()
        self.assertFalse(opportunity.needs_pricing)
        self.rate_card.line_ids.rate = 0.2
        opportunity.invalidate_recordset(["waterfall", "attention", "needs_pricing"])
        self.assertTrue(opportunity.needs_pricing)
        self.assertRegex(opportunity.attention, r"was .*8[.,]00.* is .*5[.,]00")
        self.evaluate()
        opportunity.invalidate_recordset()
        self.assertEqual(opportunity.net_margin, 5.0)
        self.assertFalse(opportunity.needs_pricing)

    def test_bases(self):
        opportunity = self.make_opportunity()
        self.assertIn("Buy box", opportunity.margin_basis)
        self.assertIn("Amazon.ad", opportunity.margin_basis)
        self.assertRegex(opportunity.roi_basis, r"13[.,]84")
        share = round(100 * opportunity.confidence)
        self.assertTrue(0 < share < 100)
        self.assertEqual(opportunity.score_basis, f"{share} % of the signals are known")

    def test_channels_and_rivals(self):
        other_place = self.make_marketplace(name="Amazon two", code="amazon_two")
        other_feed = self.make_feed(self.make_supplier("Rival"))
        offer, rival = self.make_offer(), self.make_offer(feed=other_feed)
        self.make_market_offer()
        self.make_market_offer(marketplace=other_place, buy_box_price_taxed=36.0)
        self.evaluate()
        opportunity = self.find(offer)
        self.assertEqual(opportunity.channel_ids, self.find(offer, other_place))
        self.assertEqual(opportunity.rival_ids, self.find(rival))

    def test_on_hand(self):
        product = self.env["product.product"].create(
            {"name": "Known", "is_storable": True, "barcode": GTINS[0][1:]}
        )
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)])
        self.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 7)
        ours, unknown = self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1])
        ours.product_id.product_id = product
        self.assertEqual(ours.on_hand_quantity, 7)
        self.assertEqual(unknown.on_hand_quantity, 0)
        Opportunity = self.env["onep.opportunity"]
        domain = [("company_id", "=", self.company.id)]
        self.assertEqual(Opportunity.search([*domain, ("on_hand_quantity", ">", 0)]), ours)
        self.assertEqual(Opportunity.search([*domain, ("on_hand_quantity", "<=", 0)]), unknown)
        (ours | unknown).invalidate_recordset()
        (ours | unknown).mapped("product_id.product_id")
        with self.assertQueryCount(1):
            (ours | unknown).mapped("on_hand_quantity")

    def test_unknown_scores_sort_last(self):
        known = self.make_opportunity(GTINS[0])
        unknown = self.make_opportunity(GTINS[1], market_vals={"category": "Quantum widgets"})
        Opportunity = self.env["onep.opportunity"]
        domain = [("id", "in", (known | unknown).ids)]
        self.assertEqual(Opportunity.search(domain, order="roi desc").ids, [known.id, unknown.id])
        self.assertEqual(Opportunity.search(domain, order="roi").ids, [known.id, unknown.id])

    def test_ready_filters(self):
        known = self.make_opportunity(GTINS[0])
        unknown = self.make_opportunity(GTINS[1], market_vals={"category": "Quantum widgets"})
        view = self.env.ref("onep_sourcing.onep_opportunity_view_search")
        domains = {
            node.get("name"): node.get("domain")
            for node in self.env["onep.opportunity"]._get_view(view.id, "search")[0].iter("filter")
            if node.get("domain")
        }
        expected = {
            "immediate": known,
            "margin_15": known,
            "roi_30": known,
            "supplier_stock": known | unknown,
            "unknown_margin": unknown,
            "known_margin": known,
            "category_unmapped": unknown,
            "not_in_stock": known | unknown,
            "demo": known | unknown,
            "losing": known.browse(),
            "suspicious": known.browse(),
            "new": known | unknown,
        }
        for name, opportunities in expected.items():
            with self.subTest(name):
                # pylint: disable=eval-used
                domain = eval(domains[name], {"uid": self.env.uid})
                found = self.env["onep.opportunity"].search(
                    [("company_id", "=", self.company.id), *domain]
                )
                self.assertEqual(found, opportunities)

    def test_search_by_any_spelling(self):
        opportunity = self.make_opportunity("00012345678905")
        Opportunity = self.env["onep.opportunity"]
        for spelling in ("012345678905", "0012345678905", "12345678905"):
            with self.subTest(spelling):
                self.assertIn(opportunity, Opportunity.search([("ean", "ilike", spelling)]))

    def test_refresh_market(self):
        opportunity = self.make_opportunity()
        self.patch(
            self.env.registry["onep.marketplace"],
            "_get_steps",
            lambda place: ({Step.WIDE: StepSpec(20, {})}, {}),
        )
        with trap_jobs() as trap:
            opportunity.with_user(self.buyer).action_refresh_market()
            trap.assert_jobs_count(1)
        run = self.marketplace.sync_ids
        self.assertEqual((run.kind, run.task_ids.mapped("gtin")), ("now", [GTINS[0]]))

    def test_price_again(self):
        opportunity = self.make_opportunity()
        with trap_jobs() as trap:
            opportunity.with_user(self.buyer).action_evaluate()
            trap.assert_jobs_count(1)

    def test_buyer_reads_and_does_not_write(self):
        opportunity = self.make_opportunity().with_user(self.buyer)
        self.assertEqual(opportunity.net_margin, 8.0)
        self.assertTrue(opportunity.waterfall)
        with self.assertRaises(AccessError):
            opportunity.write({"name": "Other"})

    def test_other_company_sees_nothing(self):
        opportunity = self.make_opportunity()
        other = self.env["res.company"].create({"name": "Other"})
        user = self.make_user("elsewhere_onep", "onep_sourcing.group_sourcing_manager")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        found = (
            self.env["onep.opportunity"]
            .with_user(user)
            .with_context(allowed_company_ids=other.ids)
            .search([])
        )
        self.assertNotIn(opportunity, found)

    def test_empty_list_says_the_next_step(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_sourcing.onep_opportunity_action"
        )
        self.assertIn("o_view_nocontent_smiling_face", action["help"])
