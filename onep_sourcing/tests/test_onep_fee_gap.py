from odoo.tests import tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestFeeGap(BuyingCase):
    """What is missing for the marketplaces that are open, and the names that hold up offers."""

    def gaps(self, words):
        Gap = self.env["onep.fee.gap"]
        Gap.action_open()
        return Gap.search([]).filtered(lambda gap: words in gap.name)

    def test_only_open_marketplaces_count(self):
        self.assertFalse(self.gaps("Amazon.fr"))
        self.make_marketplace(name="Fnac.ad", code="fnac_ad", platform="fnac")
        self.assertEqual(self.gaps("Fnac.ad has no rate card").severity, "1_blocking")

    def test_a_category_in_use_without_commission(self):
        other = self.env["onep.fee.category"].create({"platform": "amazon", "name": "Rare goods"})
        self.make_opportunity(market_vals={"category": "Rare goods"})
        gap = self.gaps("Rare goods has no commission in Amazon Andorra: 1 opportunities wait")
        self.assertEqual((gap.count, gap.action_mend()["res_id"]), (1, self.rate_card.id))
        self.rate_card.line_ids = [(0, 0, {"category_id": other.id, "rate": 0.1})]
        self.assertFalse(self.gaps("Rare goods"))

    def test_names_hold_up_offers_until_they_are_mapped(self):
        for gtin in GTINS[:2]:
            self.make_opportunity(
                gtin,
                offer_vals={"category": "Zzyzx fournisseur"},
                market_vals={"category": "Qwyjibo > Xyzzy"},
            )
        self.assertIn("hold up", self.gaps("not mapped on Amazon").name)
        Suggestion = self.env["onep.fee.category.suggestion"]
        Suggestion.action_open()
        rows = Suggestion.search([("source", "in", ("marketplace", "supplier"))])
        self.assertEqual(
            sorted(rows.mapped(lambda row: (row.source, row.source_name, row.offer_count))),
            [("marketplace", "Qwyjibo > Xyzzy", 2), ("supplier", "Zzyzx fournisseur", 2)],
        )
        row = rows.filtered(lambda row: row.source == "marketplace")
        row.fee_category_id = self.fee_category
        row.action_accept()
        self.evaluate()
        opportunities = self.env["onep.opportunity"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(opportunities.mapped("margin_known")), {True})
        Suggestion.action_open()
        self.assertFalse(Suggestion.search([("source", "in", ("marketplace", "supplier"))]))
