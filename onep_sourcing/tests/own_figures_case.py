"""Goods that come and go on known days."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .buying_case import BuyingCase


@tagged("standard", "post_install", "-at_install")
class OwnFiguresCase(BuyingCase):
    """A warehouse of the company, and goods moved on past days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)])
        cls.shelf = cls.warehouse.lot_stock_id
        cls.vendors = cls.env.ref("stock.stock_location_suppliers")
        cls.customers = cls.env.ref("stock.stock_location_customers")

    @classmethod
    def make_variant(cls, name, **vals):
        return cls.env["product.product"].create({"name": name, "is_storable": True, **vals})

    @classmethod
    def plan(cls, product, quantity, source, target, company=None):
        move = cls.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
                "company_id": (company or cls.company).id,
            }
        )
        move._action_confirm()
        return move

    @classmethod
    def move(cls, product, quantity, source, target, days_ago=0, company=None):
        """Goods that moved an hour before the end of a day, counted back from now."""
        move = cls.plan(product, quantity, source, target, company)
        move.quantity, move.picked = quantity, True
        move._action_done()
        moment = fields.Datetime.now() - timedelta(days=days_ago, hours=1)
        move.move_line_ids.date = moment
        move.date = moment
        return move
