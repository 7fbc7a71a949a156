"""Builders: a reseller in a country of its own, whose fees are worked by hand.

One deal, bought 10.00 and sold 30.00 in Andorra at 20 % VAT: 25.00 of revenue, 3.00 of
commission (10 % of 30.00), 5.00 of carrier or 4.00 of marketplace fulfilment. It leaves 7.00
shipped by us (ROI 70 %) and 8.00 shipped by the marketplace (ROI 80 %).
"""

from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged

#: Valid GTIN-14, an index each.
GTINS = (
    "03701234567890",
    "04006381333931",
    "05901234123457",
    "08710398527486",
    "00012345678905",
    "03017620422003",
)


@tagged("standard", "post_install", "-at_install")
class BuyingCase(TransactionCase):
    """A company, a buyer, a purchase manager, one supplier and one marketplace."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(
                cls.env.context, lang="en_US", tracking_disable=True, queue_job__no_delay=False
            )
        )
        cls.eur = cls.env.ref("base.EUR")
        cls.eur.active = True
        cls.country = cls.env.ref("base.ad")
        cls.company = cls.env["res.company"].create(
            {
                "name": "Reseller",
                "currency_id": cls.eur.id,
                "country_id": cls.country.id,
                "margin_target_roi": 0.3,
                "onep_target_margin_rate": 0.15,
            }
        )
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=[cls.company.id]))
        cls.make_fees()
        cls.supplier = cls.make_supplier("Grossiste")
        cls.feed = cls.make_feed(cls.supplier)
        cls.marketplace = cls.make_marketplace()
        cls.buyer = cls.make_user("buyer_onep", "onep_sourcing.group_sourcing_user")
        cls.manager = cls.make_user("manager_onep", "onep_sourcing.group_sourcing_manager")

    @classmethod
    def make_user(cls, login, group):
        return new_test_user(
            cls.env,
            login=login,
            groups=group,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    @classmethod
    def make_fees(cls):
        """The fees of the docstring above, for Amazon in Andorra."""
        env, country = cls.env, cls.country.id
        since = "2020-01-01"
        env["onep.vat.rate"].create({"country_id": country, "rate": 0.2, "valid_from": since})
        cls.fee_category = env["onep.fee.category"].create(
            {"platform": "amazon", "name": "Hand-worked goods"}
        )
        cls.rate_card = env["onep.rate.card"].create(
            {
                "name": "Amazon Andorra",
                "platform": "amazon",
                "country_id": country,
                "currency_id": cls.eur.id,
                "valid_from": since,
                "line_ids": [(0, 0, {"category_id": cls.fee_category.id, "rate": 0.1})],
                "tier_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Any parcel",
                            "band_ids": [(0, 0, {"weight_max_g": 0, "amount": 4.0})],
                        },
                    )
                ],
            }
        )
        cls.carrier = env["onep.carrier.grid"].create(
            {
                "name": "Andorra Post",
                "code": "andorra_post",
                "country_id": country,
                "currency_id": cls.eur.id,
                "valid_from": since,
                "line_ids": [(0, 0, {"weight_max_g": 10000, "amount": 5.0})],
            }
        )

    @classmethod
    def make_supplier(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **vals})

    @classmethod
    def make_feed(cls, supplier, **vals):
        return cls.env["onep.supplier.feed"].create(
            {
                "name": f"{supplier.name} list",
                "partner_id": supplier.id,
                "company_id": cls.company.id,
                "currency_id": cls.eur.id,
                **vals,
            }
        )

    @classmethod
    def make_marketplace(cls, **vals):
        return cls.env["onep.marketplace"].create(
            {
                "name": "Amazon.ad",
                "code": "amazon_ad",
                "platform": "amazon",
                "country_id": cls.country.id,
                "currency_id": cls.eur.id,
                "company_id": cls.company.id,
                "environment": "demo",
                **vals,
            }
        )

    @classmethod
    def make_product(cls, gtin, **vals):
        return cls.env["onep.product"].create({"gtin": gtin, "name": f"Article {gtin}", **vals})

    @classmethod
    def make_offer(cls, gtin=GTINS[0], feed=None, **vals):
        """A present supplier offer at 10.00 with 50 in stock, and the product of its GTIN."""
        feed = feed or cls.feed
        product = cls.env["onep.product"].search([("gtin", "=", gtin)]) if gtin else None
        if gtin and not product:
            product = cls.make_product(gtin)
        return cls.env["onep.supplier.offer"].create(
            {
                "feed_id": feed.id,
                "partner_id": feed.partner_id.id,
                "company_id": feed.company_id.id,
                "supplier_sku": f"SKU-{gtin}",
                "gtin": gtin,
                "product_id": product.id if product else False,
                "name": f"Article {gtin}",
                "currency_id": feed.currency_id.id,
                "price_untaxed": 10.0,
                "stock_quantity": 50,
                "is_present": True,
                "change_kind": "new",
                **vals,
            }
        )

    @classmethod
    def make_market_offer(cls, gtin=GTINS[0], marketplace=None, **vals):
        """A buy box at 30.00 for a parcel of 500 g whose sides are known."""
        return cls.env["onep.marketplace.offer"].create(
            {
                "marketplace_id": (marketplace or cls.marketplace).id,
                "gtin": gtin,
                "external_id": f"B0{gtin[-8:]}",
                "name": f"Listing {gtin}",
                "category": "Hand-worked goods",
                "currency_id": cls.eur.id,
                "state": "found",
                "buy_box_price_taxed": 30.0,
                "buy_box_shipping_taxed": 0.0,
                "lowest_price_taxed": 29.0,
                "offer_count": 4,
                "sales_rank": 1500,
                "retailer_present": "no",
                "weight_g": 500,
                "length_mm": 200,
                "width_mm": 150,
                "height_mm": 50,
                "fetched_at": fields.Datetime.now(),
                **vals,
            }
        )

    @classmethod
    def evaluate(cls, scope="full", **vals):
        """Run an evaluation here and now; returns the run."""
        run = cls.env["onep.evaluation"].create(
            {
                "name": "Test",
                "scope": scope,
                "state": "queued",
                "company_id": cls.company.id,
                **vals,
            }
        )
        cls.env.flush_all()
        run._job_evaluate()
        return run

    @classmethod
    def find(cls, offer, marketplace=None):
        """The opportunity of an offer on a marketplace, archived ones included."""
        return (
            cls.env["onep.opportunity"]
            .with_context(active_test=False)
            .search(
                [
                    ("supplier_offer_id", "=", offer.id),
                    ("marketplace_id", "=", (marketplace or cls.marketplace).id),
                ]
            )
        )

    @classmethod
    def make_opportunity(cls, gtin=GTINS[0], offer_vals=None, market_vals=None, feed=None):
        """An evaluated opportunity of the docstring's deal."""
        offer = cls.make_offer(gtin, feed=feed, **(offer_vals or {}))
        if not cls.env["onep.marketplace.offer"].search(
            [("gtin", "=", gtin), ("marketplace_id", "=", cls.marketplace.id)]
        ):
            cls.make_market_offer(gtin, **(market_vals or {}))
        cls.evaluate("offers", offer_ids=offer.ids)
        return cls.find(offer)

    @classmethod
    def make_list(cls, *opportunities, user=None):
        """A buyer's draft list that holds these opportunities."""
        picking = cls.env["onep.picking.list"].create(
            {"company_id": cls.company.id, "user_id": (user or cls.env.user).id}
        )
        for opportunity in opportunities:
            picking._add_opportunities(opportunity)
        return picking
