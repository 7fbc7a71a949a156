from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepRfqDetails(BuyingCase):
    """Where an RFQ's goods go, in which unit, when, on whose terms, as which products."""

    def approve(self, *opportunities, **vals):
        picking = self.make_list(*opportunities, user=self.buyer)
        picking.write(vals)
        picking.with_user(self.manager).action_approve()
        return picking.with_user(self.buyer)

    def open_wizard(self, picking):
        action = picking.action_create_rfqs()
        return self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])

    def order(self, picking):
        self.open_wizard(picking).action_create()
        return picking.purchase_order_ids

    def make_known(self, **row):
        """A product that the supplier sells by its own code, and its vendor row."""
        product = self.env["product.product"].create(
            {
                "name": "Known",
                "is_storable": True,
                "barcode": GTINS[0][1:],
                "seller_ids": [
                    Command.create(
                        {
                            "partner_id": self.supplier.id,
                            "product_code": f"SKU-{GTINS[0]}",
                            "price": 100.0,
                            "onep_price_source": "catalogue",
                            **row,
                        }
                    )
                ],
            }
        )
        return product, product.seller_ids

    def test_goods_go_to_the_list_s_warehouse(self):
        usual = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)])
        other = self.env["stock.warehouse"].create(
            {"name": "North", "code": "NRT", "company_id": self.company.id}
        )
        first = self.approve(self.make_opportunity(GTINS[0]))
        self.assertEqual(first.warehouse_id, usual)
        kept = self.order(first)
        self.assertEqual(kept.picking_type_id, usual.in_type_id)
        self.company.onep_warehouse_id = other
        picking = self.approve(self.make_opportunity(GTINS[1]))
        self.assertEqual(picking.warehouse_id, other)
        wizard = self.open_wizard(picking)
        self.assertFalse(wizard.line_ids.existing_order_id, "that RFQ goes to another warehouse")
        wizard.action_create()
        self.assertEqual(picking.purchase_order_ids.picking_type_id, other.in_type_id)

    def test_vendor_unit_when_the_quantity_is_whole(self):
        """24 pieces are 2 dozens at 12 times the price; 18 stay pieces: nobody approved 24."""
        dozen = self.env.ref("uom.product_uom_dozen")
        product, _row = self.make_known(product_uom_id=dozen.id)
        opportunity = self.make_opportunity(offer_vals={"minimum_order_quantity": 24})
        picking = self.approve(opportunity)
        line = self.order(picking).order_line
        self.assertRecordValues(
            line,
            [{"product_uom_id": dozen.id, "product_qty": 2.0, "price_unit": 120.0}],
        )
        self.assertEqual((line.product_id, line.price_subtotal), (product, 240.0))
        line.order_id.button_confirm()
        self.assertEqual(picking.line_ids.ordered_quantity, 24.0)
        opportunity.supplier_offer_id.minimum_order_quantity = 18
        self.evaluate("offers", offer_ids=opportunity.supplier_offer_id.ids)
        picking = self.approve(opportunity)
        line = self.order(picking).order_line
        self.assertRecordValues(
            line,
            [{"product_uom_id": product.uom_id.id, "product_qty": 18.0, "price_unit": 10.0}],
        )

    def test_pieces_of_a_pack_are_not_the_vendor_s_unit(self):
        """A vendor's code alone: the list counts pieces when it knows the pack."""
        dozen = self.env.ref("uom.product_uom_dozen")
        product, row = self.make_known(product_uom_id=dozen.id)
        product.barcode = False
        picking = self.approve(self.make_opportunity(offer_vals={"pack_size": 12}))
        line = self.order(picking).order_line
        self.assertRecordValues(
            line, [{"product_uom_id": dozen.id, "product_qty": 1.0, "price_unit": 120.0}]
        )
        self.assertEqual(row.price, 100.0)

    def test_need_and_lead_time_date_the_order(self):
        today = fields.Date.today()
        picking = self.approve(
            self.make_opportunity(GTINS[0], {"lead_time_days": 4}),
            self.make_opportunity(GTINS[1], {"lead_time_days": 9}),
            needed_on=today + timedelta(days=30),
        )
        order = self.order(picking)
        self.assertEqual(order.date_order.date(), today + timedelta(days=21))
        self.assertEqual(
            {line.date_planned.date() for line in order.order_line}, {today + timedelta(days=30)}
        )
        late = self.approve(
            self.make_opportunity(GTINS[2], {"lead_time_days": 9}),
            self.make_opportunity(GTINS[3]),
            needed_on=today + timedelta(days=2),
            deadline=today + timedelta(days=1),
        )
        wizard = self.open_wizard(late)
        self.assertIn("1 arrives after the need", wizard.line_ids.note)
        self.assertIn("1 without a lead time", wizard.line_ids.note)
        order = self.order(late)
        self.assertEqual(order.date_order.date(), today, "too late already: at once")
        self.assertEqual(
            order.order_line.sorted("id")[0].date_planned.date(), today + timedelta(days=9)
        )

    def test_an_untold_lead_time_is_the_one_kept_lately(self):
        """Orders came after 6 and 9 days: an article without a lead time is expected in 8."""
        start = fields.Datetime.now() - timedelta(days=60)
        for days in (6, 9):
            order = self.env["purchase.order"].create(
                {"partner_id": self.supplier.id, "company_id": self.company.id}
            )
            order.write(
                {
                    "state": "purchase",
                    "date_approve": start,
                    "effective_date": start + timedelta(days=days),
                }
            )
        picking = self.approve(
            self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1], {"lead_time_days": 3})
        )
        wizard = self.open_wizard(picking)
        today = fields.Date.today()
        self.assertEqual(wizard.line_ids.planned_on, today + timedelta(days=8))
        self.assertEqual(wizard.line_ids.note, "1 without a lead time: 8 days as kept lately")
        wizard.action_create()
        planned = {
            line.gtin: line.purchase_line_id.date_planned.date() for line in picking.line_ids
        }
        self.assertEqual(
            planned, {GTINS[0]: today + timedelta(days=8), GTINS[1]: today + timedelta(days=3)}
        )

    def test_an_old_open_rfq_does_not_date_the_new_lines(self):
        first = self.order(self.approve(self.make_opportunity(GTINS[0])))
        first.date_order -= timedelta(days=40)
        picking = self.approve(self.make_opportunity(GTINS[1], {"lead_time_days": 3}))
        wizard = self.open_wizard(picking)
        wizard.line_ids.use_existing = True
        wizard.action_create()
        planned = picking.line_ids.purchase_line_id.date_planned
        self.assertEqual(planned.date(), fields.Date.today() + timedelta(days=3))

    def test_incoterm_buyer_terms_and_analytic_are_those_of_odoo(self):
        incoterms = self.env["account.incoterms"].search([], limit=2)
        self.company.incoterm_id = incoterms[0]
        term = self.env.ref("account.account_payment_term_30days")
        partner = self.supplier.with_company(self.company)
        partner.property_supplier_payment_term_id = term
        partner.buyer_id = self.manager
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        account = self.env["account.analytic.account"].create(
            {"name": "Web", "plan_id": plan.id, "company_id": self.company.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "analytic_distribution": {str(account.id): 100},
            }
        )
        order = self.order(self.approve(self.make_opportunity(GTINS[0])))
        self.assertRecordValues(
            order,
            [
                {
                    "incoterm_id": incoterms[0].id,
                    "payment_term_id": term.id,
                    "user_id": self.manager.id,
                }
            ],
        )
        self.assertEqual(order.order_line.analytic_distribution, {str(account.id): 100})
        partner.property_onep_incoterm_id = incoterms[1]
        order = self.order(self.approve(self.make_opportunity(GTINS[1])))
        self.assertEqual(order.incoterm_id, incoterms[1])

    def test_what_a_new_product_is_filled_with_is_chosen(self):
        offer = {
            "brand": "Tefal",
            "weight_g": 453.59237,
            "length_mm": 1000,
            "width_mm": 500,
            "height_mm": 200,
        }
        known = self.env["product.tag"].create({"name": "TEFAL"})
        product = self.order(self.approve(self.make_opportunity(GTINS[0], offer))).order_line
        product = product.product_id
        self.assertAlmostEqual(product.weight, 0.45, 2)
        self.assertAlmostEqual(product.volume, 0.1, 4)
        self.assertEqual(product.product_tag_ids, known)
        self.company.write(
            {"onep_fill_brand": False, "onep_fill_weight": False, "onep_fill_dimensions": False}
        )
        product = self.order(self.approve(self.make_opportunity(GTINS[1], offer))).order_line
        product = product.product_id
        self.assertFalse(product.weight or product.volume or product.product_tag_ids)
        self.company.onep_fill_weight = True
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        product = self.order(self.approve(self.make_opportunity(GTINS[2], offer))).order_line
        self.assertAlmostEqual(product.product_id.weight, 1.0, 2, "the settings weigh in pounds")

    def test_known_products_are_completed_when_asked(self):
        product, _row = self.make_known()
        product.volume = 2.0
        offer = {"weight_g": 300, "length_mm": 10, "width_mm": 10, "height_mm": 10}
        opportunity = self.make_opportunity(GTINS[0], offer)
        self.order(self.approve(opportunity))
        self.assertEqual(product.weight, 0.0)
        self.company.onep_complete_products = True
        self.order(self.approve(opportunity))
        self.assertEqual((product.weight, product.volume), (0.3, 2.0))

    def test_products_are_not_created_when_the_settings_refuse(self):
        self.company.onep_create_products = False
        self.make_known()
        picking = self.approve(self.make_opportunity(GTINS[0]), self.make_opportunity(GTINS[1]))
        wizard = self.open_wizard(picking)
        self.assertEqual((wizard.new_product_count, wizard.may_create_products), (1, False))
        with self.assertRaisesRegex(UserError, GTINS[1][1:]):
            wizard.action_create()
        self.assertFalse(picking.purchase_order_ids)
        self.assertFalse(self.env["product.product"].search([("barcode", "=", GTINS[1][1:])]))

    def test_analytic_follows_odoo_s_own_criteria(self):
        """By product, by its category and by the supplier's tags, as on an RFQ made by hand."""
        product, _row = self.make_known()
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        tag = self.env["res.partner.category"].create({"name": "Wholesaler"})
        self.supplier.category_id = tag
        accounts = self.env["account.analytic.account"].create(
            [
                {"name": name, "plan_id": plan.id, "company_id": self.company.id}
                for name in ("By product", "By category", "By tag", "Elsewhere")
            ]
        )
        Model = self.env["account.analytic.distribution.model"]
        elsewhere = self.env["product.category"].create({"name": "Elsewhere"})
        Model.create(
            {
                "product_categ_id": elsewhere.id,
                "company_id": self.company.id,
                "analytic_distribution": {str(accounts[3].id): 100},
            }
        )
        opportunity = self.make_opportunity()
        for account, criterion in zip(
            accounts,
            (
                {"product_id": product.id},
                {"product_categ_id": product.categ_id.id},
                {"partner_category_id": tag.id},
            ),
            strict=False,
        ):
            with self.subTest(account.name):
                model = Model.create(
                    {
                        "company_id": self.company.id,
                        "analytic_distribution": {str(account.id): 100},
                        **criterion,
                    }
                )
                line = self.order(self.approve(opportunity)).order_line
                self.assertEqual(line.analytic_distribution, {str(account.id): 100})
                model.unlink()
        self.assertFalse(self.order(self.approve(opportunity)).order_line.analytic_distribution)

    def test_a_tax_within_the_price_leaves_the_untaxed_price_agreed(self):
        """10.00 untaxed are asked as 12.00 where Odoo takes 20 % off, as 10.00 where it adds it."""
        product, _row = self.make_known()
        group = self.env["account.tax.group"].create(
            {"name": "VAT", "company_id": self.company.id, "country_id": self.country.id}
        )
        within, beside = self.env["account.tax"].create(
            [
                {
                    "name": f"20 % {include}",
                    "amount": 20.0,
                    "type_tax_use": "purchase",
                    "price_include_override": include,
                    "company_id": self.company.id,
                    "country_id": self.country.id,
                    "tax_group_id": group.id,
                }
                for include in ("tax_included", "tax_excluded")
            ]
        )
        opportunity = self.make_opportunity(offer_vals={"minimum_order_quantity": 3})
        for taxes, asked in ((within, 12.0), (beside, 10.0)):
            product.supplier_taxes_id = taxes
            line = self.order(self.approve(opportunity)).order_line
            self.assertEqual(line.tax_ids, taxes)
            self.assertAlmostEqual(line.price_unit, asked, 6)
            self.assertEqual((line.price_subtotal, line.price_total), (30.0, 36.0))
