from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .buying_case import GTINS, BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestOnepRfqMerge(BuyingCase):
    """Lines added to an RFQ of the supplier that is open, when the buyer asks for it."""

    def open_wizard(self, *opportunities):
        """(the list approved, the preview of its RFQs)."""
        picking = self.make_list(*opportunities, user=self.buyer)
        picking.with_user(self.manager).action_approve()
        picking = picking.with_user(self.buyer)
        action = picking.action_create_rfqs()
        return picking, self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])

    def order(self, *opportunities):
        picking, wizard = self.open_wizard(*opportunities)
        wizard.action_create()
        return picking, picking.purchase_order_ids

    def test_adds_when_asked(self):
        """Told in the preview; the lines are apart, the links go both ways for both lists."""
        opportunity = self.make_opportunity(GTINS[0], {"minimum_order_quantity": 6})
        first, order = self.order(opportunity)
        picking, wizard = self.open_wizard(opportunity, self.make_opportunity(GTINS[1]))
        self.assertEqual(wizard.line_ids.existing_order_id, order)
        self.assertEqual((wizard.rfq_count, wizard.added_count), (1, 0))
        with Form(wizard) as form:
            with form.line_ids.edit(0) as group:
                group.use_existing = True
                self.assertEqual((group.amount, group.line_count), (70.0, 2))
            self.assertEqual((form.rfq_count, form.added_count), (0, 1))
            self.assertEqual((form.amount_company, form.new_product_count), (70.0, 1))
        self.assertEqual((wizard.rfq_count, wizard.added_count), (0, 1))
        self.assertIn(f"Added to {order.name}, which has 60.00\xa0€ already", wizard.line_ids.note)
        wizard.action_create()
        self.assertEqual(picking.purchase_order_ids, order)
        self.assertEqual(
            order.order_line.sorted("id").mapped("product_qty"), [6.0, 6.0, 1.0], "lines apart"
        )
        self.assertEqual(picking.line_ids.purchase_line_id, order.order_line.sorted("id")[1:])
        self.assertEqual(order.origin, f"{first.name}, {picking.name}")
        self.assertEqual(order.picking_list_ids, first | picking)
        self.assertEqual(order.picking_list_id, first)
        self.assertIn(picking.name, order.message_ids[0].preview)
        self.assertIn("Lines added to RFQs that were open", picking.message_ids[0].preview)
        action = order.with_user(self.buyer).action_open_picking_list()
        self.assertEqual(action["domain"], [("id", "in", (first | picking).ids)])
        order.button_confirm()
        self.assertEqual((first | picking).mapped("state"), ["ordered", "ordered"])

    def test_an_rfq_of_one_s_own_making_or_already_sent(self):
        """Any open RFQ will do; of several the buyer chooses."""
        order, latest = self.env["purchase.order"].create(
            [
                {"partner_id": self.supplier.id, "company_id": self.company.id, "origin": origin}
                for origin in ("Monday", False)
            ]
        )
        order.write({"state": "sent"})
        picking, wizard = self.open_wizard(self.make_opportunity())
        self.assertEqual(wizard.line_ids.open_order_ids, order | latest)
        self.assertEqual(wizard.line_ids.existing_order_id, latest)
        wizard.line_ids.write({"existing_order_id": order.id, "use_existing": True})
        self.assertIn("already sent to the supplier", wizard.line_ids.note)
        wizard.action_create()
        self.assertEqual((picking.purchase_order_ids, order.state), (order, "sent"))
        self.assertEqual(order.origin, f"Monday, {picking.name}")
        self.assertEqual(order.picking_list_id, picking)
        self.assertFalse(latest.order_line)

    def test_only_what_fits(self):
        """Another currency, warehouse or company, a confirmed RFQ: not proposed, nor accepted."""
        usd = self.env.ref("base.USD")
        usd.active = True
        north = self.env["stock.warehouse"].create(
            {"name": "North", "code": "NRT", "company_id": self.company.id}
        )
        vals = {"partner_id": self.supplier.id, "company_id": self.company.id}
        Order = self.env["purchase.order"]
        dollars = Order.create({**vals, "currency_id": usd.id})
        elsewhere = Order.create({**vals, "picking_type_id": north.in_type_id.id})
        rival = Order.create({**vals, "partner_id": self.make_supplier("Rival").id})
        confirmed = Order.create(vals)
        opportunity = self.make_opportunity()
        picking, wizard = self.open_wizard(opportunity)
        self.assertEqual(wizard.line_ids.open_order_ids, confirmed)
        confirmed.button_confirm()
        for order in dollars | elsewhere | rival | confirmed:
            wizard.line_ids.write({"existing_order_id": order.id, "use_existing": True})
            with self.assertRaisesRegex(UserError, "can no longer take these lines"):
                wizard.action_create()
        self.assertFalse(picking.purchase_order_ids)
        wizard.line_ids.use_existing = False
        wizard.action_create()
        self.assertEqual(len(picking.purchase_order_ids), 1)

    def test_taxes_follow_the_fiscal_position(self):
        """The supplier's position maps the product's vendor tax, as Odoo would."""
        Tax = self.env["account.tax"].with_company(self.company)
        group = self.env["account.tax.group"].with_company(self.company).create({"name": "VAT"})
        vals = {
            "type_tax_use": "purchase",
            "company_id": self.company.id,
            "tax_group_id": group.id,
            "country_id": self.country.id,
        }
        usual = Tax.create({**vals, "name": "20 %", "amount": 20})
        position = self.env["account.fiscal.position"].create(
            {"name": "Intra-EU", "company_id": self.company.id}
        )
        none = Tax.create(
            {
                **vals,
                "name": "0 % EU",
                "amount": 0,
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(usual.id)],
            }
        )
        partner = self.supplier.with_company(self.company)
        product = self.env["product.product"].create(
            {
                "name": "Known",
                "is_storable": True,
                "barcode": GTINS[0][1:],
                "supplier_taxes_id": [Command.set(usual.ids)],
            }
        )
        opportunity = self.make_opportunity(GTINS[0])
        _picking, order = self.order(opportunity)
        self.assertEqual((order.order_line.product_id, order.order_line.tax_ids), (product, usual))
        partner.property_account_position_id = position
        _picking, order = self.order(opportunity)
        self.assertEqual(order.fiscal_position_id, position)
        self.assertEqual(order.order_line.tax_ids, none)
