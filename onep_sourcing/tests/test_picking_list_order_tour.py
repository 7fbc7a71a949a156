from odoo.tests import HttpCase, tagged

from .buying_case import BuyingCase


@tagged("standard", "post_install", "-at_install")
class TestPickingListOrderTour(BuyingCase, HttpCase):
    """A purchase manager takes a proposed list to a confirmed order."""

    def test_approve_create_confirm(self):
        opportunity = self.make_opportunity(
            offer_vals={"supplier_sku": "GR-42", "minimum_order_quantity": 6}
        )
        self.env["res.lang"]._activate_lang("fr_FR")
        for lang, name in (("fr_FR", "fr"), ("en_US", "en")):
            picking = self.make_list(opportunity, user=self.buyer)
            picking.with_user(self.buyer).action_propose()
            self.manager.lang = lang
            self.env.flush_all()
            self.start_tour(
                f"/odoo/picking-lists/{picking.id}",
                f"onep_sourcing_picking_list_order_{name}",
                login="manager_onep",
            )
            self.env.invalidate_all()
            self.assertEqual(picking.state, "ordered")
            self.assertEqual(picking.approved_by_id, self.manager)
            self.assertEqual(picking.purchase_order_ids.state, "purchase")
            self.assertEqual(picking.line_ids.ordered_quantity, 6.0)
