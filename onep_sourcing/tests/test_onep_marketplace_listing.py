from odoo.tests import tagged

from odoo.addons.onep_marketplace_connectors.tests.market_case import MarketplaceCase, gtins

OURS, KNOWN, UNKNOWN = gtins(3)


@tagged("standard", "post_install", "-at_install")
class TestOnepMarketplaceListing(MarketplaceCase):
    def test_article_and_odoo_product_behind_an_own_offer(self):
        article = self.env["onep.product"].create({"gtin": KNOWN, "name": "Lamp"})
        product = self.env["product.product"].create({"name": "Ours", "barcode": OURS[1:]})
        other = self.env["res.company"].create({"name": "Other"})
        self.env["product.product"].create(
            {"name": "Theirs", "barcode": UNKNOWN[1:], "company_id": other.id}
        )
        ours, known, unknown, blank = self.env["onep.marketplace.listing"].create(
            [
                {"marketplace_id": self.fnac.id, "sku": f"S-{row}", "gtin": gtin}
                for row, gtin in enumerate((OURS, KNOWN, UNKNOWN, False))
            ]
        )
        self.assertEqual(ours.odoo_product_id, product, "the barcode spells the same GTIN")
        self.assertFalse(ours.product_id)
        self.assertEqual(known.product_id, article)
        self.assertFalse(known.odoo_product_id)
        self.assertFalse(unknown.odoo_product_id, "another company's product")
        self.assertFalse(blank.product_id or blank.odoo_product_id)
